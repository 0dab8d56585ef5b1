"""What holds for every call: error shapes, correlation, origins, statements, and nothing of the web session."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import applications
from accounts.ids import fold
from accounts.models import Application, Employee
from tests.api.calls import registration, things
from tests.api.client import CLASSIC, ApiClient

SHAPES = [
    ("E1", f"{CLASSIC}/agents/7", 404, {"error", "error_description"}),
    ("E1, other spelling", f"{CLASSIC}/security-profiles/7", 404, {"error", "errorDescription"}),
    ("E2", "/user-management/v3/users/7", 404, {"code", "details", "entityType", "errors", "hostname"}),
    ("E2, first version", "/user-management/v1/users/7", 404, {"code", "details", "entityType", "errors", "hostName"}),
    (
        "E2, divisions",
        "/division-management/v1/division/7",
        404,
        {"code", "details", "entityType", "errors", "hostname"},
    ),
    ("E4", f"{CLASSIC}/unavailable-codes/7", 404, {"errorCode", "errorMessage", "path", "timestamp"}),
    ("E4, agent profiles", "/agent-profiles/v1/profiles", 404, {"errorCode", "errorMessage", "path", "timestamp"}),
    ("E6", "/dfo/3.0/contacts", 404, {"errors", "uid"}),
]


@pytest.mark.parametrize(("path", "status", "members"), [row[1:] for row in SHAPES], ids=[row[0] for row in SHAPES])
def test_each_service_says_no_in_its_own_shape(world, alice, path, status, members):
    answer = alice.get(path)
    assert answer.status_code == status
    assert set(answer.json()) == members
    assert answer.headers["Content-Type"] == "application/json"


UNKNOWN = [
    ("E1", f"{CLASSIC}/agents", {"error", "error_description"}),
    ("E3", "/user-management/v1/users", {"timestamp", "status", "error", "message", "path"}),
    ("E3", "/division-management/v1/division/1", {"timestamp", "status", "error", "message", "path"}),
    ("E5", "/agent-profiles/v1/profiles", {"message"}),
]


@pytest.mark.parametrize(("path", "members"), [row[1:] for row in UNKNOWN], ids=[row[1] for row in UNKNOWN])
def test_each_service_refuses_the_unknown_in_its_own_shape(world, path, members):
    answer = ApiClient(None).get(path)
    assert answer.status_code == 401
    assert set(answer.json()) == members
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_correlation_comes_back(world, alice):
    alice.headers["CorrelationId"] = "abc-123"
    for path in (f"{CLASSIC}/server-time", "/tenants/v2/current", f"{CLASSIC}/nothing"):
        assert alice.get(path).headers["CorrelationId"] == "abc-123"
    alice.headers["CorrelationId"] = "é" * 10
    assert "CorrelationId" not in alice.get(f"{CLASSIC}/server-time").headers


def test_pages_of_registered_origins_may_call(world, alice):
    values = registration(origins=["https://app.example"])
    assert applications.register(values, unit=world.acme, actor=world.actor).status == Application.Status.ENABLED
    for origin, allowed in (("https://app.example", True), ("https://other.example", False)):
        headers = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
        preflight = ApiClient(None, **headers).call("options", f"{CLASSIC}/agents")
        assert preflight.status_code == 204
        assert ("Access-Control-Allow-Origin" in preflight.headers) is allowed
        alice.headers["Origin"] = origin
        for path in (f"{CLASSIC}/agents", f"{CLASSIC}/nothing", "/user-management/v1/users"):
            assert (alice.get(path).headers.get("Access-Control-Allow-Origin") == origin) is allowed


def test_a_web_session_opens_nothing_and_none_is_begun(world, alice):
    browser = world.client()
    assert browser.get(f"{CLASSIC}/agents").status_code == 401
    assert alice.get(f"{CLASSIC}/agents").cookies == {}


def test_what_was_done_is_credited_to_the_key(world, alice):
    alice.put("/user-management/v1/users", {"id": str(world.bob.pk), "lastName": "Black"})
    from accounts.models import AuditEvent

    event = AuditEvent.objects.filter(entity_id=world.bob.pk).latest("at")
    assert (event.channel, event.triggered_by) == ("REST", world.alice)
    assert event.credential.startswith("access key ")


LISTS = [
    ("GET", "/user-management/v1/users", None),
    ("GET", "/user-management/v2/users/identities?top=5000", None),
    ("POST", "/user-management/v2/users/search", {"top": 5000}),
    ("GET", f"{CLASSIC}/agents", None),
    ("GET", f"{CLASSIC}/agents/states", None),
    ("GET", f"{CLASSIC}/agents/skills?isAgentActive=true&isActive=true", None),
    ("POST", f"{CLASSIC}/agents/search", {}),
    ("GET", f"{CLASSIC}/teams", None),
    ("GET", f"{CLASSIC}/teams/agents", None),
]


def test_a_list_costs_the_same_statements_however_long_it_is(world, alice):
    t = things(world)
    t.group.members.add(t.person)
    costs = {}
    for people in (10, 1000):
        hire_many(t.person, people)
        for method, path, body in LISTS:
            alice.call(method, path, body)
            with CaptureQueriesContext(
                connection,
            ) as statements:
                answer = alice.call(method, path, body)
            assert answer.status_code == 200
            costs.setdefault((method, path), []).append(len(statements))
    assert {name: cost for name, cost in costs.items() if cost[0] != cost[1] or cost[0] > 12} == {}


def hire_many(like: Employee, how_many: int) -> None:
    fields = {f.attname: getattr(like, f.attname) for f in Employee._meta.concrete_fields}
    made = []
    for at in range(how_many):
        username = f"{how_many}.{at}@acme.example"
        own = {
            "id": uuid.uuid4(),
            "agent_id": how_many * 10_000 + at,
            "username": username,
            "username_key": fold(username),
        }
        made.append(Employee(**(fields | own)))
    Employee.objects.bulk_create(made)
