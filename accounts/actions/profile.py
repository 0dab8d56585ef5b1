"""What employees choose for themselves."""

from django.db import transaction
from django.utils.translation import gettext_lazy

from accounts import audit, edits, rules
from accounts.actors import Actor
from accounts.errors import Invalid, Problem
from accounts.models import Employee

TOAST_SECONDS = (3, 30)
UNTIL_CLOSED = 0


def choose_language(employee: Employee, language: str) -> None:
    """Keep the language of the console with the employee (screens §1.2); a preference, so not in the audit trail."""
    edits.bookkeep(employee, language=language)


def toast_problems(seconds: int | None) -> list[Problem]:
    """What is wrong with a duration of toasts (screens §13)."""
    if seconds == UNTIL_CLOSED:
        return []
    return rules.number_in("toast_seconds", gettext_lazy("Duration of messages"), seconds, *TOAST_SECONDS)


def choose_toast_duration(employee: Employee, seconds: int | None, *, actor: Actor) -> None:
    """Keep how long toasts stay, in seconds or `UNTIL_CLOSED`.

    The employee record, as identity providers see it, does not change by it: its version stays.

    Raises:
        Invalid: neither 3 to 30 seconds nor until closed.
    """
    found = toast_problems(seconds)
    if found or seconds is None:
        raise Invalid(found)
    if seconds == employee.toast_seconds:
        return
    entry = ("User.toastSeconds", str(employee.toast_seconds), str(seconds))
    with transaction.atomic():
        edits.bookkeep(employee, toast_seconds=seconds)
        audit.record(actor, "User", employee.pk, employee.full_name, [entry])
