"""The web session: idle end, staying, logging out, and what a visitor chooses on any page (screens §1.2)."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.backends.db import SessionStore

from accounts.models import Employee
from cxadmin import clock
from tests.world import visible


@pytest.fixture
def later():
    with time_machine.travel(clock.now(), tick=False) as traveller:
        yield lambda **duration: traveller.shift(timedelta(**duration))


@pytest.mark.screen("1.2 idle end")
@pytest.mark.rule("R-AUTH-6")
def test_the_session_ends_after_the_idle_timeout_of_the_tenant(world, later):
    client = world.client()
    client.get("/me/")
    later(minutes=19)
    assert client.get("/me/").status_code == 200
    later(minutes=21)
    answer = client.get("/me/")
    assert answer.url == "/login/?next=/me/"
    assert "Your session has ended. Sign in again." in visible(client.get(answer.url))


def test_a_page_that_saves_the_session_late_takes_no_message_away(world):
    """The check of a field starts before Save and ends after it: it writes back the session as it found it."""
    client = world.client()
    client.get("/me/")
    slow = SessionStore(client.session.session_key)
    assert slow.keys()
    assert client.post("/admin/teams/new/", {"name": "Night shift"}).status_code == 302
    slow.save()
    assert "Team saved" in visible(client.get("/admin/teams/"))


def test_an_idle_session_answers_htmx_with_the_way_to_sign_in(world, later):
    client = world.client()
    client.get("/admin/roles/")
    later(minutes=21)
    answer = client.get(
        "/admin/roles/?q=x",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/admin/roles/?status=DRAFT"},
    )
    assert answer["HX-Redirect"] == "/login/?next=%2Fadmin%2Froles%2F%3Fstatus%3DDRAFT"


@pytest.mark.screen("1.2 idle end")
def test_polling_in_the_background_is_no_use(world, later):
    client = world.client()
    client.get("/me/")
    for _ in range(3):
        later(minutes=9)
        answer = client.get("/me/", headers={"X-Background": "true"})
    assert answer.status_code == 302


def test_without_a_timeout_a_session_lasts(world, later):
    world.acme.settings.idle_timeout_on = False
    world.acme.settings.save()
    client = world.client()
    client.get("/me/")
    later(hours=30)
    assert client.get("/me/").status_code == 200


def test_stay_signed_in_is_a_use(world, later):
    client = world.client()
    client.get("/me/")
    for _ in range(3):
        later(minutes=15)
        assert client.post("/me/stay/").status_code == 204


def test_the_page_knows_when_to_ask(world):
    assert 'data-idle-seconds="1200"' in world.client().get("/me/").content.decode()


@pytest.mark.screen("1.2 log out")
def test_log_out_asks_first(world):
    client = world.client()
    page = client.get("/logout/")
    assert "Log out of cxadmin?" in visible(page)
    assert "Cancel Yes" in visible(page)
    assert client.get("/me/").status_code == 200


@pytest.mark.screen("1.2 log out")
def test_yes_ends_the_session(world):
    client = world.client()
    assert client.post("/logout/").url == "/login/"
    assert client.get("/me/").status_code == 302


@pytest.mark.parametrize("status", ["BLOCKED", "DELETED", "PENDING"])
def test_who_is_no_longer_active_is_out_at_once(world, status):
    client = world.client(world.bob)
    Employee.objects.filter(pk=world.bob.pk).update(
        status=status, lock_reason="INACTIVITY" if status == "BLOCKED" else None
    )
    assert client.get("/me/").status_code == 302


@pytest.mark.screen("1.2 language")
def test_the_language_is_kept_with_the_employee(world):
    client = world.client()
    answer = client.post("/language/", {"language": "de", "next": "/me/"})
    assert answer.url == "/me/"
    assert Employee.objects.get(pk=world.alice.pk).language == "de"
    assert world.client().get("/me/")["Content-Language"] == "de"


@pytest.mark.screen("1.2 language")
def test_before_sign_in_the_language_is_in_a_cookie_or_the_browsers(world, client):
    assert client.get("/login/")["Content-Language"] == "en"
    assert client.get("/login/", headers={"Accept-Language": "ja"})["Content-Language"] == "ja"
    client.post("/language/", {"language": "de"})
    assert client.get("/login/", headers={"Accept-Language": "ja"})["Content-Language"] == "de"


def test_an_unknown_language_changes_nothing(world):
    client = world.client()
    client.post("/language/", {"language": "tlh"})
    assert Employee.objects.get(pk=world.alice.pk).language is None


def test_theme_and_side_bar_are_chosen_without_scripts_too(world):
    def frame():
        page = client.get("/me/").content.decode()
        return 'data-theme="dark"' in page, 'class="shell is-collapsed"' in page

    client = world.client()
    assert frame() == (False, False)
    client.post("/appearance/", {"theme": "dark"})
    client.post("/appearance/", {"side_bar": "collapsed"})
    assert frame() == (True, True)
    client.post("/appearance/", {"theme": ""})
    assert frame() == (False, True)


def test_a_choice_does_not_lead_to_foreign_pages(world):
    assert world.client().post("/language/", {"language": "de", "next": "//evil.example/"}).url == "/"
