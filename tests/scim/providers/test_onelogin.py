"""OneLogin: bodies from a template the customer pastes (idp-sequences §3)."""

import pytest

from tests.scim.client import ENTERPRISE, USER, refused, replace

TEMPLATE = {
    "schemas": ["urn:scim:schemas:core:1.0"],
    "id": None,
    "userName": "one.login@acme.example",
    "active": "true",
    "name": {"givenName": "One", "familyName": "Login", "formatted": "One Login"},
    "displayName": "One Login",
    "nickName": "",
    "title": "",
    "prefferedLanguage": "en",
    "emails": [{"value": "one.login@acme.example", "type": "work", "primary": True}],
    "phoneNumbers": [{"value": "", "type": "work"}, {"value": "+1 23", "type": "mobile"}],
    "addresses": [{"streetAddress": "1 Main St", "locality": ""}],
    ENTERPRISE: {"department": "", "employeeNumber": "7", "manager": {"managerId": "m-1"}},
}


def test_the_connection_check(scim):
    assert scim.get("/ServiceProviderConfig").status_code == 200
    assert scim.get("/Users", filter='userName eq "one.login@acme.example"').json()["totalResults"] == 0


@pytest.mark.parametrize("schemas", [["urn:scim:schemas:core:1.0"], [USER]])
def test_the_template_is_accepted(scim, schemas):
    response = scim.post("/Users", TEMPLATE | {"schemas": schemas})
    document = response.json()
    assert response.status_code == 201
    assert document["active"] is True
    assert document["phoneNumbers"] == [{"value": "+1 23", "type": "mobile"}]
    assert document["addresses"] == [{"streetAddress": "1 Main St"}]
    assert document[ENTERPRISE] == {"employeeNumber": "7"}
    assert not {"nickName", "title", "prefferedLanguage"} & set(document)


def test_an_update_is_a_put_of_the_template(scim):
    created = scim.post("/Users", TEMPLATE).json()
    changed = scim.put(f"/Users/{created['id']}", TEMPLATE | {"title": "Chief"}).json()
    assert changed["title"] == "Chief"
    assert {name: changed[name] for name in created if name != "meta"} == {
        n: v for n, v in created.items() if n != "meta"
    }


def test_emails_in_a_patch_may_be_one_object(scim):
    created = scim.post("/Users", TEMPLATE).json()
    mail = {"value": "new@acme.example", "type": "work", "primary": True}
    assert scim.patch(f"/Users/{created['id']}", replace("emails", mail)).json()["emails"] == [mail]


@pytest.mark.parametrize("how", ["patch", "delete"])
def test_deprovisioning(scim, how):
    created = scim.post("/Users", TEMPLATE).json()
    if how == "patch":
        assert scim.patch(f"/Users/{created['id']}", replace("active", "false")).json()["active"] is False
    else:
        assert scim.delete(f"/Users/{created['id']}").status_code == 204
        refused(scim.get(f"/Users/{created['id']}"), 404, None)
