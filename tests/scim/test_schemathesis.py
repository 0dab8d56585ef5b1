"""Requests made from the OpenAPI document of the SCIM endpoints, valid and broken: as `tests/api/test_schemathesis.py`."""

from collections import Counter

import pytest

from tests.fuzz import attack, document, operations


def test_every_answer_is_a_documented_one(scim, pytestconfig):
    ada = scim.user("ada")
    known = {"id": [ada["id"], scim.group("Staff", ada["id"])["id"]]}
    headers = {"Authorization": scim.authorization}
    every = operations(lambda path: path.startswith("/scim/"))
    for operation in every:
        operation.path = f"/oauth{operation.path}"
    times = max(pytestconfig.getoption("schemathesis_requests") // len(every), 2)
    statuses: Counter[int] = Counter()
    wrong = [found for operation in every for found in attack(operation, headers, known, times, statuses)]
    assert not wrong, f"{len(wrong)} answers\n" + "\n".join(wrong[:60])
    assert statuses[200] > len(every), statuses


@pytest.mark.parametrize(
    ("status", "schema"), [("418", {}), ("200", {"type": "object", "required": ["nothingOfTheKind"]})]
)
def test_another_answer_than_the_document_says_is_found(scim, status, schema):
    said = document()
    responses = {status: {"description": "", "content": {"application/scim+json": {"schema": schema}}}}
    said["paths"] = {"/oauth/scim/v2/ServiceProviderConfig": {"get": {"responses": responses}}}
    (operation,) = operations(lambda path: True, said)
    headers = {"Authorization": scim.authorization}
    assert attack(operation, headers, {}, 3, Counter())
