"""Every operation of the vendor's documents is served, and its answers fit the schemas there.

The documents are not part of this repository; the test reads them beside it and is skipped where they are absent.
"""

import os
import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from accounts.api.operations import Operation
from tests.api.calls import EVERY, is_classic, make, sample, things, undone
from tests.api.schema import Schemas

PLACES = [os.environ.get("VENDOR_OPENAPI", ""), "shared/spec/vendor-openapi-subset.yaml"]
# Served by other parts of the product, and tested there.
ELSEWHERE = ("/.well-known", "/auth/", "/scim/", "/basic-auth/")
PREFIX = "/inContactAPI/services/v34.0"

# Method, path, what the schema says about our answer, and why it stays so.
DEVIATIONS: list[tuple[str, str, str, str]] = [
    ("POST", "/agents/search", "agentId is not documented", "called agentID_alt there, which no client reads"),
    ("PUT", "/agents/{agent_id}", "agentId is missing", "required by the schema, which has no such property"),
    ("GET", "/agents/{agent_id}/skills", "resultSet is missing", "required by the schema, which has no such property"),
    (
        "POST",
        "/groups/{group_id}/agents",
        "is not documented",
        "the text says results with an error count, as for DELETE",
    ),
]


@cache
def document() -> dict | None:
    root = Path(__file__).resolve().parents[2]
    for folder in (root, *root.parents):
        for place in PLACES:
            if place and (folder / place).is_file():
                return yaml.safe_load((folder / place).read_text())
    return None


@pytest.fixture
def vendor() -> Schemas:
    found = document()
    if found is None:
        pytest.skip("The vendor's OpenAPI subset (shared/spec/vendor-openapi-subset.yaml) is not beside this checkout.")
    return Schemas(found)


def shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def key(operation: Operation) -> tuple[str, str]:
    path = f"{PREFIX}{operation.path}" if is_classic(operation) else operation.path
    return operation.method, shape(path)


def documented(vendor: Schemas) -> dict[tuple[str, str], dict]:
    return {
        (method.upper(), shape(path)): operation
        for path, methods in vendor.document["paths"].items()
        if not path.startswith(ELSEWHERE)
        for method, operation in methods.items()
    }


def test_every_documented_operation_is_served(vendor):
    assert set(documented(vendor)) - {key(operation) for operation in EVERY} == set()


def test_the_answers_fit_the_documents(world, alice, vendor):
    t = things(world)
    described = documented(vendor)
    found = {}
    for operation in EVERY:
        with undone():
            answer = make(alice, operation, t)
        problems = problems_of(vendor, described.get(key(operation), {}), answer)
        if answer.status_code != sample(operation, t).status:
            problems.append(f"{answer.status_code} {answer.content[:200]}")
        problems = [problem for problem in problems if not is_deviation(operation, problem)]
        if problems:
            found[f"{operation.method} {operation.path}"] = problems
    assert not found, "\n".join(f"{name}: {problem}" for name, problems in found.items() for problem in problems)


def problems_of(vendor: Schemas, described: dict, answer) -> list[str]:
    response = vendor.resolved(described.get("responses", {}).get(str(answer.status_code), {}))
    schema = response.get("content", {}).get("application/json", {}).get("schema")
    if schema is None or answer.status_code in (202, 204) or not answer.content:
        return []
    wrong_type = [] if answer.headers["Content-Type"] == "application/json" else ["not application/json"]
    return wrong_type + vendor.problems(schema, answer.json())


def is_deviation(operation: Operation, problem: str) -> bool:
    # A neighbour that does not exist is null: clients of the original read `next` without asking whether it is there.
    if re.search(r"_links\.(next|previous): None is no string", problem):
        return True
    return any(
        (operation.method, operation.path) == (method, path) and re.search(pattern, problem)
        for method, path, pattern, _reason in DEVIATIONS
    )
