"""Teams of the User Hub, `/user-management` v1, v3 and v4 (apis.md §3.3)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rest_framework import serializers

from accounts.actions import teams
from accounts.api import finding, paging, reading, search
from accounts.api.hub.user_fields import instant, text
from accounts.api.operations import Call, get, post, put
from accounts.api.paging import written
from accounts.api.search import Column
from accounts.models import Team

VIEW, CREATE, EDIT, DEACTIVATE = (f"admin.teams.{a}" for a in ("view", "create", "edit", "deactivate"))

COLUMNS: Mapping[str, Column] = {
    "id": Column("id", "uuid"),
    "name": Column("name_key"),
    "status": Column("status", "choice"),
    "isDefault": Column("is_default", "boolean"),
    "leadUserId": Column("lead_id", "uuid"),
}
NUMBERS = (
    "chatThreshold",
    "emailThreshold",
    "voiceThreshold",
    "workItemThreshold",
    "maxConcurrentChats",
    "maxEmailAutoParkingLimit",
    "totalContactCount",
    "deliveryMode",
)
SWITCHES = ("contactAutoFocus", "requestContact")


def team(record: Team) -> dict[str, Any]:
    """A team as versions 1 and 3 write it."""
    return written(
        {
            "id": str(record.pk),
            "name": record.name,
            "status": str(record.status),
            "isDefault": record.is_default,
            "leadUserId": str(record.lead_id) if record.lead_id else None,
            "createdBy": record.created_by,
            "lastModified": instant(record.modified_at),
            "divisionId": 1,
        }
    )


def found_team(record: Team) -> dict[str, Any]:
    """A team as a search writes it."""
    members = ("id", "name", "status", "isDefault", "leadUserId")
    return {name: value for name, value in team(record).items() if name in members}


class TeamBody(reading.Body):
    """What a team is made of; members without a meaning here are accepted, because clients send them."""

    name = text(1000)
    status = serializers.ChoiceField(choices=Team.Status.values, required=False)
    leadUserId = text(100)  # noqa: N815
    divisionId = serializers.IntegerField(required=False, allow_null=True)  # noqa: N815
    isDefault = serializers.BooleanField(required=False, allow_null=True)  # noqa: N815
    createdBy = text()  # noqa: N815
    lastModified = text()  # noqa: N815
    customAttributes = serializers.JSONField(required=False)  # noqa: N815
    unavailableCodes = serializers.JSONField(required=False)  # noqa: N815
    userCount = serializers.IntegerField(required=False, allow_null=True)  # noqa: N815

    def get_fields(self) -> dict[str, Any]:
        """The contact settings, all alike."""
        found = dict(super().get_fields())
        for name in NUMBERS:
            found[name] = serializers.IntegerField(required=False, min_value=0, max_value=100)
        for name in SWITCHES:
            found[name] = serializers.BooleanField(required=False)
        return found


class NewTeam(TeamBody):
    """The body of a new team; an `id` sent with it is not used."""

    id = text(100)


class ChangedTeam(TeamBody):
    """The body of a change."""

    id = serializers.CharField(max_length=100)


def _values(call: Call, given: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {name: given[name] or "" for name in ("name",) if name in given}
    if "status" in given:
        found["status"] = given["status"]
    if "leadUserId" in given:
        lead = given["leadUserId"]
        found["lead"] = finding.employee(call, "leadUserId", lead) if lead else None
    contact_settings = {name: given[name] for name in (*NUMBERS, *SWITCHES) if name in given}
    if contact_settings:
        found["acd_settings"] = {**kept, **contact_settings}
    return found


def create(call: Call) -> dict[str, Any]:
    """Add a team."""
    given = reading.body(call, NewTeam)
    return _done(teams.create(_values(call, given, {}), actor=call.actor))


def update(call: Call) -> dict[str, Any]:
    """Change a team; what is left out stays as it is."""
    given = reading.body(call, ChangedTeam)
    record = finding.numbered_or_404(call, Team, given["id"])
    if given.get("status", record.status) != record.status:
        call.actor.require(DEACTIVATE)
    return _done(teams.update(record, _values(call, given, record.acd_settings), actor=call.actor))


def _done(record: Team) -> dict[str, Any]:
    shown = {name: value for name, value in team(record).items() if name != "leadUserId"}
    return {"team": shown, "httpCode": 200, "message": "", "detailedMessage": ""}


def read(call: Call, team_id: str) -> dict[str, Any]:
    """One team."""
    return {"team": team(finding.numbered_or_404(call, Team, team_id))}


def find(call: Call) -> dict[str, Any]:
    """Search teams."""
    given = reading.body(call, search.SearchBody)
    skip, top = given["skip"], min(given["top"], paging.MOST)
    tenants = Team.objects.filter(business_unit_id=call.actor.business_unit_id)
    records, total = paging.cut(search.apply(tenants, given, COLUMNS, "name_key"), skip, top)
    fields = frozenset(name.lower() for name in given["fields"] or ())
    listed = [paging.chosen(found_team(record), fields, ("id",)) for record in records]
    return {"teams": listed, "totalRecords": total, "skip": skip, "top": top}


OPERATIONS = (
    post("/user-management/v3/teams", create, CREATE),
    put("/user-management/v3/teams", update, EDIT),
    get("/user-management/v3/teams/{team_id}", read, VIEW),
    get("/user-management/v1/teams/{team_id}", read, VIEW),
    post("/user-management/v1/teams/search", find, VIEW),
    replace(post("/user-management/v4/teams/search", find, VIEW), status_of_limit=503),  # as documented (apis.md §5)
)
