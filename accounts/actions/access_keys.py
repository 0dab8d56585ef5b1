"""Access keys: making a pair, saving it, switching it, deleting it (R-KEY)."""

import uuid
from collections.abc import Mapping
from typing import Literal, TypeAlias

from django.conf import settings
from django.db import transaction
from django.utils.translation import ngettext

from accounts import audit
from accounts.actions import oauth_sessions
from accounts.actors import Actor
from accounts.crypto import keyed_hash, new_access_key_part
from accounts.errors import Refused
from accounts.models import AccessKey, Employee
from cxadmin import clock

State: TypeAlias = Literal["on", "off", "delete"]


def draft(employee: Employee, *, actor: Actor, access_key_id: str = "", secret: str = "") -> tuple[AccessKey, str]:
    """A new pair that works only once it is saved; answers the key and its secret, which is shown this once (R-KEY-1, R-KEY-2).

    Args:
        access_key_id, secret: fixed values for a seed; drawn at random otherwise.

    Raises:
        Refused: the employee has as many keys as allowed (R-KEY-6).
    """
    now = clock.now()
    # A pair nobody saved is worthless; what earlier visits left behind goes with the next one.
    employee.access_keys.filter(saved_at__isnull=True, created_at__lt=clock.ago(days=1)).delete()
    refuse_above_limit(employee, 1)
    secret = secret or new_access_key_part()
    key = AccessKey.objects.create(
        employee=employee,
        access_key_id=access_key_id or new_access_key_part(),
        secret_hash=keyed_hash(secret),
        created_at=now,
        created_by=actor.name,
        drafted_by=actor.employee_id,
    )
    return key, secret


def create(employee: Employee, *, actor: Actor) -> tuple[AccessKey, str]:
    """A pair that works at once, as programs make it; answers and raises as `draft`."""
    with transaction.atomic():
        Employee.objects.select_for_update().get(pk=employee.pk)  # of several calls at once none exceeds the limit
        key, secret = draft(employee, actor=actor)
        audit.record(actor, "User", employee.pk, employee.full_name, _apply(key, "on"))
    return key, secret


def refuse_above_limit(employee: Employee, more: int) -> None:
    """Refuse if the saved keys and this many more exceed ACCESS_KEY_LIMIT.

    Raises:
        Refused: R-KEY-6.
    """
    limit = settings.ACCESS_KEY_LIMIT
    if employee.access_keys.filter(saved_at__isnull=False).count() + more > limit:
        said = ngettext(
            "This employee already has %(n)d access key.", "This employee already has %(n)d access keys.", limit
        )
        raise Refused(said % {"n": limit}, "R-KEY-6")


def save(employee: Employee, states: Mapping[uuid.UUID, State], *, actor: Actor) -> None:
    """What Save does on the Access Keys table: new pairs start to work, toggles and deletions take effect (R-KEY-3, R-KEY-7).

    Args:
        states: the wanted state by key; keys left out stay as they are; unsaved ones of this actor among them are discarded.

    Raises:
        Refused: more keys than allowed (R-KEY-6).
    """
    entries: list[audit.Change] = []
    with transaction.atomic():
        keys = {key.pk: key for key in employee.access_keys.select_for_update()}
        for key_id, state in states.items():
            key = keys.get(key_id)
            if key is not None:
                entries += _apply(key, state)
        AccessKey.objects.filter(employee=employee, saved_at__isnull=True, drafted_by=actor.employee_id).delete()
        refuse_above_limit(employee, 0)
        audit.record(actor, "User", employee.pk, employee.full_name, entries)


def _apply(key: AccessKey, state: State) -> list[audit.Change]:
    """Bring one key to its state; answers the audit entries: the key ID, never the secret."""
    if state == "delete":
        key.delete()
        return [("User.accessKey", key.access_key_id, "deleted")] if key.saved_at else []
    entries = []
    if key.saved_at is None:
        key.saved_at = clock.now()
        entries.append(("User.accessKey", "", f"{key.access_key_id} created"))
    if key.is_active != (state == "on"):
        key.is_active = state == "on"
        change = "enabled" if key.is_active else "disabled"
        entries.append(("User.accessKey", key.access_key_id, f"{key.access_key_id} {change}"))
        if not key.is_active:
            oauth_sessions.end_of_access_key(key)
    if entries:
        key.save(update_fields=["saved_at", "is_active"])
    return entries


def permission(actor: Actor, employee: Employee, action: str) -> str:
    """The permission for somebody's keys: My Access Key for one's own, Access Key for those of others (R-KEY-9)."""
    return f"admin.{'my_access_key' if actor.is_self(employee.pk) else 'access_key'}.{action}"
