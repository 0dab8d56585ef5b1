"""Activation (screens §3.1)."""

import re
from datetime import timedelta

import pytest
import time_machine

from accounts.actions import employees
from accounts.models import Employee, OutboxMail
from cxadmin import clock
from tests.world import history_of, link_in_mail, visible

GOOD = "Brave-Otter-9"


@pytest.fixture
def dana(world):
    """Dana has been invited."""
    dana = world.employee("Dana Doe", status="UNREGISTERED", ever_activated=False, password="!")
    employees.invite(dana, actor=world.actor)
    return dana


def activate(client, password=GOOD, confirmation=None):
    given = {"new_password": password, "confirm_password": password if confirmation is None else confirmation}
    return client.post(link_in_mail("activate"), given, follow=True)


@pytest.mark.screen("3 mails")
def test_the_mail_names_the_username_holds_one_link_and_says_until_when(dana, world):
    mail = OutboxMail.objects.get(to=dana.email)
    assert mail.subject == "Activate your account – cxadmin – Acme"
    assert dana.username in mail.text
    assert mail.text.count("http://") == 1
    assert "is valid until" in mail.text


@pytest.mark.screen("3.1 activation")
@pytest.mark.rule("R-PWD-1")
def test_the_page_shows_the_username_and_the_rules_of_the_password(dana, client):
    page = client.get(link_in_mail("activate"))
    assert "Activate your account" in visible(page)
    assert "dana@acme.example" in visible(page)
    for rule in ("at least 6 characters", "a lower-case letter", "an upper-case letter", "a digit"):
        assert rule in visible(page)
    assert "a special character" not in visible(page)
    assert "New Password * Confirm Password *" in visible(page)
    assert re.search(r'<button type="submit"[^>]*>\s*Activate\s*</button>', page.content.decode())


@pytest.mark.screen("3.1 activation")
@pytest.mark.rule("R-AUTH-3")
def test_a_good_password_activates_without_signing_in(dana, client):
    done = activate(client)
    assert done.redirect_chain == [("/login/", 302)]
    assert "Account activated. Sign in to continue." in visible(done)
    assert Employee.objects.get(pk=dana.pk).status == "ACTIVE"
    assert client.get("/me/").status_code == 302
    assert client.post("/login/", {"username": dana.username, "password": GOOD}).url == "/"


@pytest.mark.screen("3 audit")
def test_the_change_is_in_the_history_without_the_password(dana, client):
    activate(client)
    assert ("User.status", "PENDING", "ACTIVE") in history_of(dana)
    assert ("User.password", "••••", "••••") in history_of(dana)


@pytest.mark.screen("3 messages")
@pytest.mark.rule("R-PWD-1", "R-PWD-2", "R-PWD-3")
@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("", "New Password is required."),
        ("Ab1", "The password does not meet the rules listed."),
        ("brave-otter-9", "The password does not meet the rules listed."),
        ("Passw0rd", "This password is too common."),
        (
            "My-Password-1",
            "The password must not contain your name, username, e-mail address or the word password.",
        ),
        ("Dana-is-here-1", "The password must not contain your name, username, e-mail address or the word password."),
        ("Cxadmin-2000", "The password must not contain your name, username, e-mail address or the word password."),
    ],
)
def test_a_password_that_breaks_a_rule_is_refused(dana, client, password, message):
    answer = activate(client, password)
    assert (answer.status_code, message in visible(answer)) == (422, True)
    assert Employee.objects.get(pk=dana.pk).status == "PENDING"


@pytest.mark.rule("R-PWD-2")
def test_a_name_of_two_letters_may_be_in_the_password(world, client):
    bo = world.employee("Bo Li", status="UNREGISTERED", ever_activated=False)
    employees.invite(bo, actor=world.actor)
    assert activate(client, "Boat-Line-99").status_code == 200


@pytest.mark.screen("3 messages")
def test_everything_wrong_is_said_at_once(dana, client):
    text = visible(activate(client, "password", "other"))
    for message in (
        "The password does not meet the rules listed.",
        "This password is too common.",
        "The passwords do not match.",
    ):
        assert message in text


def test_a_missing_repetition_does_not_hide_what_else_is_wrong(dana, client):
    text = visible(activate(client, "abc", ""))
    assert "Confirm Password is required." in text
    assert "The password does not meet the rules listed." in text


@pytest.mark.screen("3.1 activation")
def test_with_an_external_authenticator_there_is_no_password(world, client):
    eve = world.employee(
        "Eve Ext", status="UNREGISTERED", ever_activated=False, login_authenticator=world.external_authenticator()
    )
    employees.invite(eve, actor=world.actor)
    assert "Password" not in visible(client.get(link_in_mail("activate")))
    client.post(link_in_mail("activate"))
    assert Employee.objects.get(pk=eve.pk).status == "ACTIVE"


@pytest.mark.screen("3.1 activation")
def test_without_an_authenticator_the_rules_of_the_default_one_apply(world, client):
    world.change_authenticator(min_length=9)
    fay = world.employee("Fay Free", status="UNREGISTERED", ever_activated=False, login_authenticator=None)
    employees.invite(fay, actor=world.actor)
    assert "at least 9 characters" in visible(client.get(link_in_mail("activate")))


@pytest.mark.screen("3 dead links")
@pytest.mark.parametrize("why", ["used", "replaced", "over", "unknown", "deactivated"])
def test_a_link_that_opens_no_longer_says_so(dana, world, client, why):
    address = link_in_mail("activate")
    later = 73 if why == "over" else 0
    if why == "used":
        activate(client)
    elif why == "replaced":
        employees.invite(Employee.objects.get(pk=dana.pk), actor=world.actor)
    elif why == "unknown":
        address = "/activate/made-up/"
    elif why == "deactivated":
        employees.deactivate(Employee.objects.get(pk=dana.pk), actor=world.actor)
    with time_machine.travel(clock.now() + timedelta(hours=later)):
        page = client.get(address)
        assert page.status_code == 410
        assert "This link is no longer valid Ask your administrator for a new invitation." in visible(page)
        assert client.post(address, {"new_password": GOOD, "confirm_password": GOOD}).status_code == 410


def test_looking_at_the_link_does_not_use_it(dana, client):
    client.head(link_in_mail("activate"))
    client.get(link_in_mail("activate"))
    assert activate(client).redirect_chain
