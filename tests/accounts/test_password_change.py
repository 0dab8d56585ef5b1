"""Changing one's password, by choice and by force (screens §3.3, §13)."""

from datetime import timedelta

import pytest
import time_machine

from accounts.actions import employees
from accounts.models import Employee
from cxadmin import clock
from tests.world import PASSWORD, VIEW_ROLES, history_of, visible

GOOD = "Brave-Otter-9"


def change(client, current=PASSWORD, new=GOOD, confirmation=None, address="/me/password/"):
    given = {"current_password": current, "new_password": new, "confirm_password": confirmation or new}
    return client.post(address, given, follow=True)


def sign_in(client, password=PASSWORD, address="/login/"):
    return client.post(address, {"username": "bob@acme.example", "password": password})


def test_it_is_offered_in_my_profile_to_who_has_a_password(world):
    assert "Change Password" in visible(world.client(world.bob).get("/me/"))
    external = world.employee("Sam Saml", login_authenticator=world.external_authenticator())
    assert "Change Password" not in visible(world.client(external).get("/me/"))
    assert world.client(external).get("/me/password/").url == "/me/"


def test_the_new_password_counts_and_this_session_goes_on(world, client):
    elsewhere, here = world.client(world.bob), world.client(world.bob)
    done = change(here)
    assert done.redirect_chain[-1] == ("/me/", 302)
    assert "Password changed" in visible(done)
    assert here.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302
    assert sign_in(client, GOOD).status_code == 302
    assert ("User.password", "••••", "••••") in history_of(world.bob)


@pytest.mark.screen("3 messages")
@pytest.mark.rule("R-PWD-3")
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"current": "wrong"}, "The current password is not correct."),
        ({"confirmation": "Other-One-1"}, "The passwords do not match."),
        ({"new": "short"}, "The password does not meet the rules listed."),
        ({"new": PASSWORD}, "You used this password recently."),
        ({"current": ""}, "Current Password is required."),
    ],
)
def test_what_is_wrong_is_said(world, given, message):
    answer = change(world.client(world.bob), **given)
    assert (answer.status_code, message in visible(answer)) == (422, True)


@pytest.mark.screen("3.3 forced change")
@pytest.mark.rule("R-PWD-5")
def test_after_reset_pw_the_old_password_works_once_more_and_leads_here(world, client):
    world.bob_may(VIEW_ROLES)
    employees.require_new_password(world.bob, actor=world.actor)
    answer = sign_in(client, address="/login/?next=/admin/roles/")
    assert answer.url == "/me/password/?next=%2Fadmin%2Froles%2F"
    page = visible(client.get(answer.url))
    assert "Change your password You have to choose a new password before you go on." in page
    assert "Current Password * New Password * Confirm Password * Rules of the password at least 6 characters" in page
    assert "Save Log out" in page
    for page in ("/", "/me/", "/admin/roles/", "/help/"):
        assert client.get(page).url == "/me/password/"
    assert change(client, address=answer.url).redirect_chain[-1] == ("/admin/roles/", 302)
    assert client.get("/admin/roles/").status_code == 200
    assert sign_in(client).status_code == 422


def test_who_must_change_can_log_out_instead(world, client):
    employees.require_new_password(world.bob, actor=world.actor)
    sign_in(client)
    assert client.post("/logout/").url == "/login/"


@pytest.mark.screen("3.3 forced change")
@pytest.mark.rule("R-PWD-3")
def test_an_expired_password_must_be_changed(world, client):
    world.change_authenticator(expires_days=30)
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert sign_in(client).url == "/me/password/"


@pytest.mark.rule("R-PWD-4")
def test_a_stricter_policy_applies_at_the_next_sign_in(world, client):
    session = world.client(world.bob)
    world.change_authenticator(min_length=40)
    assert session.get("/me/").status_code == 200
    assert sign_in(client).url == "/me/password/"


def test_a_reset_is_over_once_the_password_is_new(world, client):
    employees.require_new_password(world.bob, actor=world.actor)
    sign_in(client)
    change(client)
    assert Employee.objects.get(pk=world.bob.pk).must_change_password is False
