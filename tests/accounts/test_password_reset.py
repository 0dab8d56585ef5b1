"""Forgot your password? (screens §3.2)."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import Employee, OutboxMail
from cxadmin import clock
from tests.world import PASSWORD, link_in_mail, visible

GOOD = "Brave-Otter-9"


def forget(client, username="bob@acme.example"):
    return client.post("/login/forgot/", {"username": username}, follow=True)


def reset(client, password=GOOD):
    return client.post(link_in_mail("reset"), {"new_password": password, "confirm_password": password}, follow=True)


def test_it_is_offered_on_the_second_step(world, client):
    assert "Forgot your password?" in visible(client.post("/login/", {"username": "bob@acme.example"}))


@pytest.mark.screen("3.2 forgot password")
def test_the_answer_is_the_same_whatever_the_name(world, client):
    assert "Check your e-mail" in visible(forget(client))
    assert visible(forget(client)) == visible(forget(client, "nobody@acme.example"))
    assert OutboxMail.objects.filter(subject="Reset your password – cxadmin").count() == 2


@pytest.mark.screen("3.2 forgot password")
def test_who_signs_in_elsewhere_gets_no_mail(world, client):
    Employee.objects.filter(pk=world.bob.pk).update(login_authenticator=world.external_authenticator())
    forget(client)
    assert not OutboxMail.objects.exists()


@pytest.mark.screen("3.2 forgot password", "3 mails")
def test_the_mail_is_in_the_recipients_language_and_leads_to_the_page(world, client):
    Employee.objects.filter(pk=world.bob.pk).update(language="de")
    forget(client)
    mail = OutboxMail.objects.get()
    assert mail.subject == "Setzen Sie Ihr Passwort zurück – cxadmin"
    assert (mail.text.count("http://"), "bob@acme.example" in mail.text, "gilt bis" in mail.text) == (1, True, True)
    page = visible(client.get(link_in_mail("reset")))
    assert "New Password" in page
    assert "Confirm Password" in page
    assert "at least 6 characters" in page
    assert page.count("Reset Password") == 1


@pytest.mark.screen("3.2 forgot password")
@pytest.mark.parametrize(
    "change",
    [{"status": "PENDING"}, {"status": "DELETED"}, {"status": "UNREGISTERED"}, {"login_authenticator": None}],
)
def test_who_may_not_sign_in_gets_no_mail(world, client, change):
    Employee.objects.filter(pk=world.bob.pk).update(**change)
    forget(client)
    assert not OutboxMail.objects.exists()


def test_a_new_password_leads_to_sign_in_with_a_toast(world, client):
    forget(client)
    done = reset(client)
    assert done.redirect_chain == [("/login/", 302)]
    assert "Password changed. Sign in to continue." in visible(done)
    assert client.post("/login/", {"username": "bob@acme.example", "password": GOOD}).status_code == 302


@pytest.mark.screen("3.2 forgot password")
@pytest.mark.rule("R-LOCK-3")
def test_it_ends_a_lock_by_failed_logins(world, client):
    for _ in range(5):
        client.post("/login/", {"username": "bob@acme.example", "password": "wrong"})
    forget(client)
    reset(client)
    assert client.post("/login/", {"username": "bob@acme.example", "password": GOOD}).status_code == 302


@pytest.mark.rule("R-LOCK-4")
def test_it_does_not_end_an_inactivity_lock(world, client):
    Employee.objects.filter(pk=world.bob.pk).update(status="BLOCKED", lock_reason="INACTIVITY")
    forget(client)
    assert not OutboxMail.objects.exists()


@pytest.mark.screen("3.2 forgot password")
def test_it_ends_every_session(world, client):
    elsewhere = world.client(world.bob)
    assert elsewhere.get("/me/").status_code == 200
    forget(client)
    reset(client)
    assert elsewhere.get("/me/").status_code == 302


@pytest.mark.rule("R-PWD-3")
def test_the_rules_hold_here_too(world, client):
    forget(client)
    answer = reset(client, "short")
    assert (answer.status_code, "The password does not meet the rules listed." in visible(answer)) == (422, True)


@pytest.mark.screen("3 messages")
def test_remembered_passwords_cannot_come_back(world, client):
    world.change_authenticator(remembered=3)
    forget(client)
    reset(client)
    forget(client)
    assert "You used this password recently." in visible(reset(client))


@pytest.mark.screen("3 dead links")
@pytest.mark.parametrize("why", ["used", "over"])
def test_a_link_works_once_and_for_a_day(world, client, why):
    forget(client)
    address = link_in_mail("reset")
    if why == "used":
        reset(client)
    with time_machine.travel(clock.now() + timedelta(hours=25 if why == "over" else 0)):
        page = client.get(address)
        assert (page.status_code, "This link is no longer valid" in visible(page)) == (410, True)


def test_the_old_password_is_gone(world, client):
    forget(client)
    reset(client)
    answer = Client().post("/login/", {"username": "bob@acme.example", "password": PASSWORD})
    assert answer.status_code == 422
