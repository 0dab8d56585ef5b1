"""A tenant's credential sees and touches nothing of another tenant, at any address."""

import pytest

from accounts.models import AuditEvent, Employee, Group, GroupMembership
from tests.scim.client import SEARCH, add, group, refused, replace, user


@pytest.fixture
def theirs(stranger) -> dict[str, dict]:
    """A user and a group with a member in the other tenant."""
    client = stranger.by_token()
    person = client.user("eve", externalId="eve-1")
    return {"Users": person, "Groups": client.group("Spies", person["id"], externalId="spies-1")}


@pytest.fixture
def untouched(theirs, stranger):
    """The other tenant is as it was after the test."""

    def state():
        unit = stranger.unit
        return (
            list(Employee.objects.filter(business_unit=unit).order_by("pk").values()),
            list(Group.objects.filter(business_unit=unit).values()),
            list(GroupMembership.objects.filter(group__business_unit=unit).values()),
            AuditEvent.objects.filter(business_unit=unit).count(),
        )

    before = state()
    yield
    assert state() == before


@pytest.mark.parametrize("door", ["by_token", "by_key"])
@pytest.mark.parametrize("kind", ["Users", "Groups"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_an_object_of_another_tenant_is_not_there(acme, theirs, untouched, door, kind, method):
    bodies = {
        "PUT": user("mallory") if kind == "Users" else group("Mallory"),
        "PATCH": {"schemas": ["x"], "Operations": [replace("externalId", "stolen")]},
    }
    response = getattr(acme, door)().call(method, f"/{kind}/{theirs[kind]['id']}", bodies.get(method))
    assert response.status_code == 404
    if method != "HEAD":
        assert response.json()["detail"] == f"There is no {kind[:-1]} with the id {theirs[kind]['id']}."


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "eve@acme.example"',
        'externalId eq "eve-1"',
        'id eq "{id}"',
        'userName eq "nobody" or userName sw "eve"',
        'not (userName eq "nobody")',
        'id eq "{id}" or active eq true',
        'emails.value co "eve" or emails[type eq "work"].value co "eve"',
        'groups.display eq "Spies"',
        'userName pr or userName eq "a\\") or (1=1"',
    ],
)
def test_no_filter_reaches_another_tenant(scim, theirs, untouched, text):
    wanted = text.replace("{id}", theirs["Users"]["id"])
    for answer in (
        scim.get("/Users", filter=wanted),
        scim.get("/", filter=wanted),
        scim.post("/Users/.search", {"schemas": [SEARCH], "filter": wanted}),
        scim.post("/.search", {"schemas": [SEARCH], "filter": wanted}),
    ):
        assert answer.status_code == 200
        assert theirs["Users"]["id"] not in answer.content.decode()


def test_lists_and_group_filters_show_only_the_own_tenant(scim, theirs, untouched):
    own = scim.group("Own")
    person = theirs["Users"]["id"]
    for query in (
        {},
        {"filter": f'members eq "{person}" or displayName pr'},
        {"filter": 'displayName sw "S" or id pr'},
    ):
        assert [found["id"] for found in scim.get("/Groups", **query).json()["Resources"]] == [own["id"]]
    assert "eve" not in scim.get("/").content.decode()


def test_somebody_of_another_tenant_cannot_become_a_member(scim, theirs, untouched):
    person, own = theirs["Users"]["id"], scim.group("Own")
    for response in (
        scim.post("/Groups", group("New", person)),
        scim.put(f"/Groups/{own['id']}", group("Own", person)),
        scim.patch(f"/Groups/{own['id']}", add("members", [{"value": person}])),
        scim.patch(f"/Groups/{own['id']}", replace("members", [{"value": person}])),
    ):
        refused(response, 400, "invalidValue", f"There is no employee with the id {person}.")
    assert scim.read(own).get("members") is None
    assert scim.found("displayName pr", "Groups") == ["Own"]


def test_records_of_another_tenant_cannot_be_named(scim, stranger, untouched):
    role, team = stranger.role("Agent"), stranger.robot.team
    extension = "urn:ietf:params:scim:schemas:extension:nice:2.0:User"
    for more in ({"roles": [{"value": str(role.pk)}]}, {extension: {"team": {"value": str(team.pk)}}}):
        refused(scim.post("/Users", user("grace", **more)), 400, "invalidValue", "No active ")
    assert scim.found('userName sw "grace"') == []


def test_both_tenants_can_have_the_same_names(scim, theirs):
    assert scim.user("eve")["id"] != theirs["Users"]["id"]
    assert scim.group("Spies")["id"] != theirs["Groups"]["id"]
