"""What is set on the screen Login Authenticator applies where people sign in and choose passwords (R-LA-2, R-PWD, R-AUTH-5)."""

from datetime import timedelta

import pyotp
import pytest
import time_machine
from django.test import Client

from accounts.models import Employee
from cxadmin import clock
from tests.accounts.test_authenticator_page import add, named, save
from tests.certificates import certificate, upload
from tests.world import MFA_SECRET, PASSWORD, visible

LOGIN, CHANGE = "/login/", "/me/password/"
BOB = "bob@acme.example"


def sign_in(client=None, password=PASSWORD, **more):
    return (client or Client()).post(LOGIN, {"username": BOB, "password": password, **more})


def change(client, new, current=PASSWORD):
    given = {"current_password": current, "new_password": new, "confirm_password": new}
    return client.post(CHANGE, given)


@pytest.fixture
def setting(world):
    """Changes the default authenticator on its page."""
    return lambda **given: save(world.client(), world.authenticator, **given)


@pytest.mark.screen("9 effect")
@pytest.mark.rule("R-LA-2", "R-PWD-4")
def test_a_stricter_policy_signs_nobody_out_and_asks_for_another_password_at_the_next_sign_in(world, setting):
    bob = world.client(world.bob)
    assert setting(min_length="20").status_code == 302
    assert bob.get("/me/").status_code == 200
    client = Client()
    assert sign_in(client).url == CHANGE
    assert client.get("/me/").url.startswith(CHANGE)
    assert "at least 20 characters" in visible(client.get(CHANGE))


@pytest.mark.rule("R-PWD-1", "R-PWD-3")
@pytest.mark.parametrize(
    ("policy", "refused", "taken"),
    [
        ({"min_length": "16"}, "Tulip-Garden-42", "Tulip-Garden-420"),
        ({"require_special": "on"}, "TulipGarden42", "TulipGarden42!"),
        ({"require_upper": "on"}, "tulip-garden-42", "Tulip-garden-42"),
        ({"require_lower": "on"}, "TULIP-GARDEN-42", "TULIP-GARDEN-a2"),
        ({"require_digit": "on"}, "Tulip-Garden", "Tulip-Garden-4"),
    ],
)
def test_a_new_password_has_to_meet_the_policy(world, setting, policy, refused, taken):
    lenient = {"require_lower": None, "require_upper": None, "require_digit": None, "min_length": "6"}
    setting(**lenient | policy)
    client = world.client(world.bob)
    assert "The password does not meet the rules listed." in visible(change(client, refused))
    assert change(client, taken).status_code == 302


def test_rules_that_are_off_do_not_count(world, setting):
    setting(require_lower=None, require_upper=None, require_digit=None)
    assert change(world.client(world.bob), "......!!!!!!").status_code == 302


def test_remembered_passwords_cannot_be_used_again(world, setting):
    setting(remembered="2")
    client = Client()
    sign_in(client)
    assert change(client, "Tulip-Garden-42").status_code == 302
    assert change(client, "Tulip-Garden-43", "Tulip-Garden-42").status_code == 302
    answer = change(client, "Tulip-Garden-42", "Tulip-Garden-43")
    assert "You used this password recently." in visible(answer)


def test_a_password_expires(world, setting):
    setting(expires_days="30")
    with time_machine.travel(clock.now() + timedelta(days=29)):
        assert sign_in().url == "/"
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert sign_in().url == CHANGE


@pytest.mark.rule("R-LOCK-1")
def test_the_allowed_failed_attempts_lock(world, setting):
    setting(allowed_attempts="3")
    assert "2 attempts left" in visible(sign_in(password="wrong"))
    sign_in(password="wrong")
    assert "This account is locked." in visible(sign_in(password="wrong"))
    assert Employee.objects.get(pk=world.bob.pk).status == "BLOCKED"


@pytest.mark.rule("R-AUTH-5")
@pytest.mark.parametrize("kind", ["TOTP", "HOTP"])
def test_mfa_is_asked_for_as_soon_as_it_is_required(world, setting, kind):
    assert sign_in().url == "/"
    setting(mfa_required="on", mfa_type=kind)
    assert "Ask your administrator to set up multi-factor authentication." in visible(sign_in())
    Employee.objects.filter(pk=world.bob.pk).update(mfa_secret=MFA_SECRET)
    assert "MFA Token" in visible(Client().post(LOGIN, {"username": BOB}))
    assert sign_in(mfa_token="000000").status_code == 422
    token = world.totp() if kind == "TOTP" else pyotp.HOTP(MFA_SECRET).at(0)
    assert sign_in(mfa_token=token).url == "/"


@pytest.mark.rule("R-AUTH-4")
def test_an_external_one_made_on_the_screen_sends_people_to_their_identity_provider(world):
    admin = world.client()
    entered = {"endpoint_url": "https://idp.example.com", "certificate": upload(certificate())}
    add(admin, name="Corporate", type="SAML2", **entered)
    Employee.objects.filter(pk=world.bob.pk).update(login_authenticator=named("Corporate"))
    client = Client()
    sent = client.post(LOGIN, {"username": BOB})
    assert "Simulated identity provider – Corporate" in visible(client.get(sent.url))
    assert client.post(sent.url, {"answer": "continue"}).url == "/"
