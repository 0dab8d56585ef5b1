"""Entity tags (RFC 7644 §3.14)."""

import pytest

from tests.scim.client import add, group, refused, replace, user

STALE = ['W/"1"', '"1"', 'W/"99"', '"x"', "W/", 'W/"x", "y"']


@pytest.fixture(params=["Users", "Groups"])
def resource(request, scim) -> dict:
    """A resource that was changed once, so its version is 2."""
    created = scim.user() if request.param == "Users" else scim.group()
    return scim.patch(f"/{request.param}/{created['id']}", add("externalId", "x-1")).json()


def address(resource: dict) -> str:
    return f"/{resource['meta']['resourceType']}s/{resource['id']}"


def body(resource: dict) -> dict:
    return user() if resource["meta"]["resourceType"] == "User" else group()


def test_the_header_and_the_resource_agree(scim, resource):
    response = scim.get(address(resource))
    assert response["ETag"] == response.json()["meta"]["version"] == 'W/"2"'


@pytest.mark.parametrize("tag", ['W/"2"', '"2"', "*", 'W/"1", W/"2"'])
def test_what_the_client_has_already_is_a_304(scim, resource, tag):
    response = scim.get(address(resource), headers={"If-None-Match": tag})
    assert (response.status_code, response.content) == (304, b"")
    assert response["ETag"] == 'W/"2"'


@pytest.mark.parametrize("tag", STALE)
def test_what_the_client_does_not_have_is_answered(scim, resource, tag):
    assert scim.get(address(resource), headers={"If-None-Match": tag}).json() == resource


@pytest.mark.parametrize("tag", STALE)
def test_a_change_of_a_state_that_is_gone_is_a_412(scim, resource, tag):
    path = address(resource)
    for response in (
        scim.put(path, body(resource), **{"If-Match": tag}),
        scim.patch(path, replace("externalId", "x-2"), **{"If-Match": tag}),
        scim.delete(path, **{"If-Match": tag}),
    ):
        refused(response, 412, None, "changed since it was read")
    assert scim.read(resource) == resource


@pytest.mark.parametrize("tag", ['W/"2"', '"2"', "*", 'W/"7", W/"2"'])
def test_a_change_of_the_state_the_client_knows_is_done(scim, resource, tag):
    response = scim.patch(address(resource), replace("externalId", "x-2"), **{"If-Match": tag})
    assert (response.status_code, response["ETag"]) == (200, 'W/"3"')
    assert scim.delete(address(resource), **{"If-Match": "*"}).status_code == 204


def test_membership_changes_the_version_of_the_group(scim):
    person, staff = scim.user(), scim.group()
    changed = scim.patch(f"/Groups/{staff['id']}", add("members", [{"value": person["id"]}])).json()
    assert changed["meta"]["version"] != staff["meta"]["version"]
