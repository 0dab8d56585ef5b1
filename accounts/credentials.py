"""Who is behind an access key, a SCIM token or an access token, and what they may do: one statement per request.

The answer carries what the doors need besides: the tenant's SCIM settings. Nothing is remembered between requests, so
that a right taken away counts at once (R-PERM-6, R-KEY-4).
"""

import functools
import hmac
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeAlias

import orjson
from django.db.models import F, OuterRef, QuerySet

from accounts import signing
from accounts.actions import locks
from accounts.crypto import keyed_hash, matches, new_access_key_part, new_scim_token
from accounts.expressions import Joined
from accounts.ids import as_uuid
from accounts.models import (
    AccessKey,
    AccountSettings,
    Application,
    Employee,
    OAuthSession,
    Role,
    RolePermission,
    ScimToken,
)
from accounts.statements import About, Question, Row, Statement, TwoInOne, as_id, moment
from cxadmin import clock

Kind: TypeAlias = Literal["scim_token", "access_key", "sign_in"]
Used: TypeAlias = type[AccessKey | ScimToken | OAuthSession]

USE_NOTED_EVERY = timedelta(minutes=1)
ACTIVITY_NOTED_EVERY = timedelta(hours=1)
SCIM_CODES = ("admin.scim.on", "admin.employees.view", "admin.employees.create", "admin.employees.edit")


@dataclass(frozen=True, slots=True)
class ScimSettings:
    """The tenant's SCIM settings (spec §2)."""

    fields: frozenset[str]
    default_role_id: uuid.UUID | None
    access_rule: str
    profile: str
    tolerances: bool
    auto_invite: bool
    any_username: bool
    time_zone: str


@dataclass(frozen=True, slots=True)
class Holder:
    """The employee who acts with a credential, and how both stand."""

    kind: Kind
    """What the credential rests on: an access token is as good as the access key or the sign-in it was issued for."""
    credential_id: uuid.UUID
    label: str
    trouble: str
    """Why the credential is not good now, for the person who set it up; empty if it is."""
    employee_id: uuid.UUID
    business_unit_id: uuid.UUID
    name: str
    username: str
    permissions: frozenset[str]
    settings: ScimSettings
    found: Sequence[Row] = ()
    """What was asked about the same business unit."""


def _rights(employee: str) -> dict[str, Joined]:
    """Which of the permissions SCIM asks for the employee's Active roles hold (R-PERM-6): those of the primary role and of the
    secondary ones apart, so that both are looked up by the role; together the database would go through all roles."""
    held = RolePermission.objects.filter(role__status=Role.Status.ACTIVE, code__in=SCIM_CODES)
    primary = held.filter(role=OuterRef(f"{employee}__primary_role"))
    secondary = held.filter(role__secondary_employees=OuterRef(employee))
    return {
        "primary_rights": Joined(primary.values(part=F("code"))),
        "secondary_rights": Joined(secondary.values(part=F("code"))),
    }


PERSON = (
    "employee_id",
    "employee__first_name",
    "employee__last_name",
    "employee__username",
    "employee__status",
    "employee__lock_reason",
    "employee__last_activity_at",
    "employee__inactivity_override",
    "employee__relock_at",
    "employee__business_unit_id",
    "employee__business_unit__time_zone",
    "employee__business_unit__settings__lock_on",
    "employee__business_unit__settings__lock_days",
    "employee__business_unit__settings__scim_fields",
    "employee__business_unit__settings__scim_default_role_id",
    "employee__business_unit__settings__scim_access_rule",
    "employee__business_unit__settings__scim_profile",
    "employee__business_unit__settings__scim_tolerances",
    "employee__business_unit__settings__scim_auto_invite",
    "employee__business_unit__settings__scim_any_username",
    "primary_rights",
    "secondary_rights",
)
UNIT_AT = PERSON.index("employee__business_unit_id")


def _tokens(token_hash: str) -> QuerySet[Any, Any]:
    found = ScimToken.objects.filter(token_hash=token_hash).annotate(**_rights("employee"))
    return found.values_list("id", "last4", "saved_at", "deleted_at", "expires_at", "last_used_at", *PERSON)


def _keys(access_key_id: str) -> QuerySet[Any, Any]:
    found = AccessKey.objects.filter(access_key_id=access_key_id).annotate(**_rights("employee"))
    return found.values_list("id", "secret_hash", "saved_at", "is_active", "last_used_at", *PERSON)


def _sessions(session_id: uuid.UUID) -> QuerySet[Any, Any]:
    found = OAuthSession.objects.filter(pk=session_id).annotate(**_rights("employee"))
    return found.values_list(
        "id",
        "origin",
        "started_at",
        "revoked_at",
        "last_used_at",
        "employee__deactivated_at",
        "application__status",
        "application__name",
        "access_key__is_active",
        "access_key__access_key_id",
        *PERSON,
    )


TOKEN = Statement(_tokens, "-token hash-")
KEY = Statement(_keys, "-access key id-")
SESSION = Statement(_sessions, uuid.UUID(int=1))
UNITS: Mapping[Statement, Callable[[Any], QuerySet[Any, Any]]] = {
    TOKEN: lambda token_hash: ScimToken.objects.filter(token_hash=token_hash).values("employee__business_unit_id"),
    KEY: lambda key_id: AccessKey.objects.filter(access_key_id=key_id).values("employee__business_unit_id"),
    SESSION: lambda pk: OAuthSession.objects.filter(pk=pk).values("employee__business_unit_id"),
}


@functools.cache
def _together(credential: Statement, question: Question) -> TwoInOne:
    return TwoInOne(credential, UNITS[credential], question)


def _rows(credential: Statement, value: Any, about: About | None) -> Sequence[Row]:
    """The row of a credential, if there is one; if something was asked about, as often as that has rows, and they behind it."""
    return credential.rows(value) if about is None else _together(credential, about[0]).rows(value, *about[1:])


# Hashes of secrets that are lent (see `lend`), with the hash of the secret that each stands for.
_lent: dict[str, str] = {}


@contextmanager
def lend(credential: AccessKey | ScimToken) -> Iterator[str]:
    """A secret that stands for the own one of a credential, in this process and until the block ends.

    The own one is not kept, so nobody could send a request again with it. Everything else about the credential counts as always.
    """
    if isinstance(credential, ScimToken):
        secret, own = new_scim_token(), credential.token_hash
    else:
        secret, own = new_access_key_part(), credential.secret_hash
    hashed = keyed_hash(secret)
    _lent[hashed] = own
    try:
        yield secret
    finally:
        del _lent[hashed]


def scim_token(token: str, about: About | None = None) -> Holder | None:
    """Who holds a SCIM token; None if there is no such token.

    Args:
        about: what else to read in the same statement; who asks for it has to be looked at before it.
    """
    hashed = keyed_hash(token)
    rows = _rows(TOKEN, _lent.get(hashed, hashed), about)
    if not rows:
        return None
    token_id, last4, saved_at, deleted_at, expires_at, last_used_at = rows[0][:6]
    _enter(rows[0], 6)
    trouble = ""
    if deleted_at is not None:
        trouble = "The SCIM token was deleted."
    elif saved_at is None:
        trouble = "The SCIM token works only after Save in Account Settings."
    elif expires_at is not None and moment(expires_at) <= clock.now():
        trouble = "The SCIM token has expired."
    return _holder("scim_token", ScimToken, token_id, f"SCIM token …{last4}", trouble, last_used_at, rows, 6)


def access_key(access_key_id: str, secret: str, about: About | None = None) -> Holder | None:
    """Who holds an access key; None if the ID or the secret is wrong. `about` as in `scim_token`."""
    rows = _rows(KEY, access_key_id, about)
    if not rows or not (matches(secret, rows[0][1]) or _is_lent(secret, rows[0][1])):
        return None
    key_id, _, saved_at, is_active, last_used_at = rows[0][:5]
    _enter(rows[0], 5)
    trouble = ""
    if saved_at is None:
        trouble = "The access key works only after Save on the employee's Security tab."
    elif not is_active:
        trouble = "The access key is switched off."
    return _holder("access_key", AccessKey, key_id, f"access key {access_key_id}", trouble, last_used_at, rows, 5)


def _is_lent(secret: str, hashed: str) -> bool:
    return bool(_lent) and hmac.compare_digest(_lent.get(keyed_hash(secret), ""), hashed)


def access_token(token: str, about: About | None = None) -> Holder | None:
    """Who holds an access token (spec §8.2 a and b); None if this instance did not sign it or its session is gone.
    `about` as in `scim_token`."""
    claims = signing.verify(token)
    # Refresh tokens name a session too, but have no subject; id tokens the other way round.
    if claims is None or "sub" not in claims or (session_id := as_uuid(claims.get("sessionId"))) is None:
        return None
    rows = _rows(SESSION, session_id, about)
    if not rows:
        return None
    row = rows[0]
    _enter(row, 10)
    origin, last_used_at = row[1], row[4]
    is_sign_in = origin == OAuthSession.Origin.APP
    label = f"application {row[7]}" if is_sign_in else f"access key {row[9]}"
    trouble = (
        "The access token has expired." if signing.has_expired(claims) else trouble_of_session(*row[2:4], *row[5:9])
    )
    return _holder(
        "sign_in" if is_sign_in else "access_key", OAuthSession, row[0], label, trouble, last_used_at, rows, 10
    )


def _enter(row: Row, at: int) -> None:
    """From here on it is the time of the holder's tenant; its id is one of the columns `PERSON`, which begin here."""
    if clock.moved:
        clock.enter(as_id(row[at + UNIT_AT]))


def trouble_of_session(
    started_at: Any, revoked_at: Any, deactivated_at: Any, status: str | None, name: str | None, key_on: Any
) -> str:
    """Why an OAuth session is not good now, whoever its employee is; empty if it is (R-KEY-7, R-APP-8, R-EMP-13)."""
    if status is not None and status != Application.Status.ENABLED:
        return f"The application {name} is not enabled."
    if key_on is not None and not key_on:
        return "The access key is switched off."
    if revoked_at is not None or (deactivated_at is not None and moment(deactivated_at) >= moment(started_at)):
        return "The session of this token has ended."
    return ""


def _holder(
    kind: Kind,
    model: Used,
    credential_id: Any,
    label: str,
    trouble: str,
    last_used_at: Any,
    rows: Sequence[Row],
    at: int,
) -> Holder:
    """The holder of a credential, whose columns `PERSON` are in its rows from this place on."""
    person, behind = rows[0][at : at + len(PERSON)], at + len(PERSON)
    employee_id, first, last, username, status, lock_reason, active_at, override, relock_at, unit_id, zone = person[:11]
    lock_on, lock_days, fields, default_role, rule, profile, tolerances, invite, any_username, primary, secondary = (
        person[11:]
    )
    trouble = trouble or trouble_of_employee(username, status, lock_reason)
    if not trouble and _is_idle(status, active_at, override, relock_at, bool(lock_on), lock_days):
        _lock(as_id(employee_id))
        trouble = trouble_of_employee(username, Employee.Status.BLOCKED, Employee.LockReason.INACTIVITY)
    holder = Holder(
        kind,
        as_id(credential_id),
        label,
        trouble,
        as_id(employee_id),
        as_id(unit_id),
        f"{first} {last}",
        username,
        _codes(primary, secondary),
        _settings(fields, default_role, rule, profile, tolerances, invite, any_username, zone),
        [row[behind:] for row in rows if len(row) > behind and row[behind] is not None],
    )
    if not trouble:
        _note_use(holder, model, last_used_at, active_at)
    return holder


# These two are read from a row on every request and differ from tenant to tenant only.
@functools.lru_cache(maxsize=256)
def _settings(
    fields: str, default_role: Any, rule: str, profile: str, tolerances: Any, invite: Any, any_username: Any, zone: str
) -> ScimSettings:
    return ScimSettings(
        frozenset(orjson.loads(fields)),
        as_id(default_role) if default_role else None,
        rule,
        profile,
        bool(tolerances),
        bool(invite),
        bool(any_username),
        zone,
    )


@functools.lru_cache(maxsize=256)
def _codes(*joined: str | None) -> frozenset[str]:
    return frozenset(code for codes in joined if codes for code in codes.split(","))


def trouble_of_employee(username: str, status: str, lock_reason: str | None) -> str:
    """Why an employee's credentials are not good now; empty if they are: Active, or locked by failed logins only
    (R-KEY-3, R-TOK-7, R-LOCK-6)."""
    if status == Employee.Status.ACTIVE or lock_reason == Employee.LockReason.FAILED_LOGINS:
        return ""
    said = {
        Employee.Status.BLOCKED: "is locked for inactivity",
        Employee.Status.DELETED: "is inactive",
        Employee.Status.PENDING: "has not activated the account yet",
        Employee.Status.UNREGISTERED: "has not been invited yet",
    }
    return f"The account {username} {said[Employee.Status(status)]}."


def _is_idle(status: str, active_at: Any, override: int | None, relock_at: Any, lock_on: bool, lock_days: int) -> bool:
    if not lock_on and relock_at is None:
        return False
    employee = Employee(
        status=status,
        last_activity_at=moment(active_at),
        inactivity_override=override,
        relock_at=moment(relock_at) if relock_at else None,
    )
    return locks.is_idle(employee, AccountSettings(lock_on=lock_on, lock_days=lock_days))


def _lock(employee_id: uuid.UUID) -> None:
    locks.lock_for_inactivity(Employee.objects.get(pk=employee_id))


def _note_use(holder: Holder, model: Used, last_used_at: Any, active_at: Any) -> None:
    """Keep "Last used" and the inactivity clock about right without a write per request."""
    now = clock.now()
    # A clock that was moved back leaves what was noted in the future behind.
    if last_used_at is None or abs(now - moment(last_used_at)) >= USE_NOTED_EVERY:
        model._default_manager.filter(pk=holder.credential_id).update(last_used_at=now)
    if abs(now - moment(active_at)) >= ACTIVITY_NOTED_EVERY:
        Employee.objects.filter(pk=holder.employee_id).update(**locks.used())
