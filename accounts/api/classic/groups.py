"""Groups of the classic API and their agents (apis.md, appendix A.2)."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.response import Response

from accounts import queries
from accounts.actions import groups
from accounts.api import finding, paging, reading
from accounts.api.classic import agent_fields, agents, conventions
from accounts.api.hub.user_fields import instant
from accounts.api.operations import Call, delete, get, post, put
from accounts.errors import Refused
from accounts.ids import fold
from accounts.models import Employee, Group

VIEW, CREATE, EDIT = (f"admin.groups.{action}" for action in ("view", "create", "edit"))
ORDER = {"groupId": "number", "groupName": "name_key", "lastUpdated": "modified_at"}
MEMBERS = (
    "agentId",
    "city",
    "country",
    "countryName",
    "createDate",
    "emailAddress",
    "firstName",
    "hireDate",
    "inactiveDate",
    "isActive",
    "lastLogin",
    "lastName",
    "lastUpdated",
    "middleName",
    "notes",
    "profileId",
    "profileName",
    "teamId",
    "teamName",
    "timeZone",
    "timeZoneOffset",
    "userName",
)


def group(record: Group) -> dict[str, Any]:
    """A group; every group is active, and has no notes."""
    return {
        "groupId": record.number,
        "groupName": record.name,
        "isActive": True,
        "notes": "",
        "lastUpdated": instant(record.modified_at),
    }


def listed(call: Call) -> dict[str, Any] | Response:
    """The groups, page by page."""
    found = Group.objects.filter(business_unit_id=call.actor.business_unit_id)
    if words := reading.text(call, "searchString"):
        found = found.filter(name_key__contains=fold(words))
    if reading.boolean(call, "isActive") is False:
        return conventions.nothing()
    return conventions.page(call, "groups", found, group, ORDER, "name_key", ("_links", "totalRecords"))


def read(call: Call, group_id: str) -> dict[str, Any]:
    """One group."""
    record = finding.numbered_or_404(call, Group, group_id)
    return {"groups": [paging.chosen(group(record), paging.fields(call))], "totalRecords": 1}


class NewGroup(reading.Body):
    """What a new group is made of."""

    groupName = serializers.CharField(max_length=1_000)  # noqa: N815
    isActive = serializers.BooleanField(required=False)  # noqa: N815
    notes = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=2_000)


def create(call: Call) -> Response:
    """Add groups, each on its own."""
    given = conventions.items(call, "groups")

    def do(item: Any) -> int:
        body = conventions.read(call, NewGroup, item)
        _refuse_inactive(body.get("isActive"))
        return groups.create({"name": body["groupName"]}, actor=call.actor).number

    return conventions.batch("groupResults", conventions.each(given, "groupId", do, lambda item: 0))


def update(call: Call, group_id: str) -> Response:
    """Rename a group."""
    record = finding.numbered_or_404(call, Group, group_id)
    _refuse_inactive(reading.boolean(call, "isActive"))
    groups.update(record, {"name": reading.text(call, "groupName")}, actor=call.actor)
    return conventions.done()


def _refuse_inactive(is_active: bool | None) -> None:
    if is_active is False:
        raise Refused(_("Groups are always active here."), "GROUP_STATUS")


def members(call: Call, group_id: str) -> dict[str, Any] | Response:
    """The agents of a group or, with `assigned=false`, those who are not in it."""
    record = finding.numbered_or_404(call, Group, group_id)
    found = agents.people(call)
    is_member = Q(groups=record)
    found = found.filter(is_member if reading.boolean(call, "assigned", default=True) else ~is_member)
    if words := reading.text(call, "searchString"):
        found = queries.search_employees(found, words)
    return conventions.page(call, "agents", found, member, agent_fields.ORDER, "agent_id", ("_links", "totalRecords"))


def member(employee: Employee) -> dict[str, Any]:
    """An agent as a list of a group or team shows it."""
    return {name: value for name, value in agent_fields.agent(employee).items() if name in MEMBERS}


def teammate(employee: Employee) -> dict[str, Any]:
    """An agent as the list of all teams shows it, with some names of its own."""
    found = member(employee)
    for name in ("countryName", "createDate", "inactiveDate", "profileName", "timeZoneOffset"):
        found.pop(name, None)
    return found | {"securityProfileId": found.pop("profileId"), "lastModified": found.pop("lastUpdated")}


def add(call: Call, group_id: str) -> Response:
    """Put agents into a group, each on its own."""
    return _change_members(call, group_id, lambda record, who: {"add": {who.pk: None}})


def remove(call: Call, group_id: str) -> Response:
    """Take agents out of a group, each on its own."""
    return _change_members(call, group_id, lambda record, who: {"remove": [who.pk]})


def _change_members(call: Call, group_id: str, change: Any) -> Response:
    record = finding.numbered_or_404(call, Group, group_id)
    given = conventions.items(call, "agents")

    def do(item: Any) -> int:
        employee = finding.employee(call, "agentId", item.get("agentId") if isinstance(item, Mapping) else None)
        groups.update(record, {}, actor=call.actor, **change(record, employee))
        return employee.agent_id

    results = conventions.each(given, "agentId", do, lambda item: conventions.number_of(item, "agentId"))
    return conventions.batch("agentResults", results)


OPERATIONS = (
    get("/groups", listed, VIEW),
    post("/groups", create, CREATE),
    get("/groups/{group_id}", read, VIEW),
    put("/groups/{group_id}", update, EDIT),
    get("/groups/{group_id}/agents", members, VIEW),
    post("/groups/{group_id}/agents", add, EDIT),
    delete("/groups/{group_id}/agents", remove, EDIT),
)
