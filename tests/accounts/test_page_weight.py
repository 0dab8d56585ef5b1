"""What a list costs as the tenant grows: as many statements, and few bytes (screens §1.4)."""

import gzip
import itertools

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from accounts.actions import applications, bulk_uploads, groups, templates
from accounts.ids import new_id
from accounts.models import (
    Application,
    BulkUpload,
    BusinessUnit,
    Employee,
    EmployeeTemplate,
    Group,
    LoginAuthenticator,
    Notification,
    OutboxMail,
    Role,
    Team,
)
from cxadmin import clock
from tests.uploads import person, sheet
from tests.world import REGISTRATION

FEW, TIMES = 100, 50
NUMBERS = itertools.count(2_000_000)  # below those that are drawn at random
MOST_BYTES = 150_000
ASSETS = 75_000
"""More than style sheets, scripts and icons weigh, as the browser tests measure them."""
LISTS = {
    "/admin/employees/": Employee,
    "/admin/employees/?q=nobody": Employee,
    "/admin/employees/?sort=-team&per=50": Employee,
    "/admin/locked-employees/": Employee,
    "/admin/roles/": Role,
    "/admin/teams/": Team,
    "/admin/groups/": Group,
    "/admin/employee-templates/": EmployeeTemplate,
    "/admin/login-authenticators/": LoginAuthenticator,
    "/admin/applications/": Application,
    "/admin/bulk-upload/activity/": BulkUpload,
    "/me/notifications/": Notification,
    "/lab/mail/": OutboxMail,
    "/lab/tenants/": BusinessUnit,
}


def copies(record: Model, count: int) -> None:
    """Store this many records like this one, each with a key and a name of its own."""
    model = type(record)
    bulk: list[Model] = []
    for _ in range(count):
        made = model(**{field.attname: getattr(record, field.attname) for field in model._meta.concrete_fields})
        made.pk, number = new_id(), next(NUMBERS)
        for field, value in {
            "number": number,
            "agent_id": number,
            "name": f"Copy {number}",
            "username": f"person{number}@acme.example",
            "tenant_name": f"tenant-{number}",
            "ootb_code": None,
            "is_default": False,
            "tracking_number": str(number),
        }.items():
            if any(field == known.attname for known in model._meta.concrete_fields):
                setattr(made, field, value)
        bulk.append(made)
    model._default_manager.bulk_create(bulk, batch_size=500)


def sample(world, model: type[Model]) -> Model:
    """A record of the tenant that its list shows."""
    if model is Employee:
        values = {"status": "BLOCKED", "lock_reason": "INACTIVITY", "locked_at": clock.now()}
        Employee.objects.filter(pk=world.employee("Person Example").pk).update(**values)
        return Employee.objects.get(first_name="Person")
    if model is Group:
        return groups.create({"name": "Crew"}, actor=world.actor)
    if model is EmployeeTemplate:
        values = {"name": "Copy", "team": world.alice.team, "primary_role": world.role}
        return templates.create(values, actor=world.actor)
    if model is Application:
        return applications.register(REGISTRATION, unit=world.acme, actor=world.actor)
    if model is BulkUpload:
        content = sheet(person("Dana Doe")).encode()
        return bulk_uploads.submit(
            "EMPLOYEES", "staff.csv", content, changed_only=False, by=world.alice, actor=world.actor
        )
    if model is Notification:
        return Notification.objects.create(
            employee=world.alice, kind="UPLOAD_COMPLETED", about="a.csv", about_id=new_id(), created_at=clock.now()
        )
    if model is BusinessUnit:
        Employee.objects.filter(pk=world.alice.pk).update(is_lab_operator=True)
        return world.acme
    if model is OutboxMail:
        return OutboxMail.objects.create(
            business_unit=world.acme, to="a@b.example", subject="Hello", text="Text", created_at=clock.now()
        )
    return {Role: world.role, Team: world.alice.team, LoginAuthenticator: world.authenticator}[model]


def operator(world):
    """The administrator, who may use the lab as well."""
    world.alice.is_lab_operator = True
    world.alice.save(update_fields=["is_lab_operator"])
    return world.client()


@pytest.mark.screen("1.4 list cost")
@pytest.mark.parametrize("path", LISTS)
def test_a_list_costs_the_same_with_fifty_times_the_records(world, path):
    record = sample(world, LISTS[path])
    client = operator(world)
    copies(record, FEW)
    few = statements(client, path)
    copies(record, FEW * (TIMES - 1))
    assert statements(client, path) == few


def statements(client, path: str) -> int:
    client.get(path)  # notes that the session is used, now and then
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


@pytest.mark.screen("1.4 page weight")
@pytest.mark.parametrize("path", [path for path in LISTS if "?" not in path])
def test_a_list_of_a_hundred_weighs_little(world, path):
    copies(sample(world, LISTS[path]), FEW)
    answer = operator(world).get(f"{path}?per=100", headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert len(answer.content) + ASSETS < MOST_BYTES
    assert gzip.decompress(answer.content).decode().count("<tr") >= FEW
