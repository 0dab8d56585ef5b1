"""JumpCloud (idp-sequences §4)."""

from tests.scim.client import ENTERPRISE, LIST, add, remove, replace


def test_activation_lists_users_and_groups(scim):
    for path in ("/Users", "/Groups"):
        response = scim.get(path)
        assert (response.status_code, response.json()["schemas"]) == (200, [LIST])


def test_a_change_is_one_operation_per_attribute(scim):
    created = scim.user()
    changed = scim.patch(
        f"/Users/{created['id']}",
        replace("name.givenName", "Augusta"),
        replace("name.familyName", "King"),
        replace("displayName", "Augusta King"),
        replace(f"{ENTERPRISE}:department", "Notes"),
        replace("active", True),
    ).json()
    assert changed["name"] == {"givenName": "Augusta", "familyName": "King"}
    assert (changed["displayName"], changed[ENTERPRISE]) == ("Augusta King", {"department": "Notes"})


def test_members_come_and_go_by_value(scim):
    people = [scim.user(name)["id"] for name in ("ann", "ben")]
    staff = scim.group("Staff")
    address = f"/Groups/{staff['id']}"
    for person in people:
        assert scim.patch(address, add("members", [{"value": person}])).status_code == 200
    changed = scim.patch(address, remove("members", [{"value": people[0]}])).json()
    assert [member["value"] for member in changed["members"]] == [people[1]]
