"""Users of the User Hub (apis.md §3.3)."""

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import groups
from accounts.models import Employee, OutboxMail, Role
from tests.api.client import ApiClient
from tests.world import history_of

USERS = "/user-management/v1/users"
SEARCH = "/user-management/v2/users/search"


def person(**changes: object) -> dict:
    return {
        "firstName": "Dora",
        "lastName": "Dean",
        "emailAddress": "dora@acme.example",
        "role": "Bob's role",
    } | changes


def test_a_program_creates_an_employee_who_is_not_invited_yet(world, alice):
    answer = alice.post(USERS, person(mobileNumber="+1 555 0100", rank=3, hireDate="2026-01-31T00:00:00.000Z"))
    assert answer.status_code == 200
    made = Employee.objects.get(pk=answer.json()["uuid"])
    assert (made.username, made.status, made.rank, str(made.hire_date)) == (
        "dora@acme.example",
        "UNREGISTERED",
        3,
        "2026-01-31",
    )
    assert made.team.is_default
    assert made.source == "REST"
    assert ("User", "", "created") in history_of(made)
    assert not OutboxMail.objects.exists()


def test_what_was_created_is_read_back(world, alice):
    made = alice.post(USERS, person(country="DE", timeZone="Europe/Berlin")).json()["uuid"]
    for path in (f"{USERS}/{made}", f"/user-management/v3/users/{made}"):
        read = alice.get(path).json()["user"]
        assert read["userName"] == "dora@acme.example"
        assert read["fullName"] == "Dora Dean"
        assert read["country"] == "DE"
        assert read["timeZone"] == "Europe/Berlin"
        assert read["role"] == "Bob's role"
        assert read["status"] == "UNREGISTERED"
        assert None not in read.values()


def test_a_wrong_value_is_named_and_nothing_is_stored(world, alice):
    before = Employee.objects.count()
    answer = alice.post(USERS, person(emailAddress="nobody", rank=1000, timeZone="Mars/Base"))
    assert answer.status_code == 400
    problem = answer.json()
    assert set(problem) == {"code", "details", "entityType", "errors", "hostName"}
    assert set(problem["errors"]) == {"email", "username", "rank", "time_zone"}
    assert Employee.objects.count() == before


@pytest.mark.parametrize(
    "body", ["{", "[]", "7", '"x"', "null", '{"firstName": {}}', '{"firstName": "a\\u0000"}', '{"role": 5}']
)
def test_a_body_that_makes_no_sense_is_refused(world, alice, body):
    answer = alice.client.generic("POST", USERS, body, "application/json", headers=alice.headers)
    assert answer.status_code == 400
    assert answer.json()["details"]


def test_an_unknown_member_is_refused_by_name(world, alice):
    answer = alice.post(USERS, person(favouriteColour="green"))
    assert answer.status_code == 400
    assert "favouriteColour" in answer.json()["errors"]


@pytest.mark.rule("R-EMP-1")
def test_a_user_name_is_taken_once(world, alice):
    answer = alice.post(USERS, person(userName=world.bob.username.upper()))
    assert answer.status_code == 400
    assert "already in use" in answer.json()["details"]


def test_an_update_changes_what_it_names(world, alice):
    answer = alice.put(USERS, {"id": str(world.bob.pk), "lastName": "Black", "emailAddress": "new@acme.example"})
    assert answer.status_code == 200
    world.bob.refresh_from_db()
    assert (world.bob.first_name, world.bob.last_name, world.bob.email) == ("Bob", "Black", "new@acme.example")
    assert ("User.lastName", "Brown", "Black") in history_of(world.bob)


@pytest.mark.rule("R-SCIM-9")
def test_what_the_identity_provider_manages_stays(world, alice):
    Employee.objects.filter(pk=world.bob.pk).update(scim_managed=True)
    answer = alice.put(USERS, {"id": str(world.bob.pk), "lastName": "Black"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "R-SCIM-9"


def test_deactivating_answers_whom_it_did_not_work_for(world, alice):
    stranger, nobody = str(world.charlie.pk), str(uuid.uuid4())
    wanted = [str(world.bob.pk), stranger, nobody, str(world.alice.pk), "x"]
    answer = alice.post(f"{USERS}/deactivate", {"userIds": wanted})
    assert answer.json() == {"notDeletedUserIds": wanted[1:]}
    world.bob.refresh_from_db()
    assert world.bob.status == "DELETED"
    answer = alice.post(f"{USERS}/{world.bob.pk}/revive")
    assert answer.json() == {"success": True, "uuid": str(world.bob.pk)}
    world.bob.refresh_from_db()
    assert world.bob.status == "ACTIVE"


def test_more_than_twenty_are_not_deactivated_at_once(world, alice):
    answer = alice.post(
        f"{USERS}/deactivate", {"userIds": [str(world.bob.pk)] + [str(uuid.uuid4()) for _ in range(20)]}
    )
    assert answer.status_code == 400
    world.bob.refresh_from_db()
    assert world.bob.is_active


def test_inactive_people_are_listed_when_asked_for(world, alice):
    world.employee("Gone Girl", status="DELETED")
    assert "Gone Girl" not in names(alice.get(USERS))
    assert "Gone Girl" in names(alice.get(USERS, includeDeleted="True"))
    assert names(alice.get(USERS, fullNameContains="BOB")) == ["Bob Brown"]


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [user["fullName"] for user in answer.json()["users"]]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"filter": {"firstName": ["bob"]}}, ["Bob Brown"]),
        ({"filter": {"fullName": ["B"]}, "operations": {"fullName": "LIKE"}}, ["Bob Brown"]),
        ({"filter": {"status": ["ACTIVE"]}}, ["Alice Archer", "Bob Brown"]),
        ({"filter": {"status": ["ACTIVE"]}, "operations": {"status": "NOT"}}, ["Acme Administrator"]),
        ({"filter": {"role": ["Bob's role"]}}, ["Bob Brown"]),
        (
            {
                "filter": {"firstName": ["Bob"], "lastName": ["Archer"]},
                "operations": {"firstName": "OR", "lastName": "OR"},
            },
            ["Alice Archer", "Bob Brown"],
        ),
        ({"filter": {"rank": [2, 4]}, "operations": {"rank": "BETWEEN"}}, ["Bob Brown"]),
        ({"orderBy": {"firstName": "DESC"}, "top": 1}, ["Bob Brown"]),
        ({"skip": 1, "top": 1}, ["Alice Archer"]),
        ({"top": 0}, []),
    ],
    ids=str,
)
def test_search(world, alice, body, expected):
    Employee.objects.filter(pk=world.bob.pk).update(rank=3)
    Employee.objects.filter(first_name="Acme").update(status="UNREGISTERED")
    found = alice.post(SEARCH, body)
    assert names(found) == expected


@pytest.mark.parametrize(
    "body",
    [
        {"filter": {"salary": [1]}},
        {"filter": {"rank": ["x"]}},
        {"filter": {"id": ["x"]}},
        {"filter": {"rank": [1]}, "operations": {"rank": "LIKE"}},
        {"filter": {"rank": [1]}, "operations": {"rank": "BETWEEN"}},
        {"filter": {"rank": [1]}, "operations": {"rank": "SOUNDSLIKE"}},
        {"orderBy": {"salary": "ASC"}},
        {"orderBy": {"rank": "UP"}},
        {"skip": -1},
        {"top": "many"},
        {"filter": []},
    ],
    ids=str,
)
def test_a_search_that_makes_no_sense_is_refused(world, alice, body):
    answer = alice.post(SEARCH, body)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_only_the_wanted_members_are_answered(world, alice):
    users = alice.post(SEARCH, {"fields": ["userName"], "filter": {"firstName": ["Bob"]}}).json()["users"]
    assert users == [{"id": str(world.bob.pk), "userName": world.bob.username}]


def test_identities_come_in_pages(world, alice):
    first = alice.get("/user-management/v2/users/identities", top=2).json()
    assert first["totalRecords"] == 3
    assert [user["displayName"] for user in first["users"]] == ["Acme Administrator", "Alice Archer"]
    following = first["_links"]["next"].split("://", 1)[1].split("/", 1)[1]
    second = alice.get(f"/{following}").json()
    assert [user["displayName"] for user in second["users"]] == ["Bob Brown"]
    assert second["_links"]["next"] is None


def test_invitations_go_to_all_or_to_none(world, alice):
    waiting = world.employee("Wanda Waits", status="UNREGISTERED", ever_activated=False)
    by_id = "/user-management/v2/users/inviteById"
    sender = str(world.alice.pk)
    answer = alice.post(by_id, {"inviteUserIds": [str(waiting.pk), str(world.bob.pk)], "senderUserId": sender})
    assert answer.status_code == 400
    waiting.refresh_from_db()
    assert waiting.status == "UNREGISTERED"
    assert alice.post(by_id, {"inviteUserIds": [str(waiting.pk)], "senderUserId": sender}).json() == {"success": True}
    waiting.refresh_from_db()
    assert waiting.status == "PENDING"
    assert OutboxMail.objects.filter(to=waiting.email).exists()


def test_people_are_invited_by_address(world, alice):
    waiting = world.employee("Wanda Waits", status="UNREGISTERED", ever_activated=False)
    path = "/user-management/v2/users/inviteByEmail"
    body = {"emailAddressesList": [waiting.email.upper()], "senderEmail": world.alice.email}
    assert alice.post(path, body).status_code == 200
    waiting.refresh_from_db()
    assert waiting.status == "PENDING"
    body["emailAddressesList"].append("nobody@acme.example")
    answer = alice.post(path, body)
    assert answer.status_code == 404
    assert "nobody@acme.example" in answer.json()["details"]


def test_a_login_authenticator_is_assigned(world, alice):
    saml = world.external_authenticator()
    path = f"{USERS}/{world.bob.pk}/login-authenticator"
    assert alice.put(path, {"authenticatorId": str(saml.pk)}).status_code == 200
    world.bob.refresh_from_db()
    assert world.bob.login_authenticator_id == saml.pk
    assert alice.put(path, {"authenticatorId": str(uuid.uuid4())}).status_code == 400


def test_everybody_may_read_himself(world):
    bob = ApiClient(world.bob)
    assert bob.get(f"{USERS}/{world.bob.pk}").json()["user"]["fullName"] == "Bob Brown"
    assert bob.get(f"{USERS}/{world.alice.pk}").status_code == 403


def test_an_inactive_role_is_not_assigned(world, alice):
    Role.objects.filter(pk=world.role.pk).update(status="INACTIVE")
    answer = alice.post(USERS, person())
    assert answer.status_code == 400
    assert "role" in answer.json()["details"]


ASSIGN = "admin.role_management.user_assignment"


@pytest.mark.rule("R-EMP-10")
def test_a_program_gives_no_rights_it_lacks(world):
    world.bob_may("admin.employees.view", "admin.employees.create", "admin.employees.edit")
    weak, strong = world.draft("Readers", "admin.employees.view", activate=True), world.alice.primary_role
    target = world.employee("Petra Person", primary_role=weak)
    bob = ApiClient(world.bob)
    for role in (strong.name, str(strong.pk)):
        assert bob.post(USERS, person(role=role)).status_code == 403
        assert bob.put(USERS, {"id": str(target.pk), "role": role}).status_code == 403
    more = {"id": str(target.pk), "secondaryRoleIds": [str(strong.pk)]}
    assert ASSIGN in bob.put(USERS, more).json()["details"]
    agent = {"agents": [{"agentId": str(target.agent_id), "profileId": strong.number}]}
    assert ASSIGN in bob.put("/inContactAPI/services/v34.0/agents", agent).json()["agentResults"][0]["error"]
    target.refresh_from_db()
    assert (target.primary_role, list(target.secondary_roles.all())) == (weak, [])
    assert bob.post(USERS, person(role="Readers")).status_code == 200
    # What somebody has already is not given by sending it again.
    admin = {"id": str(world.alice.pk), "role": strong.name, "lastName": "Archer-Black"}
    assert bob.put(USERS, admin).status_code == 200


def test_a_program_that_may_assign_roles_gives_any_but_to_itself(world):
    world.bob_may("admin.employees.create", "admin.employees.edit", ASSIGN)
    bob = ApiClient(world.bob)
    assert bob.post(USERS, person(role="Administrator")).status_code == 200
    assert bob.put(USERS, {"id": str(world.bob.pk), "role": "Administrator"}).status_code == 400
    world.bob.refresh_from_db()
    assert world.bob.primary_role == world.role


def found_by(alice, **filters: object) -> list[str]:
    answer = alice.post(SEARCH, {"filter": filters, "orderBy": {"userName": "ASC"}})
    assert answer.status_code == 200, answer.content
    names = [user["firstName"] for user in answer.json()["users"]]
    assert answer.json()["totalRecords"] == len(names)
    return names


def test_a_person_is_found_by_every_part_of_the_name(world, alice):
    world.employee("Ann Dean", display_name="The Dean")
    world.employee("Annabel McDean", username="b@acme.example", external_id="X-1")
    assert found_by(alice, firstName=["ANN"]) == ["Ann"]
    assert found_by(alice, lastName=["dean"]) == ["Ann"]
    assert found_by(alice, lastName=["dean", "MCDEAN"]) == ["Ann", "Annabel"]
    assert found_by(alice, fullName=["annabel mcdean"]) == ["Annabel"]
    assert found_by(alice, displayName=["the dean", "Annabel McDean", "Ann Dean"]) == ["Ann", "Annabel"]
    assert (found_by(alice, externalIdentity=["X-1"]), found_by(alice, externalIdentity=["x-1"])) == (["Annabel"], [])
    like = {"filter": {"displayName": ["dean"]}, "operations": {"displayName": "LIKE"}}
    assert alice.post(SEARCH, like).json()["totalRecords"] == 2


def test_who_is_in_two_of_the_groups_is_found_once(world, alice):
    both = [groups.create({"name": name}, actor=world.actor, members={world.bob.pk: None}) for name in ("A", "B")]
    ids = [str(group.pk) for group in both]
    assert found_by(alice, groupIds=ids) == ["Bob"]
    away = {"filter": {"groupIds": ids}, "operations": {"groupIds": "NOT"}}
    assert "Bob" not in {user["firstName"] for user in alice.post(SEARCH, away).json()["users"]}
    other = world.draft("Second", activate=True)
    assert alice.put(USERS, {"id": str(world.bob.pk), "secondaryRoleIds": [str(other.pk)]}).status_code == 200
    assert found_by(alice, secondaryRoleIds=[str(other.pk)]) == ["Bob"]
    assert found_by(alice, role=["bob's ROLE"]) == ["Bob"]


@pytest.mark.parametrize("name", ["userName", "emailAddress", "fullName", "firstName", "externalIdentity", "groupIds"])
def test_what_singles_out_somebody_is_looked_up_in_its_index(world, alice, name):
    """The plan, not the time: with few records every plan is quick."""
    values = {"groupIds": [str(world.bob.pk)]}.get(name, ["nobody"])
    with CaptureQueriesContext(connection) as captured:
        assert found_by(alice, **{name: values}) == []
    counted = next(query["sql"] for query in captured if "COUNT(*)" in query["sql"])
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN QUERY PLAN " + counted)
            plan = " ".join(str(row[3]) for row in cursor.fetchall())
        assert "SCAN accounts_employee" not in plan
        assert re.search(r"business_unit_id=\? AND \w+_(key|id)[=>]|COVERING INDEX \w+ \(group_id=", plan), plan
