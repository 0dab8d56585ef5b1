"""Discovery tells exactly the truth (RFC 7643 §5–7, RFC 7644 §4)."""

import pytest

from scim.attributes import GROUPS, USERS
from tests.scim.client import (
    ENTERPRISE,
    GROUP,
    KEY_BASE,
    LIST,
    NICE,
    NOBODY,
    SEARCH,
    TOKEN_BASE,
    USER,
    ScimClient,
    refused,
    remove,
    user,
)
from tests.scim.test_create import KEPT, MAPPED

SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema"


def attributes(scim, urn: str) -> dict[str, dict]:
    return {attribute["name"]: attribute for attribute in scim.get(f"/Schemas/{urn}").json()["attributes"]}


def test_the_service_provider_configuration_is_complete(scim):
    document = scim.get("/ServiceProviderConfig").json()
    for feature in ("patch", "bulk", "filter", "changePassword", "sort", "etag"):
        assert type(document[feature]["supported"]) is bool
    assert {"maxOperations", "maxPayloadSize"} <= set(document["bulk"])
    assert document["filter"]["maxResults"] > 0
    schemes = document["authenticationSchemes"]
    assert {"oauthbearertoken", "httpbasic", "oauth2"} == {scheme["type"] for scheme in schemes}
    assert all(scheme["name"] and scheme["description"] for scheme in schemes)
    assert sum(scheme["primary"] for scheme in schemes) == 1


def test_the_service_provider_configuration_tells_the_truth(scim):
    document = scim.get("/ServiceProviderConfig").json()
    created = scim.user()
    assert document["filter"]["supported"]
    assert scim.found('userName eq "ada@acme.example"') == ["ada@acme.example"]
    assert document["sort"]["supported"]
    assert scim.get("/Users", sortBy="userName").status_code == 200
    assert document["etag"]["supported"]
    assert scim.get(f"/Users/{created['id']}", headers={"If-None-Match": created["meta"]["version"]}).status_code == 304
    assert document["patch"]["supported"]
    assert scim.patch(f"/Users/{created['id']}", remove("title")).status_code == 200
    bulk = scim.post(
        "/Bulk",
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [{"method": "DELETE", "path": f"/Users/{NOBODY}"}],
        },
    )
    assert (bulk.status_code < 400) == document["bulk"]["supported"]


def test_resource_types_are_a_list(scim):
    document = scim.get("/ResourceTypes").json()
    assert document["schemas"] == [LIST]
    assert document["totalResults"] == document["itemsPerPage"] == len(document["Resources"]) == 2
    user_type, group_type = document["Resources"]
    assert (user_type["schema"], group_type["schema"]) == (USER, GROUP)
    assert [entry["schema"] for entry in user_type["schemaExtensions"]] == [ENTERPRISE, NICE]


@pytest.mark.parametrize("kind", ["User", "Group"])
def test_a_resource_type_leads_to_its_endpoint(scim, kind):
    document = scim.get(f"/ResourceTypes/{kind}").json()
    assert scim.get(document["endpoint"]).json()["schemas"] == [LIST]
    assert document["meta"]["location"].endswith(f"{TOKEN_BASE}/ResourceTypes/{kind}")


def test_schemas_are_a_list_and_each_is_at_its_location(scim):
    document = scim.get("/Schemas").json()
    assert document["schemas"] == [LIST]
    assert document["totalResults"] == len(document["Resources"])
    assert {schema["id"] for schema in document["Resources"]} >= {USER, GROUP, ENTERPRISE, NICE, SCHEMA}
    for schema in document["Resources"]:
        assert schema["schemas"] == [SCHEMA]
        path = schema["meta"]["location"].partition(TOKEN_BASE)[2]
        assert scim.get(path).json() == schema
        assert scim.get(f"/Schemas/{schema['id'].upper()}").json() == schema


def test_an_attribute_is_described_completely(scim):
    def check(attribute: dict) -> None:
        assert set(attribute) >= {
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
        assert attribute["description"]
        assert None not in attribute.values()
        assert ("subAttributes" in attribute) == (attribute["type"] == "complex")
        for sub in attribute.get("subAttributes", []):
            check(sub)

    for schema in scim.get("/Schemas").json()["Resources"]:
        for attribute in schema["attributes"]:
            check(attribute)


def test_everything_returned_is_declared(scim):
    """Strict clients refuse undeclared members (Canaille)."""
    created = scim.user(**MAPPED, **KEPT)
    staff = scim.group("Staff", members=[{"value": created["id"], "display": "Ada"}])
    common = {"schemas", "id", "meta", "externalId"}

    def declared(document: dict, found: dict[str, dict]) -> None:
        for name, value in document.items():
            assert name in found, name
            for entry in value if isinstance(value, list) else [value]:
                if isinstance(entry, dict):
                    declared(entry, {sub["name"]: sub for sub in found[name]["subAttributes"]})

    shown = scim.read(created)
    for urn in (ENTERPRISE, NICE):
        declared(shown.pop(urn), attributes(scim, urn))
    declared({name: value for name, value in shown.items() if name not in common}, attributes(scim, USER))
    declared({name: value for name, value in scim.read(staff).items() if name not in common}, attributes(scim, GROUP))


def test_every_writable_attribute_round_trips(scim, acme):
    """What is advertised works; nothing works that is not advertised."""
    sample = {
        **user("zoe", **MAPPED, **KEPT),
        "name": {"givenName": "Zoe", "familyName": "Zed"},
        "roles": [{"value": str(acme.role("Agent").pk), "display": "Agent", "primary": True}],
    }
    created = scim.post("/Users", sample).json()
    for name, attribute in attributes(scim, USER).items():
        if attribute["mutability"] == "readWrite":
            assert name in created, name
            assert created[name] == sample[name], name
    for name, attribute in attributes(scim, ENTERPRISE).items():
        if attribute["mutability"] == "readWrite":
            assert created[ENTERPRISE][name] == sample[ENTERPRISE][name]
    assert {attribute.name for table in (USERS, GROUPS) for _, attribute in table} >= set(attributes(scim, USER))


def test_optional_fields_that_are_not_enabled_are_read_only(scim, acme):
    optional = {"displayName", "userType", "timezone", "phoneNumbers", "roles"}
    assert {attributes(scim, USER)[name]["mutability"] for name in optional} == {"readWrite"}
    acme.set(scim_fields=["type"])
    found = attributes(scim, USER)
    assert {name for name in optional if found[name]["mutability"] == "readWrite"} == {"userType"}
    assert not any(found[name]["required"] for name in optional)
    middle = next(sub for sub in found["name"]["subAttributes"] if sub["name"] == "middleName")
    assert middle["mutability"] == "readOnly"
    assert {attribute["mutability"] for attribute in attributes(scim, NICE).values()} == {"readOnly"}


def test_password_is_write_only_and_never_returned(scim):
    found = attributes(scim, USER)["password"]
    assert (found["mutability"], found["returned"]) == ("writeOnly", "never")


@pytest.mark.parametrize(
    "path", ["/Schemas/urn:example:x", "/ResourceTypes/Nothing", "/Schemas/%00", "/Schemas/" + "x" * 2000]
)
def test_what_is_not_described_is_a_404(scim, path):
    refused(scim.get(path), 404, None)


@pytest.mark.parametrize("path", ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig", f"/Schemas/{USER}"])
def test_discovery_cannot_be_filtered(scim, path):
    refused(scim.get(path, filter='id eq "x"'), 403, None, "Discovery cannot be filtered.")


@pytest.mark.parametrize("path", ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig", f"/Schemas/{USER}"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_discovery_can_only_be_read(scim, path, method):
    response = scim.call(method, path, {})
    refused(response, 405, None, method)
    assert "GET" in response["Allow"]


def test_the_locations_are_those_of_the_family(acme):
    by_key = acme.by_key()
    for path in ("/Schemas", "/ResourceTypes"):
        for document in by_key.get(path).json()["Resources"]:
            assert KEY_BASE in document["meta"]["location"]


def test_search_is_for_resources_only(scim):
    refused(scim.post("/Schemas/.search", {"schemas": [SEARCH]}), 405, None)


def test_a_trailing_slash_is_tolerated(acme):
    assert ScimClient(None).get("/ServiceProviderConfig/").status_code == 200
