"""The document of the control API says what the code does: every address, every method, and what they answer."""

import inspect
import json
import re

import pytest
from django.urls import reverse

from accounts.models import Employee
from cxadmin.lab import control_mail, control_requests, described, exchanges
from cxadmin.lab.access import control_key
from tests.accounts.test_page_permissions import CONTROL
from tests.api.schema import Schemas
from tests.lab.test_access import lab_is_off  # noqa: F401  # a fixture

KEY = {"Authorization": f"Bearer {control_key()}"}
METHODS = ("get", "post", "put", "patch", "delete")


def served(client) -> dict:
    return client.get("/_lab/openapi.json", headers=KEY).json()


def test_every_method_of_every_address_is_described():
    for address in described.addresses():
        assert set(address.described) == set(address.methods), (
            f"{address.path}: put @describe(…) below its @controls, see cxadmin/lab/described.py"
        )


def test_operations_are_told_apart_and_have_a_line_and_a_group(client, db):
    document = served(client)
    calls = [call for item in document["paths"].values() for name, call in item.items() if name in METHODS]
    ids = [call["operationId"] for call in calls]
    assert sorted(ids) == sorted(set(ids))
    for call in calls:
        assert re.fullmatch(r"[A-Z][^\n]{3,100}[^.]", call["summary"]), call
        assert len(call["tags"]) == 1
        assert "401" in call["responses"]


@pytest.mark.parametrize("page", CONTROL, ids=[page.name for page in CONTROL])
def test_answers_fit_the_document(world, client, page):
    """The rows of the permission table: their answers, and the refusal without a key."""
    if page.name.endswith("not-here"):
        return
    document, args = served(client), page.own(world)
    address = next(one for one in described.addresses() if f"lab-control:{one.name}" == page.name)
    call = document["paths"][address.path][page.method]
    for headers, status in ((KEY, page.answer), ({}, 401)):
        answer = getattr(client, page.method)(reverse(page.name, args=args), headers=headers)
        assert answer.status_code == status
        said = call["responses"][str(status)].get("content", {})
        if answer.content:
            media = answer["Content-Type"].partition(";")[0]
            body = answer.json() if media.endswith("json") else answer.content.decode()
            assert Schemas(document).problems(said[media]["schema"], body) == []
        else:
            assert not said


@pytest.mark.parametrize(
    ("path", "view"),
    [("/_lab/requests", control_requests.narrowed), ("/_lab/mail", control_mail.narrowed),
     ("/_lab/mail/latest", control_mail.narrowed)],
)  # fmt: skip
def test_the_parameters_are_those_that_are_read(client, db, path, view):
    assert inspect.isfunction(view)
    documented = {one["name"] for one in served(client)["paths"][path]["get"]["parameters"]}
    refusal = client.get(path, {"nonsense": "1"}, headers=KEY).json()["detail"]
    known = set(refusal.partition("known are ")[2].rstrip(".").split(", "))
    assert documented == known


def test_the_words_of_the_filters_are_those_of_the_page(client, db):
    documented = {one["name"]: one["schema"] for one in served(client)["paths"]["/_lab/requests"]["get"]["parameters"]}
    for one in exchanges.filters([]):
        if words := documented[one.key].get("enum"):
            assert set(words) == {str(value) for value, _ in one.choices if value}


def test_the_index_leads_there(client, db):
    assert client.get("/_lab/", headers=KEY).json()["openapi"].endswith("/_lab/openapi.json")
    assert client.get("/_lab/openapi.json").status_code == 401


def test_it_is_in_the_documentation_with_the_key_for_operators_only(world, client):
    page = client.get("/api/docs/lab/").content.decode()
    assert 'data-document="/api/docs/lab/openapi.json"' in page
    assert "data-key" not in page
    assert control_key() not in page
    assert "data-key" not in world.client().get("/api/docs/lab/").content.decode()
    Employee.objects.filter(pk=world.alice.pk).update(is_lab_operator=True)
    alice = world.client()
    page = alice.get("/api/docs/lab/").content.decode()
    assert 'data-key="/lab/control-key/"' in page
    assert control_key() not in page
    found = alice.get("/lab/control-key/")
    assert found.json() == {"control_key": control_key()}
    assert "no-store" in found["Cache-Control"]
    assert client.get("/api/docs/lab/openapi.json").json() == json.loads(json.dumps(served(client)))
    assert 'href="/api/docs/lab/"' in client.get("/api/docs/").content.decode()


def test_without_the_lab_there_is_no_document(client, db, lab_is_off):  # noqa: F811
    assert client.get("/api/docs/lab/").status_code == 404
    assert client.get("/api/docs/lab/openapi.json").status_code == 404
    assert "/api/docs/lab/" not in client.get("/api/docs/").content.decode()
