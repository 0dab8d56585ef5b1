"""Step 1b of Log in: the company domain (screens §2)."""

import pytest

from accounts.actions import account_settings
from tests.world import PASSWORD, hire, visible


@pytest.fixture
def domain(world):
    account_settings.update(world.acme.settings, {"custom_host_name": "login.acme.example"}, actor=world.actor)
    return "login.acme.example"


@pytest.mark.screen("2 company domain")
def test_it_is_offered_beside_the_username(world, client):
    assert "Use company domain" in visible(client.get("/login/"))
    assert "Company Domain * Back Next" in visible(client.get("/login/domain/"))


@pytest.mark.screen("2 company domain")
@pytest.mark.parametrize("typed", ["login.acme.example", " LOGIN.acme.EXAMPLE "])
def test_a_known_domain_fixes_the_tenant_and_goes_on_with_the_username(world, client, domain, typed):
    hire(world.strange, "Alice Twin", world.charlie.primary_role, username="alice@acme.example")
    answer = client.post("/login/domain/?next=/me/", {"domain": typed})
    assert answer.url == "/login/?domain=login.acme.example&next=%2Fme%2F"
    assert "Tenant" not in visible(client.post(answer.url, {"username": "alice@acme.example"}))
    assert client.post(answer.url, {"username": "alice@acme.example", "password": PASSWORD}).url == "/me/"
    assert client.session["_auth_user_id"] == str(world.alice.pk)


def test_somebody_of_another_tenant_is_unknown_there(world, client, domain):
    answer = client.post(f"/login/?domain={domain}", {"username": "charlie@strange.example", "password": PASSWORD})
    assert "Username or password is incorrect." in visible(answer)


@pytest.mark.screen("2 company domain")
@pytest.mark.parametrize(
    ("typed", "message"),
    [("", "Company Domain is required."), ("nowhere.example", "This domain is not registered.")],
)
def test_other_domains_are_refused(world, client, domain, typed, message):
    answer = client.post("/login/domain/", {"domain": typed})
    assert (answer.status_code, message in visible(answer)) == (422, True)
