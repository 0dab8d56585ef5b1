"""The link that confirms a new e-mail address (screens §3.4)."""

from datetime import timedelta

import pytest
import time_machine

from accounts.actions import employees
from accounts.models import Employee, OutboxMail
from cxadmin import clock
from tests.world import history_of, link_in_mail, visible


@pytest.fixture
def moving(world):
    """Bob's address is to become another one."""
    return employees.update(world.bob, {"email": "bob@new.example"}, actor=world.actor)


@pytest.mark.screen("3.4 confirmation", "3 mails", "3 audit")
@pytest.mark.rule("R-EMP-4")
def test_opening_the_link_makes_the_new_address_count(moving, client):
    assert Employee.objects.get(pk=moving.pk).email == "bob@acme.example"
    mail = OutboxMail.objects.get()
    assert (mail.to, mail.subject) == ("bob@new.example", "Confirm your new e-mail address – cxadmin")
    assert (mail.text.count("http://"), "bob@acme.example" in mail.text, "is valid until" in mail.text) == (
        1,
        True,
        True,
    )
    page = client.get(link_in_mail("confirm-email"))
    assert "Address confirmed" in visible(page)
    assert Employee.objects.get(pk=moving.pk).email == "bob@new.example"
    assert ("User.emailAddress", "bob@acme.example", "bob@new.example") in history_of(moving)


def test_the_link_works_once(moving, client):
    address = link_in_mail("confirm-email")
    client.get(address)
    page = client.get(address)
    assert (page.status_code, "This link is no longer valid" in visible(page)) == (410, True)


@pytest.mark.screen("3.4 confirmation")
def test_the_link_works_for_three_days(moving, client):
    with time_machine.travel(clock.now() + timedelta(hours=73)):
        assert client.get(link_in_mail("confirm-email")).status_code == 410


def test_a_mail_scanner_that_only_knocks_does_not_use_it(moving, client):
    assert client.head(link_in_mail("confirm-email")).status_code == 405
    assert Employee.objects.get(pk=moving.pk).email == "bob@acme.example"
