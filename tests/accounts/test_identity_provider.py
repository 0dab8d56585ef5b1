"""The simulated identity provider of an external authenticator (screens §2)."""

from datetime import timedelta

import pytest
import time_machine

from accounts.models import ActivityEvent, Employee
from cxadmin import clock
from tests.world import hire, visible


@pytest.fixture
def sam(world):
    """Sam signs in at the identity provider."""
    return world.employee("Sam Saml", login_authenticator=world.external_authenticator())


def to_provider(client, username="sam@acme.example", address="/login/"):
    return client.post(address, {"username": username}).url


@pytest.mark.screen("2 external")
def test_after_the_username_the_browser_goes_to_the_provider(sam, client):
    page = client.get(to_provider(client))
    assert "Simulated identity provider – Corporate SAML" in visible(page)
    assert "Continue as sam@acme.example" in visible(page)
    assert "Fail sign-in" in visible(page)


@pytest.mark.screen("2 external")
def test_continuing_signs_in_and_leads_to_the_page_asked_for(sam, client):
    address = to_provider(client, address="/login/?next=/me/")
    assert client.post(address, {"answer": "continue"}).url == "/me/"
    assert "Sam Saml" in visible(client.get("/me/"))


@pytest.mark.screen("2 external")
def test_failing_leads_back_with_the_neutral_text(sam, client):
    answer = client.post(to_provider(client), {"answer": "fail"})
    assert (answer.status_code, "Username or password is incorrect." in visible(answer)) == (422, True)
    assert client.get("/me/").status_code == 302
    assert ActivityEvent.objects.get(instance=sam.username).result == "FAILURE"


@pytest.mark.rule("R-AUTH-4")
def test_the_provider_cannot_vouch_for_somebody_who_may_not_sign_in(sam, client):
    address = to_provider(client)
    Employee.objects.filter(pk=sam.pk).update(status="PENDING")
    assert "Username or password is incorrect." in visible(client.post(address, {"answer": "continue"}))


def test_nor_for_somebody_who_has_a_password_now(sam, world, client):
    address = to_provider(client)
    Employee.objects.filter(pk=sam.pk).update(login_authenticator=world.authenticator)
    assert client.post(address, {"answer": "continue"}).status_code == 422


def test_the_request_to_the_provider_cannot_be_made_up_and_does_not_last(sam, client):
    assert client.get("/login/identity-provider/?request=made-up").status_code == 404
    address = to_provider(client)
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert client.get(address).status_code == 404


def test_a_password_does_not_help_where_the_provider_decides(sam, client):
    assert client.post("/login/", {"username": sam.username, "password": "x"}).url.startswith(
        "/login/identity-provider/"
    )


def test_the_chosen_tenant_decides_whether_there_is_a_provider(sam, world, client):
    hire(world.strange, "Sam Twin", world.charlie.primary_role, username=sam.username)
    assert "Tenant" in visible(client.post("/login/", {"username": sam.username}))
    chosen = {"username": sam.username, "password": "x", "tenant": str(world.acme.pk)}
    assert client.post("/login/", chosen).url.startswith("/login/identity-provider/")


@pytest.mark.rule("R-LOCK-4")
def test_the_inactivity_lock_counts_for_every_kind_of_authenticator(sam, world, client):
    world.acme.settings.lock_on = True
    world.acme.settings.save()
    with time_machine.travel(clock.now() + timedelta(days=91)):
        answer = client.post(to_provider(client), {"answer": "continue"})
        assert "This account is locked. Ask your administrator." in visible(answer)
