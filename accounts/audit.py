"""Writing down what happened, in the transaction in which it happens (R-AUD-1)."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import orjson
from django.conf import settings
from django.db import models

from accounts import writes
from accounts.actors import Actor
from accounts.models import ActivityEvent, AuditEvent, BusinessUnit
from cxadmin import clock

MASK = "••••"

ENTITIES = (
    "User",
    "Role",
    "Team",
    "Group",
    "EmployeeTemplate",
    "LoginAuthenticator",
    "View",
    "AccountSettings",
    "ScimToken",
    "Application",
    "BusinessUnit",
    "HiringSource",
)
"""The kinds of objects that changes are about, as the report lists them."""
ACTIVE_ENTITIES = ("Session", "Token", "User", "Page")
"""What activity is about."""

Change = tuple[str, str, str]
"""Attribute, previous value, changed value."""


def text(value: Any) -> str:
    """A value as the trail shows it."""
    if type(value) is str:
        return value  # most are; the cases below are asked one after the other
    match value:
        case None | "":
            return ""
        case bool():
            return "On" if value else "Off"
        case datetime():
            return value.isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case models.Model():
            return str(value)
        case list() | tuple() | set() | frozenset():
            return ", ".join(sorted(text(item) for item in value))
    return str(value)


def event(actor: Actor, entity: str, entity_id: uuid.UUID, label: str, changes: Iterable[Change]) -> AuditEvent | None:
    """One event of the trail, not stored yet; None where nothing changed.

    Args:
        entity: the kind of object, as `User` or `Role`.
        label: what the object is called, kept as it was (R-AUD-5).
        changes: one entry per changed attribute, named `Entity.field` (R-AUD-2).
    """
    entries = list(changes)
    if not entries:
        return None
    return writes.fresh(
        AuditEvent,
        {
            "business_unit_id": actor.business_unit_id,
            "at": clock.now(),
            "entity": entity,
            "entity_id": entity_id,
            "entity_label": label[:254],
            "changes_json": orjson.dumps(entries).decode(),
            "triggered_by_id": actor.employee_id,
            "triggered_by_name": actor.name,
            "channel": actor.channel,
            "credential": actor.credential,
            "request_id": actor.request_id,
        },
    )


def record(actor: Actor, entity: str, entity_id: uuid.UUID, label: str, changes: Iterable[Change]) -> None:
    """Add one event to the trail, as `event` makes it; call it inside the transaction that makes the change."""
    happened = event(actor, entity, entity_id, label, changes)
    if happened is not None:
        writes.insert(happened)


def activity(
    business_unit_id: uuid.UUID,
    *,
    by: str,
    entity: str,
    instance: str,
    activity: str,
    result: ActivityEvent.Result,
    address: str = "",
) -> None:
    """Log what is not a change: sign-ins, failures, logouts, locks, grants, refusals (screens §16)."""
    ActivityEvent.objects.create(
        business_unit_id=business_unit_id,
        at=clock.now(),
        triggered_by_name=by,
        entity=entity,
        instance=instance,
        activity=activity,
        result=result,
        address=address,
    )


def forget_old() -> None:
    """Remove the audit and activity entries that are older than `AUDIT_RETENTION_DAYS`."""
    limit = clock.ago(days=settings.AUDIT_RETENTION_DAYS)
    for unit in BusinessUnit.objects.all():
        AuditEvent.objects.filter(business_unit=unit, at__lt=limit).delete()
        ActivityEvent.objects.filter(business_unit=unit, at__lt=limit).delete()
