"""`cxadmin generate`: a tenant full of invented employees, as provisioning would have made them."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import AuditEvent, Employee, OutboxMail, Role
from cxadmin.lab import generation, seeds

TOKEN = seeds.SEEDS[0].secrets.scim_token
DIFFERENT = {"id", "agent_id", "username", "username_key", "email", "email_key", "first_name", "last_name", "name_key"}
TIMES = {"created_at", "modified_at", "last_activity_at"}


@pytest.fixture
def demo(db):
    """The seeded tenant, and batches small enough that a few people are several of them."""
    return seeds.plant(seeds.SEEDS[0])


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(generation, "BATCH", 4)
    monkeypatch.setattr(generation, "tidy", lambda: None)  # VACUUM refuses to run inside a test's transaction


def generate(number, **options):
    out = StringIO()
    call_command("generate", employees=number, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def scim(path):
    return Client().get(f"/oauth/scim/v2{path}", headers={"Authorization": f"Bearer {TOKEN}"}).json()


def invented():
    return Employee.objects.filter(external_id__startswith="1-").order_by("id")


def test_generated_employees_are_what_scim_lists(demo):
    before = scim("/Users?count=0")["totalResults"]
    assert "demo has 10 invented employees, 10 of them new" in generate(10)
    assert scim("/Users?count=0")["totalResults"] == before + 10
    someone = invented()[7]
    found = scim(f'/Users?filter=userName eq "{someone.username.upper()}"')["Resources"]
    assert [user["id"] for user in found] == [str(someone.pk)]
    assert scim(f"/Users/{someone.pk}")["name"]["familyName"] == someone.last_name
    assert found[0]["roles"][0]["display"] == "Agent"
    assert found[0]["active"] is True


def test_they_are_exactly_what_provisioning_makes(demo):
    body = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "pushed@demo.example",
        "name": {"givenName": "Pushed", "familyName": "Person"},
        "emails": [{"value": "pushed@demo.example", "type": "work", "primary": True}],
        "externalId": "1-x",
    }
    created = Client().post(
        "/oauth/scim/v2/Users",
        body,
        content_type="application/scim+json",
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    assert created.status_code == 201
    generate(6)
    pushed, *others = invented().values()
    for other in others:
        differing = {name for name, value in other.items() if pushed[name] != value}
        assert differing <= DIFFERENT | TIMES | {"external_id", "created_by", "modified_by"}
        assert other["created_by"] == "System"


def test_the_same_seed_invents_the_same_people_and_another_seed_others(demo):
    generate(5)
    names = set(invented().values_list("username", flat=True))
    invented().delete()
    generate(5)
    assert set(invented().values_list("username", flat=True)) == names
    assert "5 of them new" in generate(5, seed=2)


def test_it_goes_on_where_it_stopped(demo):
    generate(6)
    kept = set(invented().values_list("pk", flat=True))
    assert "demo has 11 invented employees, 5 of them new" in generate(11)
    assert invented().count() == 11
    assert kept < set(invented().values_list("pk", flat=True))
    assert "0 of them new" in generate(11)


def test_a_gap_is_filled(demo):
    generate(6)
    invented()[2].delete()
    assert "1 of them new" in generate(6)
    assert invented().count() == 6


def test_agent_ids_are_drawn_again_when_somebody_has_them(demo, monkeypatch):
    generate(2)
    taken = list(Employee.objects.values_list("agent_id", flat=True))
    drawn = iter([*taken, *range(20_000_000, 20_000_100)])
    monkeypatch.setattr(generation, "new_number", lambda: next(drawn))
    generate(8)
    assert invented().count() == 8


def test_the_trail_has_one_event_for_each_batch_and_nobody_is_mailed(demo):
    demo.settings.scim_auto_invite = True
    demo.settings.save()
    generate(6)
    events = AuditEvent.objects.filter(entity="BusinessUnit").order_by("id")
    assert [event.changes[0][2] for event in events] == ["4 of the people 1 to 4", "2 of the people 5 to 6"]
    assert {event.triggered_by_name for event in events} == {"System"}
    assert not OutboxMail.objects.exists()
    assert not invented().exclude(status="UNREGISTERED").exists()


def test_scripts_get_json(demo):
    result = json.loads(generate(3, json=True))
    assert (result["tenant"], result["employees"], result["created"]) == ("demo", 3, 3)


@pytest.mark.parametrize("number", ["0", "-5", "many", "1.5", "1e6", "", "10,000,001", "٣", "9" * 50])
def test_a_bad_number_is_refused_with_what_would_be_right(db, number):
    with pytest.raises(CommandError, match="Give a whole number from 1 to 10,000,000, not "):
        call_command("generate", f"--employees={number}")


def test_thousands_may_be_separated(demo):
    out = StringIO()
    call_command("generate", "--employees=0,005", stdout=out)
    assert "5 invented employees" in out.getvalue()


def test_an_unknown_tenant_is_refused_with_the_tenants_there_are(demo):
    with pytest.raises(CommandError, match=r"There is no tenant 'other'\. The tenants are: demo\."):
        generate(5, tenant="other")


def test_without_a_default_role_nobody_is_made(demo):
    Role.objects.filter(name="Agent").update(status="INACTIVE")
    with pytest.raises(CommandError, match="No active role named Agent"):
        generate(5)
    assert not invented().exists()
    assert not AuditEvent.objects.filter(entity="BusinessUnit").exists()
