"""The profile `documented`: the calls of the vendor's OpenAPI document as it describes them (spec §9.1)."""

import json

import pytest

from accounts.actions import account_settings
from accounts.actors import system
from accounts.errors import Invalid
from accounts.models import AccountSettings, Employee
from tests.scim.client import ERROR, KEY_BASE, LIST, NICE, NOBODY, PATCH, USER, ScimClient, bearer, group, user

REQUIRED = {"userName", "name", "emails"}


class DocumentedClient(ScimClient):
    """A REST client written from the vendor's document: it reads `application/json` and numbers as status."""

    def call(self, method, path, body=None, *, media_type="application/json", **headers):
        content = body if isinstance(body, bytes | str) or body is None else json.dumps(body)
        sent = {} if content is None else {"data": content, "content_type": media_type}
        response = self.http.generic(
            method, self.base + path, headers={"Authorization": self.authorization} | headers, **sent
        )
        assert response.status_code != 500, response.content
        if response.content:
            assert response["Content-Type"] == "application/json"
        if response.status_code >= 400 and method != "HEAD":
            document = response.json()
            assert document["schemas"] == [ERROR]
            assert document["status"] == response.status_code
            assert set(document) == {"schemas", "status", "detail"}
            assert document["detail"].strip()
        return response


def created(client, name="ada", **more):
    response = client.post("/Users", body(name, **more))
    assert response.status_code == 200, response.content
    return response.json()


def body(name="ada", /, **more):
    """A create request of the document: no `schemas`."""
    return {key: value for key, value in (user(name, schemas=None) | more).items() if value is not None}


def put_body(resource, **more):
    return body(**{"id": resource["id"], "active": True} | more)


def patched(client, resource, *operations):
    return client.call("PATCH", f"/Users/{resource['id']}", {"schemas": [PATCH], "Operations": list(operations)})


def refused(response, status, *words):
    assert response.status_code == status, response.content
    for word in words:
        assert word in response.json()["detail"]


@pytest.fixture
def client(acme):
    acme.set(scim_profile="documented")
    return DocumentedClient(acme.by_token().authorization)


def test_create_answers_200_without_location_with_the_documented_members(client):
    response = client.post(
        "/Users",
        body(
            displayName="Ada",
            name={"givenName": "Ada", "familyName": "Lovelace", "middleName": "K", "honorificPrefix": "Lady"},
            timezone="Europe/Berlin",
            userType="Agent",
            phoneNumbers=[{"value": "+49 30 1", "type": "mobile", "primary": True}],
            title="Countess",
            externalId="x1",
        ),
    )
    assert response.status_code == 200
    assert "Location" not in response
    assert "Content-Location" not in response
    assert "ETag" not in response
    document = response.json()
    extension = document.pop(NICE)
    assert set(extension) == {"team", "loginAuthenticator"}
    (role,) = document.pop("roles")
    assert role["display"] == "Agent"
    assert role["primary"] is True
    assert document == {
        "schemas": [USER, NICE],
        "id": document["id"],
        "externalId": "x1",
        "userName": "ada@acme.example",
        "name": {"givenName": "Ada", "familyName": "Lovelace", "middleName": "K"},
        "displayName": "Ada",
        "active": True,
        "userType": "Agent",
        "timeZone": "Europe/Berlin",
        "emails": [{"value": "ada@acme.example", "type": "work", "primary": True}],
        "phoneNumbers": [{"value": "+49 30 1", "type": "mobile", "primary": True}],
        "meta": {"resourceType": "User"},
    }
    assert client.get(f"/Users/{document['id']}").json()["timeZone"] == "Europe/Berlin"


@pytest.mark.parametrize("missing", sorted(REQUIRED))
def test_create_needs_what_the_document_requires(client, missing):
    refused(client.post("/Users", body(**{missing: None})), 400, missing)


def test_the_time_zone_is_read_in_both_spellings(client):
    assert created(client, "ada", timeZone="Asia/Tokyo")["timeZone"] == "Asia/Tokyo"
    assert created(client, "bob", timezone="Asia/Tokyo")["timeZone"] == "Asia/Tokyo"


def test_a_list_needs_a_filter_and_has_three_members(client):
    ada = created(client, phoneNumbers=[{"value": "+49 30 1"}])
    response = client.get("/Users", filter='userName eq "ADA@acme.example"')
    document = response.json()
    assert set(document) == {"schemas", "totalResults", "Resources"}
    assert document["schemas"] == [LIST]
    assert document["totalResults"] == 1
    assert "phoneNumbers" in ada
    assert document["Resources"] == [{name: value for name, value in ada.items() if name != "phoneNumbers"}]
    assert client.get("/Users", filter='userName eq "nobody"').json()["Resources"] == []
    refused(client.get("/Users"), 400, "filter")
    refused(client.get("/Users", filter=""), 400, "filter")


@pytest.mark.parametrize(
    "text",
    [
        'userName co "a"',
        'displayName eq "a"',
        'userName eq "a" and active eq true',
        'not (userName eq "a")',
        "userName pr",
        "userName eq 1",
        "userName eq",
        "(((",
    ],
)
def test_every_other_filter_is_refused(client, text):
    refused(client.get("/Users", filter=text), 400)


def test_paging_sorting_and_projection_are_ignored(client):
    created(client)
    plain = client.get("/Users", filter='userName eq "ada@acme.example"').json()
    more = {"startIndex": "x", "count": "0", "sortBy": "bogus", "attributes": "userName", "excludedAttributes": "id"}
    assert client.get("/Users", filter='userName eq "ada@acme.example"', cursor="x", **more).json() == plain


def test_put_needs_id_and_active_and_the_right_id(client):
    ada = created(client)
    for missing in ("id", "active", *REQUIRED):
        refused(client.put(f"/Users/{ada['id']}", put_body(ada, **{missing: None})), 400, missing)
    refused(client.put(f"/Users/{ada['id']}", put_body(ada, id=NOBODY)), 400, "id")
    response = client.put(f"/Users/{ada['id']}", put_body(ada, displayName="Countess", active=False))
    assert response.status_code == 200
    assert response.json()["displayName"] == "Countess"
    assert response.json()["active"] is False
    refused(client.put(f"/Users/{NOBODY}", put_body(ada)), 404)


def test_patch_needs_no_op_and_writes_values_as_text(client):
    ada = created(client)
    response = patched(
        client,
        ada,
        {"path": "active", "value": "false"},
        {"path": "name.familyName", "value": "King"},
        {"path": "timeZone", "value": "Asia/Tokyo"},
        {"path": "emails", "value": "king@acme.example"},
        {"path": "phoneNumbers", "value": "+49 30 1"},
        {"path": f"{NICE}:team", "value": "default team"},
        {"path": "roles", "value": "Administrator"},
    )
    assert response.status_code == 200, response.content
    document = response.json()
    assert document["active"] is False
    assert document["name"]["familyName"] == "King"
    assert document["timeZone"] == "Asia/Tokyo"
    assert document["emails"] == [{"value": "king@acme.example", "type": "work", "primary": True}]
    assert document["phoneNumbers"] == [{"value": "+49 30 1", "type": "mobile", "primary": True}]
    assert document["roles"][0]["display"] == "Administrator"
    assert patched(client, ada, {"path": "active", "value": "true"}).json()["active"] is True


def test_patch_honours_op_if_it_is_sent(client):
    ada = created(client, displayName="Ada")
    assert "displayName" not in patched(client, ada, {"op": "remove", "path": "displayName"}).json()
    refused(patched(client, ada, {"op": "move", "path": "displayName", "value": "x"}), 400, "op")


def test_patch_refuses_what_is_no_operation(acme, client):
    ada = created(client)
    refused(patched(client, ada, {"path": "title", "value": "Countess"}), 400, "title")
    refused(patched(client, ada, {"path": "active", "value": "perhaps"}), 400, "active")
    refused(patched(client, ada, {"path": "id", "value": "x"}), 400)
    refused(patched(client, ada, {"path": "a b", "value": "x"}), 400)
    refused(client.call("PATCH", f"/Users/{ada['id']}", {"Operations": [{"path": "active", "value": "true"}]}), 400)
    refused(client.call("PATCH", f"/Users/{ada['id']}", {"schemas": [PATCH]}), 400)
    acme.set(scim_tolerances=False)
    refused(patched(client, ada, {"value": {"active": "false"}}), 400, "path")
    assert patched(client, ada, {"path": "active", "value": "False"}).json()["active"] is False


def test_patch_is_all_or_nothing(client):
    ada = created(client, displayName="Ada")
    refused(patched(client, ada, {"path": "displayName", "value": "B"}, {"path": "userName", "value": ""}), 400)
    assert client.get(f"/Users/{ada['id']}").json()["displayName"] == "Ada"


def test_what_the_document_does_not_know_is_ignored_and_not_shown(acme, client):
    acme.set(scim_profile="rfc")
    scim = acme.by_token()
    addresses = [{"value": "home@acme.example", "type": "home"}]
    ada = scim.user("ada", title="Countess", emails=[*user()["emails"], *addresses], nickName="A")
    acme.set(scim_profile="documented")
    assert "title" not in client.get(f"/Users/{ada['id']}").json()
    client.put(f"/Users/{ada['id']}", put_body(ada, title="Nobody", emails=[{"value": "new@acme.example"}]))
    patched(client, ada, {"path": "displayName", "value": "B"})
    acme.set(scim_profile="rfc")
    after = scim.read(ada)
    assert after["title"] == "Countess"
    assert after["nickName"] == "A"
    assert after["displayName"] == "B"
    assert [entry["value"] for entry in after["emails"]] == ["new@acme.example", "home@acme.example"]
    acme.set(scim_profile="documented")
    bob = created(client, "bob", title="x", emails=[*user("bob")["emails"], *addresses])
    acme.set(scim_profile="rfc")
    assert "title" not in scim.read({"id": bob["id"], "meta": {"resourceType": "User"}})
    assert acme.employee(bob).scim_attributes == {}


def test_a_user_name_in_use_is_409_in_the_documented_shape(client):
    created(client)
    response = client.post("/Users", body("ADA"))
    refused(response, 409, "in use")
    assert response.json()["status"] == 409


def test_delete_is_405(client):
    ada = created(client)
    refused(client.delete(f"/Users/{ada['id']}"), 405)
    assert Employee.objects.get(pk=ada["id"]).status == "UNREGISTERED"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/"),
        ("GET", "/Groups"),
        ("POST", "/Groups"),
        ("GET", f"/Groups/{NOBODY}"),
        ("POST", "/Bulk"),
        ("GET", "/Me"),
        ("POST", "/.search"),
        ("POST", "/Users/.search"),
        ("POST", "/Groups/.search"),
        ("GET", "/ServiceProviderConfig"),
        ("GET", "/ResourceTypes"),
        ("GET", "/ResourceTypes/User"),
        ("GET", f"/Schemas/{USER}"),
        ("GET", "/nothing"),
    ],
)
def test_every_other_address_is_404(client, method, path):
    refused(client.call(method, path, group() if method == "POST" else None), 404)


def test_schemas_are_listed_flat(client):
    document = client.get("/Schemas").json()
    assert [schema["id"] for schema in document["Resources"]] == [USER, NICE]
    assert document["totalResults"] == document["itemsPerPage"] == 2
    assert document["startIndex"] == 1
    for schema in document["Resources"]:
        assert set(schema) == {"schemas", "meta", "id", "name", "description", "attributes"}
        for attribute in schema["attributes"]:
            assert set(attribute) == {
                "name",
                "type",
                "multiValued",
                "description",
                "required",
                "caseExact",
                "mutability",
                "returned",
                "uniqueness",
            }
    names = {attribute["name"] for attribute in document["Resources"][0]["attributes"]}
    assert "title" not in names
    assert {"userName", "name", "emails", "active", "timezone"} <= names


def test_both_media_types_are_read_and_others_are_415(client):
    for name, media_type in (("ada", "application/json"), ("bob", "application/scim+json")):
        assert client.call("POST", "/Users", body(name), media_type=media_type).status_code == 200
    refused(client.call("POST", "/Users", body("eve"), media_type="text/plain"), 415)


def test_it_is_the_same_with_an_access_key(acme, client):
    other = DocumentedClient(acme.by_key().authorization, KEY_BASE)
    assert created(other)["userName"] == "ada@acme.example"
    refused(other.get("/Groups"), 404)


def test_rights_and_rules_are_the_same(acme, client):
    ada = created(client)
    refused(patched(client, {"id": str(acme.robot.pk)}, {"path": "active", "value": "false"}), 403, "your own account")
    acme.may("admin.employees.view")
    refused(client.post("/Users", body("bob")), 403, "Employees")
    assert client.get(f"/Users/{ada['id']}").status_code == 200


def test_the_profile_is_the_tenants_own(client, stranger):
    assert stranger.by_token().get("/Users").json()["totalResults"] == 2
    refused(client.get("/Users"), 400)


def test_whoever_is_not_authenticated_has_no_profile(client):
    assert ScimClient(bearer("cxs_wrong")).get("/Users").status_code == 401
    assert ScimClient(None).get("/ServiceProviderConfig").status_code == 200


def test_an_unknown_profile_cannot_be_set(acme):
    settings = AccountSettings.objects.get(pk=acme.unit.pk)
    with pytest.raises(Invalid):
        account_settings.update(settings, {"scim_profile": "both"}, actor=system(acme.unit.pk))
    account_settings.update(settings, {"scim_profile": "documented"}, actor=system(acme.unit.pk))
    settings.refresh_from_db()
    assert settings.scim_profile == "documented"


def test_statements_are_as_few_as_in_the_other_profile(client, django_assert_max_num_queries):
    ada = created(client)
    with django_assert_max_num_queries(2):
        client.get(f"/Users/{ada['id']}")
    with django_assert_max_num_queries(3):
        client.get("/Users", filter='userName eq "ada@acme.example"')
