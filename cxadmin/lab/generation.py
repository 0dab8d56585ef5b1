"""Filling a tenant with invented employees, as an identity provider would have pushed them, only faster.

The first new employee goes through the action that provisioning uses, defaults and rules included; the others are copies
of its record under other names. So whatever provisioning sets, generated employees have.
"""

import copy
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, models, transaction

from accounts import audit
from accounts.actions import provisioning
from accounts.actions.provisioning import Policy, Wishes
from accounts.actors import Actor, Channel, system
from accounts.ids import fold, new_id, new_number
from accounts.models import BusinessUnit, Employee
from accounts.models.base import FoldedField
from cxadmin import clock
from cxadmin.lab import mass_insert, people

BATCH = 5_000
# The employee_agent_id constraint leaves room for about two thousand million.
MOST = 10_000_000


def generate(unit: BusinessUnit, total: int, seed: int = 1) -> Iterator[tuple[int, int]]:
    """See to it that the tenant has the first `total` people of a seed; those who are there already stay as they are.

    Every batch is one transaction, with its own entry in the audit trail: a generation that was interrupted goes on
    where it stopped.

    Yields:
        After every batch: how many people it was about, and how many of them are new.

    Raises:
        Invalid: the tenant has no default role for provisioned employees (R-SCIM-4).
    """
    actor = system(unit.pk, Channel.SCIM)
    template: Employee | None = None
    for start in range(1, total + 1, BATCH):
        numbers = range(start, min(start + BATCH, total + 1))
        missing = _missing(unit, seed, numbers)
        with transaction.atomic():
            if missing and template is None:
                template = _provisioned(unit, missing[0], actor)
                _insert_copies(template, missing[1:])
            elif template is not None:
                _insert_copies(template, missing)
            if missing:
                _note(unit, start, start + len(numbers) - 1, len(missing), actor)
        yield len(numbers), len(missing)


def tidy() -> None:
    """Let PostgreSQL know the table's new size: it plans by statistics, and counts on an index alone in vacuumed pages only.

    Not on SQLite: with statistics, it counts a tenant's employees on an index that lacks a column and is ten times slower.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM (ANALYZE) {connection.ops.quote_name(Employee._meta.db_table)}")


def _missing(unit: BusinessUnit, seed: int, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """What distinguishes the people of these numbers, as far as the tenant lacks them."""
    wanted = {}
    for number in numbers:
        person = people.person(seed, number)
        address = f"{person.mailbox}@{unit.tenant_name}.example"
        wanted[fold(address)] = {
            "username": address,
            "email": address,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "external_id": f"{seed}-{number}",
        }
    present = Employee.objects.filter(business_unit=unit, username_key__in=list(wanted))
    for username_key in present.values_list("username_key", flat=True):
        del wanted[username_key]
    return list(wanted.values())


def _provisioned(unit: BusinessUnit, values: dict[str, Any], actor: Actor) -> Employee:
    settings = unit.settings
    # Not invited, whatever the tenant's settings say: a million mails help nobody.
    policy = Policy(settings.scim_default_role_id, unit.time_zone, any_username=settings.scim_any_username)
    employee, _ = provisioning.create(values, Wishes(), actor=actor, policy=policy)
    return employee


def _insert_copies(template: Employee, people: list[dict[str, Any]]) -> None:
    """Insert by one prepared statement, or COPY: a tenth of what the ORM takes."""
    if not people:
        return
    record, now = copy.copy(template), clock.now()
    record.created_at = record.modified_at = record.last_activity_at = now
    fields = Employee._meta.concrete_fields
    varied = {*people[0], "id", "agent_id", *(field.attname for field in fields if isinstance(field, FoldedField))}
    constant = [None if field.attname in varied else _stored(field, record) for field in fields]
    places = [(at, field) for at, field in enumerate(fields) if field.attname in varied]

    def rows() -> Iterator[list[Any]]:
        for values, number in zip(people, _free_agent_ids(template.business_unit_id, len(people)), strict=True):
            vars(record).update(values, id=new_id(), agent_id=number)
            row = constant.copy()
            for at, field in places:
                row[at] = _stored(field, record)
            yield row

    mass_insert.insert(connection, Employee._meta.concrete_fields, list(rows()))


def _stored(field: "models.Field[Any, Any]", record: Employee) -> Any:
    return field.get_db_prep_save(field.pre_save(record, add=True), connection)


def _free_agent_ids(business_unit_id: uuid.UUID, count: int) -> list[int]:
    """As many numbers that no employee of the tenant has: among a million drawn at random some are drawn twice."""
    free: set[int] = set()
    while len(free) < count:
        drawn = {new_number() for _ in range(count - len(free))}
        taken = Employee.objects.filter(business_unit=business_unit_id, agent_id__in=drawn).values_list(
            "agent_id", flat=True
        )
        free |= drawn.difference(taken)
    return list(free)


def _note(unit: BusinessUnit, first: int, last: int, new: int, actor: Actor) -> None:
    """One event for the batch instead of one for every employee."""
    change = ("BusinessUnit.generatedEmployees", "", f"{new} of the people {first} to {last}")
    audit.record(actor, "BusinessUnit", unit.pk, str(unit), [change])
