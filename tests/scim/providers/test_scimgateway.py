"""scimgateway's plugin-scim as a client (idp-sequences §9)."""

import base64

from tests.scim.client import ScimClient, bearer, refused, replace


def test_its_sequence(scim):
    created = scim.user()
    assert scim.found('userName eq "ada@acme.example"') == ["ada@acme.example"]
    assert scim.patch(f"/Users/{created['id']}", replace("title", "x")).status_code == 200
    assert scim.read(created, attributes="")["title"] == "x"  # an empty parameter asks for nothing
    staff = scim.group("Staff", created["id"])
    document = scim.get("/Groups", filter=f'members.value eq "{created["id"]}"', attributes="id,displayName").json()
    assert document["Resources"] == [{"schemas": staff["schemas"], "id": staff["id"], "displayName": "Staff"}]
    assert scim.delete(f"/Users/{created['id']}").status_code == 204


def test_its_base64_of_the_token_is_not_the_token(acme):
    """It encodes what is configured; the operator has to configure the decoded token."""
    encoded = base64.b64encode(acme.seed.secrets.scim_token.encode()).decode()
    refused(ScimClient(bearer(encoded)).get("/Users"), 401, None, "unknown")
