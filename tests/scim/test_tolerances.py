"""What identity providers send although the RFC says otherwise (spec §9.5, docs/scim.md): a test for each rule."""

import pytest

from tests.scim.client import (
    ENTERPRISE,
    TOKEN_BASE,
    USER,
    ScimClient,
    add,
    op,
    refused,
    remove,
    replace,
    user,
)

WORK = 'emails[type eq "work"].value'
MOBILE = 'phoneNumbers[type eq "mobile"].value'


@pytest.fixture
def ada(scim):
    return scim.user("ada")


def patched(scim, resource, *operations):
    response = scim.patch(f"/{resource['meta']['resourceType']}s/{resource['id']}", *operations)
    assert response.status_code == 200, response.content
    return response.json()


def strict(acme):
    acme.set(scim_tolerances=False)


@pytest.mark.rule("T1")
@pytest.mark.parametrize("spelled", ["Replace", "REPLACE", "Add"])
def test_operations_are_read_in_any_case(acme, scim, ada, spelled):
    assert patched(scim, ada, op(spelled, "title", "Countess"))["title"] == "Countess"
    strict(acme)
    refused(scim.patch(f"/Users/{ada['id']}", op(spelled, "title", "Duchess")), 400, "invalidSyntax", spelled)
    assert scim.read(ada)["title"] == "Countess"


@pytest.mark.rule("T2")
def test_booleans_are_read_from_text(acme, scim, ada):
    assert patched(scim, ada, replace("active", "False"))["active"] is False
    assert patched(scim, ada, replace(None, {"active": "TRUE"}))["active"] is True
    assert scim.user("bob", active="true")["active"] is True
    assert "ada@acme.example" in scim.found('active eq "True"')
    strict(acme)
    refused(scim.patch(f"/Users/{ada['id']}", replace("active", "False")), 400, "invalidValue", "active")
    refused(scim.post("/Users", user("eve", active="true")), 400, "invalidValue", "active")
    assert "ada@acme.example" in scim.found('active eq "True"')


@pytest.mark.rule("T3")
def test_members_of_a_value_may_be_paths(acme, scim, ada):
    value = {"name.givenName": "Augusta", WORK: "a@acme.example", f"{ENTERPRISE}:department": "Mills"}
    after = patched(scim, ada, replace(None, value))
    assert after["name"]["givenName"] == "Augusta"
    assert after["emails"][0]["value"] == "a@acme.example"
    assert after[ENTERPRISE]["department"] == "Mills"
    assert patched(scim, ada, replace(None, {f"{USER}:title": "Countess"}))["title"] == "Countess"
    strict(acme)
    for name in ("name.givenName", WORK):
        refused(scim.patch(f"/Users/{ada['id']}", replace(None, {name: "x"})), 400, "invalidPath")


@pytest.mark.rule("T4")
def test_the_mobile_number_and_the_work_address_are_created_by_replace(acme, scim):
    ada = scim.user("ada", emails=[{"value": "home@acme.example", "type": "home", "primary": True}])
    after = patched(scim, ada, replace(MOBILE, "+49 30 1"), replace(WORK, "work@acme.example"))
    assert after["phoneNumbers"] == [{"type": "mobile", "value": "+49 30 1"}]
    assert {"type": "work", "value": "work@acme.example"} in after["emails"]
    strict(acme)
    bob = scim.user("bob")
    refused(scim.patch(f"/Users/{bob['id']}", replace(MOBILE, "+49 30 1")), 400, "noTarget")


@pytest.mark.rule("T5")
def test_a_capitalised_replace_creates_what_its_filter_describes(scim, ada):
    path = 'addresses[type eq "home"].locality'
    refused(scim.patch(f"/Users/{ada['id']}", replace(path, "London")), 400, "noTarget")
    refused(scim.patch(f"/Users/{ada['id']}", op("Replace", 'addresses[type co "h"].locality', "x")), 400, "noTarget")
    assert patched(scim, ada, op("Replace", path, "London"))["addresses"] == [{"type": "home", "locality": "London"}]


@pytest.mark.rule("T6")
def test_one_value_needs_no_list(acme, scim, ada):
    strict(acme)
    assert scim.user("bob", emails={"value": "b@acme.example"})["emails"][0]["value"] == "b@acme.example"
    staff = scim.group("Staff", members={"value": ada["id"]})
    assert [member["value"] for member in staff["members"]] == [ada["id"]]
    assert patched(scim, ada, add("ims", {"value": "ada", "type": "xmpp"}))["ims"] == [{"value": "ada", "type": "xmpp"}]


@pytest.mark.rule("T7")
def test_the_manager_may_be_a_bare_id(scim, ada):
    after = patched(scim, ada, op("Add", f"{ENTERPRISE}:manager", "26118915"))
    assert after[ENTERPRISE]["manager"] == {"value": "26118915"}
    assert ENTERPRISE not in patched(scim, ada, replace(f"{ENTERPRISE}:manager", {"value": ""}))


@pytest.mark.rule("T8")
def test_of_several_primary_values_the_first_is_it(scim):
    both = [{"value": f"{kind}@acme.example", "type": kind, "primary": True} for kind in ("home", "work")]
    document = scim.user("ada", emails=both)
    assert [entry["primary"] for entry in document["emails"]] == [True, False]


@pytest.mark.rule("T9")
def test_remove_takes_values_to_remove(scim, ada):
    bob = scim.user("bob")
    staff = scim.group("Staff", ada["id"], bob["id"])
    after = patched(scim, staff, remove("members", [{"$ref": None, "value": ada["id"]}]))
    assert [member["value"] for member in after["members"]] == [bob["id"]]
    two = [{"value": "a", "type": "xmpp"}, {"value": "b", "type": "xmpp"}]
    patched(scim, ada, replace("ims", two))
    assert patched(scim, ada, remove("ims", [{"value": "a"}]))["ims"] == two[1:]


@pytest.mark.rule("T10")
@pytest.mark.parametrize(
    "text",
    [
        "userName eq ada@acme.example",
        'userName EQ "ada@acme.example" AND active Eq True',
        'NOT (userName ne "ada@acme.example")',
        "userName eq ada@acme.example and displayName eq NULL",
    ],
)
def test_filters_may_be_spelled_loosely(scim, ada, text):
    assert scim.found(text) == ["ada@acme.example"]


@pytest.mark.rule("T11")
def test_what_is_unknown_is_ignored(scim):
    document = scim.user("ada", schemas=[USER, "urn:scim:schemas:core:1.0"], prefferedLanguage="en", id=None)
    assert "prefferedLanguage" not in document
    found = scim.get("/Users", filter='userName sw "ada"', attributes="", aadOptscim062020="")
    assert found.json()["Resources"] == [document]
    assert scim.get(f"/Users/{document['id']}?attributes=").json() == document
    refused(scim.patch(f"/Users/{document['id']}", replace("prefferedLanguage", "en")), 400, "invalidPath")
    refused(scim.get("/Users", filter='prefferedLanguage eq "en"'), 400, "invalidFilter")


@pytest.mark.rule("T12")
@pytest.mark.parametrize(
    "path", ["/Users/", "/Groups/", "/Me/", "/Schemas/", "/ResourceTypes/", "/", "/Users/.search/"]
)
def test_a_slash_at_the_end_does_no_harm(scim, path):
    if path.endswith(".search/"):
        assert scim.post(path, {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}).status_code == 200
    else:
        assert scim.get(path).json() == scim.get(path.rstrip("/")).json()


@pytest.mark.rule("T13")
def test_the_scheme_of_a_token_may_be_missing(acme, scim):
    token = scim.authorization.removeprefix("Bearer ")
    for written in (token, f"bearer {token}", f" {token} "):
        assert ScimClient(written, TOKEN_BASE).get("/Users").status_code == 200


@pytest.mark.rule("T14")
@pytest.mark.parametrize(
    "media_type", ["application/json", "text/json", "application/scim+json; charset=UTF-8", "Application/JSON", ""]
)
def test_several_media_types_are_read(scim, media_type):
    response = scim.call("POST", "/Users", user("ada"), media_type=media_type, Accept="text/html")
    assert response.status_code == 201, response.content
