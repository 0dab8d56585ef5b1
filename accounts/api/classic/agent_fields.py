"""How the classic API writes and reads an employee, whom it calls an agent (apis.md, appendix A.1)."""

import zoneinfo
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from accounts.api import finding, reading
from accounts.api.classic import countries, kept
from accounts.api.hub.user_fields import Day, day, instant
from accounts.api.operations import Call
from accounts.api.paging import written
from accounts.models import Employee, Role, Team
from cxadmin import clock

KEPT = (*kept.AGENT_TEXTS, *kept.AGENT_NUMBERS, *kept.AGENT_SWITCHES, "hourlyCost", "recordingNumbers")
ORDER: Mapping[str, str] = {
    "agentId": "agent_id",
    "userName": "username_key",
    "firstName": "first_name",
    "lastName": "last_name",
    "emailAddress": "email_key",
    "teamId": "team__number",
    "teamName": "team__name_key",
    "profileId": "primary_role__number",
    "profileName": "primary_role__name_key",
    "isActive": "status",
    "lastUpdated": "modified_at",
    "createDate": "created_at",
}
RELATED = ("team", "primary_role")


def agent(employee: Employee) -> dict[str, Any]:
    """An agent with the members that all answers about agents share."""
    settings = employee.acd_settings
    country = countries.find(settings.get("country", ""))
    known = {
        "agentId": employee.agent_id,
        "userID": str(employee.pk),
        "userName": employee.username,
        "firstName": employee.first_name,
        "middleName": employee.middle_name,
        "lastName": employee.last_name,
        "emailAddress": employee.email,
        "isActive": not employee.is_inactive,
        "teamId": employee.team.number,
        "teamName": employee.team.name,
        "teamUuId": str(employee.team_id),
        "profileId": employee.primary_role.number,
        "profileName": employee.primary_role.name,
        "timeZone": employee.time_zone,
        "timeZoneOffset": _offset(employee.time_zone),
        "countryName": country.name if country else settings.get("country"),
        "telephone1": settings.get("telephone1") or employee.mobile_number or None,
        "hireDate": day(employee.hire_date),
        "createDate": instant(employee.created_at),
        "lastUpdated": instant(employee.modified_at),
        "lastLogin": instant(employee.last_login),
        "inactiveDate": instant(employee.deactivated_at) if employee.is_inactive else None,
        "isSupervisor": False,
    }
    answered = {
        kept.AGENT_ANSWERED_AS.get(name, name): value
        for name, value in (kept.AGENT_DEFAULTS | settings).items()
        if name in KEPT and name not in kept.AGENT_NEVER_ANSWERED
    }
    if "timeDisplayFormat" in answered:
        answered["timeDisplayFormat"] = str(answered["timeDisplayFormat"])
    return written(answered | {name: value for name, value in known.items() if value is not None})


def listed(employee: Employee) -> dict[str, Any]:
    """An agent in the list."""
    found = agent(employee)
    user, _at, domain = employee.username.rpartition("@")
    found["DigitalEngagementEnabled"] = bool(found.pop("digitalEngagementEnabled", False))
    found |= {
        "isBillable": employee.is_billed,
        "locked": employee.status == Employee.Status.BLOCKED,
        "combinedUserNameDomain": employee.username,
        "userNameDomain": domain if user else "",
        "DivisionNo": 1,
    }
    if employee.login_authenticator_id:
        found["LoginAuthenticatorId"] = str(employee.login_authenticator_id)
    if channel := found.pop("teams_channel_Id", None):
        found["Teams_channel_Id"] = channel
    return found


def detailed(employee: Employee) -> dict[str, Any]:
    """An agent asked for by id."""
    found = agent(employee)
    for name in ("isBillable", "customerCard", "voiceThreshold", "useTeamVoiceThreshold", *LIST_ONLY):
        found.pop(name, None)
    return found | {"divisionNo": 1}


def searched(employee: Employee) -> dict[str, Any]:
    """An agent found by a search: without what that answer does not have, and with some names of its own."""
    found = agent(employee)
    for name in (*NOT_SEARCHED, "customerCard"):
        found.pop(name, None)
    for name, spelt in SEARCHED_AS.items():
        if name in found:
            found[spelt] = found.pop(name)
    return found | {"isBillable": employee.is_billed, "locked": employee.status == Employee.Status.BLOCKED}


NOT_SEARCHED = (
    "ACWEnabled",
    "ACWRange",
    "agentIntegration",
    "channelLock",
    "digitalEngagementEnabled",
    "teams_channel_Id",
)
SEARCHED_AS = {
    "useTeamDigitalThreshold": "UseTeamDigitalThreshold",
    "useTeamSmsThreshold": "UseTeamsmsThreshold",
    "digitalThreshold": "DigitalThreshold",
    "smsThreshold": "SmsThreshold",
    "digitalRefusalTimeout": "DigitalRefusalTimeout",
    "agentPhoneTimeout": "AgentPhoneTimeout",
}
LIST_ONLY = (
    "agentContactAutoFocus",
    "agentDeliveryMode",
    "agentEmailThreshold",
    "agentRequestContact",
    "agentTotalContactCount",
    "agentVoiceThreshold",
    "agentWorkItemThreshold",
)


def _offset(zone: str) -> str:
    """How far a time zone is from UTC now, as `-05:00`."""
    try:
        moment = clock.now().astimezone(zoneinfo.ZoneInfo(zone))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return "+00:00"
    written_offset = f"{moment:%z}"
    return f"{written_offset[:3]}:{written_offset[3:5]}"


class AgentBody(reading.Body):
    """The members that creating and updating an agent share."""

    firstName = serializers.CharField(max_length=50, required=False)  # noqa: N815
    middleName = serializers.CharField(max_length=50, required=False, allow_blank=True, allow_null=True)  # noqa: N815
    lastName = serializers.CharField(max_length=50, required=False)  # noqa: N815
    emailAddress = serializers.CharField(max_length=1000, required=False)  # noqa: N815
    userName = serializers.CharField(max_length=1000, required=False)  # noqa: N815
    timeZone = serializers.CharField(max_length=100, required=False)  # noqa: N815
    teamId = serializers.CharField(max_length=38, required=False, allow_blank=True, allow_null=True)  # noqa: N815
    teamUuid = serializers.CharField(max_length=38, required=False, allow_blank=True, allow_null=True)  # noqa: N815
    profileId = serializers.IntegerField(required=False, min_value=0, max_value=reading.LARGEST)  # noqa: N815
    isActive = serializers.BooleanField(required=False)  # noqa: N815
    hireDate = Day(required=False, allow_null=True, allow_blank=True)  # noqa: N815
    loginAuthenticatorId = serializers.CharField(max_length=38, required=False, allow_blank=True)  # noqa: N815
    hourlyCost = serializers.FloatField(required=False, min_value=0, max_value=1e9, allow_null=True)  # noqa: N815
    recordingNumbers = serializers.ListField(required=False, max_length=10, allow_null=True)  # noqa: N815

    def get_fields(self) -> dict[str, Any]:
        """With what is only kept, and what is accepted and not even that."""
        found = dict(super().get_fields())
        found |= kept.fields_of(kept.AGENT_TEXTS, kept.AGENT_NUMBERS, kept.AGENT_SWITCHES)
        return found | {name: serializers.JSONField(required=False) for name in kept.AGENT_IGNORED}

    def validate_recordingNumbers(self, value: list[Any] | None) -> list[Any] | None:  # noqa: N802
        """Numbers of at most a hundred characters."""
        for entry in value or ():
            number = entry.get("number") if isinstance(entry, Mapping) else None
            if not isinstance(number, str) or not 0 < len(number) <= 100 or len(entry) > 1:
                raise serializers.ValidationError(_('Give each as {"number": "…"} with at most 100 characters.'))
        return value


class NewAgent(AgentBody):
    """What a new agent needs."""

    REQUIRED = (
        "firstName",
        "lastName",
        "teamId",
        "profileId",
        "emailAddress",
        "userName",
        "timeZone",
        "country",
        "city",
    )

    def get_fields(self) -> dict[str, Any]:
        """With the required ones required."""
        found = super().get_fields()
        for name in self.REQUIRED:
            found[name].required = True
            found[name].allow_null = False
        for name in ("country", "city"):
            found[name].allow_blank = False
        return found


class ChangedAgent(AgentBody):
    """What changes of an agent; what is left out stays as it is."""

    agentId = serializers.CharField(max_length=38, required=False)  # noqa: N815


def values(call: Call, given: Mapping[str, Any], employee: Employee | None = None) -> dict[str, Any]:
    """The fields of an employee that an item names.

    Raises:
        ValidationError: a team, profile or authenticator that is not here.
    """
    columns = {"firstName": "first_name", "middleName": "middle_name", "lastName": "last_name"}
    columns |= {"emailAddress": "email", "userName": "username", "timeZone": "time_zone"}
    found: dict[str, Any] = {column: given[name] or "" for name, column in columns.items() if name in given}
    if "hireDate" in given:
        found["hire_date"] = given["hireDate"] or None
    if team := given.get("teamUuid") or given.get("teamId"):
        found["team"] = finding.numbered(call, Team, "teamId", team)
    if given.get("profileId") is not None:
        found["primary_role"] = finding.numbered(call, Role, "profileId", given["profileId"])
    if authenticator := given.get("loginAuthenticatorId"):
        found["login_authenticator"] = finding.authenticator(call, "loginAuthenticatorId", authenticator)
    if any(name in given for name in KEPT):
        found["acd_settings"] = kept.merged(employee.acd_settings if employee else {}, given, KEPT)
    return found
