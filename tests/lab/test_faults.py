"""Fault rules: which requests they hit, how, how often, and who gets to know."""

import json
from io import StringIO
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actions import access_keys
from accounts.actors import system
from accounts.models import Employee
from cxadmin.lab import access, diagnosis, exchanges, faults, faulty
from cxadmin.lab.models import FaultRule
from tests.scim.client import ERROR, ScimClient, user
from tests.scim.conftest import acme, scim, stranger  # noqa: F401  # fixtures
from tests.world import visible

KEY = "Authorization"


class Control:
    """The control API, as scripts call it."""

    def __init__(self, client) -> None:
        self.client = client

    def __call__(self, method, path="faults", body=None, expected=200):
        answer = self.client.generic(
            method,
            f"/_lab/{path}",
            "" if body is None else body if isinstance(body, str) else json.dumps(body),
            content_type="application/json",
            headers={KEY: f"Bearer {access.control_key()}"},
        )
        assert answer.status_code == expected, answer.content
        return answer.json() if answer.content else None

    def rule(self, **values) -> int:
        return self("POST", body=values, expected=201)["id"]


@pytest.fixture
def control(client) -> Control:
    return Control(client)


@pytest.fixture
def naps(monkeypatch) -> list[float]:
    """How long requests were made to wait, without waiting."""
    found: list[float] = []
    monkeypatch.setattr(faulty.time, "sleep", found.append)
    return found


@pytest.fixture
def operator(acme) -> Client:  # noqa: F811
    Employee.objects.filter(pk=acme.robot.pk).update(is_lab_operator=True)
    browser = Client()
    browser.force_login(acme.robot)
    return browser


def access_token(client, tenant) -> str:
    secrets = tenant.seed.secrets
    body = {"accessKeyId": secrets.access_key_id, "accessKeySecret": secrets.access_key_secret}
    answer = client.post("/authentication/v1/token/access-key", body, content_type="application/json")
    return answer.json()["access_token"]


# What a rule does


def test_a_status_in_the_shape_of_scim(control, scim):  # noqa: F811
    control.rule(door="scim", status=503, retry_after=7, times=1)
    answer = scim.get("/Users")
    assert (answer.status_code, answer["Retry-After"]) == (503, "7")
    assert answer.json()["schemas"] == [ERROR]
    assert "fault rule" in answer.json()["detail"]
    assert scim.get("/Users").status_code == 200


def test_429_says_when_to_come_back_and_401_how_to_sign_in(control, scim):  # noqa: F811
    control.rule(status=429, times=1)
    assert scim.get("/Users")["Retry-After"] == "1"
    control.rule(status=401, times=1)
    assert scim.get("/Users")["WWW-Authenticate"] == "Bearer"


def test_a_status_in_the_shape_of_oauth(control, client, db):
    control.rule(door="oauth", status=503)
    answer = client.post("/auth/token", {"grant_type": "password"})
    assert answer.status_code == 503
    assert answer.json()["error"] == "temporarily_unavailable"
    assert "fault rule" in answer.json()["error_description"]


@pytest.mark.parametrize(
    ("path", "member"),
    [
        ("/user-management/v1/users", "details"),
        ("/incontactapi/services/v30.0/agents", "error_description"),
        ("/dfo/3.0/me", "errors"),
        ("/config/nothing", "message"),
    ],
)
def test_a_status_in_the_shape_of_each_rest_service(control, client, db, path, member):
    control.rule(door="rest", status=500)
    answer = client.get(path)
    assert answer.status_code == 500
    assert "fault rule" in str(answer.json()[member])


def test_pages_of_registered_origins_get_to_see_it(control, client, world):
    origin = "https://app.example.com"
    world.application(origins=[origin])
    control.rule(door="oauth", status=503)
    answer = client.post("/auth/token", headers={"Origin": origin})
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (503, origin)
    assert client.options("/auth/token", headers={"Origin": origin}).status_code == 204


def test_a_status_without_a_name_is_one_too(control, client, db, scim):  # noqa: F811
    control.rule(status=520)
    assert scim.get("/Users").status_code == 520
    assert client.get("/user-management/v1/users").status_code == 520


def test_a_refused_request_changes_nothing_unless_it_is_carried_out(control, scim):  # noqa: F811
    control.rule(method="POST", status=502, times=1)
    assert scim.post("/Users", user("ada")).status_code == 502
    assert scim.found('userName eq "ada@acme.example"') == []
    control.rule(method="POST", status=504, times=1, carried_out=True)
    assert scim.post("/Users", user("ada")).status_code == 504
    assert scim.found('userName eq "ada@acme.example"') == ["ada@acme.example"]
    assert scim.post("/Users", user("ada")).status_code == 409


def test_a_delay_with_jitter(control, scim, naps):  # noqa: F811
    control.rule(action="delay", delay_ms=200, jitter_ms=100)
    assert [scim.get("/Users").status_code for _ in range(5)] == [200] * 5
    assert all(0.2 <= nap <= 0.3 for nap in naps)
    assert len(naps) == 5


def test_a_delay_and_then_a_status(control, scim, naps):  # noqa: F811
    control.rule(action="delay", delay_ms=50)
    control.rule(status=500, delay_ms=250)
    assert ScimClient(scim.authorization).http.get("/oauth/scim/v2/Users").status_code == 500
    assert naps == [0.05, 0.25]


def test_a_body_that_is_cut_off(control, scim):  # noqa: F811
    whole = scim.get("/Users", count=1).content
    control.rule(action="truncate", times=1)
    answer = scim.http.get("/oauth/scim/v2/Users?count=1", headers={KEY: scim.authorization})
    assert answer.content == whole[: len(whole) // 2]
    assert answer["Content-Length"] == str(len(whole) // 2)
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert scim.get("/Users", count=1).content == whole


def test_an_earlier_answer_is_repeated_to_whom_it_was_given(control, journal, scim, stranger):  # noqa: F811
    ada = scim.user("ada", title="Old")
    scim.get(f"/Users/{ada['id']}")
    scim.put(f"/Users/{ada['id']}", user("ada", title="New"))
    number = control.rule(action="stale", method="GET", times=2)
    assert scim.get(f"/Users/{ada['id']}").json()["title"] == "Old"
    assert "repeated" in journal.last().fault
    assert stranger.by_token().get(f"/Users/{ada['id']}").status_code == 404
    assert ScimClient(None).get(f"/Users/{ada['id']}").status_code == 401
    assert scim.get("/Users", count=1).status_code == 200  # nothing earlier: the rule is not used up
    assert scim.get(f"/Users/{ada['id']}").json()["title"] == "Old"
    assert scim.get(f"/Users/{ada['id']}").json()["title"] == "New"
    assert control("GET", f"faults/{number}")["fired"] == 2


# Which requests


@pytest.mark.parametrize(
    ("condition", "hit"),
    [
        ({"door": "oauth"}, False),
        ({"method": "POST"}, False),
        ({"method": "get"}, True),
        ({"path": "/oauth/scim/v2/Users"}, True),
        ({"path": "/oauth/scim/v2/Groups"}, False),
        ({"path": "*/Users"}, True),
        ({"path": "*/User"}, False),
        ({"path": "/oauth/*/U?ers"}, True),
        ({"tenant": "acme"}, True),
        ({"tenant": "strange"}, False),
        ({"credential": "SCIM token"}, True),
        ({"credential": "access key"}, False),
    ],
)
def test_what_does_not_match_is_answered_as_always(control, scim, stranger, condition, hit):  # noqa: F811
    control.rule(**condition)
    assert scim.get("/Users").status_code == (503 if hit else 200)


def test_a_rule_of_a_tenant_hits_all_its_doors_and_nobody_else(control, client, acme, stranger):  # noqa: F811
    token = access_token(client, acme)
    control.rule(tenant="acme")
    assert acme.by_token().get("/Users").status_code == 503
    assert acme.by_key().get("/Users").status_code == 503
    assert ScimClient(f"Bearer {token}", "/scim/v2").get("/Users").status_code == 503
    assert client.get("/user-management/v1/users", headers={KEY: f"Bearer {token}"}).status_code == 503
    secrets = acme.seed.secrets
    body = {"accessKeyId": secrets.access_key_id, "accessKeySecret": "wrong"}
    path = "/authentication/v1/token/access-key"
    assert client.post(path, body, content_type="application/json").status_code == 503
    form = urlencode({"grant_type": "password", "username": secrets.access_key_id, "password": "x"})
    assert client.post("/auth/token", form, "application/x-www-form-urlencoded").status_code == 503
    assert stranger.by_token().get("/Users").status_code == 200
    assert stranger.by_key().get("/Users").status_code == 200
    assert ScimClient(None).get("/Users").status_code == 401


def test_one_credential_of_several(control, acme):  # noqa: F811
    label = f"access key {acme.seed.secrets.access_key_id}"
    control.rule(credential=label)
    assert acme.by_key().get("/Users").status_code == 503
    assert acme.by_token().get("/Users").status_code == 200
    last4 = acme.seed.secrets.scim_token[-4:]
    control.rule(credential=f"SCIM token ...{last4}", tenant="acme", status=500)
    answer = acme.by_token().http.get("/oauth/scim/v2/Users", headers={KEY: acme.by_token().authorization})
    assert answer.status_code == 500


def test_pages_and_the_control_api_never_fail(control, operator, client):
    control.rule()
    assert operator.get("/lab/faults/").status_code == 200
    assert client.get("/healthz").status_code == 200
    control("GET")


# How often


def statuses(scim, count) -> list[int]:  # noqa: F811
    return [scim.get("/Users").status_code for _ in range(count)]


def test_the_nth_every_nth_and_a_number_of_times(control, scim):  # noqa: F811
    third = control.rule(nth=3)
    assert statuses(scim, 5) == [200, 200, 503, 200, 200]
    assert control("GET", f"faults/{third}")["spent"] is True
    control.rule(every=2, times=2)
    assert statuses(scim, 6) == [200, 503, 200, 503, 200, 200]
    found = control("GET")["faults"]
    assert [(one["armed"], one["seen"], one["fired"]) for one in found] == [(False, 3, 1), (False, 4, 2)]


def test_probability(db, monkeypatch):
    rule = faults.create({"probability": 0.25})
    draws = iter([0.1, 0.25, 0.9, 0.0])
    assert [faults.fire(rule, lambda: next(draws)) for _ in range(4)] == [True, False, False, True]
    rule.refresh_from_db()
    assert (rule.seen, rule.fired, rule.is_armed) == (4, 2, True)


def test_a_spent_rule_begins_again_once_it_is_armed(control, scim):  # noqa: F811
    number = control.rule(times=1)
    assert statuses(scim, 2) == [503, 200]
    control("PATCH", f"faults/{number}", {"armed": True})
    assert statuses(scim, 2) == [503, 200]
    control("PATCH", f"faults/{number}", {"armed": False, "times": None})
    assert statuses(scim, 1) == [200]
    control("PATCH", f"faults/{number}", {"armed": True})
    assert statuses(scim, 3) == [503] * 3
    control("DELETE", f"faults/{number}", expected=204)
    assert statuses(scim, 1) == [200]


def test_rules_are_tried_in_the_order_of_their_numbers(control, scim):  # noqa: F811
    control.rule(status=500, times=1)
    control.rule(status=503, times=1)
    answers = [scim.http.get("/oauth/scim/v2/Users", headers={KEY: scim.authorization}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [500, 503, 200]


def test_no_statement_without_a_rule_and_one_with(control, scim):  # noqa: F811
    scim.get("/Users", count=0)

    def cost(using: str) -> int:
        with CaptureQueriesContext(connections[using]) as captured:
            scim.get("/Users", count=0)
        return len(captured)

    kept_in = connections[FaultRule.objects.db].alias
    assert cost("default") == 1
    assert cost(kept_in) == (1 if kept_in == "default" else 0)
    control.rule(method="GET", probability=1e-9)
    scim.get("/Users", count=0)
    assert cost(kept_in) == (2 if kept_in == "default" else 1)
    assert connection.alias == "default"


# Who gets to know


def test_the_journal_names_the_rule_and_the_diagnosis_links_to_it(control, journal, operator, scim):  # noqa: F811
    number = control.rule(tenant="acme", status=503, times=1)
    scim.get("/Users")
    exchange = journal.last()
    assert (exchange.fault_id, exchange.status) == (number, 503)
    assert exchange.username == "scim@acme.example"
    found = diagnosis.diagnose(exchange)[0]
    assert "A fault rule of yours answered" in found.cause
    assert "503 Service Unavailable" in found.cause
    assert exchanges.address_of(found.place, exchange) == f"/lab/faults/{number}/"
    page = operator.get(f"/lab/requests/{exchange.pk}/")
    assert "A fault rule of yours answered" in visible(page)
    assert f'href="/lab/faults/{number}/"' in page.content.decode()
    control("DELETE", f"faults/{number}", expected=204)
    assert exchanges.address_of(found.place, exchange) == "/lab/faults/"
    scim.get("/Users")
    assert journal.last().fault_id is None


def test_what_rules_hit_is_found_by_rule(control, journal, operator, client, scim, naps):  # noqa: F811
    slow = control.rule(name="Slow", action="delay", delay_ms=50, method="GET")
    broken = control.rule(status=503, path="*/Users*", method="GET")
    scim.get("/Users")
    scim.get("/Groups")
    scim.post("/Users", user("ada"))
    both, delayed, _untouched = journal.all()
    assert both.fault == f"delayed by 50 ms (rule {slow}); answered 503 Service Unavailable"

    def found(fault) -> list[int]:
        answer = client.get("/_lab/requests", {"fault": fault}, headers={KEY: f"Bearer {access.control_key()}"})
        assert answer.status_code == 200, answer.content
        return [one["id"] for one in answer.json()["requests"]]

    assert found("any") == found(slow) == [delayed.pk, both.pk]
    assert found(broken) == [both.pk]
    listed = visible(operator.get("/lab/requests/", {"fault": broken}))
    assert "1 request" in listed
    assert "answered 503" in listed
    assert "2 requests" in visible(operator.get("/lab/requests/", {"fault": "any"}))
    link = f'href="/lab/requests/?fault={slow}"'
    assert link in operator.get("/lab/faults/").content.decode()
    assert link in operator.get(f"/lab/faults/{slow}/").content.decode()
    out = StringIO()
    call_command("tail", "--no-follow", "--fault", str(slow), stdout=out)
    assert len([line for line in out.getvalue().splitlines() if line[0] != " "]) == 2
    assert "delayed by 50 ms" in out.getvalue()
    with pytest.raises(CommandError, match="fault can be any, "):
        call_command("tail", "--no-follow", "--fault", "9999", stdout=out)


def test_what_only_waited_is_explained_too(control, journal, scim, naps):  # noqa: F811
    control.rule(action="delay", delay_ms=120)
    scim.get("/Users")
    assert "delayed by 120 ms" in diagnosis.diagnose(journal.last())[0].cause


def test_a_dropped_connection_is_in_the_journal_as_444(control, journal, scim):  # noqa: F811
    control.rule(action="drop", carried_out=True, method="POST")
    scim.http.post(
        "/oauth/scim/v2/Users", user("ada"), content_type="application/json", headers={KEY: scim.authorization}
    )
    assert (journal.last().status, journal.last().fault) == (444, "connection dropped, carried out with 201")


BANNER = "fault rule is armed: requests of programs fail on purpose"


def test_everybody_of_the_tenant_sees_the_banner_while_a_rule_is_armed(control, world):
    bob, charlie = world.bob_may(), Client()
    charlie.force_login(world.charlie)
    assert BANNER not in visible(bob.get("/me/"))
    number = control.rule(tenant="acme")
    assert BANNER in visible(bob.get("/me/"))
    assert "/lab/faults/" not in bob.get("/me/").content.decode()
    assert BANNER not in visible(charlie.get("/me/"))
    Employee.objects.filter(pk=world.charlie.pk).update(is_lab_operator=True)
    assert BANNER in visible(charlie.get("/me/"))  # who sees all tenants
    Employee.objects.filter(pk=world.charlie.pk).update(is_lab_operator=False)
    control("PATCH", f"faults/{number}", {"tenant": None})
    assert BANNER in visible(charlie.get("/me/"))
    control("PATCH", f"faults/{number}", {"armed": False})
    assert BANNER not in visible(bob.get("/me/"))


def test_the_banner_costs_no_statement(control, world):
    alice = world.client()
    alice.get("/me/")
    with CaptureQueriesContext(connection) as without:
        alice.get("/me/")
    control.rule()
    alice.get("/me/")
    with CaptureQueriesContext(connection) as with_rule:
        alice.get("/me/")
    assert len(with_rule) == len(without)


# Bad input

WRONG = [
    ({"tenant": "nobody"}, "tenant: There is no tenant nobody"),
    ({"credential": "my key"}, "credential: There is no credential my key"),
    ({"credential": "access key NONE"}, "credential: There is no credential"),
    ({"credential": "SCIM token …zzzz"}, "credential: There is no credential"),
    ({"path": "/Users"}, "path: No address that programs call begins with /Users"),
    ({"path": "/admin/*"}, "path: No address"),
    ({"path": "/scim/v2/Users", "door": "rest"}, "path: No address"),
    ({"probability": 0}, "probability: Probability must be above 0"),
    ({"probability": 1.5}, "probability:"),
    ({"probability": "often"}, "probability:"),
    ({"nth": 0}, "nth: Only the n-th request must be between 1 and"),
    ({"nth": 2, "every": 2}, "every: Choose"),
    ({"times": -1}, "times:"),
    ({"status": 200}, "status: Status must be between 400 and 599"),
    ({"status": None}, "status:"),
    ({"status": True}, "status:"),
    ({"retry_after": "soon"}, "retry_after:"),
    ({"delay_ms": 60_001}, "delay_ms:"),
    ({"action": "delay"}, "delay_ms: Say how long"),
    ({"action": "explode"}, "action: What happens must be one of status, delay, drop, stale, truncate"),
    ({"method": "FETCH"}, "method:"),
    ({"method": 3}, "method:"),
    ({"door": "window"}, "door:"),
    ({"armed": "yes"}, "armed:"),
    ({"name": "x" * 101}, "name:"),
    ({"name": "a\nb"}, "name:"),
    ({"path": "/scim/v2/\x00"}, "path:"),
    ({"tenant": 5}, "tenant:"),
    ({"credential": []}, "credential:"),
    ({"patch": "/scim"}, "There is no patch; known are name, armed"),
    ({"action": "stale"}, "JOURNAL_ENTRIES"),
]


@pytest.mark.parametrize(("values", "words"), WRONG)
def test_a_rule_that_cannot_work_is_refused_whole(control, acme, values, words):  # noqa: F811
    detail = control("POST", body={"name": "kept"} | values, expected=400)["detail"]
    assert words in detail
    assert FaultRule.objects.count() == 0
    number = control.rule(name="first")
    control("PATCH", f"faults/{number}", {"status": 404} | values, expected=400)
    assert FaultRule.objects.get().status == 503


def test_bodies_that_are_no_rule(control, db):
    assert "not JSON" in control("POST", body="{", expected=400)["detail"]
    assert "not a JSON object" in control("POST", body=[1], expected=400)["detail"]
    assert "no fault rule 99" in control("GET", "faults/99", expected=404)["detail"]
    assert "no tenant nobody" in control("DELETE", "faults?tenant=nobody", expected=400)["detail"]


def test_there_is_an_end_to_rules(control, db, monkeypatch):
    monkeypatch.setattr(faults, "MOST_RULES", 1)
    control.rule()
    assert "already" in control("POST", body={}, expected=400)["detail"]


def test_a_database_that_does_not_answer_does_not_stop_requests(control, scim, monkeypatch):  # noqa: F811
    from django.db import OperationalError

    control.rule(times=1)
    faults.changed()

    def broken(*args, **kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr(FaultRule.objects, "filter", broken)
    assert scim.get("/Users").status_code == 200


def test_clear_forgets_all_or_those_of_a_tenant(control, acme, stranger):  # noqa: F811
    for values in ({}, {"tenant": "acme"}, {"tenant": "strange"}):
        control.rule(**values)
    assert control("DELETE", "faults?tenant=acme")["deleted"] == 1
    assert [one["tenant"] for one in control("GET")["faults"]] == [None, "strange"]
    assert control("DELETE")["deleted"] == 2
    assert faults.armed.current() == ()


# Pages


def form(**values) -> dict[str, object]:
    return {"probability": "1", "action": "status", "status": "503", "armed": "on"} | values


def test_a_rule_is_made_changed_and_deleted_on_pages(operator, scim):  # noqa: F811
    assert "No fault rules yet" in visible(operator.get("/lab/faults/"))
    made = operator.post("/lab/faults/new/", form(name="Users fail", path="*/Users*", times="2", tenant="acme"))
    assert made.status_code == 302
    rule = FaultRule.objects.get()
    assert (rule.times, rule.is_armed, rule.path) == (2, True, "*/Users*")
    text = visible(operator.get("/lab/faults/"))
    assert "Users fail */Users* · acme · 2 times 503" in text
    assert "Armed" in text
    assert statuses(scim, 1) == [503]
    page = operator.get(f"/lab/faults/{rule.pk}/")
    assert "Matching requests since it was armed: 1, of these hit: 1" in visible(page)
    assert 'value="*/Users*"' in page.content.decode()
    operator.post(f"/lab/faults/{rule.pk}/disarm/")
    assert "Disarmed" in visible(operator.get("/lab/faults/"))
    assert statuses(scim, 1) == [200]
    operator.post(f"/lab/faults/{rule.pk}/arm/")
    assert statuses(scim, 3) == [503, 503, 200]
    assert "Spent" in visible(operator.get("/lab/faults/"))
    operator.post(f"/lab/faults/{rule.pk}/", form(name="Users fail", action="drop", carried_out="on"))
    rule.refresh_from_db()
    assert (rule.action, rule.times, rule.fired, rule.is_carried_out) == ("drop", None, 0, True)
    assert 'href="/lab/faults/clear/"' in operator.get("/lab/faults/").content.decode()
    assert "What it did stays" in visible(operator.get(f"/lab/faults/{rule.pk}/delete/"))
    operator.post(f"/lab/faults/{rule.pk}/delete/")
    assert not FaultRule.objects.exists()
    assert operator.get(f"/lab/faults/{rule.pk}/").status_code == 404


def test_all_rules_are_deleted_at_once_on_the_page(operator, control):
    for values in ({}, {"tenant": "acme"}):
        control.rule(**values)
    assert "of all tenants" in visible(operator.get("/lab/faults/clear/"))
    assert FaultRule.objects.count() == 2
    operator.post("/lab/faults/clear/")
    assert "No fault rules yet" in visible(operator.get("/lab/faults/"))
    assert "/lab/faults/clear/" not in operator.get("/lab/faults/").content.decode()
    assert faults.armed.current() == ()


def test_a_form_with_mistakes_says_all_of_them_and_stores_nothing(operator):
    answer = operator.post("/lab/faults/new/", form(path="/nowhere", probability="2", status="x", name="kept"))
    text = visible(answer)
    assert answer.status_code == 422
    assert "Enter a whole number" in text
    answer = operator.post("/lab/faults/new/", form(path="/nowhere", credential="nothing"))
    assert "No address that programs call begins with /nowhere" in visible(answer)
    assert "There is no credential nothing here" in visible(answer)
    assert not FaultRule.objects.exists()


# The command


def run(*arguments) -> str:
    out = StringIO()
    call_command("faults", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_does_what_the_pages_do(scim):  # noqa: F811
    assert "no fault rules" in run("list")
    made = json.loads(run("add", "--tenant", "acme", "--path", "*/Users*", "--status", "503", "--times", "2", "--json"))
    number = made["faults"][0]["id"]
    assert statuses(scim, 1) == [503]
    assert "armed     fired 1 of 1  503  <- acme */Users* times 2" in run("list")
    run("disarm", str(number))
    assert statuses(scim, 1) == [200]
    assert "armed" in run("arm", str(number))
    assert "fired 0 of 0" in run("list")
    assert "no fault rules" in run("remove", str(number))
    assert statuses(scim, 1) == [200]


@pytest.mark.parametrize(
    ("arguments", "action"),
    [
        (["--drop"], "drop"),
        (["--stale"], "stale"),
        (["--truncate"], "truncate"),
        (["--delay", "5"], "delay"),
        (["--jitter", "5"], "delay"),
        (["--delay", "5", "--status", "500"], "status"),
        ([], "status"),
    ],
)
def test_the_command_knows_every_effect(db, settings, arguments, action):
    settings.JOURNAL_ENTRIES = 10
    assert json.loads(run("add", *arguments, "--json"))["faults"][0]["action"] == action


def test_the_command_changes_a_rule_and_leaves_the_rest(scim):  # noqa: F811
    number = str(json.loads(run("add", "--path", "*/Users*", "--status", "503", "--json"))["faults"][0]["id"])
    assert statuses(scim, 1) == [503]
    changed = json.loads(run("change", number, "--status", "429", "--retry-after", "0", "--json"))["faults"][0]
    assert (changed["status"], changed["retry_after"], changed["path"], changed["armed"]) == (429, 0, "*/Users*", True)
    assert statuses(scim, 1) == [429]
    assert json.loads(run("change", number, "--drop", "--json"))["faults"][0]["action"] == "drop"
    assert json.loads(run("change", number, "--delay", "5", "--json"))["faults"][0]["action"] == "drop"
    with pytest.raises(CommandError, match="Say what to change"):
        run("change", number)
    with pytest.raises(CommandError, match="There is no tenant nobody"):
        run("change", number, "--tenant", "nobody")


def test_the_command_refuses_in_words(db):
    with pytest.raises(CommandError, match="There is no tenant nobody"):
        run("add", "--tenant", "nobody")
    with pytest.raises(CommandError, match="no fault rule 9"):
        run("remove", "9")
    with pytest.raises(CommandError, match="no tenant nobody"):
        run("clear", "--tenant", "nobody")
    number = json.loads(run("add", "--disarmed", "--json"))["faults"][0]["id"]
    with pytest.raises(CommandError, match="no fault rule 9999"):
        run("remove", str(number), "9999")
    assert FaultRule.objects.count() == 1
    assert "no fault rules" in run("clear")


def test_another_access_key_of_the_same_person_is_another_credential(control, acme):  # noqa: F811
    key, secret = access_keys.draft(acme.robot, actor=system(acme.unit.pk))
    access_keys.save(acme.robot, {key.pk: "on"}, actor=system(acme.unit.pk))
    assert secret
    control.rule(credential=f"access key {key.access_key_id}")
    assert acme.by_key().get("/Users").status_code == 200
