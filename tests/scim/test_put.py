"""PUT of a User (RFC 7644 §3.5.1)."""

import pytest

from tests.scim.client import ENTERPRISE, NOBODY, refused, user
from tests.scim.test_create import KEPT, MAPPED


def test_the_answer_is_the_whole_resource_under_its_id(scim):
    created = scim.user(title="Countess")
    response = scim.put(f"/Users/{created['id']}", user(title="Mathematician"))
    changed = response.json()
    assert response.status_code == 200
    assert changed["title"] == "Mathematician"
    assert changed["id"] == created["id"]
    assert changed["meta"]["created"] == created["meta"]["created"]
    assert changed["meta"]["lastModified"] > created["meta"]["lastModified"]
    assert response["ETag"] == changed["meta"]["version"] == 'W/"2"'
    assert response["Content-Location"] == changed["meta"]["location"]
    assert scim.read(created) == changed


def test_what_is_left_out_is_cleared(scim, acme):
    created = scim.user(**MAPPED, **KEPT)
    changed = scim.put(f"/Users/{created['id']}", user()).json()
    bare = scim.user("bea")
    assert set(changed) == set(bare)
    assert changed["timezone"] == acme.unit.time_zone
    assert changed["schemas"] == bare["schemas"]


def test_nothing_changed_is_nothing_written(scim):
    created = scim.user(**MAPPED, **KEPT)
    assert scim.put(f"/Users/{created['id']}", user(**MAPPED, **KEPT)).json() == created


def test_what_was_read_can_be_put_back(scim):
    """Okta echoes id, meta, groups and everything else it read."""
    created = scim.user(**MAPPED, **KEPT)
    scim.group("Staff", created["id"])
    read = scim.read(created)
    assert "groups" in read
    assert scim.put(f"/Users/{created['id']}", read).json() == read
    changed = scim.put(f"/Users/{created['id']}", read | {"title": "Other"}).json()
    assert changed == read | {"title": "Other", "meta": changed["meta"]}


def test_an_id_in_the_body_must_be_the_resources_own(scim):
    created = scim.user()
    assert scim.put(f"/Users/{created['id']}", user(id=created["id"])).status_code == 200
    refused(scim.put(f"/Users/{created['id']}", user(id=NOBODY)), 400, "mutability", created["id"])


@pytest.mark.rule("R-SCIM-10")
def test_a_user_name_of_somebody_else_is_taken(scim):
    created = scim.user()
    scim.user("bea")
    refused(scim.put(f"/Users/{created['id']}", user("BEA")), 409, "uniqueness", "userName")
    assert scim.read(created) == created


def test_the_own_user_name_may_change_its_case(scim):
    created = scim.user()
    changed = scim.put(f"/Users/{created['id']}", user(userName="ADA@acme.example")).json()
    assert changed["userName"] == "ADA@acme.example"
    assert scim.found('userName eq "ada@acme.example"') == ["ADA@acme.example"]


@pytest.mark.parametrize("attribute", ["userName", "name", "emails", "schemas"])
def test_what_is_required_must_be_there(scim, attribute):
    created = scim.user()
    refused(scim.put(f"/Users/{created['id']}", user(**{attribute: None})), 400, "invalidValue", attribute)
    assert scim.read(created) == created


@pytest.mark.parametrize("identifier", [NOBODY, "nobody"])
def test_an_unknown_id_is_a_404_and_creates_nobody(scim, identifier):
    refused(scim.put(f"/Users/{identifier}", user()), 404, None)
    assert scim.found('userName sw "ada"') == []


def test_the_extension_can_be_replaced_and_taken_away(scim):
    created = scim.user(**{ENTERPRISE: {"department": "Notes", "costCenter": "1"}})
    changed = scim.put(f"/Users/{created['id']}", user(**{ENTERPRISE: {"department": "Engine"}})).json()
    assert changed[ENTERPRISE] == {"department": "Engine"}
    bare = scim.put(f"/Users/{created['id']}", user()).json()
    assert ENTERPRISE not in bare
    assert ENTERPRISE not in bare["schemas"]


def test_a_projection_applies(scim):
    created = scim.user()
    response = scim.put(f"/Users/{created['id']}?attributes=name.givenName", user())
    assert response.json() == {"schemas": created["schemas"], "id": created["id"], "name": {"givenName": "Ada"}}
