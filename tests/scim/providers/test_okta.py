"""Okta: the sequences O1–O17, its SPEC test and the SCIM side of its CRUD test (idp-sequences §1)."""

import pytest

from accounts.models import AuditEvent
from tests.scim.client import (
    ENTERPRISE,
    ERROR,
    GROUP,
    LIST,
    NOBODY,
    USER,
    ScimClient,
    add,
    bearer,
    refused,
    remove,
    replace,
)

LOGIN = "test.user@okta.local"
BODY = {
    "schemas": [USER],
    "userName": LOGIN,
    "name": {"givenName": "Test", "familyName": "User"},
    "emails": [{"primary": True, "value": LOGIN, "type": "work"}],
    "displayName": "Test User",
    "locale": "en-US",
    "externalId": "00ujl29u0le5T6Aj10h7",
    "groups": [],
    "password": "1mz050nq",
    "active": True,
}
HEADERS = {
    "User-Agent": "Okta SCIM Client 1.0.0",
    "Accept": "application/scim+json",
    "Accept-Charset": "utf-8",
}


class Okta(ScimClient):
    """Okta's requests: its headers, its media type."""

    def call(self, method, path, body=None, *, media_type="application/scim+json; charset=utf-8", **headers):
        return super().call(method, path, body, media_type=media_type, **(HEADERS | headers))

    def look_up(self, login: str):
        return self.get("/Users", filter=f'userName eq "{login}"', startIndex=1, count=100).json()

    def update(self, resource: dict, **changes: object) -> dict:
        """GET, then PUT of what was read with the changes."""
        read = self.read(resource)
        response = self.put(f"/Users/{resource['id']}", read | changes)
        assert response.status_code == 200, response.content
        return response.json()


@pytest.fixture
def okta(acme) -> Okta:
    return Okta(bearer(acme.seed.secrets.scim_token))


@pytest.fixture
def assigned(okta) -> dict:
    return okta.post("/Users", BODY).json()


def test_o1_test_connector_configuration(okta):
    document = okta.get("/Users", startIndex=1, count=2).json()
    assert document["schemas"] == [LIST]
    assert all(type(document[name]) is int for name in ("totalResults", "startIndex", "itemsPerPage"))
    assert document["itemsPerPage"] == 2


def test_o2_saving_to_app_fills_the_cache_of_groups(okta):
    document = okta.get("/Groups", startIndex=1, count=100).json()
    assert (document["schemas"], document["totalResults"], document["Resources"]) == ([LIST], 0, [])


def test_o3_and_o4_assign_somebody_new(okta, acme):
    document = okta.look_up(LOGIN)
    assert (document["totalResults"], document["Resources"]) == (0, [])
    response = okta.post("/Users", BODY)
    created = response.json()
    assert response.status_code == 201
    assert created["id"]
    for name in ("userName", "name", "emails", "displayName", "externalId", "active"):
        assert created[name] == BODY[name]
    assert "password" not in created
    assert acme.employee(created).status == "UNREGISTERED"
    assert okta.look_up(LOGIN.upper())["Resources"][0]["id"] == created["id"]


def test_o4_as_seen_on_the_wire(okta):
    """Title, the enterprise extension, and a password even with password sync off."""
    response = okta.post(
        "/Users",
        BODY
        | {
            "schemas": [USER, ENTERPRISE],
            "title": "Engineer",
            ENTERPRISE: {"department": "R&D", "manager": {"value": "", "displayName": ""}},
        },
    )
    assert response.status_code == 201
    assert response.json()[ENTERPRISE] == {"department": "R&D"}


@pytest.mark.parametrize("active", [True, False])
def test_o5_assign_somebody_who_is_there_already(okta, assigned, acme, active):
    okta.update(assigned, active=active)
    found = okta.look_up(LOGIN)["Resources"][0]
    assert found["id"] == assigned["id"]
    updated = okta.update(found, active=True, displayName="Again")
    assert (updated["active"], updated["displayName"]) == (True, "Again")
    refused(okta.post("/Users", BODY), 409, "uniqueness")


def test_o6_a_profile_change_echoes_what_was_read(okta, assigned):
    group = okta.group("Staff", assigned["id"])
    changed = okta.update(assigned, name={"givenName": "Changed", "familyName": "User"})
    assert changed["name"] == {"givenName": "Changed", "familyName": "User"}
    assert changed["groups"][0]["value"] == group["id"]
    assert {name: changed[name] for name in changed if name not in ("name", "meta", "groups")} == {
        name: assigned[name] for name in assigned if name not in ("name", "meta")
    }


def test_o7_a_profile_change_of_somebody_who_is_gone(okta, assigned):
    okta.delete(f"/Users/{assigned['id']}")
    refused(okta.get(f"/Users/{assigned['id']}"), 404, None)


def test_o8_deactivate_and_activate_by_patch(okta, assigned, acme):
    for active in (False, True):
        response = okta.patch(f"/Users/{assigned['id']}", replace(None, {"active": active}))
        assert (response.status_code, response.json()["active"]) == (200, active)
        assert acme.employee(assigned).is_inactive is not active


def test_o9_deactivate_by_put(okta, assigned, acme):
    assert okta.update(assigned, active=False)["active"] is False
    assert acme.employee(assigned).is_inactive


@pytest.mark.rule("R-SCIM-16")
def test_o10_password_sync(okta, assigned):
    response = okta.patch(f"/Users/{assigned['id']}", replace(None, {"password": "t1meMa$heen"}))
    assert response.status_code == 200
    assert "t1meMa" not in response.content.decode()


def test_o11_import_pages_users_and_groups(okta):
    for number in range(7):
        okta.user(f"u{number}")
        okta.group(f"g{number}")
    for kind, total in (("Users", 9), ("Groups", 7)):
        seen, start = [], 1
        while len(seen) < total:
            document = okta.get(f"/{kind}", startIndex=start, count=3).json()
            assert document["totalResults"] == total
            seen += [resource["id"] for resource in document["Resources"]]
            start += 3
        assert len(set(seen)) == total


def test_o12_push_a_group(okta, assigned):
    empty = okta.post("/Groups", {"schemas": [GROUP], "displayName": "Test SCIMv2", "members": []})
    assert empty.status_code == 201
    assert empty.json()["displayName"] == "Test SCIMv2"
    member = {"value": assigned["id"], "display": LOGIN}
    full = okta.post("/Groups", {"schemas": [GROUP], "displayName": "With members", "members": [member]})
    assert full.json()["members"][0] | member == full.json()["members"][0]
    read = okta.read(full.json())
    assert okta.put(f"/Groups/{read['id']}", read).json() == read


def test_o13_rename_a_group(okta, assigned):
    group = okta.group("Old", assigned["id"])
    response = okta.patch(f"/Groups/{group['id']}", replace(None, {"id": group["id"], "displayName": "New"}))
    assert (response.status_code, response.json()["displayName"]) == (200, "New")
    assert [member["value"] for member in okta.read(group)["members"]] == [assigned["id"]]


def test_o14_membership_by_patch(okta, assigned):
    other = okta.user("other")
    group = okta.group("Staff", assigned["id"])
    response = okta.patch(
        f"/Groups/{group['id']}",
        remove(f'members[value eq "{assigned["id"]}"]'),
        add("members", [{"value": other["id"], "display": other["userName"]}]),
    )
    assert response.status_code == 200
    assert [member["value"] for member in okta.read(group)["members"]] == [other["id"]]


def test_o15_full_push(okta, assigned):
    other = okta.user("other")
    group = okta.group("Staff", assigned["id"])
    pushed = [{"value": other["id"], "display": other["userName"]}, {"value": assigned["id"], "display": LOGIN}]
    assert okta.patch(f"/Groups/{group['id']}", replace("members", pushed)).status_code == 200
    shown = okta.read(group)["members"]
    assert {member["value"] for member in shown} == {other["id"], assigned["id"]}
    assert {member["display"] for member in shown if "display" in member} >= {other["userName"]}


def test_o16_membership_by_put_twice_in_a_row(okta, assigned):
    group = okta.group("Staff")
    for _ in range(2):
        read = okta.read(group)
        read["members"] = [{"value": assigned["id"], "display": LOGIN}]
        response = okta.put(f"/Groups/{group['id']}", read)
        assert response.status_code == 200
        assert [member["value"] for member in response.json()["members"]] == [assigned["id"]]


def test_o17_unlink_and_delete_a_group(okta, assigned):
    group = okta.group("Staff", assigned["id"])
    response = okta.delete(f"/Groups/{group['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert okta.get(f"/Users/{assigned['id']}").status_code == 200


def test_every_change_is_credited_to_the_connection(okta, assigned, acme):
    okta.update(assigned, active=False)
    events = AuditEvent.objects.filter(entity_id=assigned["id"])
    assert {(event.channel, event.triggered_by) for event in events} == {("SCIM", acme.robot)}


def test_the_spec_test(okta, acme):
    """Okta's "SCIM 2.0 SPEC Test", all twelve steps with every assertion."""
    someone = okta.user("somebody")
    # 1 Test Users endpoint
    document = okta.get("/Users", count=1, startIndex=1).json()
    first = document["Resources"][0]
    assert LIST in document["schemas"]
    assert all(isinstance(document[name], int) for name in ("itemsPerPage", "startIndex", "totalResults"))
    # 2 Get Users/{{id}}
    read = okta.get(f"/Users/{first['id']}").json()
    for shown in (first, read):
        assert shown["id"] == first["id"]
        assert shown["name"]["familyName"]
        assert shown["name"]["givenName"]
        assert shown["userName"]
        assert shown["active"] is True
        assert shown["emails"][0]["value"]
    # 3 and 5: user names nobody has
    for name in ("InvalidUser@nowhere.example", "random-1234@nowhere.example"):
        document = okta.get("/Users", filter=f'userName eq "{name}"').json()
        assert (document["totalResults"], document["schemas"]) == (0, [LIST])
    # 4 invalid User by ID
    response = okta.get(f"/Users/{NOBODY}")
    assert (response.status_code, response.json()["schemas"]) == (404, [ERROR])
    assert response.json()["detail"]
    # 6 create with realistic values
    name = "Runscope300Xyz@atko.example"
    body = {
        "schemas": [USER],
        "userName": name,
        "name": {"givenName": "Runscope", "familyName": "Xyz"},
        "emails": [{"primary": True, "value": name, "type": "work"}],
        "displayName": "Runscope Xyz",
        "active": True,
    }
    response = okta.call(
        "POST", "/Users", body, media_type="application/json", Accept="application/scim+json; charset=utf-8"
    )
    created = response.json()
    assert response.status_code == 201
    assert (created["active"], created["name"], created["userName"]) == (True, body["name"], name)
    assert USER in created["schemas"]
    # 7 user was created
    read = okta.get(f"/Users/{created['id']}").json()
    assert (read["userName"], read["name"]) == (name, body["name"])
    # 8 recreating fails
    assert okta.call("POST", "/Users", body, media_type="application/json").status_code == 409
    # 9 userName case sensitivity
    capitals = okta.get("/Users", filter=f'userName eq "{name.upper()}"')
    assert (capitals.status_code, capitals.json()["totalResults"]) == (200, 1)
    # 10 Groups endpoint
    assert okta.get("/Groups").status_code == 200
    # 11 status 401
    response = ScimClient("non-token").get("/Users", filter=f'userName eq "{name}"')
    assert (response.status_code, response.json()["status"], response.json()["schemas"]) == (401, "401", [ERROR])
    assert response.json()["detail"]
    # 12 status 404
    response = okta.get("/Users/00919288221112222")
    assert (response.status_code, response.json()["status"], response.json()["schemas"]) == (404, "404", [ERROR])
    assert someone["id"]


def test_the_crud_test(okta):
    """What Okta's CRUD test looks at on the SCIM side after each step in Okta."""
    created = okta.post("/Users", BODY).json()
    found = okta.get("/Users", filter=f'userName eq "{LOGIN}"').json()["Resources"][0]
    assert (found["userName"], found["emails"][0]["value"], found["name"]) == (LOGIN, LOGIN, BODY["name"])
    okta.update(created, name={"givenName": "Renamed", "familyName": "User"})
    assert okta.read(created)["name"]["givenName"] == "Renamed"
    okta.update(created, active=False)
    assert okta.read(created)["active"] is False
    okta.update(created, active=True)
    assert okta.read(created)["active"] is True
    okta.patch(f"/Users/{created['id']}", replace(None, {"active": False}))
    assert okta.read(created)["active"] is False
