"""Teams of the classic API and their agents (apis.md, appendix A.2)."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.response import Response

from accounts import queries
from accounts.actions import teams
from accounts.api import finding, paging, problems, reading
from accounts.api.classic import agent_fields, agents, conventions, groups, kept
from accounts.api.hub.user_fields import instant
from accounts.api.operations import Call, delete, get, post, put
from accounts.ids import as_uuid, fold
from accounts.models import Employee, Team

VIEW, CREATE, EDIT, DEACTIVATE = (f"admin.teams.{action}" for action in ("view", "create", "edit", "deactivate"))
EDIT_EMPLOYEES = "admin.employees.edit"
DIVISION = 1
ORDER = {"teamId": "number", "teamName": "name_key", "isActive": "status", "lastUpdateTime": "modified_at"}
KEPT = (*kept.TEAM_TEXTS, *kept.TEAM_NUMBERS, *kept.TEAM_SWITCHES)


def with_agent_count(found: QuerySet[Team]) -> QuerySet[Team]:
    """The teams with `agents`: how many employees who are not Inactive each has."""
    living = Employee.objects.filter(team=OuterRef("pk")).exclude(status=Employee.Status.DELETED)
    counted = living.order_by().values("team").annotate(n=Count("*")).values("n")
    return found.annotate(agents=Coalesce(Subquery(counted), 0))


def team(record: Any) -> dict[str, Any]:
    """A team, with `agents` counted."""
    settings = {name: value for name, value in record.acd_settings.items() if name in KEPT}
    if "deliveryMode" in settings:
        settings["deliveryMode"] = str(settings["deliveryMode"])
    found = settings | {
        "teamId": record.number,
        "teamName": record.name,
        "teamUuid": str(record.pk),
        "isActive": record.status == Team.Status.ACTIVE,
        "notes": record.description,
        "agentCount": record.agents,
        "divisionNo": DIVISION,
        "lastUpdateTime": instant(record.modified_at),
    }
    return found | ({"teamLeadId": str(record.lead_id)} if record.lead_id else {})


def _teams(call: Call) -> QuerySet[Team]:
    found = Team.objects.filter(business_unit_id=call.actor.business_unit_id)
    if words := reading.text(call, "searchString"):
        found = found.filter(name_key__contains=fold(words))
    is_active = reading.boolean(call, "isActive")
    if is_active is not None:
        found = found.filter(status=Team.Status.ACTIVE if is_active else Team.Status.INACTIVE)
    return with_agent_count(conventions.changed_since(call, found))


def listed(call: Call) -> dict[str, Any] | Response:
    """The teams, page by page."""
    return conventions.page(call, "teams", _teams(call), team, ORDER, "name_key")


def read(call: Call, team_id: str) -> dict[str, Any]:
    """One team with its agents."""
    record = _counted(call, team_id)
    members = Employee.objects.filter(team=record).exclude(status=Employee.Status.DELETED).order_by("name_key", "pk")
    brief = members.values_list("agent_id", "first_name", "last_name")
    shown = team(record) | {
        "agents": [{"agentId": number, "firstName": first, "lastName": last} for number, first, last in brief]
    }
    return {
        "businessUnitId": call.unit.number,
        "lastPollTime": problems.now(),
        "teams": [paging.chosen(shown, paging.fields(call))],
    }


def _counted(call: Call, team_id: str) -> Team:
    record = finding.numbered_or_404(call, Team, team_id)
    return with_agent_count(Team.objects.filter(pk=record.pk)).get()


class TeamBody(reading.Body):
    """What a team is made of."""

    teamName = serializers.CharField(max_length=1_000, required=False)  # noqa: N815
    isActive = serializers.BooleanField(required=False)  # noqa: N815
    notes = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=2_000)
    teamLeadId = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=38)  # noqa: N815
    teamUuid = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=38)  # noqa: N815
    divisionNo = serializers.IntegerField(required=False, allow_null=True)  # noqa: N815

    def get_fields(self) -> dict[str, Any]:
        """With the contact settings and features, which are only kept."""
        return dict(super().get_fields()) | kept.fields_of(kept.TEAM_TEXTS, kept.TEAM_NUMBERS, kept.TEAM_SWITCHES)


class NewTeam(TeamBody):
    """What a new team needs."""

    teamName = serializers.CharField(max_length=1_000)  # noqa: N815


class Update(reading.Body):
    """The body of a change: the team, which is read apart, and `forceInactive`, by which no rule is forced
    (docs/differences.md)."""

    team = serializers.DictField()
    forceInactive = serializers.BooleanField(required=False, allow_null=True)  # noqa: N815


def _values(call: Call, given: Mapping[str, Any], present: Mapping[str, Any]) -> dict[str, Any]:
    if given.get("divisionNo") not in (None, DIVISION):
        raise reading.wrong("divisionNo", _("There is only the division %(n)d.") % {"n": DIVISION})
    found: dict[str, Any] = {"name": given["teamName"]} if "teamName" in given else {}
    if "notes" in given:
        found["description"] = given["notes"] or ""
    if "isActive" in given:
        found["status"] = Team.Status.ACTIVE if given["isActive"] else Team.Status.INACTIVE
    if "teamLeadId" in given:
        lead = given["teamLeadId"]
        found["lead"] = finding.employee(call, "teamLeadId", lead) if lead else None
    if any(name in given for name in KEPT):
        found["acd_settings"] = kept.merged(present, given, KEPT)
    return found


def create(call: Call) -> Response:
    """Add teams, each on its own."""
    given = conventions.items(call, "teams")

    def do(item: Any) -> int:
        return teams.create(_values(call, conventions.read(call, NewTeam, item), {}), actor=call.actor).number

    return conventions.batch("results", conventions.each(given, "teamId", do, lambda item: 0))


def update(call: Call, team_id: str) -> Response:
    """Change a team; its status takes the right to deactivate."""
    record = finding.numbered_or_404(call, Team, team_id)
    body = conventions.read(call, TeamBody, reading.body(call, Update)["team"])
    if body.get("teamUuid") and as_uuid(body["teamUuid"]) != record.pk:
        raise reading.wrong("teamUuid", _("The UUID of a team cannot be changed."))
    changes = _values(call, body, record.acd_settings)
    if changes.get("status", record.status) != record.status:
        call.actor.require(DEACTIVATE)
    teams.update(record, changes, actor=call.actor)
    return conventions.done()


def with_agents(call: Call) -> dict[str, Any] | Response:
    """All teams with their agents: two statements, whatever there is."""
    records = list(_teams(call).order_by("name_key", "pk"))
    if not records:
        return conventions.nothing()
    members: dict[Any, list[dict[str, Any]]] = {record.pk: [] for record in records}
    fields = paging.fields(call)
    for employee in agents.people(call).filter(team__in=records).order_by("agent_id"):
        members[employee.team_id].append(paging.chosen(groups.teammate(employee), fields))
    teams_written = [_brief(record) | {"agents": members[record.pk]} for record in records]
    return {"lastPollTime": problems.now(), "teams": teams_written}


def agents_of(call: Call, team_id: str) -> dict[str, Any] | Response:
    """One team with its agents, page by page."""
    record = _counted(call, team_id)
    skip, top = paging.window(call, conventions.DEFAULT_TOP)
    found = conventions.changed_since(call, agents.people(call).filter(team=record))
    if words := reading.text(call, "searchString"):
        found = queries.search_employees(found, words)
    is_active = reading.boolean(call, "isActive")
    if is_active is not None:
        inactive = Q(status=Employee.Status.DELETED)
        found = found.filter(~inactive if is_active else inactive)
    found = paging.ordered(found, reading.text(call, "orderBy"), agent_fields.ORDER, "agent_id")
    members, total = paging.cut(found, skip, top)
    if not members:
        return conventions.nothing()
    fields = paging.fields(call)
    return {
        "_links": paging.links(call, skip, top, total),
        "businessUnitId": call.unit.number,
        "lastPollTime": problems.now(),
        "teams": [_brief(record) | {"agents": [paging.chosen(groups.member(one), fields) for one in members]}],
        "totalRecords": total,
    }


def _brief(record: Any) -> dict[str, Any]:
    members = ("teamId", "teamName", "isActive", "notes", "agentCount", "divisionNo", "lastUpdateTime")
    return {name: value for name, value in team(record).items() if name in members}


def assign(call: Call, team_id: str) -> Response:
    """Move agents into a team, each on its own."""
    record = finding.numbered_or_404(call, Team, team_id)
    results = _moved(call, record, conventions.items(call, "agents"))
    failed = sum(not result["success"] for result in results)
    return Response({"resultSet": {"errorCount": failed, "agentResults": results}}, 206 if failed else 200)


def remove(call: Call, team_id: str) -> Response:
    """Move agents out of a team into `transferTeamId`, each on its own (R-TEAM-1)."""
    record = finding.numbered_or_404(call, Team, team_id)
    wanted = reading.text(call, "transferTeamId")
    if not wanted:
        raise reading.wrong("transferTeamId", _("Name the team that they belong to from now on."))
    target = finding.team(call, "transferTeamId", wanted)
    results = _moved(call, target, conventions.items(call, "agents"), only_from=record)
    failed = sum(not result["success"] for result in results)
    # This one answer is all texts in the original's documents.
    spelt = [{"agentId": result["agentId"], "success": str(result["success"]).lower()} for result in results]
    return Response({"errorCount": str(failed), "agentResults": spelt}, 200)


def _moved(call: Call, target: Team, given: Iterable[Any], only_from: Team | None = None) -> list[dict[str, Any]]:
    def do(item: Any) -> str:
        employee = finding.employee(call, "agentId", item.get("agentId") if isinstance(item, Mapping) else None)
        if only_from is not None and employee.team_id != only_from.pk:
            raise reading.wrong("agentId", _("This agent does not belong to the team."))
        teams.move([employee], target, actor=call.actor)
        return str(employee.agent_id)

    return conventions.each(given, "agentId", do, lambda item: str(conventions.number_of(item, "agentId")))


OPERATIONS = (
    get("/teams", listed, VIEW),
    post("/teams", create, CREATE),
    get("/teams/agents", with_agents, VIEW),
    get("/teams/{team_id}", read, VIEW),
    put("/teams/{team_id}", update, EDIT),
    get("/teams/{team_id}/agents", agents_of, VIEW),
    post("/teams/{team_id}/agents", assign, EDIT, EDIT_EMPLOYEES),
    delete("/teams/{team_id}/agents", remove, EDIT, EDIT_EMPLOYEES),
)
