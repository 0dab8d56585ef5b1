"""The tenant's catalogue of what contacts need: skills, campaigns, dispositions, hours of operation, points of contact and
hiring sources. All but the last are only read here."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.http import Http404
from rest_framework.response import Response

from accounts.actions import contact_centre
from accounts.api import paging, problems, reading
from accounts.api.classic import conventions
from accounts.api.hub.user_fields import instant
from accounts.api.operations import Call, get, post
from accounts.ids import fold
from accounts.models import AgentSkill, CatalogueEntry, Employee

Kind = CatalogueEntry.Kind


def entries(call: Call, kind: Kind) -> QuerySet[CatalogueEntry]:
    """What the caller's tenant has of a kind."""
    return CatalogueEntry.objects.filter(business_unit_id=call.actor.business_unit_id, kind=kind)


def _one(call: Call, kind: Kind, given: str) -> CatalogueEntry:
    found = entries(call, kind).filter(number__in=[reading.as_number(given)]).first()
    if found is None:
        raise Http404
    return found


def _page(
    call: Call, kind: Kind, member: str, write: Callable[[CatalogueEntry], dict[str, Any]], order: Mapping[str, str]
) -> dict[str, Any] | Response:
    """A page of what matches `searchString`, `isActive` and `updatedSince`."""
    found = conventions.changed_since(call, entries(call, kind))
    if words := reading.text(call, "searchString"):
        found = found.filter(name_key__contains=fold(words))
    is_active = reading.boolean(call, "isActive")
    if is_active is not None:
        found = found.filter(is_active=is_active)
    around = ("_links", "businessUnitId", "totalRecords")
    return conventions.page(call, member, found, write, order, "number", around)


def skill(entry: CatalogueEntry) -> dict[str, Any]:
    """A skill with its medium and campaign."""
    return {"skillId": entry.number, "skillName": entry.name, "isActive": entry.is_active, **entry.details}


def skills(call: Call) -> dict[str, Any] | Response:
    """The skills, page by page."""
    return _page(call, Kind.SKILL, "skills", skill, {"skillId": "number", "skillName": "name_key"})


def one_skill(call: Call, skill_id: str) -> dict[str, Any]:
    """One skill."""
    return {"skills": [paging.chosen(skill(_one(call, Kind.SKILL, skill_id)), paging.fields(call))]}


def activity(call: Call, skill_id: str) -> dict[str, Any]:
    """What goes on in a skill: no contacts, and those agents who have set a state."""
    found = _one(call, Kind.SKILL, skill_id)
    present = AgentSkill.objects.filter(skill=found, is_active=True, employee__agent_state__isnull=False)
    # Whoever was deactivated meanwhile was logged out by it.
    lasting = Q(employee__deactivated_at=None) | Q(employee__deactivated_at__lt=F("employee__agent_state__since"))
    living = present.exclude(employee__status=Employee.Status.DELETED).filter(lasting)
    agents = living.aggregate(
        agentsLoggedIn=Count("pk"),
        agentsAvailable=Count("pk", filter=Q(employee__agent_state__is_available=True)),
        agentsUnavailable=Count("pk", filter=Q(employee__agent_state__is_available=False)),
    )
    quiet = dict.fromkeys(("agentsACW", "agentsWorking"), 0) | {"agentsIdle": agents["agentsAvailable"]}
    quiet |= dict.fromkeys(("contactsActive", "queueCount", "parkedCount", "personalQueueCount", "inSLA", "outSLA"), 0)
    entry = skill(found) | quiet | agents | {"businessUnitId": call.unit.number, "serverTime": problems.now()}
    return {"lastPollTime": problems.now(), "skillActivity": [paging.chosen(entry, paging.fields(call))]}


def _campaign(entry: CatalogueEntry) -> dict[str, Any]:
    return {
        "id": entry.number,
        "name": entry.name,
        "isActive": entry.is_active,
        "notes": "",
        "lastUpdateTime": instant(entry.modified_at),
    }


def campaigns(call: Call) -> dict[str, Any] | Response:
    """The campaigns, page by page."""
    found = _page(call, Kind.CAMPAIGN, "campaigns", _campaign, {"id": "number", "name": "name_key"})
    if isinstance(found, dict):
        del found["_links"]
    return found


def _disposition(entry: CatalogueEntry) -> dict[str, Any]:
    return {
        "dispositionId": entry.number,
        "dispositionName": entry.name,
        "isActive": entry.is_active,
        "notes": "",
        "lastUpdated": instant(entry.modified_at),
        "systemOutcome": "",
        **entry.details,
    }


def dispositions(call: Call) -> dict[str, Any] | Response:
    """The dispositions, page by page."""
    order = {"dispositionId": "number", "dispositionName": "name_key"}
    return _page(call, Kind.DISPOSITION, "dispositions", _disposition, order)


def _hours(entry: CatalogueEntry) -> dict[str, Any]:
    return {"hoursOfOperationProfileId": entry.number, "hoursOfOperationProfileName": entry.name}


def hours(call: Call) -> dict[str, Any] | Response:
    """The hours of operation, page by page; none is deleted."""
    if reading.boolean(call, "isDeleted"):
        return conventions.nothing()
    order = {"hoursOfOperationProfileId": "number", "hoursOfOperationProfileName": "name_key"}
    found = _page(call, Kind.HOURS, "hoursOfOperation", lambda entry: _hours(entry) | {"isDeleted": False}, order)
    if isinstance(found, dict):
        del found["_links"]
        found["businessUnit"] = found.pop("businessUnitId")
    return found


def one_hours(call: Call, hours_id: str) -> dict[str, Any]:
    """One profile with its days, flat and as older versions nest it: clients of the original read both (apis.md §3.1)."""
    entry = _one(call, Kind.HOURS, hours_id)
    around: dict[str, Any] = {"holidays": [], "scripts": [], "skills": [], "notes": ""}
    described: dict[str, Any] = {**_hours(entry), **around, **entry.details}
    return described | {"resultSet": {"hoursOfOperationProfiles": [described]}}


def points(call: Call) -> dict[str, Any] | Response:
    """The points of contact."""
    number, media = call.unit.number, reading.number(call, "mediaTypeId")
    found = entries(call, Kind.POINT)
    if media is not None:
        found = found.filter(details__mediaTypeId=media)
    skip, top = paging.window(call, conventions.DEFAULT_TOP)
    shown = [
        {
            "contactCode": entry.number,
            "contactDescription": entry.name,
            "isActive": entry.is_active,
            "outboundSkill": False,
            "scriptName": "",
            "notes": "",
            "businessUnitId": number,
        }
        | entry.details
        for entry in found.order_by("number")[skip : skip + top]
    ]
    return {"pointsOfContact": shown, "businessUnitId": number, "lastPollTime": problems.now()}


def hiring_sources(call: Call) -> dict[str, Any] | Response:
    """Where employees were hired from; their `hiringSource` is one of these numbers, unchecked."""
    found = [
        {"sourceId": entry.number, "sourceName": entry.name}
        for entry in entries(call, Kind.HIRING_SOURCE).order_by("number")
    ]
    return {"sources": found} if found else conventions.nothing()


def create_hiring_source(call: Call) -> dict[str, Any]:
    """Add a hiring source."""
    name = reading.text(call, "sourceName").strip()
    return {"sourceId": contact_centre.add_hiring_source(name, actor=call.actor).number}


EDIT_EMPLOYEES = "admin.employees.edit"
VIEW_SKILLS, VIEW_CAMPAIGNS, VIEW_DISPOSITIONS, VIEW_HOURS, VIEW_POINTS = (
    f"acd.{what}.view" for what in ("skills", "campaigns", "dispositions", "hours_of_operation", "points_of_contact")
)
OPERATIONS = (
    get("/skills", skills, VIEW_SKILLS),
    get("/skills/{skill_id}", one_skill, VIEW_SKILLS),
    get("/skills/{skill_id}/activity", activity, VIEW_SKILLS),
    get("/campaigns", campaigns, VIEW_CAMPAIGNS),
    get("/hours-of-operation", hours, VIEW_HOURS),
    get("/hours-of-operation/{hours_id}", one_hours, VIEW_HOURS),
    get("/points-of-contact", points, VIEW_POINTS),
    get("/hiring-sources", hiring_sources),
    post("/hiring-sources", create_hiring_source, EDIT_EMPLOYEES),
)
DISPOSITION_OPERATIONS = (get("/dispositions", dispositions, VIEW_DISPOSITIONS),)
