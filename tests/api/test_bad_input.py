"""Whatever a program sends, it gets an answer in the documented shape, and never a fault of ours."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.calls import EVERY, address, make, sample, things, undone
from tests.api.client import CLASSIC, ApiClient

STRANGE = [None, True, 1.5, "", "é💥", [[]], {"a": {"b": 1}}]
STRANGE_MEMBERS = [None, 10**30, "\x00", "x" * 5000, {"a": 1}]


def mutations(value: Any, strange: list[Any] = STRANGE) -> Iterator[Any]:
    """The value with each of its parts replaced by something strange, one at a time."""
    yield from strange
    if isinstance(value, dict):
        for name, member in value.items():
            for changed in mutations(member, STRANGE_MEMBERS):
                yield value | {name: changed}
    elif isinstance(value, list) and value:
        for changed in mutations(value[0], STRANGE_MEMBERS):
            yield [changed, *value[1:]]


def test_a_strange_body_is_refused_or_done_but_never_a_fault(world, alice):
    t = things(world)
    wrong = []
    for operation in EVERY:
        body = sample(operation, t).body
        if body is None:
            continue
        query, path = sample(operation, t).query, address(operation, t.placeholders())
        for changed in mutations(copy.deepcopy(body)):
            with undone():
                answer = alice.call(operation.method, path, changed, **query)
            if answer.status_code >= 500 or (answer.status_code >= 400 and not isinstance(answer.json(), dict)):
                wrong.append(f"{operation.method} {path} {json.dumps(changed)[:200]}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


QUERIES = {
    "skip": ["-1", "99999999999"],
    "top": ["x", "%00"],
    "orderBy": ["salary", "agentId sideways"],
    "fields": ["%00"],
    "searchString": ["%00", "%25"],
    "updateSince": ["2026-13-45", "0001-01-01T00:00:00%2B14:00"],
    "isActive": ["perhaps"],
    "agentId": ["x", "99999999999"],
    "userId": ["%00"],
    "filter": ["%00"],
    "apiversion": ["-1"],
}


def test_a_strange_query_is_refused_or_ignored_but_never_a_fault(world, alice):
    t = things(world)
    wrong = []
    for operation in EVERY:
        if operation.method != "GET" or "{" in operation.path.replace("{agent_id}", ""):
            continue
        path = address(operation, t.placeholders())
        for name, values in QUERIES.items():
            for value in values:
                answer = alice.get(path, **(sample(operation, t).query | {name: value}))
                if answer.status_code >= 500:
                    wrong.append(f"{path}?{name}={value}")
    assert not wrong, "\n".join(wrong)


def test_a_strange_address_is_not_found(world, alice):
    t = things(world)
    wrong = []
    for operation in EVERY:
        for name in t.placeholders():
            if f"{{{name}}}" not in operation.path:
                continue
            for value in ("-1", "%00", "99999999999999999999", "00000000-0000-0000-0000-000000000000"):
                with undone():
                    answer = make(alice, operation, t, t.placeholders() | {name: value})
                if answer.status_code not in (404, 405) and name != "billing_code":
                    wrong.append(f"{operation.method} {operation.path} {value}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "path", [f"{CLASSIC}/tigers", "/user-management/v9/users", "/division-management/v1/nothing", "/tenants"]
)
def test_what_is_not_served_is_said_in_the_dialect_of_the_service(world, alice, path):
    answer = alice.get(path)
    assert answer.status_code == 404
    expected = (
        {"error", "error_description"}
        if path.startswith(CLASSIC)
        else {"code", "details", "entityType", "errors", "hostname"}
    )
    assert set(answer.json()) == expected


def test_another_method_is_refused_with_those_that_are_served(world, alice):
    answer = alice.delete(f"{CLASSIC}/agents")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, POST, PUT, OPTIONS"


def test_a_body_is_not_endless(world, alice):
    answer = alice.put("/user-management/v1/users", {"id": str(world.bob.pk), "lastName": "x" * 3_000_000})
    assert answer.status_code == 413
    assert answer.json()["details"] == "The body is too long."


def test_a_batch_is_not_endless(world, alice):
    answer = alice.post(f"{CLASSIC}/agents", {"agents": [{}] * 201})
    assert answer.status_code == 400
    assert "200" in answer.json()["error_description"]


def test_an_unknown_caller_learns_nothing_of_addresses(world):
    assert ApiClient(None).get(f"{CLASSIC}/tigers").status_code == 401
