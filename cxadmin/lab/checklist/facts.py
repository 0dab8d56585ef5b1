"""What a tenant has that provisioning needs, read in a handful of statements whatever the size of the tenant."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Min, Q

from accounts import credentials
from accounts.ids import fold
from accounts.models import (
    AccessKey,
    AccountSettings,
    Application,
    BusinessUnit,
    Employee,
    OAuthSession,
    Role,
    RolePermission,
    ScimToken,
    SecondaryRole,
)
from accounts.queries import AGENT_NAMES
from cxadmin.lab import clocks
from cxadmin.lab.models import Exchange

MOST = 50
SCIM = "admin.scim.on"
RIGHTS = ("admin.employees.view", "admin.employees.create", "admin.employees.edit")
DOORS = {"oauth": "application ", "token": "SCIM token", "key": "access key"}


@dataclass(frozen=True, slots=True)
class Held:
    """A token or key, and how it and its employee stand."""

    label: str
    employee_id: uuid.UUID
    username: str
    is_saved: bool
    is_on: bool
    has_expired: bool
    is_usable: bool
    """Whether the employee's account lets it work."""
    status: str
    rights: frozenset[str]

    @property
    def may_provision(self) -> bool:
        """R-ACC-1: the SCIM permission, or the rights on employees."""
        return SCIM in self.rights or set(RIGHTS) <= self.rights


@dataclass(frozen=True, slots=True)
class Calls:
    """What one kind of credential did at the SCIM addresses, as far as the journal reaches back."""

    first: Exchange | None
    last: Exchange | None
    failed: Exchange | None

    @property
    def is_failing(self) -> bool:
        """Whether the latest call was refused."""
        return self.failed is not None and (self.last is None or self.failed.pk > self.last.pk)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the procedures look at."""

    unit: BusinessUnit
    settings: AccountSettings
    applications: list[Application]
    scim_roles: list[Role]
    scim_people: list[str]
    right_roles: list[Role]
    default_role: Role | None
    tokens: list[Held]
    keys: list[Held]
    session: OAuthSession | None
    calls: dict[str, Calls]


def of(unit: BusinessUnit) -> Facts:
    """Read the facts of a tenant, whose settings are loaded with it."""
    tokens = list(
        ScimToken.objects.filter(business_unit=unit, deleted_at=None)
        .select_related("employee")
        .order_by("-created_at")[:MOST]
    )
    keys = list(
        AccessKey.objects.filter(employee__business_unit=unit).select_related("employee").order_by("-created_at")[:MOST]
    )
    rights = _rights({one.employee_id for one in tokens} | {one.employee_id for one in keys})
    roles = _roles(unit)
    return Facts(
        unit,
        unit.settings,
        list(Application.objects.filter(business_unit=unit).order_by("name_key")[:MOST]),
        roles[0],
        _people(unit, roles[0]),
        roles[1],
        _default_role(unit),
        [_held(token, f"…{token.last4}", True, _is_past(token.expires_at, unit), rights) for token in tokens],
        [_held(key, key.access_key_id, key.is_active, False, rights) for key in keys],
        session(unit),
        calls(unit.pk),
    )


def _is_past(moment: datetime | None, unit: BusinessUnit) -> bool:
    return moment is not None and moment <= clocks.time_of(unit)


def _held(
    one: ScimToken | AccessKey, label: str, is_on: bool, has_expired: bool, rights: dict[uuid.UUID, frozenset[str]]
) -> Held:
    person = one.employee
    return Held(
        label,
        person.pk,
        person.username,
        one.saved_at is not None,
        is_on,
        has_expired,
        person.may_use_credentials,
        person.get_status_display(),
        rights.get(person.pk, frozenset()),
    )


def _rights(employees: set[uuid.UUID]) -> dict[uuid.UUID, frozenset[str]]:
    """What SCIM asks for, of each of these employees (R-PERM-6)."""
    roles: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for rows in (
        Employee.objects.filter(pk__in=employees).values_list("pk", "primary_role_id"),
        SecondaryRole.objects.filter(employee__in=employees).values_list("employee_id", "role_id"),
    ):
        for employee_id, role_id in rows:
            roles[employee_id].add(role_id)
    codes: dict[uuid.UUID, set[str]] = defaultdict(set)
    held = RolePermission.objects.filter(
        role__in=set().union(*roles.values()), role__status=Role.Status.ACTIVE, code__in=credentials.SCIM_CODES
    )
    for role_id, code in held.values_list("role_id", "code"):
        codes[role_id].add(code)
    return {pk: frozenset(code for role in found for code in codes[role]) for pk, found in roles.items()}


def _roles(unit: BusinessUnit) -> tuple[list[Role], list[Role]]:
    """The Active roles with the SCIM permission, and those with the rights on employees."""
    active = Role.objects.filter(business_unit=unit, status=Role.Status.ACTIVE).order_by("name_key")
    with_scim = active.filter(permissions__code=SCIM)
    with_rights = active
    for code in RIGHTS:
        with_rights = with_rights.filter(permissions__code=code)
    return list(with_scim[:MOST]), list(with_rights[:MOST])


def _people(unit: BusinessUnit, roles: list[Role]) -> list[str]:
    """Some who can sign in and hold the SCIM permission."""
    holding = Q(primary_role__in=roles) | Q(pk__in=SecondaryRole.objects.filter(role__in=roles).values("employee_id"))
    active = Employee.objects.filter(holding, business_unit=unit, status=Employee.Status.ACTIVE)
    return list(active.order_by("created_at").values_list("username", flat=True)[:3])


def _default_role(unit: BusinessUnit) -> Role | None:
    """The role that provisioned employees get (R-SCIM-4)."""
    active = Role.objects.filter(business_unit=unit, status=Role.Status.ACTIVE)
    if unit.settings.scim_default_role_id:
        return active.filter(pk=unit.settings.scim_default_role_id).first()
    found = {fold(role.name): role for role in active.filter(name_key__in=AGENT_NAMES)}
    return next((found[name] for name in AGENT_NAMES if name in found), None)


def session(unit: BusinessUnit) -> OAuthSession | None:
    """The latest sign-in to an application that still holds."""
    held = OAuthSession.objects.filter(
        employee__business_unit=unit,
        origin=OAuthSession.Origin.APP,
        revoked_at=None,
        expires_at__gt=clocks.time_of(unit),
        application__status=Application.Status.ENABLED,
    )
    return held.select_related("application", "employee").order_by("-started_at").first()


def calls(business_unit_id: uuid.UUID) -> dict[str, Calls]:
    """First success, last success and last refusal by kind of credential."""
    good, bad = Q(status__lt=400), Q(status__gte=400)
    asked: dict[str, Any] = {}
    for door, sign in DOORS.items():
        of_door = Q(credential__startswith=sign)
        asked |= {
            f"{door}_first": Min("pk", filter=good & of_door),
            f"{door}_last": Max("pk", filter=good & of_door),
            f"{door}_failed": Max("pk", filter=bad & of_door),
        }
    scim = Exchange.objects.filter(business_unit_id=business_unit_id, door=Exchange.Door.SCIM)
    numbers = scim.aggregate(**asked)
    found = Exchange.objects.in_bulk([pk for pk in numbers.values() if pk])
    return {
        door: Calls(*(found.get(numbers[f"{door}_{which}"]) for which in ("first", "last", "failed"))) for door in DOORS
    }
