"""Telling employees what waits for them or has finished for them (screens §1.2); no change, so nothing is audited."""

import uuid
from collections.abc import Iterable

from accounts import queries
from accounts.models import Employee, Notification
from cxadmin import clock

Kind = Notification.Kind
DAYS_KEPT = 90
"""Notifications that were read are kept this long."""


def tell(people: Iterable[Employee], kind: Notification.Kind, *, about: str, about_id: uuid.UUID) -> None:
    """Add a line to the bells of some employees; call it inside the transaction that makes it true.

    Args:
        about: the name of what it is about, kept as it was.
    """
    now = clock.now()
    Notification.objects.bulk_create(
        Notification(employee=employee, kind=kind, about=about[:254], about_id=about_id, created_at=now)
        for employee in people
    )


def settle(about_id: uuid.UUID) -> None:
    """What it was about has been dealt with: nobody has to look any more."""
    Notification.objects.filter(about_id=about_id, read_at=None).update(read_at=clock.now())


def read(notification: Notification) -> None:
    """Take it off the number beside the bell; twice is the same as once."""
    Notification.objects.filter(pk=notification.pk, read_at=None).update(read_at=clock.now())


def read_all(employee: Employee) -> None:
    """Take all of an employee's off the number beside the bell."""
    queries.unread_notifications(employee.pk).update(read_at=clock.now())


def forget_old() -> None:
    """Remove what was read long ago."""
    Notification.objects.filter(read_at__lt=clock.ago(days=DAYS_KEPT)).delete()
