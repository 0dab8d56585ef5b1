"""Groups (RFC 7643 §4.2; spec §9.1)."""

import pytest

from accounts.models import AuditEvent, Group, GroupMembership
from tests.scim.client import GROUP, NOBODY, add, group, refused, remove, replace
from tests.world import hire, history_of


@pytest.fixture
def people(scim) -> list[str]:
    """The ids of three users."""
    return [scim.user(name)["id"] for name in ("ann", "ben", "cid")]


def members(resource: dict) -> list[str]:
    return sorted(entry["value"] for entry in resource.get("members", []))


def test_a_group_is_created_with_its_members(scim, people, acme, settings):
    response = scim.post("/Groups", group("Staff", *people[:2], externalId="g-1"))
    document = response.json()
    meta = document.pop("meta")
    base = f"{settings.PUBLIC_URL}/oauth/scim/v2"
    assert response.status_code == 201
    assert response["Location"] == response["Content-Location"] == meta["location"] == f"{base}/Groups/{document['id']}"
    assert response["ETag"] == meta["version"]
    assert meta["resourceType"] == "Group"
    assert meta["created"] == meta["lastModified"]
    assert document.pop("members") == [
        {"value": person, "$ref": f"{base}/Users/{person}", "type": "User"} for person in sorted(people[:2])
    ]
    assert document == {"schemas": [GROUP], "id": document["id"], "displayName": "Staff", "externalId": "g-1"}
    stored = Group.objects.get(business_unit=acme.unit)
    assert (stored.name, stored.external_id, str(stored.pk)) == ("Staff", "g-1", document["id"])
    assert history_of(stored) == [
        ("Group", "", "created"),
        ("Group.name", "", "Staff"),
        ("Group.assignedUser", "", "ann@acme.example, ben@acme.example"),
    ]


def test_what_a_member_is_called_comes_back_as_it_was_sent(scim, people):
    sent = [
        {"value": people[0], "display": "Ann", "type": "User", "$ref": "../Users/x"},
        {"value": people[1], "display": None},
    ]
    shown = {entry["value"]: entry for entry in scim.group("Staff", members=sent)["members"]}
    assert shown[people[0]]["display"] == "Ann"
    assert "display" not in shown[people[1]]


def test_an_employee_of_the_console_can_be_a_member(scim, acme):
    local = hire(acme.unit, "Dana Doe", acme.role("Agent"))
    assert members(scim.group("Staff", str(local.pk))) == [str(local.pk)]
    assert not type(local).objects.get(pk=local.pk).scim_managed


@pytest.mark.parametrize("name", [None, "", " ", "x" * 51, 5, "a\x00b"])
def test_a_group_needs_a_name(scim, name):
    refused(scim.post("/Groups", group("x") | {"displayName": name}), 400, "invalidValue", "displayName")
    assert not Group.objects.exists()


@pytest.mark.parametrize("name", ["Staff", "STAFF"])
def test_a_name_is_taken_in_any_case(scim, name):
    scim.group("Staff")
    other = scim.group("Other")
    refused(scim.post("/Groups", group(name)), 409, "uniqueness", "displayName")
    refused(scim.put(f"/Groups/{other['id']}", group(name)), 409, "uniqueness", "displayName")
    refused(scim.patch(f"/Groups/{other['id']}", replace("displayName", name)), 409, "uniqueness", "displayName")
    assert scim.found("displayName pr", "Groups") == ["Other", "Staff"]


@pytest.mark.parametrize("member", [NOBODY, "nobody", "", None, 5, {}])
def test_a_member_must_be_an_employee(scim, people, member):
    staff = scim.group("Staff", people[0])
    entry = [{"value": member}]
    for response in (
        scim.post("/Groups", group("New", members=entry)),
        scim.put(f"/Groups/{staff['id']}", group("Renamed", members=[{"value": people[1]}, *entry])),
        scim.patch(f"/Groups/{staff['id']}", replace("displayName", "Renamed"), add("members", entry)),
    ):
        if member in ("", None):  # unassigned, like any other empty value
            assert response.status_code in (200, 201)
        else:
            refused(response, 400, "invalidValue")
    if member not in ("", None):
        assert scim.read(staff) == staff
        assert Group.objects.count() == 1


def test_somebody_deleted_cannot_become_a_member(scim, people):
    scim.delete(f"/Users/{people[0]}")
    refused(scim.post("/Groups", group("Staff", people[0])), 400, "invalidValue", people[0])


def test_a_put_replaces_name_and_members(scim, people):
    staff = scim.group("Staff", people[0], people[1], externalId="g-1")
    response = scim.put(f"/Groups/{staff['id']}", group("Team", people[1], people[2]))
    changed = response.json()
    assert (response.status_code, changed["displayName"], members(changed)) == (200, "Team", sorted(people[1:]))
    assert "externalId" not in changed
    assert changed["id"] == staff["id"]
    assert changed["meta"]["created"] == staff["meta"]["created"]
    assert changed["meta"]["lastModified"] > staff["meta"]["lastModified"]
    assert scim.read(staff) == changed
    assert "members" not in scim.put(f"/Groups/{staff['id']}", group("Team")).json()


def test_a_put_that_changes_nothing_writes_nothing(scim, people):
    staff = scim.group("Staff", people[0])
    events = AuditEvent.objects.count()
    assert scim.put(f"/Groups/{staff['id']}", staff).json() == staff
    assert AuditEvent.objects.count() == events


CHANGES = [
    ([add("members", [{"value": "b"}])], "ab"),
    ([add("members", {"value": "b"})], "ab"),
    ([add("members", [{"value": "a"}, {"value": "b"}, {"value": "b"}])], "ab"),
    ([add(None, {"members": [{"value": "b"}]})], "ab"),
    ([replace("members", [{"value": "b"}, {"value": "c"}])], "bc"),
    ([replace("members", [])], ""),
    ([replace(None, {"members": [{"value": "c"}], "displayName": "Staff"})], "c"),
    ([remove('members[value eq "a"]')], ""),
    ([remove('members[value eq "b"]')], "a"),
    ([remove("members")], ""),
    ([remove("members", [{"value": "b"}])], "a"),
    ([remove("members", [{"value": "a"}, {"value": "b"}])], ""),
    ([remove("members", {"value": "a"})], ""),
    ([add("members", [{"value": "b"}]), remove('members[value eq "b"]')], "a"),
    ([remove('members[value eq "a"]'), add("members", [{"value": "a"}, {"value": "b"}])], "ab"),
    ([remove("members"), add("members", [{"value": "c"}])], "c"),
    ([replace("members", [{"value": "b"}]), add("members", [{"value": "c"}]), remove('members[value eq "b"]')], "c"),
    ([{"op": "Add", "path": "MEMBERS", "value": [{"$ref": None, "value": "b"}]}], "ab"),
    ([{"op": "Remove", "path": "members", "value": [{"$ref": None, "value": "a"}]}], ""),
]


@pytest.mark.parametrize(("operations", "left"), CHANGES)
def test_members_are_patched(scim, people, operations, left):
    names = dict(zip("abc", people, strict=True))

    def named(value):
        if isinstance(value, dict):
            return {key: named(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [named(inner) for inner in value]
        if value in names:
            return names[value]
        return (
            value.replace('"a"', f'"{names["a"]}"').replace('"b"', f'"{names["b"]}"')
            if isinstance(value, str)
            else value
        )

    staff = scim.group("Staff", people[0])
    response = scim.patch(f"/Groups/{staff['id']}", *named(operations))
    assert response.status_code == 200
    assert members(response.json()) == sorted(names[letter] for letter in left)
    assert response.json() == scim.read(staff)
    assert GroupMembership.objects.count() == len(left)


@pytest.mark.parametrize(
    ("operation", "attribute", "value"),
    [
        (replace("displayName", "Team"), "displayName", "Team"),
        (replace(None, {"displayName": "Team"}), "displayName", "Team"),
        (add("externalId", "g-2"), "externalId", "g-2"),
        (remove("externalId"), "externalId", None),
    ],
)
def test_a_group_is_patched_without_its_members(scim, people, operation, attribute, value):
    staff = scim.group("Staff", people[0], externalId="g-1")
    changed = scim.patch(f"/Groups/{staff['id']}", operation).json()
    assert changed.get(attribute) == value
    assert members(changed) == [people[0]]


REFUSED = [
    (remove("displayName"), "mutability"),
    (replace("displayName", ""), "mutability"),
    (replace("displayName", 5), "invalidValue"),
    (replace("displayName", "x" * 51), "invalidValue"),
    (replace("bogus", "x"), "invalidPath"),
    (replace("id", "x"), "mutability"),
    (replace('members[display eq "x"]', {"value": NOBODY}), "invalidPath"),
    (remove('members[display eq "x"]'), "invalidPath"),
    (remove('members[value eq "x" or value eq "y"]'), "invalidPath"),
    (remove('members[value eq "nobody"]'), "invalidPath"),
    (replace(f'members[value eq "{NOBODY}"].display', "x"), "invalidPath"),
    (replace("members.display", "x"), "invalidPath"),
    (replace("members", "x"), "invalidValue"),
    (add("members", ["x"]), "invalidValue"),
    (add("members", [{"value": "x"}]), "invalidValue"),
    (remove(None), "noTarget"),
]


@pytest.mark.parametrize(("operation", "scim_type"), REFUSED)
def test_what_cannot_be_done_is_refused_as_a_whole(scim, people, operation, scim_type):
    staff = scim.group("Staff", people[0])
    operations = [replace("externalId", "new"), add("members", [{"value": people[1]}]), operation]
    refused(scim.patch(f"/Groups/{staff['id']}", *operations), 400, scim_type)
    assert scim.read(staff) == staff


def test_members_are_left_out_where_they_are_not_wanted(scim, people):
    staff = scim.group("Staff", people[0])
    address = f"/Groups/{staff['id']}"
    for shown in (
        scim.read(staff, excludedAttributes="members"),
        scim.get("/Groups", excludedAttributes="members").json()["Resources"][0],
        scim.patch(f"{address}?excludedAttributes=members", add("members", [{"value": people[1]}])).json(),
        scim.put(f"{address}?excludedAttributes=members", group("Staff", people[0])).json(),
    ):
        assert "members" not in shown
        assert shown["displayName"] == "Staff"
    assert set(scim.read(staff, attributes="members.value")) == {"schemas", "id", "members"}


def test_every_membership_change_is_audited(scim, people):
    staff = scim.group("Staff", people[0])
    scim.patch(f"/Groups/{staff['id']}", remove("members"), add("members", [{"value": people[1]}]))
    assert sorted(history_of(Group.objects.get())[-2:]) == [
        ("Group.assignedUser", "", "ben@acme.example"),
        ("Group.assignedUser", "ann@acme.example", ""),
    ]


def test_a_group_is_deleted_and_its_members_stay(scim, people):
    staff = scim.group("Staff", people[0])
    address = f"/Groups/{staff['id']}"
    response = scim.delete(address)
    assert (response.status_code, response.content) == (204, b"")
    refused(scim.get(address), 404, None, staff["id"])
    refused(scim.delete(address), 404, None)
    refused(scim.put(address, group()), 404, None)
    refused(scim.patch(address, replace("displayName", "x")), 404, None)
    assert "groups" not in scim.get(f"/Users/{people[0]}").json()
    assert scim.group("staff")["id"] != staff["id"]


def test_nested_groups_are_refused(scim):
    inner = scim.group("Inner")
    refused(scim.post("/Groups", group("Outer", inner["id"])), 400, "invalidValue", inner["id"])


def test_groups_are_paged_and_sorted(scim):
    for name in ("cee", "Aye", "bee"):
        scim.group(name)
    shown = scim.get("/Groups", sortBy="displayName", count=2).json()
    assert (shown["totalResults"], shown["itemsPerPage"]) == (3, 2)
    assert [found["displayName"] for found in shown["Resources"]] == ["Aye", "bee"]
