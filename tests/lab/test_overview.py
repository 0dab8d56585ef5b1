"""Lab › Overview: the tenant's employees by status and source, as a picture and in numbers."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Employee
from tests.world import visible

VIEW, OPERATOR = "admin.employees.view", "lab.operator"


@pytest.fixture
def peopled(world):
    """Acme with two people of an identity provider and one more who has not been invited."""
    for name in ("Ada One", "Bea Two"):
        person = world.employee(name)
        Employee.objects.filter(pk=person.pk).update(scim_managed=True)
    world.employee("Cleo Three", status="UNREGISTERED", ever_activated=False)
    return world


def widths(page):
    """The bars of each status: how wide the part of the identity provider is, and the other."""
    found = re.findall(r'class="share-bar-(\w+)" x="[\d.]+" y="0" width="([\d.]+)"', page.content.decode())
    return list(zip(*[iter((kind, float(width)) for kind, width in found)] * 2, strict=True))


def test_employees_are_counted_by_status_and_source_and_drawn_to_scale(peopled):
    page = peopled.bob_may(OPERATOR, VIEW).get("/lab/")
    text = visible(page)
    active = Employee.objects.filter(business_unit=peopled.acme, status="ACTIVE")
    local = active.filter(scim_managed=False).count()
    assert f"Employees of Acme {Employee.objects.filter(business_unit=peopled.acme).count()} employees" in text
    assert f"Not Invited 0 1 Pending 0 0 Active 2 {local} Locked 0 0 Inactive 0 0" in text
    not_invited, _pending, shown_active, *_rest = widths(page)
    assert shown_active == (
        ("managed", pytest.approx(2000 / (2 + local), abs=0.01)),
        ("local", pytest.approx(1000 * local / (2 + local), abs=0.01)),
    )
    assert not_invited[1] == ("local", pytest.approx(1000 / (2 + local), abs=0.01))


def test_a_number_leads_to_its_employees_if_one_may_see_them(peopled):
    client = peopled.bob_may(OPERATOR, VIEW)
    path = "/admin/employees/?status=ACTIVE&amp;source=scim"
    assert f'<a href="{path}">2</a>' in client.get("/lab/").content.decode()
    shown = visible(client.get(path.replace("&amp;", "&")))
    assert "2 employees" in shown
    assert "Ada One" in shown
    assert "Cleo Three" not in shown
    without = peopled.bob_may(OPERATOR).get("/lab/")
    assert "Active 2" in visible(without)
    assert "/admin/employees/" not in without.content.decode()


def test_other_tenants_do_not_count(peopled):
    Employee.objects.filter(pk=peopled.charlie.pk).update(status="BLOCKED", lock_reason="INACTIVITY")
    assert "Locked 0 0" in visible(peopled.bob_may(OPERATOR).get("/lab/"))


def test_counting_is_one_statement_on_an_index_however_many_there_are(peopled):
    client = peopled.bob_may(OPERATOR)
    client.get("/lab/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get("/lab/")
    Employee.objects.filter(business_unit=peopled.acme).exclude(pk=peopled.bob.pk).update(status="PENDING")
    for number in range(30):
        peopled.employee(f"Extra No{number}", username=f"extra{number}@acme.example")
    with CaptureQueriesContext(connection) as many:
        client.get("/lab/")
    assert len(many) == len(few)
    (counting,) = [query["sql"] for query in many if "GROUP BY" in query["sql"] and "scim_managed" in query["sql"]]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {counting}")
            (step,) = [row[3] for row in cursor.fetchall() if "accounts_employee" in row[3]]
        assert "COVERING INDEX employee_name" in step
