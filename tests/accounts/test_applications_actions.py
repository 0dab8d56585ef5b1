"""What can be done with an application (screens §14.3, spec §4, R-APP)."""

import re
from datetime import timedelta

import pytest
import time_machine

from accounts.actions import applications
from accounts.crypto import matches
from accounts.errors import ChangedMeanwhile
from accounts.models import Application, OAuthSession, OutboxMail
from cxadmin import clock
from tests.accounts.test_registration_file import mailed, open_registration
from tests.world import REGISTRATION, history_of, visible


def fresh(application):
    return Application.objects.get(pk=application.pk)


def press(client, application, verb):
    return client.post(f"/admin/applications/{application.pk}/{verb}/")


def ask(client, application, verb):
    return visible(client.get(f"/admin/applications/{application.pk}/{verb}/"))


def sign_in_to(application, employee) -> OAuthSession:
    """What a sign-in leaves behind (accounts.oauth)."""
    now = clock.now()
    return OAuthSession.objects.create(
        employee=employee, origin="APP", application=application, started_at=now, expires_at=now + timedelta(hours=2)
    )


def has_ended(session) -> bool:
    return OAuthSession.objects.get(pk=session.pk).revoked_at is not None


@pytest.fixture
def submitted(world, settings):
    """An application that waits for approval."""
    settings.APP_REGISTRATION_MODE = "manual"
    return world.application()


# Approve and reject


@pytest.mark.screen("14.3 actions")
@pytest.mark.rule("R-APP-1", "R-APP-10")
def test_approving_makes_a_secret_and_mails_it(world, submitted):
    assert "Approve Okta CXone Integration? Its technical contacts get client ID and secret by e-mail." in ask(
        world.client(), submitted, "approve"
    )
    client = world.client()
    press(client, submitted, "approve")
    assert fresh(submitted).status == "ENABLED"
    assert OutboxMail.objects.count() == 2
    assert matches(open_registration(*mailed())["client_secret"], fresh(submitted).secret_hash)
    assert "Application approved" in visible(client.get("/admin/applications/"))
    assert ("Application.status", "SUBMITTED", "ENABLED") in history_of(submitted)


@pytest.mark.screen("14.3 actions", "14.3 transitions")
@pytest.mark.rule("R-APP-8")
def test_rejecting_is_final(world, submitted):
    press(world.client(), submitted, "reject")
    assert (fresh(submitted).status, fresh(submitted).secret_hash) == ("REJECTED", "")
    assert not OutboxMail.objects.exists()
    for verb in ("approve", "reject", "enable", "disable", "secret", "delete", "keep"):
        answer = press(world.client(), submitted, verb)
        assert answer.status_code == 422
        assert "This cannot be done while the application is in the state Rejected." in visible(answer)
    assert fresh(submitted).status == "REJECTED"


def test_of_two_decisions_the_second_is_refused(world, submitted):
    first, *late = (fresh(submitted) for _ in range(3))
    applications.approve(first, actor=world.actor)
    for decide, seen in zip((applications.approve, applications.reject), late, strict=True):
        with pytest.raises(ChangedMeanwhile):
            decide(seen, actor=world.actor)
    assert OutboxMail.objects.count() == 2


# Disable and enable


@pytest.mark.screen("14.3 actions")
@pytest.mark.rule("R-APP-8")
def test_disabling_ends_its_sessions_at_once_and_enabling_does_not_revive_them(world):
    application, other = world.application(), world.application(name="Other")
    session, untouched = sign_in_to(application, world.bob), sign_in_to(other, world.bob)
    assert "Disable Okta CXone Integration? Its tokens stop working at once." in ask(
        world.client(), application, "disable"
    )
    press(world.client(), application, "disable")
    assert fresh(application).status == "DISABLED"
    assert (has_ended(session), has_ended(untouched)) == (True, False)
    press(world.client(), application, "enable")
    assert fresh(application).status == "ENABLED"
    assert has_ended(session)


def test_disabling_twice_is_the_same_as_once(world):
    application = world.application()
    for _ in range(2):
        assert press(world.client(), application, "disable").status_code == 302
    assert [entry for entry in history_of(application) if entry[0] == "Application.status" and entry[1]] == [
        ("Application.status", "ENABLED", "DISABLED")
    ]


# New secret


@pytest.mark.screen("14.3 actions")
@pytest.mark.rule("R-APP-10")
def test_a_new_secret_is_shown_once_and_mailed_and_the_old_one_is_dead(world):
    application = world.application()
    before = application.secret_hash
    client = world.client()
    assert "Create a new secret? The present one stops working." in ask(client, application, "secret")
    answer = press(client, application, "secret")
    shown = re.search(r"Client Secret (\S+)", visible(answer))[1]
    assert fresh(application).secret_hash != before
    assert matches(shown, fresh(application).secret_hash)
    assert open_registration(*mailed())["client_secret"] == shown
    assert OutboxMail.objects.count() == 4
    assert "no-store" in answer["Cache-Control"]
    assert ("Application.secret", "••••", "••••") in history_of(application)
    page = client.get(f"/admin/applications/{application.pk}/").content.decode()
    assert shown not in page + str(history_of(application))


def test_looking_at_the_question_changes_nothing(world):
    application = world.application()
    for verb in ("disable", "secret", "delete"):
        ask(world.client(), application, verb)
    assert fresh(application).version == application.version


# Copy to new form


@pytest.mark.rule("R-APP-3")
def test_a_back_end_application_is_submitted_again_as_another_type(world):
    application = world.application(type="backend", redirects=[], is_fedramp=True, logouts=["https://a.example/bye"])
    client = world.client()
    answer = client.get(f"/admin/applications/{application.pk}/copy/")
    assert answer.url == "/developer/register/"
    me = {"requester_email": "a@a.example", "requester_name": "Alice", "business_unit": "1000001"}
    client.post("/developer/register/", me)
    page = client.get("/developer/register/application/").content.decode()
    assert 'value="Okta CXone Integration (2)"' in page
    assert REGISTRATION["description"] in page
    assert re.search(r'name="is_fedramp" value="true"[^>]*checked', page)
    about = {name: REGISTRATION[name] for name in ("description", "tenancy")}
    about |= {"name": "Again", "contacts": "tech@partner.example", "method": "email", "is_fedramp": "true"}
    client.post("/developer/register/application/", about)
    page = client.get("/developer/register/security/").content.decode()
    assert re.search(r'value="backend"[^>]*checked', page)
    assert "https://a.example/bye" in page
    security = {"auth_method": "client_secret_post", "scopes": ["AdminAPI"], "type": "confidential"}
    client.post("/developer/register/security/", security | {"redirects": "https://a.example/cb"})
    assert Application.objects.get(name="Again").type == "confidential"
    assert fresh(application).type == "backend"


# Delete


@pytest.mark.screen("14.3 actions")
@pytest.mark.rule("R-APP-8")
def test_deleting_stops_it_now_and_removes_it_later(world):
    application = world.application()
    session = sign_in_to(application, world.bob)
    date = (clock.now() + timedelta(days=7)).strftime("%Y-%m-%d")
    assert f"Delete Okta CXone Integration on {date}? It stops working now." in ask(
        world.client(), application, "delete"
    )
    press(world.client(), application, "delete")
    stored = fresh(application)
    assert stored.status == "SCHEDULED"
    assert stored.scheduled_deletion_at.strftime("%Y-%m-%d") == date
    assert has_ended(session)
    assert f"Scheduled for deletion: {date}" in visible(world.client().get(f"/admin/applications/{application.pk}/"))
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1)):
        client = world.client()
        assert client.get(f"/admin/applications/{application.pk}/").status_code == 404
        assert "No applications registered" in visible(client.get("/admin/applications/"))
        again = world.application()
    assert not Application.objects.filter(pk=application.pk).exists()
    assert again.name == application.name
    assert history_of(application)[-1] == ("Application", "Okta CXone Integration", "deleted")


@pytest.mark.screen("14.3 actions")
@pytest.mark.parametrize("before", ["ENABLED", "DISABLED"])
def test_cancelling_a_deletion_gives_it_the_status_it_had(world, before):
    application = world.application()
    if before == "DISABLED":
        press(world.client(), application, "disable")
    press(world.client(), application, "delete")
    label = before.capitalize()
    assert f"Keep Okta CXone Integration? It gets the status it had: {label}." in ask(
        world.client(), application, "keep"
    )
    press(world.client(), application, "keep")
    assert (fresh(application).status, fresh(application).scheduled_deletion_at) == (before, None)


def test_deleting_twice_does_not_put_it_off(world):
    application = world.application()
    press(world.client(), application, "delete")
    date = fresh(application).scheduled_deletion_at
    press(world.client(), application, "delete")
    assert fresh(application).scheduled_deletion_at == date


@pytest.mark.screen("14.3 transitions")
@pytest.mark.parametrize("verb", ["enable", "disable", "secret", "approve"])
def test_what_is_scheduled_for_deletion_cannot_be_used_meanwhile(world, verb):
    application = world.application()
    press(world.client(), application, "delete")
    assert press(world.client(), application, verb).status_code == 422
    assert fresh(application).status == "SCHEDULED"


def test_the_delay_is_a_setting(world, settings):
    settings.APP_DELETION_DELAY = timedelta(days=30)
    date = (clock.now() + timedelta(days=30)).strftime("%Y-%m-%d")
    assert f"on {date}?" in ask(world.client(), world.application(), "delete")


# Tenants


@pytest.mark.parametrize("verb", ["approve", "reject", "enable", "disable", "secret", "delete", "keep"])
def test_nobody_acts_on_the_application_of_another_tenant(world, verb):
    application = world.application()
    assert press(world.client(world.charlie), application, verb).status_code == 404
    assert fresh(application).version == application.version
