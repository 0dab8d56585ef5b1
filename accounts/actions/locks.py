"""Locking employees out and letting them in again (R-LOCK)."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit, edits
from accounts.actors import Actor, system
from accounts.errors import ChangedMeanwhile, Refused
from accounts.models import AccountSettings, ActivityEvent, Employee
from cxadmin import clock

Reason = Employee.LockReason
Status = Employee.Status

UNLOCKED = {
    "lock_reason": None,
    "locked_at": None,
    "locked_until": None,
    "lock_step": 0,
    "failed_attempts": 0,
    "relock_at": None,
}
GRACE_AFTER_UNLOCK = timedelta(days=2)


def lock_for_failed_logins(employee: Employee) -> None:
    """Shut out for the time of the next step: 1, 5, 15, then 30 minutes (R-LOCK-1, R-LOCK-2)."""
    steps = settings.LOCK_STEPS_MINUTES
    minutes = steps[min(employee.lock_step, len(steps) - 1)]
    _lock(employee, Reason.FAILED_LOGINS, until=clock.now() + timedelta(minutes=minutes), step=employee.lock_step + 1)


def lock_for_inactivity(employee: Employee) -> None:
    """Shut out until an administrator unlocks (R-LOCK-4)."""
    _lock(employee, Reason.INACTIVITY, until=None, step=0)


def _lock(employee: Employee, reason: Employee.LockReason, *, until: datetime | None, step: int) -> None:
    with transaction.atomic():
        edit = edits.Edit(employee, "User", system(employee.business_unit_id))
        edit.set("status", Status.BLOCKED)
        edit.note("User.lock", "Unlocked", "Locked")
        edit.set_silently(
            lock_reason=reason,
            locked_at=clock.now(),
            locked_until=until,
            lock_step=step,
            relock_at=None,
            session_epoch=employee.session_epoch + 1,
        )
        edit.write()
        audit.activity(
            employee.business_unit_id,
            by="System",
            entity="User",
            instance=employee.username,
            activity=f"Locked: {reason.value}",
            result=ActivityEvent.Result.SUCCESS,
        )


def is_idle(employee: Employee, account_settings: AccountSettings) -> bool:
    """Whether an Active employee has to be locked for inactivity now (R-LOCK-4, R-LOCK-5)."""
    now = clock.now()
    if employee.status != Status.ACTIVE or employee.inactivity_override == Employee.NEVER_LOCK:
        return False
    if employee.relock_at is not None:
        return now >= employee.relock_at
    if not account_settings.lock_on:
        return False
    days = employee.inactivity_override or account_settings.lock_days
    return now - employee.last_activity_at >= timedelta(days=days)


def release_if_over(employee: Employee) -> bool:
    """End a failed-login lock whose time is over (R-LOCK-3); the count of failures stays, so the next one locks longer."""
    if employee.status != Status.BLOCKED or employee.locked_until is None or clock.now() < employee.locked_until:
        return False
    try:
        _release(employee, system(employee.business_unit_id), lock_reason=None, locked_at=None, locked_until=None)
    except ChangedMeanwhile:  # another request released it, or an administrator did something else
        employee.refresh_from_db()
    return employee.status != Status.BLOCKED


def release_all_over(actor: Actor) -> None:
    """End the tenant's failed-login locks whose time is over, so that a list shows the truth."""
    over = Employee.objects.filter(
        business_unit_id=actor.business_unit_id, status=Status.BLOCKED, locked_until__lte=clock.now()
    )
    for employee in over:
        release_if_over(employee)


def unlock(employee: Employee, *, actor: Actor) -> None:
    """An administrator ends a lock; the employee must sign in within two days (R-LOCK-5).

    Raises:
        Refused: the employee is not locked.
    """
    if employee.status != Status.BLOCKED:
        raise Refused(_("%(name)s is not locked.") % {"name": employee.full_name}, "R-LOCK-3")
    _release(employee, actor, **(UNLOCKED | {"relock_at": clock.now() + GRACE_AFTER_UNLOCK}))


def _release(employee: Employee, actor: Actor, **columns: object) -> None:
    with transaction.atomic():
        edit = edits.Edit(employee, "User", actor)
        edit.set("status", Status.ACTIVE)
        edit.note("User.lock", "Locked", "Unlocked")
        edit.set_silently(**columns)
        edit.write()


def used() -> dict[str, Any]:
    """The columns that a successful sign-in or API use sets: the inactivity clock starts anew."""
    return {"last_activity_at": clock.now(), "relock_at": None}


def lock_idle(actor: Actor, account_settings: AccountSettings) -> int:
    """Lock everybody who is past the tenant's number of days now; answers how many (screens §12.2)."""
    idle = [employee for employee in _candidates(account_settings) if is_idle(employee, account_settings)]
    for employee in idle:
        lock_for_inactivity(employee)
    return len(idle)


def count_idle(account_settings: AccountSettings) -> int:
    """How many `lock_idle` would lock with these settings."""
    return sum(is_idle(employee, account_settings) for employee in _candidates(account_settings))


def _candidates(account_settings: AccountSettings) -> list[Employee]:
    """Active employees that may be idle: nobody is locked before seven days (screens §12.2)."""
    earliest = clock.ago(days=7)
    return list(
        Employee.objects.filter(
            business_unit_id=account_settings.business_unit_id, status=Status.ACTIVE, last_activity_at__lte=earliest
        )
    )
