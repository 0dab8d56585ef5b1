"""The four dangers of the library we build on (scim-engineering §2): each was real in django-scim2 0.23, none is here."""

import logging

import pytest

from accounts.models import Employee
from tests.scim.client import NOBODY, ScimClient, refused, replace, user

FAMILIES = ("/scim/v2", "/oauth/scim/v2", "/basic-auth/scim/v2")


@pytest.mark.parametrize("base", FAMILIES)
@pytest.mark.parametrize("path", ["/Users", "/Users/", "/Groups", "", "/", "/Schemas", "/Users/.search", "/anything"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_no_address_of_any_family_is_open_to_the_world(acme, base, method, path):
    """A second include() of the library's routes answered anonymous requests with 200 and 201."""
    refused(ScimClient(None, base).call(method, path, user()), 401, None)
    assert not Employee.objects.filter(username="ada@acme.example").exists()


def test_a_location_keeps_its_family(acme):
    for client, family in ((acme.by_token(), "/oauth/scim/v2"), (acme.by_key(), "/basic-auth/scim/v2")):
        for resource in client.get("/Users").json()["Resources"]:
            assert family in resource["meta"]["location"]


def test_delete_takes_the_resource_of_the_address_and_no_other(scim, acme):
    """The library deletes by primary key what was found by scim_id."""
    people = [scim.user(name) for name in ("ann", "ben", "cid")]
    others = Employee.objects.exclude(pk=people[1]["id"]).order_by("pk")
    before = list(others.values())
    assert scim.delete(f"/Users/{people[1]['id']}").status_code == 204
    assert list(others.values()) == before
    assert acme.employee(people[1]).scim_hidden
    agent_id = acme.employee(people[0]).agent_id
    for identifier in (agent_id, 1, 2, NOBODY):
        refused(scim.delete(f"/Users/{identifier}"), 404, None)
    assert list(others.values()) == before


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "ann@acme.example" or userName eq "eve@acme.example"',
        'userName eq "eve@acme.example" or userName eq "ann@acme.example"',
        'userName eq "eve@acme.example" or (userName eq "x" and active eq true) or userName eq "ann@acme.example"',
        'not (userName eq "x") and (userName sw "eve" or userName sw "ann")',
        'emails[value eq "eve@acme.example"] or emails[value eq "ann@acme.example"]',
    ],
)
def test_an_or_does_not_leave_the_tenant(scim, stranger, text):
    """`WHERE (a) OR (b) AND tenant_id = 1` returned the other tenant's user."""
    stranger.by_token().user("eve")
    scim.user("ann")
    assert scim.found(text) == ["ann@acme.example"]
    assert stranger.by_token().found(text) == ["eve@acme.example"]


def test_no_secret_reaches_a_log_however_it_is_sent(scim, acme, caplog):
    """The library's masker looks at keys, so a PATCH with path "password" was logged in clear."""
    caplog.set_level(logging.DEBUG)
    secret = "S3cret-0f-Ada"
    created = scim.user(password=secret)
    address = f"/Users/{created['id']}"
    scim.put(address, user(password=secret))
    scim.patch(address, replace("password", secret))
    scim.patch(address, replace(None, {"password": secret}))
    scim.patch(address, replace("bogus", secret))
    scim.call("PATCH", address, '{"schemas": [], "Operations": "' + secret)
    logged = caplog.text + "".join(
        str(record.__dict__) for record in caplog.records if record.name.startswith("django_scim")
    )
    assert secret not in logged
    assert acme.seed.secrets.scim_token not in logged
