"""Security profiles and permissions: the classic API's names for roles and what they hold; both are only read."""

from typing import Any

from rest_framework.response import Response

from accounts import queries
from accounts.api import finding, reading
from accounts.api.classic import conventions
from accounts.api.operations import Call, get
from accounts.models import Employee, Role, SecondaryRole

VIEW = "admin.role_management.view"
VIEW_EMPLOYEES = "admin.employees.view"
ORDER = {"securityProfileId": "number", "securityProfileName": "name_key", "securityProfileStatusName": "status"}


def profile(role: Role) -> dict[str, Any]:
    """A role as a list of profiles shows it; our own permission codes, as the original's are not public."""
    chosen: dict[str, list[str]] = {}
    for held in role.permissions.all():
        key, _dot, option = held.code.rpartition(".")
        chosen.setdefault(key, []).append(option)
    return {
        "securityProfileId": role.number,
        "securityProfileName": role.name,
        "securityProfileStatusName": str(role.get_status_display()),
        "roleId": str(role.pk),
        "isInternal": role.internal,
        "permissions": [{"permissionKey": key, "optionKeys": sorted(chosen[key])} for key in sorted(chosen)],
        "dataRestrictions": [],
    }


def listed(call: Call) -> dict[str, Any] | Response:
    """The profiles, page by page."""
    found = queries.roles(call.actor.business_unit_id)
    if words := reading.text(call, "searchString"):
        found = queries.search_by_name(found, words)
    if status := reading.text(call, "securityProfileStatusName"):
        found = found.filter(status=status.upper())
    if reading.boolean(call, "isInternal") or reading.boolean(call, "isSupportProfile"):
        found = found.none()
    found = found.prefetch_related("permissions")
    return conventions.page(call, "profiles", found, profile, ORDER, "name_key", ("_links",))


def read(call: Call, profile_id: str) -> dict[str, Any]:
    """One profile with the agents who have it and the password rules of the tenant."""
    role = finding.numbered_or_404(call, Role, profile_id)
    rules = queries.default_authenticator(call.unit.pk)
    living = Employee.objects.exclude(status=Employee.Status.DELETED)
    holders = living.filter(primary_role=role) | living.filter(
        pk__in=SecondaryRole.objects.filter(role=role).values("employee_id")
    )
    people = holders.order_by("name_key", "pk").values_list("agent_id", "first_name", "last_name")
    return {
        "profile": {
            "profileId": role.number,
            "profileName": role.name,
            "isActive": role.status == Role.Status.ACTIVE,
            "description": role.description,
            "isExternal": False,
            "pwMinLength": rules.min_length,
            "pwMinLower": int(rules.require_lower),
            "pwMinUpper": int(rules.require_upper),
            "pwMinNumeric": int(rules.require_digit),
            "pwMinNonAlpha": int(rules.require_special),
            "pwUseRandom": False,
            "assignedAgents": [{"agentId": n, "firstName": first, "lastName": last} for n, first, last in people],
        }
    }


def permissions(call: Call) -> dict[str, Any]:
    """What an agent may do, the caller without `agentId`."""
    return permissions_of(call, reading.text(call, "agentId") or str(call.employee.agent_id))


def permissions_of(call: Call, agent_id: str) -> dict[str, Any]:
    """What an agent may do; for oneself without any permission."""
    employee = finding.agent(call, agent_id)
    if not call.actor.is_self(employee.pk):
        call.actor.require(VIEW_EMPLOYEES)
    held = sorted(queries.effective_permissions(employee))
    return {"permissions": [{"BusinessUnitId": call.unit.number, "Key": code, "Value": "True"} for code in held]}


PROFILES = (get("/security-profiles", listed, VIEW), get("/security-profiles/{profile_id}", read, VIEW))
PERMISSIONS = (get("/permissions", permissions), get("/permissions/{agent_id}", permissions_of))
