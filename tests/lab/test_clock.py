"""The clock of a tenant: every rule that looks at time obeys it, and no other tenant notices."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import emails
from accounts.actions import applications, employees, oauth_sessions
from accounts.actors import system
from accounts.models import (
    AuditEvent,
    BusinessUnit,
    Employee,
    LoginAuthenticator,
    MailedLink,
    OAuthSession,
    OutboxMail,
    RolePermission,
    ScimToken,
)
from accounts.oauth import tokens
from cxadmin import clock
from cxadmin.lab import clocks, diagnosis, exchanges
from cxadmin.lab.checklist import facts, trial
from tests.lab.test_faults import Control
from tests.scim.client import ScimClient, bearer, replace
from tests.scim.conftest import acme, scim, stranger  # noqa: F401  # fixtures
from tests.world import PASSWORD, REGISTRATION, link_in_mail, visible

GOOD = "Brave-Otter-9"


@pytest.fixture
def control(client) -> Control:
    return Control(client)


@pytest.fixture
def move(control):
    """Change the clock of acme, or of another tenant."""

    def change(tenant="acme", **values):
        return control("PATCH", f"tenants/{tenant}/clock", values)

    return change


def sign_in(client, username, password=PASSWORD):
    return client.post("/login/", {"username": username, "password": password})


# What the clock shows


def near(text: str, moment: datetime, seconds: float = 20) -> bool:
    return abs(datetime.fromisoformat(text) - moment) < timedelta(seconds=seconds)


def test_it_is_set_shifted_stopped_sped_up_and_reset(control, move, acme):  # noqa: F811
    path = "tenants/acme/clock"
    assert control("GET", path)["differs"] is False
    moment = datetime(2031, 5, 1, 9, tzinfo=UTC)
    assert near(move(at="2031-05-01T11:00:00+02:00")["now"], moment)
    assert near(move(shift="2d")["now"], moment + timedelta(days=2))
    assert near(move(shift=-3600)["now"], moment + timedelta(days=2, hours=-1))
    stopped = move(frozen=True)
    assert stopped["frozen"]
    assert control("GET", path)["now"] == stopped["now"]
    later = move(shift="1w")
    assert datetime.fromisoformat(later["now"]) - datetime.fromisoformat(stopped["now"]) == timedelta(days=7)
    assert control("GET", path)["frozen"]
    fast = move(rate=3600)
    assert (fast["rate"], fast["frozen"]) == (3600, False)
    assert datetime.fromisoformat(control("GET", path)["now"]) > datetime.fromisoformat(later["now"])
    assert control("DELETE", path)["differs"] is False
    assert near(control("GET", path)["now"], datetime.now(UTC))


def test_a_clock_runs_as_fast_as_it_was_told_and_stops_where_time_ends():
    base = datetime(2030, 1, 1, tzinfo=UTC)
    since = datetime(2026, 1, 1, tzinfo=UTC)
    moved = clock.Moved(base, since, 60)
    assert moved.at(since + timedelta(seconds=10)) == base + timedelta(minutes=10)
    assert moved.at(since - timedelta(days=1)) == base  # a machine whose clock was put back
    assert clock.Moved(base, since, 86_400).at(since + timedelta(days=3650)) == clock.LATEST


# The rules that obey it


def test_an_invitation_expires(world, client, move):
    dana = world.employee("Dana Doe", status="UNREGISTERED", ever_activated=False, password="!")
    employees.invite(dana, actor=world.actor)
    link = link_in_mail("activate")
    assert "Activate your account" in visible(client.get(link))
    move(shift="71h")
    assert "Activate your account" in visible(client.get(link))
    move(shift="2h")
    assert "Activate your account" not in visible(client.get(link))
    move("strange", shift="90d")
    move(shift="-3d")
    done = client.post(link, {"new_password": GOOD, "confirm_password": GOOD}, follow=True)
    assert "Account activated" in visible(done)


def test_a_link_mailed_under_a_moved_clock_opens_in_its_time(world, client, move):
    move(shift="400d")
    client.post("/login/forgot/", {"username": "bob@acme.example"})
    link = MailedLink.objects.filter(employee=world.bob).latest("created_at")
    assert near(link.created_at.isoformat(), datetime.now(UTC) + timedelta(days=400), 60)
    assert "bob@acme.example" in visible(client.get(link_in_mail("reset")))
    assert near(OutboxMail.objects.latest("created_at").created_at.isoformat(), link.created_at, 60)


def test_a_lockout_ends(world, client, move):
    for _ in range(10):
        sign_in(client, "bob@acme.example", "wrong")
    assert "This account is locked" in visible(sign_in(client, "bob@acme.example"))
    move("strange", shift="2h")
    assert "This account is locked" in visible(sign_in(client, "bob@acme.example"))
    move(shift="2h")
    assert sign_in(client, "bob@acme.example").status_code == 302


def test_a_lockout_lasts_while_the_clock_stands(world, client, move, time_machine):
    time_machine.move_to(datetime.now(UTC))
    move(frozen=True)
    for _ in range(10):
        sign_in(client, "bob@acme.example", "wrong")
    time_machine.shift(timedelta(hours=3))
    assert "This account is locked" in visible(sign_in(client, "bob@acme.example"))
    move(shift="3h")
    assert sign_in(client, "bob@acme.example").status_code == 302


def test_a_password_ages(world, client, move):
    LoginAuthenticator.objects.filter(pk=world.authenticator.pk).update(expires_days=30)
    assert sign_in(client, "bob@acme.example").url == "/"
    move(shift="31d")
    page = Client()
    sign_in(page, "bob@acme.example")
    assert page.get("/", follow=True).redirect_chain[-1][0].startswith("/me/password/")


def test_a_session_ends_when_it_was_not_used(world, move):
    alice, charlie = world.client(), world.client(world.charlie)
    assert alice.get("/me/").status_code == charlie.get("/me/").status_code == 200
    move(shift="2h")
    assert alice.get("/me/").status_code == 302
    assert charlie.get("/me/").status_code == 200


def test_a_scim_token_expires(scim, stranger, move):  # noqa: F811
    other = stranger.by_token()
    ScimToken.objects.update(expires_at=datetime.now(UTC) + timedelta(days=1))
    assert scim.get("/Users").status_code == 200
    move(shift="25h")
    assert "has expired" in scim.get("/Users").json()["detail"]
    assert other.get("/Users").status_code == 200
    move(shift="-2h")
    assert scim.get("/Users").status_code == 200


def test_access_and_refresh_tokens_expire(acme, client, move):  # noqa: F811
    secrets = acme.seed.secrets
    body = {"accessKeyId": secrets.access_key_id, "accessKeySecret": secrets.access_key_secret}
    path = "/authentication/v1/token/access-key"
    move(at="2033-01-01T00:00:00Z")
    issued = client.post(path, body, content_type="application/json").json()
    door = ScimClient(bearer(issued["access_token"]), "/scim/v2")
    assert door.get("/Users").status_code == 200
    move(shift="61m")
    assert "expired" in door.get("/Users").json()["detail"]
    again = client.post(
        path, {"grant_type": "refresh_token", "refresh_token": issued["refresh_token"]}, "application/json"
    )
    assert again.status_code == 200, again.content
    move(shift="121m")
    gone = client.post(
        path, {"grant_type": "refresh_token", "refresh_token": issued["refresh_token"]}, "application/json"
    )
    assert gone.status_code == 401
    assert "expired" in gone.content.decode()


def test_what_began_in_the_future_goes_on_when_the_clock_is_moved_back(world, move):
    move(shift="30d")
    alice = world.client()
    assert alice.get("/me/").status_code == 200
    move(shift="-30d")
    assert alice.get("/me/").status_code == 200
    move(shift="15m")
    assert alice.get("/me/").status_code == 200
    move(shift="21m")  # idle from the last use in the present, not from that in the future
    assert alice.get("/me/").status_code == 302


def test_credentials_of_the_future_stay_good_and_are_used_in_the_present(acme, client, scim, move):  # noqa: F811
    secrets, path = acme.seed.secrets, "/authentication/v1/token/access-key"
    body = {"accessKeyId": secrets.access_key_id, "accessKeySecret": secrets.access_key_secret}
    move(shift="30d")
    issued = client.post(path, body, content_type="application/json").json()
    assert scim.get("/Users").status_code == 200
    move(shift="-30d")
    door = ScimClient(bearer(issued["access_token"]), "/scim/v2")
    assert door.get("/Users").status_code == 200
    again = {"grant_type": "refresh_token", "refresh_token": issued["refresh_token"]}
    fresh = client.post(path, again, "application/json").json()["access_token"]
    assert ScimClient(bearer(fresh), "/scim/v2").get("/Users").status_code == 200
    assert scim.get("/Users").status_code == 200
    soon = datetime.now(UTC) + timedelta(minutes=5)
    assert ScimToken.objects.get(employee=acme.robot).last_used_at < soon
    assert Employee.objects.get(pk=acme.robot.pk).last_activity_at < soon
    move(shift="62m")
    assert ScimClient(bearer(fresh), "/scim/v2").get("/Users").status_code == 401
    assert door.get("/Users").status_code == 200  # its own end is a month ahead


@pytest.mark.parametrize("year", [2004, 2050])
def test_what_the_lab_does_for_a_tenant_goes_by_the_tenant_s_clock(acme, journal, client, control, move, year):  # noqa: F811
    """The checklist, its connection test, sending again, and the mails since: whoever asks has another time."""
    move(at=f"{year}-01-01T00:00:00Z")
    RolePermission.objects.create(role=acme.robot.primary_role, code=facts.SCIM)
    ScimToken.objects.update(expires_at=datetime(year, 6, 1, tzinfo=UTC))
    with clocks.of_tenant(acme.unit.pk):
        application = applications.register(REGISTRATION, unit=acme.unit, actor=system(acme.unit.pk))
        session = oauth_sessions.begin(acme.robot, application=application, address="")
        token = tokens.issue(session).access_token
        emails.send(acme.unit.pk, "ada@acme.example", "Welcome", "Text")
    ScimClient(bearer(token), "/scim/v2").get("/Users", count=0)
    number = journal.last().pk
    found = control("GET", "tenants/acme/checklist")["procedures"]
    steps = {(one["procedure"], step["step"]): step["state"] for one in found for step in one["steps"]}
    assert steps["oauth", "authenticated"] == "done"
    assert "has expired" not in str(found)
    acme.unit.refresh_from_db()
    header = trial.header("oauth", acme.unit, "")
    assert ScimClient(header, "/scim/v2").get("/Users", count=0).status_code == 200
    assert control("POST", f"requests/{number}/replay")["status"]["now"] == 200
    assert control("GET", "mail?since=5m&tenant=acme")["mails"][0]["subject"] == "Welcome"
    ScimToken.objects.update(expires_at=datetime(year - 1, 6, 1, tzinfo=UTC))
    assert "has expired" in str(control("GET", "tenants/acme/checklist"))


def test_a_sign_in_of_one_tenant_does_not_sweep_the_sessions_of_another(acme, stranger, move):  # noqa: F811
    session = oauth_sessions.begin(stranger.robot, address="")
    move(shift="400d")
    with clocks.of_tenant(acme.unit.pk):
        oauth_sessions.begin(acme.robot, address="")
    assert OAuthSession.objects.filter(pk=session.pk).exists()
    with clocks.of_tenant(acme.unit.pk):
        issued = tokens.issue(oauth_sessions.begin(acme.robot, address=""))
    assert ScimClient(bearer(issued.access_token), "/scim/v2").get("/Users").status_code in (200, 403)


def test_an_application_goes_when_its_day_has_come(world, move):
    application = world.application()
    applications.schedule_deletion(application, actor=world.actor)
    alice = world.client()
    assert application.name in visible(alice.get("/admin/applications/"))
    move(shift="8d")
    alice = world.client()
    assert application.name not in visible(alice.get("/admin/applications/"))


def test_idle_employees_are_locked(world, client, move):
    world.acme.settings.lock_on, world.acme.settings.lock_days = True, 30
    world.acme.settings.save()
    move(shift="31d")
    assert "This account is locked" in visible(sign_in(client, "bob@acme.example"))
    assert Employee.objects.get(pk=world.bob.pk).lock_reason == "INACTIVITY"


def test_freezing_holds_the_audit_times_still(scim, acme, move, time_machine):  # noqa: F811
    time_machine.move_to(datetime.now(UTC))
    stopped = datetime.fromisoformat(move(at="2030-02-03T04:05:06Z", frozen=True)["now"])
    ada = scim.user("ada")
    time_machine.shift(timedelta(minutes=5))
    scim.patch(f"/Users/{ada['id']}", replace("name.familyName", "Byron"))
    at = AuditEvent.objects.filter(entity_id=ada["id"]).values_list("at", flat=True)
    assert set(at) == {stopped}
    assert scim.read(ada)["meta"]["lastModified"].startswith("2030-02-03T04:05:06")


def test_other_tenants_keep_the_machines_time(scim, stranger, move):  # noqa: F811
    move(shift="1000d")
    other = stranger.by_token()
    scim.get("/Users")
    made = other.user("zoe")
    assert near(made["meta"]["created"], datetime.now(UTC), 60)
    assert clock.of_tenant() is None  # what a request entered ends with it


def test_the_journal_goes_by_the_machine_and_finds_the_changes_all_the_same(journal, acme, scim, move):  # noqa: F811
    move(at="2040-01-01T00:00:00Z")
    ada = scim.user("ada")
    scim.patch(f"/Users/{ada['id']}", replace("name.familyName", "Byron"))
    exchange = journal.last()
    assert near(exchange.at.isoformat(), datetime.now(UTC), 60)
    assert near(exchange.clock_at.isoformat(), datetime(2040, 1, 1, tzinfo=UTC), 60)
    assert exchanges.events_of(exchange)
    found = diagnosis.diagnose(exchange)[-1]
    assert "The tenant's clock was moved: it showed 2040-01-01" in found.cause
    assert exchanges.address_of(found.place, exchange) == f"/lab/clock/{acme.unit.pk}/"


# Cost, and who sees it


def test_a_moved_clock_costs_no_statement(scim, move):  # noqa: F811
    scim.get("/Users", count=0)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            scim.get("/Users", count=0)
        return len(captured)

    assert cost() == 1
    move(shift="30s")
    scim.get("/Users", count=0)
    assert cost() == 1


def test_the_shell_shows_it_while_it_differs(world, move):
    words = "The clock of this tenant does not show the machine's time"
    bob, charlie = world.bob_may(), world.client(world.charlie)
    assert words not in visible(bob.get("/me/"))
    move(at="2032-06-07T08:09:10Z", frozen=True)
    page = world.bob_may().get("/me/")
    assert words in visible(page)
    assert "2032-06-07 08:09" in visible(page)
    assert words not in visible(charlie.get("/me/"))


def test_it_is_moved_on_its_page(world):
    world.alice.is_lab_operator = True
    world.alice.save()
    alice = world.client()
    assert "strange" in visible(alice.get("/lab/clock/"))
    path = f"/lab/clock/{world.strange.pk}/"
    assert alice.post(path, {"at": "2034-01-02T03:04", "rate": "0"}).status_code == 302
    unit = BusinessUnit.objects.get(pk=world.strange.pk)
    assert (unit.clock_base, unit.clock_rate) == (datetime(2034, 1, 2, 3, 4, tzinfo=UTC), 0)
    assert "2034-01-02 03:04" in visible(alice.get(path))
    assert "Stands" in visible(alice.get("/lab/clock/"))
    assert alice.post(path, {"shift": "1d", "rate": "0"}).status_code == 302
    assert "2034-01-03 03:04" in visible(alice.get(path))
    refused = alice.post(path, {"shift": "soon", "rate": "-1"})
    assert refused.status_code == 422
    assert "Enter a duration such as" in visible(refused)
    assert "The speed must be between 0" in visible(refused)
    alice.post(f"{path}reset/")
    assert BusinessUnit.objects.get(pk=world.strange.pk).clock_base is None


def test_who_moves_the_own_clock_stays_signed_in(world):
    world.alice.is_lab_operator = True
    world.alice.save()
    alice = world.client()
    path = f"/lab/clock/{world.acme.pk}/"
    alice.get(path)
    alice.post(path, {"shift": "90d", "rate": "1"})
    assert alice.get(path).status_code == 200


# Bad input


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Say what shall change"),
        ({"at": "tomorrow"}, "at: Enter a moment"),
        ({"at": 5}, "at: Enter a moment"),
        ({"at": "1999-12-31T00:00:00Z"}, "at: The clock can show the years 2000 to 2099"),
        ({"at": "2100-01-01T00:00:00Z"}, "at: The clock can show"),
        ({"at": "0001-01-01T00:00:00+23:00"}, "at: The clock can show"),
        ({"shift": "999999999w"}, "shift: The clock can show"),
        ({"shift": "9999999d"}, "shift: The clock can show"),
        ({"shift": "-36500d"}, "shift: The clock can show"),
        ({"shift": "3 days"}, "shift: Enter a duration"),
        ({"shift": True}, "shift: Enter a duration"),
        ({"at": "2030-01-01T00:00:00Z", "shift": "1d"}, "shift: Give either at or shift"),
        ({"rate": -1}, "rate: The speed"),
        ({"rate": 86_401}, "rate: The speed"),
        ({"rate": "fast"}, "rate: The speed"),
        ({"frozen": 1}, "frozen:"),
        ({"rate": 2, "frozen": True}, "frozen: Give either rate or frozen"),
        ({"when": "now"}, "There is no when; known are at, shift, rate, frozen"),
    ],
)
def test_a_clock_out_of_range_is_refused_and_nothing_moves(control, acme, values, words):  # noqa: F811
    body = values if not values or "shift" in values or "at" in values else {"shift": "1d"} | values
    assert words in control("PATCH", "tenants/acme/clock", body, 400)["detail"]
    assert control("GET", "tenants/acme/clock")["differs"] is False


def test_a_tenant_that_is_not_there(control, db):
    assert "no tenant 'nobody'" in control("GET", "tenants/nobody/clock", expected=404)["detail"]
    assert "not JSON" in Control(control.client)("POST", "faults", "{", 400)["detail"]


# The command


def run(*arguments) -> str:
    out = StringIO()
    call_command("clock", *arguments, stdout=out)
    return out.getvalue()


def test_the_command(acme):  # noqa: F811
    of = ("--tenant", "acme")
    assert "the machine's time" in run("show", *of)
    assert "acme: 2031-01-02T03:04" in run("set", "2031-01-02T03:04:00Z", *of)
    assert "2031-01-09" in run("shift", "7d", *of)
    assert "2031-01-08" in run("shift", "24h", "--back", *of)
    assert "stands" in run("freeze", *of)
    assert "2035-01-01T00:00:00Z  (stands" in run("freeze", "2035-01-01", *of)
    assert "runs 60 times as fast" in run("scale", "60", *of)
    assert json.loads(run("reset", *of, "--json"))["differs"] is False
    for arguments, words in (
        (("show", "--tenant", "nobody"), "no tenant 'nobody'"),
        (("set", "1066", *of), "years 2000 to 2099|Enter a moment"),
        (("shift", "soon", *of), "Enter a duration"),
        (("scale", "-1", *of), "The speed"),
    ):
        with pytest.raises(CommandError, match=words):
            run(*arguments)


def test_what_a_form_of_oauth_says_goes_by_the_clock_too(acme, client, move):  # noqa: F811
    secrets = acme.seed.secrets
    form = urlencode(
        {"grant_type": "password", "username": secrets.access_key_id, "password": secrets.access_key_secret}
    )
    move(shift="500d")
    client.post("/auth/token", form, "application/x-www-form-urlencoded")
    used = acme.robot.access_keys.get().last_used_at
    assert used is None or near(used.isoformat(), datetime.now(UTC) + timedelta(days=500), 60)
