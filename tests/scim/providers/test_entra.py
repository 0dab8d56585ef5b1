"""Microsoft Entra ID: the sequences E1–E17 with and without `aadOptscim062020`, and its validator (idp-sequences §2)."""

import uuid

import pytest

from tests.scim.client import ENTERPRISE, GROUP, LIST, USER, ScimClient, bearer, refused, user

ADSCIM_GROUP = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
LOGIN = "Test_User_ab6490ee@testuser.example"
BODY = {
    "schemas": [USER, ENTERPRISE],
    "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
    "userName": LOGIN,
    "active": True,
    "emails": [{"primary": True, "type": "work", "value": "Test_User_fd0ea19b@testuser.example"}],
    "meta": {"resourceType": "User"},
    "name": {"formatted": "givenName familyName", "familyName": "familyName", "givenName": "givenName"},
    "roles": [],
}


class Entra(ScimClient):
    """Entra's requests; the flag of the tenant URL turns up as a parameter.

    Attributes:
        flag: with it, `op` is lower case and booleans are booleans.
    """

    def __init__(self, authorization: str, *, flag: bool) -> None:
        super().__init__(authorization)
        self.flag = flag

    def call(self, method, path, body=None, **more):
        if self.flag:
            path += ("&" if "?" in path else "?") + "aadOptscim062020"
        return super().call(method, path, body, media_type="application/scim+json; charset=utf-8", **more)

    def op(self, name: str, path: str | None, value: object = ...) -> dict:
        operation: dict = {"op": name if self.flag else name.capitalize()}
        if path is not None:
            operation["path"] = path
        return operation if value is ... else operation | {"value": value}


@pytest.fixture(params=[False, True], ids=["no flag", "flag"])
def entra(request, acme) -> Entra:
    return Entra(bearer(acme.seed.secrets.scim_token), flag=request.param)


@pytest.fixture
def created(entra) -> dict:
    return entra.post("/Users", BODY).json()


def patched(entra, resource: dict, *operations: dict) -> dict:
    kind = resource["meta"]["resourceType"]
    response = entra.patch(f"/{kind}s/{resource['id']}", *operations)
    assert response.status_code == 200, response.content
    return entra.read(resource)


def test_e1_test_connection(entra):
    for path, query in (
        ("/Users", {"filter": f'userName eq "{uuid.uuid4()}"'}),
        ("/Groups", {"excludedAttributes": "members", "filter": f'displayName eq "{uuid.uuid4()}"'}),
    ):
        document = entra.get(path, **query).json()
        assert (document["schemas"], document["totalResults"]) == ([LIST], 0)


@pytest.mark.parametrize(
    "text",
    [
        f'externalId eq "{BODY["externalId"]}"',
        f"externalId eq {BODY['externalId']}",
        f'userName eq "{LOGIN}"',
        f'userName eq "{LOGIN.upper()}"',
        'emails[type eq "work"].value eq "Test_User_fd0ea19b@testuser.example"',
    ],
)
@pytest.mark.parametrize("active", [True, False])
def test_e2_match(entra, created, text, active):
    patched(entra, created, entra.op("replace", "active", active))
    document = entra.get("/Users", filter=text).json()
    assert [found["id"] for found in document["Resources"]] == [created["id"]]
    assert document["Resources"][0]["active"] is active


def test_e3_create(entra):
    response = entra.post("/Users", BODY)
    document = response.json()
    assert response.status_code == 201
    assert document["id"]
    for name in ("externalId", "userName", "active", "name"):
        assert document[name] == BODY[name]
    assert document["emails"] == BODY["emails"]


def test_e3_create_with_active_as_text(entra):
    assert entra.post("/Users", BODY | {"active": "True"}).json()["active"] is True


def test_e4_update_several_attributes_one_operation_each(entra, created):
    document = patched(
        entra,
        created,
        entra.op("replace", "displayName", "New Name"),
        entra.op("replace", 'emails[type eq "work"].value', "updated@contoso.example"),
        entra.op("replace", "name.givenName", "New"),
        entra.op("replace", "name.familyName", "Name"),
        entra.op("replace", "externalId", "x-2"),
        entra.op("replace", f"{ENTERPRISE}:employeeNumber", "4711"),
    )
    assert document["displayName"] == "New Name"
    assert document["emails"] == [{"primary": True, "type": "work", "value": "updated@contoso.example"}]
    assert document["name"] == {"formatted": "givenName familyName", "givenName": "New", "familyName": "Name"}
    assert document["externalId"] == "x-2"
    assert document[ENTERPRISE] == {"employeeNumber": "4711"}


def test_e5_update_several_attributes_in_one_operation(entra, created):
    values = {
        "displayName": "New Name",
        "name.givenName": "New",
        "name.familyName": "Name",
        f"{ENTERPRISE}:employeeNumber": "4711",
        'phoneNumbers[type eq "mobile"].value': "+1 23",
    }
    document = patched(
        entra,
        created,
        entra.op("replace", 'emails[type eq "work"].value', "updated@contoso.example"),
        entra.op("replace", None, values),
    )
    assert document["displayName"] == "New Name"
    assert (document["name"]["givenName"], document["name"]["familyName"]) == ("New", "Name")
    assert document[ENTERPRISE] == {"employeeNumber": "4711"}
    assert document["phoneNumbers"] == [{"type": "mobile", "value": "+1 23"}]


@pytest.mark.parametrize(
    ("path", "value", "attribute", "expected"),
    [
        ("nickName", "Babs", "nickName", "Babs"),
        ('phoneNumbers[type eq "mobile"].value', "+1 23", "phoneNumbers", [{"type": "mobile", "value": "+1 23"}]),
        ('phoneNumbers[type eq "work"].value', "+1 24", "phoneNumbers", [{"type": "work", "value": "+1 24"}]),
        (
            'addresses[type eq "work"].streetAddress',
            "1 Main St",
            "addresses",
            [{"type": "work", "streetAddress": "1 Main St"}],
        ),
        (
            'emails[type eq "other"].value',
            "o@x.example",
            "emails",
            [*BODY["emails"], {"type": "other", "value": "o@x.example"}],
        ),
    ],
)
def test_e6_a_value_appears(entra, created, path, value, attribute, expected):
    assert patched(entra, created, entra.op("add", path, value))[attribute] == expected


def test_e6_a_value_appears_by_replace_without_the_flag(acme):
    """Microsoft: "support both"."""
    entra = Entra(bearer(acme.seed.secrets.scim_token), flag=False)
    created = entra.post("/Users", BODY).json()
    document = patched(entra, created, entra.op("replace", 'addresses[type eq "work"].streetAddress', "1 Main St"))
    assert document["addresses"] == [{"type": "work", "streetAddress": "1 Main St"}]


def test_e7_manager(entra, created):
    boss = entra.user("boss")
    path = f"{ENTERPRISE}:manager"
    assert patched(entra, created, entra.op("add", path, boss["id"]))[ENTERPRISE]["manager"] == {"value": boss["id"]}
    assert patched(entra, created, entra.op("replace", path, {"value": "m-2"}))[ENTERPRISE]["manager"] == {
        "value": "m-2"
    }
    assert "manager" not in patched(entra, created, entra.op("replace", path, {"value": ""})).get(ENTERPRISE, {})


def test_e8_and_e9_disable_and_enable(entra, created, acme):
    for active in (False, True):
        value = active if entra.flag else str(active)
        assert patched(entra, created, entra.op("replace", "active", value))["active"] is active
        assert acme.employee(created).is_inactive is not active
    assert (
        patched(entra, created, entra.op("replace", None, {"active": False if entra.flag else "False"}))["active"]
        is False
    )


@pytest.fixture
def group(entra) -> dict:
    response = entra.post(
        "/Groups",
        {
            "schemas": [GROUP, ADSCIM_GROUP],
            "externalId": "8aa1a0c0",
            "displayName": "Spec Group",
            "meta": {"resourceType": "Group"},
        },
    )
    assert response.status_code == 201
    return response.json()


def test_e10_create_a_group(entra, group):
    assert (group["displayName"], group["externalId"]) == ("Spec Group", "8aa1a0c0")
    assert "members" not in group
    refused(entra.post("/Groups", {"schemas": [GROUP], "displayName": "spec GROUP"}), 409, "uniqueness")


def test_e11_read_a_group_without_its_members(entra, group, created):
    patched(entra, group, entra.op("add", "members", [{"value": created["id"]}]))
    read = entra.get(f"/Groups/{group['id']}", excludedAttributes="members").json()
    found = entra.get("/Groups", excludedAttributes="members", filter='displayName eq "Spec Group"').json()[
        "Resources"
    ][0]
    assert "members" not in read
    assert "members" not in found
    assert read["displayName"] == found["displayName"] == "Spec Group"
    assert found["id"] == group["id"]


def test_e12_is_somebody_a_member(entra, group, created):
    query = {"filter": f'id eq "{group["id"]}" and members eq "{created["id"]}"', "attributes": "id"}
    assert entra.get("/Groups", **query).json()["totalResults"] == 0
    patched(entra, group, entra.op("add", "members", [{"value": created["id"]}]))
    document = entra.get("/Groups", **query).json()
    assert document["totalResults"] == 1
    assert set(document["Resources"][0]) == {"schemas", "id"}


def test_e13_add_and_e14_remove_members_by_value(entra, group, created):
    other = entra.user("other")
    for person in (created, other):
        patched(entra, group, entra.op("add", "members", [{"$ref": None, "value": person["id"]}]))
    document = patched(entra, group, entra.op("remove", "members", [{"$ref": None, "value": created["id"]}]))
    assert [member["value"] for member in document["members"]] == [other["id"]]


def test_e15_remove_a_member_by_filter(entra, group, created):
    other = entra.user("other")
    patched(entra, group, entra.op("add", "members", [{"value": created["id"]}, {"value": other["id"]}]))
    document = patched(entra, group, entra.op("remove", f'members[value eq "{created["id"]}"]'))
    assert [member["value"] for member in document["members"]] == [other["id"]]


@pytest.mark.rule("R-SCIM-12")
def test_e16_soft_delete_then_delete(entra, created):
    patched(entra, created, entra.op("replace", "active", False))
    assert entra.delete(f"/Users/{created['id']}").status_code == 204
    refused(entra.get(f"/Users/{created['id']}"), 404, None)


def test_e17_schema_discovery(entra):
    response = entra.get("/Schemas")
    assert response.json()["schemas"] == [LIST]
    assert "null" not in response.content.decode()


# scimvalidator.microsoft.com

VERBOSE = {
    "userName": "validator@testuser.example",
    "active": True,
    "displayName": "Kaylie",
    "title": "Title",
    'emails[type eq "work"].value': "kaylie@testuser.example",
    "preferredLanguage": "en-US",
    "name.givenName": "Given",
    "name.familyName": "Family",
    "name.formatted": "Formatted",
    "name.middleName": "Middle",
    "name.honorificPrefix": "Dr",
    "name.honorificSuffix": "II",
    'addresses[type eq "work"].streetAddress': "Street",
    'addresses[type eq "work"].locality': "City",
    'addresses[type eq "work"].region': "Region",
    'addresses[type eq "work"].postalCode': "12345",
    'addresses[type eq "work"].country': "Country",
    'phoneNumbers[type eq "work"].value': "1",
    'phoneNumbers[type eq "mobile"].value': "2",
    'phoneNumbers[type eq "fax"].value': "3",
    "externalId": "x-9",
    "nickName": "Nick",
    "profileUrl": "not a URL",
    "userType": "Type",
    "timezone": "Europe/Berlin",
    f"{ENTERPRISE}:employeeNumber": "1",
    f"{ENTERPRISE}:costCenter": "2",
    f"{ENTERPRISE}:organization": "3",
    f"{ENTERPRISE}:division": "4",
    f"{ENTERPRISE}:department": "5",
}


@pytest.mark.parametrize("name", ["add", "replace"])
def test_the_verbose_requests_of_the_validator(entra, created, name):
    """One operation per attribute; everything comes back as it was sent."""
    if name == "replace":
        patched(entra, created, *(entra.op("add", path, value) for path, value in VERBOSE.items()))
    values = {
        path: f"{value}9" if isinstance(value, str) and name == "replace" else value for path, value in VERBOSE.items()
    }
    values |= {
        "timezone": "Asia/Tokyo",
        "userName": "second@testuser.example",
        'emails[type eq "work"].value': "k2@testuser.example",
    }
    document = patched(entra, created, *(entra.op(name, path, value) for path, value in values.items()))
    assert document["emails"][0]["value"] == "k2@testuser.example"
    assert {number["type"]: number["value"] for number in document["phoneNumbers"]} == {
        kind: values[f'phoneNumbers[type eq "{kind}"].value'] for kind in ("work", "mobile", "fax")
    }
    (address,) = document["addresses"]
    for part in ("streetAddress", "locality", "region", "postalCode", "country"):
        assert address[part] == values[f'addresses[type eq "work"].{part}']
    for part in ("givenName", "familyName", "formatted", "middleName", "honorificPrefix", "honorificSuffix"):
        assert document["name"][part] == values[f"name.{part}"]
    for part in ("employeeNumber", "costCenter", "organization", "division", "department"):
        assert document[ENTERPRISE][part] == values[f"{ENTERPRISE}:{part}"]
    for path in (
        "userName",
        "displayName",
        "title",
        "preferredLanguage",
        "externalId",
        "nickName",
        "profileUrl",
        "userType",
        "timezone",
    ):
        assert document[path] == values[path]


def test_the_validators_roles_go_into_one_entry(entra, acme):
    """`roles[].primary` is the text "True", in bodies and in paths."""
    agent = acme.role("Agent")
    body = user("validator", roles=[{"primary": "True", "display": "Agent", "value": str(agent.pk), "type": "x"}])
    created = entra.post("/Users", body).json()
    expected = [{"value": str(agent.pk), "display": "Agent", "primary": True}]
    assert created["roles"] == expected
    document = patched(
        entra,
        created,
        entra.op("add", 'roles[primary eq "True"].display', "Agent"),
        entra.op("add", 'roles[primary eq "True"].value', str(agent.pk)),
    )
    assert document["roles"] == expected


def test_the_validator_disables_and_looks_again(entra, created):
    patched(entra, created, entra.op("replace", "active", False if entra.flag else "False"))
    assert entra.get("/Users", filter=f'userName eq "{LOGIN}"').json()["Resources"][0]["active"] is False


def test_the_validator_deletes_twice(entra, created, group):
    for path in (f"/Users/{created['id']}", f"/Groups/{group['id']}"):
        assert entra.delete(path).status_code == 204
        refused(entra.delete(path), 404, None)


def test_the_validator_adds_and_removes_the_same_member_in_one_request(entra, created, group):
    member = [{"value": created["id"]}]
    document = patched(
        entra, group, entra.op("add", "members", member), entra.op("remove", f'members[value eq "{created["id"]}"]')
    )
    assert "members" not in document


def test_the_validator_changes_one_attribute_twice_in_one_request(entra, created):
    document = patched(
        entra,
        created,
        entra.op("add", "title", "One"),
        entra.op("replace", "title", "Two"),
        entra.op("remove", "nickName"),
    )
    assert document["title"] == "Two"


def test_the_validator_patches_a_group_without_a_path(entra, group):
    assert patched(entra, group, entra.op("replace", None, {"externalId": "n-1"}))["externalId"] == "n-1"
    assert patched(entra, group, entra.op("replace", None, {"displayName": "Renamed"}))["displayName"] == "Renamed"
    assert entra.get("/Groups", filter='displayName eq "RENAMED"').json()["totalResults"] == 1
