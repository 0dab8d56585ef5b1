"""authentik: it decides by the service provider configuration (idp-sequences §7)."""

import pytest

from tests.scim.client import GROUP, USER, add, refused, remove, replace


def user_body(name: str = "akadmin", **more: object) -> dict:
    return {
        "schemas": [USER],
        "userName": f"{name}@acme.example",
        "externalId": f"uid-{name}",
        "name": {"formatted": "A K", "givenName": "A", "familyName": "K"},
        "displayName": "A K",
        "active": True,
        "emails": [{"value": f"{name}@acme.example", "type": "other", "primary": True}],
        "photos": [{"value": "https://acme.example/a.png", "type": "photo"}],
        "locale": "en",
    } | more


def test_the_configuration_lets_it_patch_and_recover(scim):
    document = scim.get("/ServiceProviderConfig").json()
    assert document["patch"]["supported"]
    assert document["filter"]["supported"]
    assert document["bulk"]["maxOperations"] == 0 or document["bulk"]["supported"]


def test_a_user_is_created_put_and_deleted(scim):
    created = scim.post("/Users", user_body()).json()
    changed = scim.put(f"/Users/{created['id']}", user_body(id=created["id"], active=False)).json()
    assert (changed["active"], changed["externalId"]) == (False, "uid-akadmin")
    assert scim.delete(f"/Users/{created['id']}").status_code == 204


def test_it_recovers_from_a_conflict(scim):
    created = scim.post("/Users", user_body()).json()
    refused(scim.post("/Users", user_body()), 409, "uniqueness")
    found = scim.get("/Users", filter='userName eq "akadmin@acme.example"').json()["Resources"]
    assert [resource["id"] for resource in found] == [created["id"]]
    group = scim.group("authentik Admins")
    refused(scim.post("/Groups", {"schemas": [GROUP], "displayName": "authentik Admins"}), 409, "uniqueness")
    found = scim.get("/Groups", filter='displayName eq "authentik Admins"').json()["Resources"]
    assert [resource["id"] for resource in found] == [group["id"]]


def test_a_group_is_created_and_filled_one_operation_per_member(scim):
    people = [scim.post("/Users", user_body(name)).json()["id"] for name in ("a", "b")]
    group = scim.post("/Groups", {"schemas": [GROUP], "displayName": "Staff", "externalId": "g-1"}).json()
    address = f"/Groups/{group['id']}"
    for person in people:
        assert scim.patch(address, add("members", [{"value": person}])).status_code == 200
    whole = {"schemas": [GROUP], "id": group["id"], "displayName": "Renamed", "externalId": "g-1"}
    changed = scim.patch(address, replace(None, whole)).json()
    assert changed["displayName"] == "Renamed"
    assert len(changed["members"]) == 2
    changed = scim.patch(address, remove("members", [{"value": people[0]}])).json()
    assert [member["value"] for member in changed["members"]] == [people[1]]


def test_aws_mode_is_one_operation_per_attribute(scim):
    group = scim.group("Staff")
    changed = scim.patch(f"/Groups/{group['id']}", replace("displayName", "New"), replace("externalId", "g-2")).json()
    assert (changed["displayName"], changed["externalId"]) == ("New", "g-2")


@pytest.mark.parametrize("number", [0, 7])
def test_discovery_never_gets_an_empty_page_before_the_end(scim, settings, number):
    """It pages without `count` until it has seen `totalResults`."""
    settings.SCIM_DEFAULT_COUNT = 3
    for at in range(number):
        scim.group(f"g{at}")
    seen, total = 0, number
    while seen < total:
        document = scim.get("/Groups", startIndex=seen + 1).json()
        total = document["totalResults"]
        assert document["itemsPerPage"] > 0
        seen += document["itemsPerPage"]
    assert total == number
