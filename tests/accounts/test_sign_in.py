"""Log in (screens §2)."""

import re
from datetime import timedelta

import pyotp
import pytest
import time_machine
from django.test import Client

from accounts.actions import account_settings, employees, locks
from accounts.models import ActivityEvent, Employee
from cxadmin import clock
from tests.world import MFA_SECRET, PASSWORD, hire, visible

NEUTRAL = "Username or password is incorrect."


def sign_in(client, username, password=PASSWORD, **more):
    return client.post("/login/", {"username": username, "password": password, **more})


def fail(client, username, times=1):
    for _ in range(times):
        response = sign_in(client, username, "wrong")
    return response


@pytest.mark.screen("2 username")
@pytest.mark.rule("R-AUTH-1")
def test_the_username_comes_first_and_the_password_second(world, client):
    first = client.get("/login/")
    assert "Username * NEXT Use company domain English" in visible(first)
    assert "Password" not in visible(first)
    second = client.post("/login/", {"username": "alice@acme.example"})
    assert second.status_code == 200
    assert "alice@acme.example Password * Back Sign In Forgot your password? English" in visible(second)
    done = client.post("/login/", {"username": "alice@acme.example", "password": PASSWORD}, follow=True)
    assert "Roles and Permissions" in visible(done)


@pytest.mark.screen("2 username")
def test_an_unknown_name_gets_the_same_second_step_as_a_known_one(world, client):
    def second_step(username):
        page = client.post("/login/", {"username": username}).content.decode().replace("<wbr>", "")
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.replace(username, ""))

    assert second_step("alice@acme.example") == second_step("nobody@acme.example")


@pytest.mark.screen("2 username")
@pytest.mark.parametrize(
    ("username", "message"),
    [("", "Username is required."), ("alice", "Enter an address in the form name@example.com.")],
)
def test_a_username_has_the_form_of_an_address(world, client, username, message):
    response = client.post("/login/", {"username": username})
    assert response.status_code == 422
    assert message in visible(response)


def test_a_username_is_found_whatever_its_case(world, client):
    assert sign_in(client, "ALICE@Acme.Example").status_code == 302


@pytest.mark.screen("2 password")
@pytest.mark.rule("R-AUTH-2")
def test_a_wrong_password_stays_on_the_second_step_and_is_not_repeated(world, client):
    response = sign_in(client, "alice@acme.example", "my-wrong-guess")
    assert response.status_code == 422
    assert NEUTRAL in visible(response)
    assert "alice@acme.example Password" in visible(response)
    assert b"my-wrong-guess" not in response.content


@pytest.mark.screen("2 password")
@pytest.mark.rule("R-AUTH-2", "R-AUTH-4")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "PENDING"}, "status PENDING"),
        ({"status": "UNREGISTERED"}, "status UNREGISTERED"),
        ({"status": "DELETED"}, "status DELETED"),
        ({"login_authenticator": None}, "no login authenticator"),
    ],
)
def test_who_may_not_sign_in_reads_the_neutral_text_and_the_log_knows_why(world, client, change, reason):
    Employee.objects.filter(pk=world.bob.pk).update(**change)
    response = sign_in(client, "bob@acme.example")
    assert (response.status_code, NEUTRAL in visible(response)) == (422, True)
    assert ActivityEvent.objects.get(instance="bob@acme.example").activity == f"Log in refused: {reason}"


@pytest.mark.rule("R-AUTH-4")
def test_an_inactive_authenticator_lets_nobody_in(world, client):
    world.change_authenticator(status="INACTIVE")
    assert NEUTRAL in visible(sign_in(client, "alice@acme.example"))


@pytest.mark.screen("2 activity log")
def test_every_sign_in_and_every_failure_is_in_the_activity_log(world, client):
    fail(client, "alice@acme.example")
    sign_in(client, "alice@acme.example")
    client.post("/logout/")
    logged = ActivityEvent.objects.filter(instance="alice@acme.example").order_by("at")
    assert [event.activity for event in logged] == [
        "Log in refused: wrong password or MFA token",
        "Log in",
        "Log out",
    ]
    assert logged[0].address == "127.0.0.1"


@pytest.mark.screen("2 lock")
@pytest.mark.rule("R-LOCK-1")
def test_two_attempts_before_the_lock_there_is_a_warning(world, client):
    assert "attempts left" not in visible(fail(client, "alice@acme.example", 2))
    assert "2 attempts left before this account is locked." in visible(fail(client, "alice@acme.example"))
    assert "attempts left" not in visible(fail(client, "alice@acme.example"))


@pytest.mark.screen("2 lock")
@pytest.mark.rule("R-LOCK-1", "R-LOCK-2")
def test_the_fifth_failure_locks_and_the_right_password_does_not_help(world, client):
    locked = "This account is locked. Try again in 1 minute or reset your password."
    assert locked in visible(fail(client, "alice@acme.example", 5))
    assert locked in visible(sign_in(client, "alice@acme.example"))
    logged = ActivityEvent.objects.filter(instance="alice@acme.example").values_list("activity", flat=True)
    assert "Locked: FAILED_LOGINS" in logged


@pytest.mark.rule("R-LOCK-1")
def test_the_authenticator_says_how_many_failures_are_allowed(world, client):
    world.change_authenticator(allowed_attempts=3)
    assert "2 attempts left" in visible(fail(client, "alice@acme.example"))
    assert "This account is locked." in visible(fail(client, "alice@acme.example", 2))


@pytest.mark.rule("R-LOCK-2", "R-LOCK-3")
def test_each_further_failure_locks_for_longer_and_a_success_starts_anew(world, client):
    start = clock.now()
    with time_machine.travel(start, tick=False) as traveller:
        fail(client, "alice@acme.example", 5)
        for minutes in (1, 5, 15, 30, 30):
            assert f"in {minutes} minute" in visible(sign_in(client, "alice@acme.example"))
            traveller.shift(timedelta(minutes=minutes))
            fail(client, "alice@acme.example")
        traveller.shift(timedelta(minutes=30))
        assert sign_in(client, "alice@acme.example").status_code == 302
        assert "in 1 minute" in visible(fail(Client(), "alice@acme.example", 5))


@pytest.mark.rule("R-LOCK-2")
def test_attempts_during_a_lock_do_not_count(world, client):
    fail(client, "alice@acme.example", 30)
    assert Employee.objects.get(pk=world.alice.pk).failed_attempts == 5


@pytest.mark.screen("2 lock")
@pytest.mark.rule("R-LOCK-4")
def test_who_was_away_too_long_is_locked_until_an_administrator_unlocks(world, client):
    world.acme.settings.lock_on, world.acme.settings.lock_days = True, 30
    world.acme.settings.save()
    with time_machine.travel(clock.now() + timedelta(days=31)):
        response = sign_in(client, "bob@acme.example")
        assert "This account is locked. Ask your administrator." in visible(response)


@pytest.mark.rule("R-LOCK-4")
def test_an_employee_can_be_exempt_from_the_inactivity_lock(world, client):
    world.acme.settings.lock_on = True
    world.acme.settings.save()
    Employee.objects.filter(pk=world.bob.pk).update(inactivity_override=Employee.NEVER_LOCK)
    with time_machine.travel(clock.now() + timedelta(days=400)):
        assert sign_in(client, "bob@acme.example").status_code == 302


@pytest.mark.rule("R-LOCK-5")
@pytest.mark.parametrize(("days", "answer"), [(1, 302), (3, 422)])
def test_after_an_unlock_two_days_are_left_to_sign_in(world, client, days, answer):
    fail(client, "bob@acme.example", 5)
    locks.unlock(Employee.objects.get(pk=world.bob.pk), actor=world.actor)
    with time_machine.travel(clock.now() + timedelta(days=days)):
        assert sign_in(client, "bob@acme.example").status_code == answer


@pytest.fixture
def mfa(world):
    """Acme asks for a second factor, and Bob has one."""
    world.change_authenticator(mfa_required=True)
    employees.update(world.bob, {"mfa_secret": MFA_SECRET}, actor=world.actor)
    return world


@pytest.mark.screen("2 MFA")
@pytest.mark.rule("R-AUTH-1", "R-AUTH-5")
def test_password_and_mfa_token_are_asked_and_checked_together(mfa, client):
    assert "MFA Token" in visible(client.post("/login/", {"username": "bob@acme.example"}))
    assert NEUTRAL in visible(sign_in(client, "bob@acme.example", mfa_token="000000"))
    assert NEUTRAL in visible(sign_in(client, "bob@acme.example", "wrong", mfa_token=mfa.totp()))
    assert sign_in(client, "bob@acme.example", mfa_token=mfa.totp()).status_code == 302


@pytest.mark.rule("R-AUTH-5")
def test_an_mfa_token_works_once_and_one_step_around_now(mfa, client):
    now = clock.now().timestamp()
    assert NEUTRAL in visible(sign_in(client, "bob@acme.example", mfa_token=mfa.totp(now - 90)))
    assert sign_in(client, "bob@acme.example", mfa_token=mfa.totp(now)).status_code == 302
    assert NEUTRAL in visible(sign_in(Client(), "bob@acme.example", mfa_token=mfa.totp(now)))
    assert NEUTRAL in visible(sign_in(Client(), "bob@acme.example", mfa_token=mfa.totp(now - 30)))
    assert sign_in(Client(), "bob@acme.example", mfa_token=mfa.totp(now + 30)).status_code == 302


@pytest.mark.rule("R-AUTH-5")
def test_a_counter_token_may_be_up_to_ten_ahead(mfa, client):
    mfa.change_authenticator(mfa_type="HOTP")
    hotp = pyotp.HOTP(MFA_SECRET)
    assert NEUTRAL in visible(sign_in(client, "bob@acme.example", mfa_token=hotp.at(10)))
    assert sign_in(client, "bob@acme.example", mfa_token=hotp.at(9)).status_code == 302
    assert NEUTRAL in visible(sign_in(Client(), "bob@acme.example", mfa_token=hotp.at(9)))
    assert sign_in(Client(), "bob@acme.example", mfa_token=hotp.at(10)).status_code == 302


def test_an_mfa_token_may_be_any_text(mfa, client):
    assert NEUTRAL in visible(sign_in(client, "bob@acme.example", mfa_token="１２３４５６"))


@pytest.mark.screen("2 MFA")
def test_only_who_knows_the_password_reads_that_the_secret_is_missing(mfa, client):
    employees.update(mfa.bob, {"mfa_secret": ""}, actor=mfa.actor)
    message = "Ask your administrator to set up multi-factor authentication."
    assert message in visible(sign_in(client, "bob@acme.example"))
    assert message not in visible(sign_in(client, "bob@acme.example", "wrong"))


@pytest.mark.screen("2 tenant")
def test_a_name_that_several_tenants_know_asks_for_the_tenant(world, client):
    twin = hire(world.strange, "Alice Twin", world.charlie.primary_role, username="alice@acme.example")
    page = client.post("/login/", {"username": "alice@acme.example"})
    assert "Tenant * Acme Strangers" in visible(page)
    chosen = {"tenant": str(world.strange.pk)}
    assert sign_in(client, "alice@acme.example", **chosen).status_code == 302
    assert client.session["_auth_user_id"] == str(twin.pk)


def test_an_inactive_namesake_elsewhere_does_not_ask_for_the_tenant(world, client):
    hire(world.strange, "Alice Twin", world.charlie.primary_role, username="alice@acme.example", status="DELETED")
    assert "Tenant" not in visible(client.post("/login/", {"username": "alice@acme.example"}))


def test_a_tenant_fixed_by_its_id_is_the_only_one_looked_at(world, client):
    hire(world.strange, "Alice Twin", world.charlie.primary_role, username="alice@acme.example")
    page = client.post(f"/login/?tenantId={world.acme.pk}", {"username": "alice@acme.example"})
    assert "Tenant" not in visible(page)


@pytest.mark.screen("2 outcome")
def test_it_leads_to_the_page_that_was_asked_for(world, client):
    asked = client.get("/admin/roles/?status=DRAFT")
    assert asked.url == "/login/?next=/admin/roles/%3Fstatus%3DDRAFT"
    done = client.post(asked.url, {"username": "alice@acme.example", "password": PASSWORD})
    assert done.url == "/admin/roles/?status=DRAFT"


@pytest.mark.parametrize("foreign", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_it_does_not_lead_to_foreign_pages(world, client, foreign):
    done = client.post(f"/login/?next={foreign}", {"username": "alice@acme.example", "password": PASSWORD})
    assert done.url == "/"


@pytest.mark.screen("2 outcome")
def test_it_leads_to_the_first_page_permitted_else_to_my_profile(world, client):
    world.bob_may("admin.employees.view")
    assert client.get("/").status_code == 302
    sign_in(client, "bob@acme.example")
    assert client.get("/").url == "/admin/employees/"
    world.bob_may()
    assert client.get("/").url == "/me/"


def test_who_is_signed_in_already_is_led_on(world):
    assert world.client().get("/login/").url == "/"


@pytest.mark.screen("2 banner")
def test_the_banner_shows_as_soon_as_the_tenant_is_known(world, client):
    settings = world.acme.settings
    settings.banner_on, settings.banner_html, settings.banner_bg = True, "<b>Authorised use only</b>", "#112233"
    settings.save()
    assert "Authorised use only" not in visible(client.get("/login/"))
    page = client.get(f"/login/?tenantId={world.acme.pk}")
    assert "<b>Authorised use only</b>" in page.content.decode()
    second = client.post(f"/login/?tenantId={world.acme.pk}", {"username": "alice@acme.example"})
    assert "Authorised use only" in visible(second)
    assert "Password" in visible(second)
    account_settings.update(settings, {"custom_host_name": "login.acme.example"}, actor=world.actor)
    assert "Authorised use only" in visible(client.get("/login/?domain=login.acme.example"))
    style = client.get(f"/login/banner/{world.acme.pk}.css")
    assert (style["Content-Type"], b"#112233" in style.content) == ("text/css", True)


def test_the_banner_shows_at_once_in_an_instance_with_one_tenant(world, client):
    settings = world.acme.settings
    settings.banner_on, settings.banner_html = True, "Hello"
    settings.save()
    Employee.objects.filter(business_unit=world.strange).delete()
    world.strange.delete()
    assert "Hello" in visible(client.get("/login/"))


def test_the_answer_is_never_kept_in_a_cache(world, client):
    assert "no-store" in client.get("/login/")["Cache-Control"]
    assert "no-store" in world.client().get("/me/")["Cache-Control"]


def test_a_lock_that_two_requests_release_at_once_is_no_error(world, client):
    fail(client, "bob@acme.example", 5)
    stale = Employee.objects.get(pk=world.bob.pk)
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        locks.release_if_over(Employee.objects.get(pk=world.bob.pk))
        assert locks.release_if_over(stale)
    assert stale.status == Employee.Status.ACTIVE
