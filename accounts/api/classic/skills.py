"""Which skills agents have: a small store, by which nothing is routed (apis.md, appendix A.1)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.response import Response

from accounts.actions import contact_centre
from accounts.actions.contact_centre import Held
from accounts.api import finding, paging, problems, reading
from accounts.api.classic import catalogue, conventions
from accounts.api.operations import Call, delete, get, post, put
from accounts.ids import fold
from accounts.models import AgentSkill, CatalogueEntry, Employee

VIEW, ASSIGN = "acd.skills.view", "acd.skills.user_assignment"

Skills = Mapping[int, CatalogueEntry]


def _of(call: Call) -> QuerySet[AgentSkill]:
    return AgentSkill.objects.filter(business_unit_id=call.actor.business_unit_id).select_related("skill")


def _assignment(record: AgentSkill) -> dict[str, Any]:
    return catalogue.skill(record.skill) | {
        "isActive": record.is_active,
        "isSkillActive": record.skill.is_active,
        "agentProficiencyValue": record.proficiency,
        "agentProficiencyName": AgentSkill.PROFICIENCIES[record.proficiency],
    }


def _skills_wanted(call: Call) -> QuerySet[CatalogueEntry]:
    """The skills of the catalogue that the query asks for."""
    found = catalogue.entries(call, CatalogueEntry.Kind.SKILL)
    if words := reading.text(call, "searchString"):
        found = found.filter(name_key__contains=fold(words))
    if (media := reading.number(call, "mediaTypeId")) is not None:
        found = found.filter(details__mediaTypeId=media)
    is_active = reading.boolean(call, "isSkillActive")
    return found if is_active is None else found.filter(is_active=is_active)


def _page(
    call: Call, found: QuerySet[AgentSkill], active: str, order: Mapping[str, str], default: str, write: Any
) -> dict[str, Any]:
    """A page of the assignments that the query asks for.

    Args:
        active: the parameter that asks for active assignments.
    """
    found = conventions.changed_since(call, found.filter(skill__in=_skills_wanted(call)))
    is_active = reading.boolean(call, active)
    if is_active is not None:
        found = found.filter(is_active=is_active)
    skip, top = paging.window(call, conventions.DEFAULT_TOP)
    columns = {"skillId": "skill__number", "skillName": "skill__name_key", **order}
    found = paging.ordered(found, reading.text(call, "orderBy"), columns, default)
    records, total = paging.cut(found, skip, top)
    fields = paging.fields(call)
    return {
        "agentSkillAssignments": [paging.chosen(write(record), fields) for record in records],
        "_links": paging.links(call, skip, top, total),
        "businessUnitId": call.unit.number,
        "lastPollTime": problems.now(),
        "totalRecords": total,
    }


def of_agent(call: Call, agent_id: str) -> dict[str, Any]:
    """The skills of one agent."""
    employee = finding.agent(call, agent_id)
    who = {
        "firstName": employee.first_name,
        "lastName": employee.last_name,
        "teamId": employee.team.number,
        "teamName": employee.team.name,
        "userId": str(employee.pk),
    }
    found = _of(call).filter(employee=employee)
    return _page(call, found, "isAssignedSkillActive", {}, "skill__number", lambda record: _assignment(record) | who)


def of_all(call: Call) -> dict[str, Any] | Response:
    """The skills of all agents who have any."""
    found = _of(call).select_related("skill", "employee__team")
    is_agent_active = reading.boolean(call, "isAgentActive")
    if is_agent_active is not None:
        inactive = {"employee__status": Employee.Status.DELETED}
        found = found.exclude(**inactive) if is_agent_active else found.filter(**inactive)
    page = _page(call, found, "isActive", {"agentId": "employee__agent_id"}, "employee_id", _with_agent)
    if not page["agentSkillAssignments"]:
        return conventions.nothing()
    return page | {"businessUnitId": str(page["businessUnitId"])}


def _with_agent(record: AgentSkill) -> dict[str, Any]:
    shown, employee = _assignment(record), record.employee
    return shown | {
        "mediaType": shown.pop("mediaTypeId"),
        "agentId": employee.agent_id,
        "agentName": employee.full_name,
        "teamId": employee.team.number,
        "isAgentActive": not employee.is_inactive,
    }


def unassigned(call: Call, agent_id: str) -> dict[str, Any]:
    """The skills that an agent does not have."""
    has = _of(call).filter(employee=finding.agent(call, agent_id)).values("skill")
    found = _skills_wanted(call).exclude(pk__in=has).order_by("number")
    skip, top = paging.window(call, conventions.DEFAULT_TOP)
    skills, total = paging.cut(found, skip, top)
    fields = paging.fields(call)
    listed = [
        {name: value for name, value in catalogue.skill(skill).items() if name not in ("isActive", "isOutbound")}
        | {"isSkillActive": skill.is_active}
        for skill in skills
    ]
    return {
        "resultSet": {
            "skills": [paging.chosen(skill, fields) for skill in listed],
            "_links": paging.links(call, skip, top, total),
            "businessUnitId": call.unit.number,
            "totalRecords": total,
        }
    }


class Assignment(reading.Body):
    """One skill of an agent."""

    skillId = serializers.CharField(max_length=20)  # noqa: N815
    isActive = serializers.BooleanField(required=False)  # noqa: N815
    proficiency = serializers.IntegerField(min_value=1, max_value=5, required=False, allow_null=True)


Change = Callable[[Held | None, Mapping[str, Any]], Held | None]


def _put_in(has: Held | None, body: Mapping[str, Any]) -> Held:
    present = has or Held()
    return Held(body.get("proficiency") or present.proficiency, body.get("isActive", present.is_active))


def _take_out(has: Held | None, body: Mapping[str, Any]) -> None:
    return None


def _alter(has: Held | None, body: Mapping[str, Any]) -> Held:
    if has is None:
        raise reading.wrong("skillId", _("The agent does not have this skill."))
    return _put_in(has, body)


def _known(call: Call, given: Iterable[Any]) -> Skills:
    """The skills of the catalogue with these numbers."""
    numbers = {number for value in given if (number := reading.as_number(value)) is not None}
    found = catalogue.entries(call, CatalogueEntry.Kind.SKILL).filter(number__in=numbers)
    return {skill.number: skill for skill in found}


def _skill(known: Skills, given: Any) -> CatalogueEntry:
    found = known.get(reading.as_number(given) or 0)
    if found is None:
        raise reading.wrong("skillId", _("There is no such skill."))
    return found


def _change(call: Call, agent_id: str, change: Change) -> dict[str, Any]:
    employee = finding.agent(call, agent_id)
    given = conventions.items(call, "skills")
    known = _known(call, (item.get("skillId") for item in given if isinstance(item, Mapping)))
    after: dict[CatalogueEntry, Held | None] = dict(contact_centre.skills(employee))

    def do(item: Any) -> int:
        body = conventions.read(call, Assignment, item)
        skill = _skill(known, body["skillId"])
        after[skill] = change(after.get(skill), body)
        return skill.number

    results = conventions.each(given, "skillId", do, lambda item: conventions.number_of(item, "skillId"))
    contact_centre.set_skills(employee, after, actor=call.actor)
    return {"resultSet": {"errorCount": sum(not result["success"] for result in results), "skillResults": results}}


def add(call: Call, agent_id: str) -> dict[str, Any]:
    """Give skills to an agent."""
    return _change(call, agent_id, _put_in)


def alter(call: Call, agent_id: str) -> dict[str, Any]:
    """Change how an agent has skills."""
    return _change(call, agent_id, _alter)


def remove(call: Call, agent_id: str) -> dict[str, Any]:
    """Take skills from an agent."""
    return _change(call, agent_id, _take_out)


class SeveralSkills(reading.Body):
    """Skills that several agents get alike."""

    skillIds = serializers.ListField(child=serializers.CharField(max_length=20), min_length=1, max_length=100)  # noqa: N815
    isActive = serializers.BooleanField(required=False)  # noqa: N815
    proficiency = serializers.ChoiceField(choices=[1, 2, 3, 4, 5], required=False)


class SeveralAgents(reading.Body):
    """Agents and the skills they get."""

    agentIds = serializers.ListField(child=serializers.CharField(max_length=38), min_length=1, max_length=200)  # noqa: N815
    skills = SeveralSkills(many=True)


def add_to_several(call: Call) -> Response:
    """Give skills to several agents, each agent on its own."""
    results = []
    for item in conventions.items(call, "agentAndSkillDetails"):
        body = conventions.read(call, SeveralAgents, item)
        known = _known(call, (number for given in body["skills"] for number in given["skillIds"]))
        for agent_id in dict.fromkeys(body["agentIds"]):
            results += _add_to_one(call, agent_id, body["skills"], known)
    failed = sum(not result["success"] for result in results)
    return Response({"resultSet": {"errorCount": str(failed), "skillResults": results}}, 206 if failed else 200)


def _add_to_one(call: Call, agent_id: str, skills: list[Mapping[str, Any]], known: Skills) -> list[dict[str, Any]]:
    found = conventions.each([agent_id], "agentId", lambda given: finding.employee(call, "agentIds", given), str)
    employee = found[0]["agentId"] if found[0]["success"] else None
    after: dict[CatalogueEntry, Held | None] = dict(contact_centre.skills(employee)) if employee else {}
    results = []
    for number, chosen in [(number, one) for one in skills for number in one["skillIds"]]:
        skill = known.get(reading.as_number(number) or 0)
        if employee and skill:
            after[skill] = _put_in(after.get(skill), chosen)
        results.append({"agentId": agent_id, "skillId": number, "success": bool(employee and skill)})
    if employee:
        contact_centre.set_skills(employee, after, actor=call.actor)
    return results


OPERATIONS = (
    get("/agents/skills", of_all, VIEW),
    post("/agents/skills", add_to_several, ASSIGN),
    get("/agents/{agent_id}/skills", of_agent, VIEW),
    post("/agents/{agent_id}/skills", add, ASSIGN),
    put("/agents/{agent_id}/skills", alter, ASSIGN),
    delete("/agents/{agent_id}/skills", remove, ASSIGN),
    get("/agents/{agent_id}/skills/unassigned", unassigned, VIEW),
)
