"""Agents of the classic API: the same records as the employees of the console (apis.md, appendix A.1)."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.response import Response

from accounts import queries
from accounts.actions import employees, passwords
from accounts.api import finding, paging, reading
from accounts.api.classic import agent_fields, conventions
from accounts.api.hub.user_fields import instant
from accounts.api.operations import Call, get, post, put
from accounts.ids import as_uuid
from accounts.models import Employee

VIEW, CREATE, EDIT, DELETE = (f"admin.employees.{action}" for action in ("view", "create", "edit", "delete"))
MANAGE_PASSWORDS = "admin.can_manage_passwords.on"
MOST_IDS = 1_000


def people(call: Call) -> QuerySet[Employee]:
    """The tenant's employees with what an agent's record shows."""
    found = Employee.objects.filter(business_unit_id=call.actor.business_unit_id)
    return found.select_related(*agent_fields.RELATED)


def _narrowed(
    found: QuerySet[Employee], words: str, is_active: bool | None, is_locked: bool | None
) -> QuerySet[Employee]:
    inactive = Q(status=Employee.Status.DELETED)
    if is_active is not None:
        found = found.filter(~inactive if is_active else inactive)
    if is_locked is not None:
        locked = Q(status=Employee.Status.BLOCKED)
        found = found.filter(locked if is_locked else ~locked)
    return queries.search_employees(found, words) if words else found


def listed(call: Call) -> dict[str, Any] | Response:
    """The agents, page by page."""
    found = _narrowed(
        conventions.changed_since(call, people(call)),
        reading.text(call, "searchString"),
        reading.boolean(call, "isActive"),
        reading.boolean(call, "isLocked"),
    )
    answer = conventions.page(call, "agents", found, agent_fields.listed, agent_fields.ORDER, "agent_id")
    return answer if isinstance(answer, Response) else answer | {"hiddenAgents": 0}


def read(call: Call, agent_id: str) -> dict[str, Any]:
    """One agent, by agent ID or UUID; oneself without any permission."""
    employee = finding.agent(call, agent_id)
    if not call.actor.is_self(employee.pk):
        call.actor.require(VIEW)
    return {"agents": [paging.chosen(agent_fields.detailed(employee), paging.fields(call))]}


class Search(reading.Body):
    """Which agents to look for."""

    agentIds = serializers.ListField(  # noqa: N815
        child=serializers.CharField(max_length=38), required=False, max_length=MOST_IDS
    )
    isActive = serializers.BooleanField(required=False, allow_null=True)  # noqa: N815
    isLocked = serializers.BooleanField(required=False, allow_null=True)  # noqa: N815
    orderby = serializers.CharField(required=False, max_length=200, allow_blank=True)
    orderBy = serializers.CharField(required=False, max_length=200, allow_blank=True)  # noqa: N815
    searchString = serializers.CharField(required=False, max_length=200, allow_blank=True)  # noqa: N815
    updatedSince = serializers.CharField(required=False, max_length=40, allow_blank=True)  # noqa: N815
    fields_wanted = serializers.CharField(required=False, max_length=2_000, allow_blank=True)

    def get_fields(self) -> dict[str, Any]:
        """`fields` is a name that serializers use themselves."""
        found = dict(super().get_fields())
        found["fields"] = found.pop("fields_wanted")
        return found


def find(call: Call) -> dict[str, Any] | Response:
    """Search agents; 204 when there is none."""
    given = reading.body(call, Search)
    found = _narrowed(people(call), given.get("searchString", ""), given.get("isActive"), given.get("isLocked"))
    if given.get("agentIds"):
        numbers = [number for word in given["agentIds"] if (number := reading.as_number(word)) is not None]
        ids = [record_id for word in given["agentIds"] if (record_id := as_uuid(word)) is not None]
        found = found.filter(Q(agent_id__in=numbers) | Q(pk__in=ids))
    if since := given.get("updatedSince"):
        moment = reading.as_moment(since)
        if moment is None:
            raise reading.wrong("updatedSince", _("Give a time as 2026-01-31T12:00:00Z."))
        found = found.filter(modified_at__gte=moment)
    order = given.get("orderby") or given.get("orderBy") or ""
    records = list(paging.ordered(found, order, agent_fields.ORDER, "agent_id")[: paging.MOST])
    if not records:
        return conventions.nothing()
    fields = frozenset(name.strip().lower() for name in given.get("fields", "").split(",") if name.strip())
    return {
        "agentResults": [[{"agentRecord": paging.chosen(agent_fields.searched(record), fields)} for record in records]]
    }


def create(call: Call) -> Response:
    """Add agents, each on its own."""
    given = conventions.items(call, "agents")

    def do(item: Any) -> int:
        body = conventions.read(call, agent_fields.NewAgent, item)
        values = agent_fields.values(call, body)
        values.setdefault("login_authenticator", queries.default_authenticator(call.unit.pk))
        return employees.create(values, actor=call.actor, active=body.get("isActive", True)).agent_id

    return conventions.batch("agentResults", conventions.each(given, "agentId", do, lambda item: 0))


def change(call: Call, employee: Employee, item: Any) -> None:
    """What an update does with one agent; switching it off or on takes the right to deactivate.

    Raises:
        ValidationError, RuleError, Forbidden: why it is not done.
    """
    body = conventions.read(call, agent_fields.ChangedAgent, item)
    changes = agent_fields.values(call, body, employee)
    active = body.get("isActive")
    if active is not None and active == employee.is_inactive:
        call.actor.require(DELETE)
    employees.update(employee, changes, actor=call.actor, active=active)


def update_several(call: Call) -> Response:
    """Change agents, each on its own."""
    given = conventions.items(call, "agents")

    def do(item: Any) -> str:
        wanted = item.get("agentId") if isinstance(item, dict) else None
        employee = finding.employee(call, "agentId", wanted)
        change(call, employee, item)
        return str(employee.agent_id)

    def identify(item: Any) -> str:
        return str(item.get("agentId", ""))[:38] if isinstance(item, dict) else ""

    results = conventions.each(given, "agentId", do, identify)
    return conventions.batch("agentResults", results)


def update(call: Call, agent_id: str) -> dict[str, Any]:
    """Change one agent."""
    employee = finding.agent(call, agent_id)
    data = call.request.data
    item = data.get("agent") if isinstance(data, dict) else None
    if not isinstance(item, dict) or len(data) > 1:
        raise reading.wrong("agent", _("Give the agent as an object, and nothing else."))
    change(call, employee, item)
    return {"error": ""}


def groups(call: Call, agent_id: str) -> dict[str, Any] | Response:
    """The groups of an agent."""
    found = finding.agent(call, agent_id).groups.order_by("name_key")
    fields = paging.fields(call)
    listed = [
        {
            "groupId": group.number,
            "groupName": group.name,
            "isActive": True,
            "notes": "",
            "lastUpdated": instant(group.modified_at),
        }
        for group in found
    ]
    if not listed:
        return conventions.nothing()
    return {"agentGroups": [paging.chosen(group, fields) for group in listed]}


def change_password(call: Call) -> dict[str, Any]:
    """The caller's own password."""
    new = reading.text(call, "newPassword")
    passwords.change(call.employee, reading.text(call, "currentPassword"), new, new, actor=call.actor)
    return {"changeResult": {"passwordComplexityResult": "Success"}}


def reset_password(call: Call, agent_id: str) -> dict[str, Any]:
    """Have an agent set another password at the next sign-in; nobody chooses it for somebody else here (R-PWD-5)."""
    employee = finding.agent(call, agent_id)
    if reading.text(call, "requestedPassword"):
        raise reading.wrong("requestedPassword", _("A password cannot be chosen for somebody else here."))
    reading.boolean(call, "forceChangeOnLogon")
    employees.require_new_password(employee, actor=call.actor)
    return {"resetResult": {"passwordComplexityResult": "Success"}}


OPERATIONS = (
    get("/agents", listed, VIEW),
    post("/agents", create, CREATE),
    put("/agents", update_several, EDIT),
    post("/agents/search", find, VIEW),
    put("/agents/change-password", change_password),
    get("/agents/{agent_id}", read),
    put("/agents/{agent_id}", update, EDIT),
    get("/agents/{agent_id}/groups", groups, VIEW),
    put("/agents/{agent_id}/reset-password", reset_password, MANAGE_PASSWORDS),
)
