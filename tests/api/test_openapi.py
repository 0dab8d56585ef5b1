"""docs/openapi.json says what the code does: every operation, what each reads, and every answer."""

import json
from pathlib import Path
from typing import Any

from django.urls import get_resolver

from accounts.api import reading
from accounts.api.described import document as described
from accounts.oauth import described as oauth
from cxadmin import openapi
from tests.api.calls import EVERY, make, sample, things, undone
from tests.api.client import ApiClient
from tests.api.schema import Schemas

FILE = Path(__file__).resolve().parents[2] / openapi.FILE
DOCUMENT = json.loads(FILE.read_text(encoding="utf-8"))
ROWS = described.rows()


def operation_of(path: str, method: str) -> dict[str, Any]:
    return DOCUMENT["paths"][path][method.lower()]


def test_the_document_is_the_present_one():
    assert FILE.read_text(encoding="utf-8") == openapi.file_content(), "Run: python -m cxadmin.openapi"


def test_every_operation_has_a_row_and_every_row_an_operation():
    assert [row[1] for row in ROWS] == EVERY
    tables = {*described.CLASSIC, *described.HUB}
    assert tables == {f"{operation.method} {operation.path}" for operation in EVERY}


def test_every_address_of_oauth_is_described():
    served = {
        str(pattern.pattern)
        for pattern in get_resolver("accounts.oauth.urls").url_patterns
        if "whoami" not in str(pattern.name)
    }
    written = {path.removeprefix("/") for path in oauth.paths() if "whoami" not in path}
    assert served == written


def test_operation_ids_and_summaries_tell_operations_apart():
    calls = [call for item in DOCUMENT["paths"].values() for name, call in item.items() if name in METHODS]
    for member in ("operationId", "summary"):
        missing = [call for call in calls if not call.get(member)]
        assert not missing
    ids = [call["operationId"] for call in calls]
    assert sorted(ids) == sorted(set(ids))


METHODS = ("get", "post", "put", "patch", "delete")


def test_every_answer_has_a_documented_status_and_only_documented_members(world, alice):
    t, schemas, found = things(world), Schemas(DOCUMENT), []
    for _service, operation, _about, path in ROWS:
        with undone():
            answer = make(alice, operation, t)
        found += [
            f"{operation.method} {path} {problem}" for problem in problems(schemas, path, operation.method, answer)
        ]
    assert not found, "\n".join(found)


def problems(schemas: Schemas, path: str, method: str, answer: Any) -> list[str]:
    """Where an answer is another one than the document says."""
    said = operation_of(path, method)["responses"].get(str(answer.status_code))
    if said is None:
        return [f"{answer.status_code} is not documented: {answer.content[:200]!r}"]
    content = said.get("content", {}).get("application/json")
    if content is None:
        return [f"{answer.status_code} has a body: {answer.content[:200]!r}"] if answer.content else []
    return schemas.problems(content["schema"], answer.json())


def test_strangers_and_people_without_rights_get_documented_refusals(world):
    t, schemas, found = things(world), Schemas(DOCUMENT), []
    powerless = ApiClient(world.bob)
    world.bob_may()
    for client in (ApiClient(None), powerless):
        for _service, operation, _about, path in ROWS:
            with undone():
                answer = make(client, operation, t)
            found += [f"{operation.method} {path} {p}" for p in problems(schemas, path, operation.method, answer)]
    assert not found, "\n".join(found)


# Read only where the one before it is not given.
UNREAD = {("GET", "/access-key-management/v1/access-keys"): {"agentId"}}


def test_what_operations_read_of_the_query_is_what_is_documented(world, alice, monkeypatch):
    """Every parameter that is read is documented; every documented one is read, where the sample call succeeds."""
    names: set[str] = set()
    read = reading.text

    def noting(call: Any, *wanted: str, default: str = "") -> str:
        names.add(wanted[0])
        return read(call, *wanted, default=default)

    monkeypatch.setattr(reading, "text", noting)
    t, wrong = things(world), []
    for _service, operation, about, _path in ROWS:
        names.clear()
        with undone():
            answer = make(alice, operation, t)
        documented = {parameter.name for parameter in about.query}
        unread = documented - names - UNREAD.get((operation.method, operation.path), set())
        if names - documented or (answer.status_code == 200 and unread):
            wrong.append(f"{operation.method} {operation.path}: reads {sorted(names)}, documented {sorted(documented)}")
    assert not wrong, "\n".join(wrong)


def test_bodies_of_samples_fit_the_document(world):
    t, schemas, found = things(world), Schemas(DOCUMENT), []
    for _service, operation, about, path in ROWS:
        body = sample(operation, t).body
        if body is None or about.body is None:
            if body is not None and not about.summary.startswith("Refused"):
                found.append(f"{operation.method} {path} takes a body")
            continue
        schema = operation_of(path, operation.method)["requestBody"]["content"]["application/json"]["schema"]
        found += [f"{operation.method} {path} {problem}" for problem in schemas.problems(schema, body)]
    assert not found, "\n".join(found)
