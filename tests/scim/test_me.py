"""`/Me`: the acting employee (RFC 7644 §3.11)."""

import pytest

from tests.scim.client import refused, replace, user


def test_it_shows_the_acting_employee_at_the_permanent_address(acme, scim):
    response = scim.get("/Me")
    assert response.status_code == 200
    document = response.json()
    assert document["id"] == str(acme.robot.pk)
    assert document["meta"]["location"].endswith(f"/oauth/scim/v2/Users/{acme.robot.pk}")
    assert response["Location"] == document["meta"]["location"]
    assert document == scim.get(f"/Users/{acme.robot.pk}").json()


def test_it_is_whoever_the_credential_belongs_to(stranger, scim):
    assert stranger.by_key().get("/Me").json()["id"] == str(stranger.robot.pk)


def test_projection_and_conditions_work_as_at_users(scim):
    document = scim.get("/Me", attributes="userName").json()
    assert set(document) == {"schemas", "id", "userName"}
    tag = scim.get("/Me")["ETag"]
    assert scim.get("/Me", headers={"If-None-Match": tag}).status_code == 304


def test_it_can_be_changed(acme, scim):
    response = scim.patch("/Me", replace("displayName", "The robot"))
    assert response.status_code == 200
    assert acme.robot.display_name == "The robot"
    body = user("scim", displayName="Another")
    assert scim.put("/Me", body).json()["displayName"] == "Another"


@pytest.mark.rule("R-ACC-6")
def test_it_cannot_be_deleted_or_deactivated(acme, scim):
    refused(scim.delete("/Me"), 403, None, "your own account")
    refused(scim.patch("/Me", replace("active", False)), 403, None, "your own account")
    assert acme.robot.status == "ACTIVE"


def test_it_cannot_be_created(scim):
    response = scim.post("/Me", user("ada"))
    refused(response, 405, None)
    assert "GET" in response["Allow"]
    assert "POST" not in response["Allow"]


def test_it_needs_the_same_rights(acme, scim):
    acme.may("admin.employees.create")
    refused(scim.get("/Me"), 403, None, "Employees")


def test_it_costs_as_many_statements_as_the_resource(scim, django_assert_max_num_queries):
    scim.get("/Me")
    with django_assert_max_num_queries(3):
        scim.get("/Me")
