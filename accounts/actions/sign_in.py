"""Signing in at the console: username, then password and MFA token together (R-AUTH)."""

import hmac
import uuid
from dataclasses import dataclass
from datetime import timedelta

import pyotp
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit, edits, rules
from accounts.actions import employees, locks, passwords
from accounts.errors import Invalid, Problem
from accounts.ids import fold
from accounts.models import ActivityEvent, BusinessUnit, Employee, LoginAuthenticator
from cxadmin import clock

MFA_INTERVAL = 30
HOTP_LOOK_AHEAD = 10
WARN_WHEN_LEFT = 2
COUNT_UP_TO = 1_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sign-in came to. `employee` is set on success; `message` is what the page says otherwise."""

    employee: Employee | None = None
    must_change_password: bool = False
    message: str = ""


def problems(username: str) -> list[Problem]:
    """What is wrong with a username as it was typed; not whether anybody has it."""
    return rules.check({"username": employees.TEXTS["username"]}, {"username": username})


def tenant_of_domain(domain: str) -> BusinessUnit:
    """The tenant with this Custom Host Name (screens §2, step 1b).

    Raises:
        Invalid: no tenant has it.
    """
    found = BusinessUnit.objects.filter(settings__custom_host_name=domain.strip().lower()).first()
    if found is None:
        raise Invalid([Problem("domain", "DOMAIN", _("This domain is not registered."))])
    return found


def candidates(username: str, business_unit_id: uuid.UUID | None = None) -> list[Employee]:
    """The employees of this name: one per tenant, or only the given tenant's; inactive ones only where no other is."""
    named = Employee.objects.filter(username_key=fold(username)).select_related(
        "business_unit__settings", "login_authenticator", "primary_role"
    )
    if business_unit_id is not None:
        named = named.filter(business_unit_id=business_unit_id)
    found = list(named.order_by("business_unit__name"))
    return [employee for employee in found if not employee.is_inactive] or found


def attempt(employee: Employee | None, password: str, mfa_token: str, *, address: str) -> Outcome:
    """Check a password and, where the authenticator asks for one, an MFA token.

    A wrong username, password or token, and an employee who may not sign in, all get the same neutral text (R-AUTH-2);
    the true reason goes to the activity log.
    """
    if employee is None:
        make_password(password)  # as slow as a wrong password, so that time does not tell which names exist
        return Outcome(message=_neutral())
    clock.enter(employee.business_unit_id)
    if _is_locked(employee, address):
        return Outcome(message=_locked(employee))
    authenticator = employee.login_authenticator
    reason = _why_not(employee, authenticator)
    if reason or authenticator is None:
        make_password(password)
        return _refused(employee, reason, address)
    if not employee.check_password(password):
        return _failed(employee, authenticator, address)
    if authenticator.mfa_required and not employee.mfa_secret:
        # Said only to who knows the password: anybody else learns nothing about the account.
        _log(employee, "Log in refused: no MFA secret", ActivityEvent.Result.FAILURE, address)
        return Outcome(message=_("Ask your administrator to set up multi-factor authentication."))
    counter = mfa_counter(employee, authenticator, mfa_token) if authenticator.mfa_required else employee.mfa_counter
    if counter is None:
        return _failed(employee, authenticator, address)
    return _succeeded(employee, authenticator, password, counter, address)


def attempt_external(employee: Employee, *, vouched: bool, address: str) -> Outcome:
    """What comes back from an identity provider: it vouches for the employee, or it does not (screens §2).

    Raises nothing: an employee who may not sign in gets the neutral text, as with a password.
    """
    clock.enter(employee.business_unit_id)
    if _is_locked(employee, address):
        return Outcome(message=_locked(employee))
    authenticator = employee.login_authenticator
    reason = _why_not(employee, authenticator, external=True)
    if authenticator is None or reason or not vouched:
        return _refused(employee, reason or "the identity provider did not vouch", address)
    return _succeeded(employee, authenticator, None, employee.mfa_counter, address)


def _is_locked(employee: Employee, address: str) -> bool:
    """Whether a lock shuts the employee out now; ends one whose time is over and begins one for inactivity."""
    locks.release_if_over(employee)
    if locks.is_idle(employee, employee.business_unit.settings):
        locks.lock_for_inactivity(employee)
    if employee.status != Employee.Status.BLOCKED:
        return False
    _log(employee, f"Log in refused: locked ({employee.lock_reason})", ActivityEvent.Result.FAILURE, address)
    return True


def _refused(employee: Employee, reason: str, address: str) -> Outcome:
    _log(employee, f"Log in refused: {reason}", ActivityEvent.Result.FAILURE, address)
    return Outcome(message=_neutral())


def _why_not(employee: Employee, authenticator: LoginAuthenticator | None, *, external: bool = False) -> str:
    if employee.status != Employee.Status.ACTIVE:
        return f"status {employee.status}"
    if authenticator is None:
        return "no login authenticator"
    if authenticator.status != LoginAuthenticator.Status.ACTIVE:
        return "login authenticator inactive"
    if authenticator.is_external != external:
        return "external login authenticator" if authenticator.is_external else "no external login authenticator"
    return ""


def mfa_counter(employee: Employee, authenticator: LoginAuthenticator, token: str) -> int | None:
    """The counter value this token belongs to if it is good now and later than the last one used, else None (R-AUTH-5).

    TOTP looks one step to each side (RFC 6238 §5.2), HOTP ten ahead (RFC 4226 §7.4). TOTP goes by the machine's time: a person's
    device does not move with the tenant's clock.
    """
    hotp = pyotp.HOTP(employee.mfa_secret)
    given = token.replace(" ", "").encode()
    if authenticator.mfa_type == LoginAuthenticator.MfaType.TOTP:
        step = int(clock.machine().timestamp()) // MFA_INTERVAL
        window = range(step - 1, step + 2)
    else:
        window = range(employee.mfa_counter + 1, employee.mfa_counter + 1 + HOTP_LOOK_AHEAD)
    for counter in window:
        if counter > employee.mfa_counter and hmac.compare_digest(hotp.at(counter).encode(), given):
            return counter
    return None


def _failed(employee: Employee, authenticator: LoginAuthenticator, address: str) -> Outcome:
    with transaction.atomic():
        # Read again under a lock: the password was checked outside the transaction, because hashing takes long,
        # and failures that run side by side must all count.
        employee = Employee.objects.select_for_update().get(pk=employee.pk)
        if employee.status == Employee.Status.BLOCKED:
            return Outcome(message=_locked(employee))
        edits.bookkeep(employee, failed_attempts=min(employee.failed_attempts + 1, COUNT_UP_TO))
        _log(employee, "Log in refused: wrong password or MFA token", ActivityEvent.Result.FAILURE, address)
        left = authenticator.allowed_attempts - employee.failed_attempts
        if left <= 0:
            locks.lock_for_failed_logins(employee)
            return Outcome(message=_locked(employee))
    if left == WARN_WHEN_LEFT:
        warning = ngettext(
            "%(n)d attempt left before this account is locked.",
            "%(n)d attempts left before this account is locked.",
            left,
        )
        return Outcome(message=f"{_neutral()} {warning % {'n': left}}")
    return Outcome(message=_neutral())


def _succeeded(
    employee: Employee, authenticator: LoginAuthenticator, password: str | None, counter: int, address: str
) -> Outcome:
    """Note the sign-in and answer it; `password` is None where an identity provider keeps it."""
    now = clock.now()
    with transaction.atomic():
        # The condition on the counter lets only one of two sign-ins with the same MFA token through.
        won = Employee.objects.filter(
            pk=employee.pk, status=Employee.Status.ACTIVE, mfa_counter=employee.mfa_counter
        ).update(failed_attempts=0, lock_step=0, mfa_counter=counter, last_login=now, **locks.used())
        if not won:
            return Outcome(message=_neutral())
        _log(employee, "Log in", ActivityEvent.Result.SUCCESS, address)
    if password is None:
        return Outcome(employee=employee)
    complies = all(requirement.is_met(password) for requirement in passwords.requirements(authenticator))
    must_change = employee.must_change_password or not complies or passwords.is_expired(employee, authenticator)
    return Outcome(employee=employee, must_change_password=must_change)


def signed_out(employee: Employee, *, address: str) -> None:
    """Log that an employee ended the session."""
    _log(employee, "Log out", ActivityEvent.Result.SUCCESS, address)


def _log(employee: Employee, activity: str, result: ActivityEvent.Result, address: str) -> None:
    audit.activity(
        employee.business_unit_id,
        by=employee.full_name,
        entity="Session",
        instance=employee.username,
        activity=activity,
        result=result,
        address=address,
    )


def _neutral() -> str:
    return _("Username or password is incorrect.")


def _locked(employee: Employee) -> str:
    if employee.locked_until is None:
        return _("This account is locked. Ask your administrator.")
    minutes = max(1, -((clock.now() - employee.locked_until) // timedelta(minutes=1)))
    template = ngettext(
        "This account is locked. Try again in %(n)d minute or reset your password.",
        "This account is locked. Try again in %(n)d minutes or reset your password.",
        minutes,
    )
    return template % {"n": minutes}
