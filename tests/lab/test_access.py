"""Who may use the lab, and the one setting that turns it off."""

import importlib
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import clear_url_caches

from accounts.models import Employee
from cxadmin import urls
from cxadmin.lab import access, credentials, seeds
from tests.world import visible


@pytest.fixture
def lab_is_off(settings):
    settings.LAB = False
    importlib.reload(urls)
    clear_url_caches()
    yield
    settings.LAB = True
    importlib.reload(urls)
    clear_url_caches()


def with_key(key=None):
    return {"Authorization": f"Bearer {key or access.control_key()}"}


def test_the_administrators_of_the_seed_are_lab_operators(world):
    flagged = Employee.objects.filter(is_lab_operator=True).values_list("username", flat=True)
    assert sorted(flagged) == ["admin@acme.example", "admin@strange.example"]


def test_the_index_says_what_answers(client, db):
    answer = client.get("/_lab/", headers=with_key())
    assert answer.json()["product"] == "cxadmin"
    assert answer["X-Request-Id"]


def test_a_refusal_is_a_problem_document(client, db):
    answer = client.post("/_lab/", headers=with_key())
    assert (answer.status_code, answer["Content-Type"], answer["Allow"]) == (405, "application/problem+json", "GET")
    assert client.post("/_lab/nothing", headers=with_key()).json()["status"] == 404


def test_the_control_key_follows_from_the_secret_unless_it_is_set(client, db, settings):
    first = access.control_key()
    assert first.startswith("cxl_")
    settings.SECRET_KEY = "another"
    assert access.control_key() != first
    settings.LAB_KEY = "chosen-by-me"
    assert client.get("/_lab/", headers=with_key("chosen-by-me")).status_code == 200
    assert client.get("/_lab/", headers=with_key(first)).status_code == 401


def test_the_credentials_name_the_lab_and_its_key(world, settings):
    seed = seeds.Seed("acme", 1000001, "Acme", is_bare=True)
    doc = credentials.document(world.acme, seed, seeds.Secrets(), "http://x.example")
    assert doc["lab"] == {
        "url": "http://x.example/lab/",
        "control_url": "http://x.example/_lab/",
        "control_key": access.control_key(),
    }
    assert access.control_key() in credentials.table(doc)
    settings.LAB = False
    without = credentials.document(world.acme, seed, seeds.Secrets(), "http://x.example")
    assert set(without["lab"].values()) == {None}
    assert "cxl_" not in credentials.table(without) + json.dumps(without)


def test_one_setting_turns_the_lab_off(world, lab_is_off):
    world.alice.is_lab_operator = True
    world.alice.save()
    alice = world.client()
    for path in (
        "/lab/",
        "/lab/mail/",
        "/lab/requests/",
        "/lab/requests/sequence/",
        "/lab/checklist/",
        "/lab/simulator/",
        "/lab/tenants/",
        "/lab/faults/",
        "/lab/clock/",
    ):
        assert alice.get(path).status_code == 404
    for path in ("", "faults", "mail", "simulations", "tenants", "tenants/acme/checklist"):
        assert alice.get(f"/_lab/{path}", headers=with_key()).status_code == 404
    page = alice.get("/admin/employees/")
    assert page.status_code == 200
    assert "Mail outbox" not in visible(page)
    assert "/lab/" not in page.content.decode()


def test_a_command_makes_operators(world):
    out = StringIO()
    call_command("operator", "BOB@acme.example", tenant="acme", stdout=out)
    world.bob.refresh_from_db()
    assert world.bob.is_lab_operator
    assert "now a lab operator" in out.getvalue()
    call_command("operator", "bob@acme.example", tenant="acme", remove=True, stdout=out)
    world.bob.refresh_from_db()
    assert not world.bob.is_lab_operator
    with pytest.raises(CommandError, match="no employee"):
        call_command("operator", "nobody@acme.example", tenant="acme")
