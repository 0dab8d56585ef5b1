"""`POST /Bulk`: many operations in one request (RFC 7644 §3.7)."""

import json

import pytest

from accounts.models import Employee, Group
from tests.scim.client import ENTERPRISE, KEY_BASE, NOBODY, PATCH, group, refused, replace, user

REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"


def post_user(name, bulk_id=None, **more):
    return {"method": "POST", "path": "/Users", "bulkId": bulk_id or name, "data": user(name, **more)}


def post_group(name, bulk_id, *members):
    return {"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": group(name, *members)}


def bulk(client, *operations, **more):
    return client.post("/Bulk", {"schemas": [REQUEST], "Operations": list(operations)} | more)


def done(client, *operations, **more):
    response = bulk(client, *operations, **more)
    assert response.status_code == 200, response.content
    document = response.json()
    assert document["schemas"] == [RESPONSE]
    return document["Operations"]


def statuses(results):
    return [result["status"] for result in results]


def test_it_creates_a_user_and_a_group_that_has_it_as_a_member(scim):
    ada, staff = done(scim, post_user("ada"), post_group("Staff", "g", "bulkId:ada"))
    assert ada["method"] == "POST"
    assert ada["bulkId"] == "ada"
    assert ada["status"] == "201"
    assert ada["version"] == 'W/"1"'
    assert "response" not in ada
    user_id = ada["location"].rpartition("/")[2]
    shown = scim.get("/Groups/" + staff["location"].rpartition("/")[2]).json()
    assert [member["value"] for member in shown["members"]] == [user_id]


def test_a_reference_may_stand_before_what_it_refers_to(scim):
    staff, ada = done(scim, post_group("Staff", "g", "bulkId:ada"), post_user("ada"))
    assert statuses([staff, ada]) == ["201", "201"]
    assert staff["bulkId"] == "g"
    assert len(scim.get("/Groups/" + staff["location"].rpartition("/")[2]).json()["members"]) == 1


def test_references_are_resolved_in_paths_in_filters_of_paths_and_deep_in_the_data(scim):
    boss, ada, staff, rename, leave = done(
        scim,
        post_user("boss"),
        post_user("ada", **{ENTERPRISE: {"manager": {"value": "bulkId:boss"}}}),
        post_group("Staff", "g", "bulkId:ada", "bulkId:boss"),
        {
            "method": "PATCH",
            "path": "/Users/bulkId:ada",
            "data": {"schemas": [PATCH], "Operations": [replace("displayName", "Countess")]},
        },
        {
            "method": "PATCH",
            "path": "/Groups/bulkId:g",
            "data": {
                "schemas": [PATCH],
                "Operations": [{"op": "remove", "path": 'members[value eq "bulkId:boss"]'}],
            },
        },
    )
    assert statuses([boss, ada, staff, rename, leave]) == ["201", "201", "201", "200", "200"]
    boss_id, ada_id = (result["location"].rpartition("/")[2] for result in (boss, ada))
    shown = scim.get(f"/Users/{ada_id}").json()
    assert shown["displayName"] == "Countess"
    assert shown[ENTERPRISE]["manager"]["value"] == boss_id
    members = scim.get("/Groups/" + staff["location"].rpartition("/")[2]).json()["members"]
    assert [member["value"] for member in members] == [ada_id]


def test_every_verb_works_and_answers_as_it_does_alone(scim):
    ada, bob = scim.user("ada"), scim.user("bob")
    put, patch, delete = done(
        scim,
        {"method": "PUT", "path": f"/Users/{ada['id']}", "data": user("ada", displayName="A"), "version": 'W/"1"'},
        {
            "method": "patch",
            "path": f"/Users/{ada['id']}",
            "data": {"schemas": [PATCH], "Operations": [replace("active", False)]},
        },
        {"method": "DELETE", "path": f"/Users/{bob['id']}"},
    )
    assert statuses([put, patch, delete]) == ["200", "200", "204"]
    assert put["version"] == 'W/"2"'
    assert delete["location"].endswith(f"/oauth/scim/v2/Users/{bob['id']}")
    assert scim.read(ada)["active"] is False
    assert scim.get(f"/Users/{bob['id']}").status_code == 404


def test_one_failed_operation_leaves_the_others_alone(scim):
    first, second, third = done(scim, post_user("ada"), post_user("ADA", "again"), post_user("bob"))
    assert statuses([first, second, third]) == ["201", "409", "201"]
    assert second["response"]["scimType"] == "uniqueness"
    assert second["response"]["status"] == "409"
    assert "location" not in second
    assert scim.found('userName sw "ada@" or userName sw "bob@"') == ["ada@acme.example", "bob@acme.example"]


def test_an_operation_is_done_whole_or_not_at_all(scim):
    ada = scim.user("ada")
    operations = [replace("displayName", "Changed"), replace("userName", "")]
    (result,) = done(
        scim,
        {"method": "PATCH", "path": f"/Users/{ada['id']}", "data": {"schemas": [PATCH], "Operations": operations}},
    )
    assert result["status"] == "400"
    assert result["location"] == ada["meta"]["location"]
    assert "displayName" not in scim.read(ada)


def test_fail_on_errors_ends_the_job_and_answers_what_was_done(scim):
    bad = post_user("x", userName=None)
    results = done(scim, bad, post_user("ada"), {**bad, "bulkId": "y"}, post_user("bob"), failOnErrors=2)
    assert statuses(results) == ["400", "201", "400"]
    assert not Employee.objects.filter(username="bob@acme.example").exists()


def test_what_refers_to_something_that_was_not_created_fails_with_409(scim):
    first, second = done(scim, post_user("ada", userName=None), post_group("Staff", "g", "bulkId:ada"))
    assert statuses([first, second]) == ["400", "409"]
    assert "ada" in second["response"]["detail"]
    assert not Group.objects.exists()


def test_an_unknown_reference_is_refused(scim):
    (result,) = done(scim, post_group("Staff", "g", "bulkId:nobody"))
    assert result["status"] == "400"
    assert result["response"]["scimType"] == "invalidValue"
    assert "nobody" in result["response"]["detail"]


def test_references_in_a_circle_are_refused(scim):
    def of(name, boss):
        return post_user(name, **{ENTERPRISE: {"manager": {"value": f"bulkId:{boss}"}}})

    results = done(scim, of("ada", "bob"), of("bob", "ada"), post_user("eve"))
    assert statuses(results) == ["409", "409", "201"]


def test_operations_that_make_no_sense_fail_alone(scim):
    results = done(
        scim,
        {"method": "GET", "path": "/Users"},
        {"method": "POST", "path": "/Users", "data": user("ada")},
        {"method": "POST", "path": "Users", "bulkId": "a", "data": user("ada")},
        {"method": "POST", "path": "/Bulk", "bulkId": "b", "data": {}},
        {"method": "POST", "path": "/Users/1", "bulkId": "c", "data": user("ada")},
        {"method": "POST", "path": "/Users", "bulkId": "d"},
        {"method": "DELETE", "path": "/Users"},
        {"method": "DELETE", "path": f"/Users/{NOBODY}"},
        {"method": "PUT", "path": f"/Users/{NOBODY}", "data": user("ada")},
    )
    assert statuses(results) == ["400", "400", "400", "404", "405", "400", "405", "404", "404"]
    assert "bulkId" in results[1]["response"]["detail"]


@pytest.mark.parametrize(
    ("body", "scim_type"),
    [
        ([], "invalidSyntax"),
        ({"Operations": [post_user("ada")]}, "invalidSyntax"),
        ({"schemas": [PATCH], "Operations": [post_user("ada")]}, "invalidSyntax"),
        ({"schemas": [REQUEST]}, "invalidSyntax"),
        ({"schemas": [REQUEST], "Operations": []}, "invalidSyntax"),
        ({"schemas": [REQUEST], "Operations": {"method": "POST"}}, "invalidSyntax"),
        ({"schemas": [REQUEST], "Operations": ["POST"]}, "invalidSyntax"),
        ({"schemas": [REQUEST], "Operations": [{"method": 1}]}, "invalidSyntax"),
        ({"schemas": [REQUEST], "Operations": [post_user("ada")], "failOnErrors": "1"}, "invalidValue"),
        ({"schemas": [REQUEST], "Operations": [post_user("ada")], "failOnErrors": 0}, "invalidValue"),
        ({"schemas": [REQUEST], "Operations": [post_user("ada"), post_user("bob", "ada")]}, "invalidValue"),
    ],
)
def test_a_body_that_is_no_bulk_request_is_refused_whole(scim, body, scim_type):
    refused(scim.post("/Bulk", body), 400, scim_type)
    assert not Employee.objects.filter(username="ada@acme.example").exists()


def test_more_than_the_published_limits_is_413(scim):
    limits = scim.get("/ServiceProviderConfig").json()["bulk"]
    assert limits == {"supported": True, "maxOperations": 1000, "maxPayloadSize": 1_048_576}
    many = [{"method": "DELETE", "path": f"/Users/{NOBODY}"}] * (limits["maxOperations"] + 1)
    refused(bulk(scim, *many), 413, None, "1000")
    large = json.dumps(
        {"schemas": [REQUEST], "Operations": [post_user("ada", nickName="x" * limits["maxPayloadSize"])]}
    )
    refused(scim.post("/Bulk", large), 413, None, "1048576")
    assert set(statuses(done(scim, *many[: limits["maxOperations"]]))) == {"404"}


def test_a_long_chain_of_references_in_reverse_order_is_resolved(scim):
    chain = [post_user(f"p{n}", **{ENTERPRISE: {"manager": {"value": f"bulkId:p{n + 1}"}}}) for n in range(30)]
    assert set(statuses(done(scim, *chain, post_user("p30")))) == {"201"}


def test_every_operation_needs_its_own_right(acme, scim):
    ada = scim.user("ada")
    acme.may("admin.employees.create")
    created, deleted = done(scim, post_user("bob"), {"method": "DELETE", "path": f"/Users/{ada['id']}"})
    assert statuses([created, deleted]) == ["201", "403"]
    assert "Employees" in deleted["response"]["detail"]
    acme.may("admin.employees.view")
    refused(bulk(scim, post_user("eve")), 403, None, "Employees")


def test_strangers_resources_are_not_found(stranger, scim):
    theirs = stranger.by_token().user("eve")
    (result,) = done(scim, {"method": "DELETE", "path": f"/Users/{theirs['id']}"})
    assert result["status"] == "404"
    assert stranger.by_token().read(theirs)["active"] is True


def test_a_stale_version_is_412(scim):
    ada = scim.user("ada")
    scim.patch(f"/Users/{ada['id']}", replace("displayName", "A"))
    (result,) = done(scim, {"method": "DELETE", "path": f"/Users/{ada['id']}", "version": ada["meta"]["version"]})
    assert result["status"] == "412"


def test_it_is_there_with_every_credential_and_only_as_post(acme, scim):
    (result,) = done(acme.by_key(), post_user("ada"))
    assert f"{KEY_BASE}/Users/" in result["location"]
    refused(scim.get("/Bulk"), 405, None)


def test_an_operation_costs_no_more_statements_than_alone(scim, django_assert_max_num_queries):
    with django_assert_max_num_queries(1 + 2 * 7):
        assert statuses(done(scim, post_user("ada"), post_user("bob"))) == ["201", "201"]
