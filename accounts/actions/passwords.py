"""Passwords: the policy, activation, reset and change (R-PWD)."""

import functools
import re
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import audit, edits, emails, queries
from accounts.actions import links, locks, oauth_sessions
from accounts.actors import Actor, Channel
from accounts.errors import Invalid, Problem, Refused
from accounts.models import Employee, LoginAuthenticator, MailedLink, PasswordHistory
from cxadmin import clock

Status = Employee.Status
Kind = MailedLink.Kind

SHORTEST_NAME_CHECKED = 3


@dataclass(frozen=True, slots=True)
class Requirement:
    """One rule of the policy as people read it; `pattern` is a regular expression that Python and the browser both know."""

    label: str
    pattern: str

    def is_met(self, password: str) -> bool:
        return re.search(self.pattern, password) is not None


def authenticator_of(employee: Employee) -> LoginAuthenticator:
    """Whose rules apply: of an employee without an authenticator, the tenant's default one (screens §3.1)."""
    return employee.login_authenticator or queries.default_authenticator(employee.business_unit_id)


def requirements(authenticator: LoginAuthenticator) -> list[Requirement]:
    """The rules to tick off while typing (R-PWD-1)."""
    length = authenticator.min_length
    found = [
        Requirement(
            ngettext("at least %(n)d character", "at least %(n)d characters", length) % {"n": length},
            f"^.{{{length},}}$",
        )
    ]
    if authenticator.require_lower:
        found.append(Requirement(_("a lower-case letter"), "[a-z]"))
    if authenticator.require_upper:
        found.append(Requirement(_("an upper-case letter"), "[A-Z]"))
    if authenticator.require_digit:
        found.append(Requirement(_("a digit"), "[0-9]"))
    if authenticator.require_special:
        found.append(Requirement(_("a special character"), "[^A-Za-z0-9]"))
    return found


@functools.cache
def _common() -> CommonPasswordValidator:
    return CommonPasswordValidator()


def problems(employee: Employee, password: str, confirmation: str, authenticator: LoginAuthenticator) -> list[Problem]:
    """What is wrong with a new password, all of it (R-PWD-1, R-PWD-2)."""
    found = []
    if not password:
        return [Problem("new_password", "V-REQ", _("%(label)s is required.") % {"label": gettext_lazy("New Password")})]
    if password != confirmation:
        found.append(Problem("confirm_password", "R-PWD-3", _("The passwords do not match.")))
    if (
        not all(requirement.is_met(password) for requirement in requirements(authenticator))
        or len(password) > 128
        or "\x00" in password
    ):
        found.append(Problem("new_password", "R-PWD-1", _("The password does not meet the rules listed.")))
    try:
        _common().validate(password)
    except ValidationError:
        found.append(Problem("new_password", "R-PWD-2", _("This password is too common.")))
    if _contains_identity(employee, password):
        message = _("The password must not contain your name, username, e-mail address or the word password.")
        found.append(Problem("new_password", "R-PWD-2", message))
    if _used_recently(employee, password, authenticator):
        found.append(Problem("new_password", "R-PWD-1", _("You used this password recently.")))
    return found


def _contains_identity(employee: Employee, password: str) -> bool:
    names = (name for name in (employee.first_name, employee.last_name) if len(name) >= SHORTEST_NAME_CHECKED)
    words = ("password", settings.PRODUCT_NAME, employee.username, employee.email, *names)
    return any(word.casefold() in password.casefold() for word in words)


def _used_recently(employee: Employee, password: str, authenticator: LoginAuthenticator) -> bool:
    if not authenticator.remembered:
        return False
    kept = employee.old_passwords.order_by("-set_at").values_list("password", flat=True)[: authenticator.remembered]
    return any(check_password(password, old) for old in kept)


def is_expired(employee: Employee, authenticator: LoginAuthenticator) -> bool:
    """Whether the password is older than the policy allows."""
    if not authenticator.expires_days or employee.password_changed_at is None:
        return False
    return clock.now() - employee.password_changed_at >= timedelta(days=authenticator.expires_days)


def change(employee: Employee, current: str, password: str, confirmation: str, *, actor: Actor) -> None:
    """The employee gives the present password and a new one.

    Raises:
        Invalid: the present one is wrong, or the new one breaks the rules.
    """
    found = problems(employee, password, confirmation, authenticator_of(employee))
    if not employee.check_password(current):
        found.insert(0, Problem("current_password", "R-AUTH-2", _("The current password is not correct.")))
    elif current == password:
        found.append(Problem("new_password", "R-PWD-1", _("You used this password recently.")))
    if found:
        raise Invalid(found)
    with transaction.atomic():
        edit = edits.Edit(employee, "User", actor)
        _set(employee, password, edit)
        edit.write()


def activate(link: MailedLink, password: str, confirmation: str) -> Employee:
    """Complete the activation page: the employee becomes Active, without a session (R-AUTH-3).

    Raises:
        Invalid: the password breaks the rules.
        Refused: the link was used meanwhile.
    """
    employee = link.employee
    authenticator = authenticator_of(employee)
    if not authenticator.is_external:
        found = problems(employee, password, confirmation, authenticator)
        if found:
            raise Invalid(found)
    with transaction.atomic():
        _spend(link)
        edit = edits.Edit(employee, "User", _self(employee))
        edit.set("status", Status.ACTIVE)
        edit.set_silently(ever_activated=True, **locks.used())
        if not authenticator.is_external:
            _set(employee, password, edit)
        edit.write()
    return employee


def request_reset(employee: Employee) -> None:
    """Mail a reset link, if this employee may have one: Active or locked by failed logins, with a System authenticator;
    to anybody else nothing is sent and nothing is said (screens §3.2)."""
    authenticator = employee.login_authenticator
    may = employee.status == Status.ACTIVE or employee.lock_reason == Employee.LockReason.FAILED_LOGINS
    if not may or authenticator is None or authenticator.is_external:
        return
    with transaction.atomic():
        link, token = links.make(employee, Kind.PASSWORD_RESET)
        emails.password_reset(employee, link, token)


def reset(link: MailedLink, password: str, confirmation: str) -> Employee:
    """Complete the reset page: ends a failed-login lock and every session.

    Raises:
        Invalid: the password breaks the rules.
        Refused: the link was used meanwhile.
    """
    employee = link.employee
    found = problems(employee, password, confirmation, authenticator_of(employee))
    if found:
        raise Invalid(found)
    with transaction.atomic():
        _spend(link)
        edit = edits.Edit(employee, "User", _self(employee))
        if employee.lock_reason == Employee.LockReason.FAILED_LOGINS:
            edit.set("status", Status.ACTIVE)
            edit.note("User.lock", "Locked", "Unlocked")
            edit.set_silently(**locks.UNLOCKED)
        edit.set_silently(failed_attempts=0, lock_step=0)
        _set(employee, password, edit)
        edit.write()
        oauth_sessions.end_of_sign_in(employee)
    return employee


def confirm_email(link: MailedLink) -> Employee:
    """Make the new address the Email Address (R-EMP-4).

    Raises:
        Refused: the link was used meanwhile, or the new address was discarded.
    """
    employee = link.employee
    if not employee.email_to_be_verified:
        raise Refused(_("This link is no longer valid"), "R-EMP-4")
    with transaction.atomic():
        _spend(link)
        edit = edits.Edit(employee, "User", _self(employee))
        edit.set("email", employee.email_to_be_verified, attribute="User.emailAddress")
        edit.set("email_to_be_verified", "")
        edit.write()
    return employee


def _spend(link: MailedLink) -> None:
    if not links.use(link):
        raise Refused(_("This link is no longer valid"), "R-PWD-3")


def _set(employee: Employee, password: str, edit: edits.Edit) -> None:
    """Store a new password; every other session ends with the old one."""
    hashed = make_password(password)
    edit.set_silently(
        password=hashed,
        password_changed_at=clock.now(),
        must_change_password=False,
        session_epoch=employee.session_epoch + 1,
    )
    edit.note("User.password", audit.MASK, audit.MASK)
    PasswordHistory.objects.create(employee=employee, password=hashed, set_at=clock.now())
    remembered = authenticator_of(employee).remembered
    kept = employee.old_passwords.order_by("-set_at").values("pk")[: max(remembered, 1)]
    employee.old_passwords.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()


def _self(employee: Employee) -> Actor:
    return Actor(
        employee.business_unit_id, Channel.UI, employee.pk, employee.full_name, employee.username, "mailed link"
    )
