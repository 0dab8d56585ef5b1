"""How the User Hub writes and reads an employee: which members each version has, and where they come from."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.api import finding, reading
from accounts.api.operations import Call
from accounts.api.paging import written
from accounts.models import Employee, Group, Role

IDENTITY = ("id", "displayName", "status")
BASE = (
    "acdInfos",
    "billable",
    "country",
    "emailAddress",
    "emailToBeVerified",
    "externalIdentity",
    "firstName",
    "fullName",
    "groupIds",
    "hireDate",
    "id",
    "impersonated",
    "lastName",
    "mobileNumber",
    "rank",
    "role",
    "roleUUID",
    "secondaryRoleIds",
    "status",
    "teamId",
    "timeZone",
    "userName",
    "deletedDate",
)
V1 = frozenset({*BASE, "creationDate", "icBUId", "icClusterId", "modifiable", "invitationExpired"})
V2 = frozenset({*BASE, "creationDate", "displayName", "middleName", "modifiable", "type", "divisionId"})
V3 = frozenset({*BASE, "displayName", "loginAuthenticatorId", "middleName", "type"})


def with_related(found: QuerySet[Employee]) -> QuerySet[Employee]:
    """With what `user` reads: two more statements, however many employees there are."""
    return found.select_related("primary_role", "business_unit").prefetch_related("secondary_roles", "groups")


def user(employee: Employee, members: frozenset[str]) -> dict[str, Any]:
    """An employee as this version writes it."""
    every = {
        "id": str(employee.pk),
        "userName": employee.username,
        "firstName": employee.first_name,
        "middleName": employee.middle_name,
        "lastName": employee.last_name,
        "fullName": employee.full_name,
        "displayName": employee.display_name or employee.full_name,
        "emailAddress": employee.email,
        "emailToBeVerified": employee.email_to_be_verified,
        "externalIdentity": employee.external_id,
        "mobileNumber": employee.mobile_number,
        "timeZone": employee.time_zone,
        "type": employee.type,
        "rank": employee.rank,
        "hireDate": day(employee.hire_date),
        "country": employee.acd_settings.get("country"),
        "role": employee.primary_role.name,
        "roleUUID": str(employee.primary_role_id),
        "secondaryRoleIds": [str(role.pk) for role in employee.secondary_roles.all()],
        "teamId": str(employee.team_id),
        "groupIds": [str(group.pk) for group in employee.groups.all()],
        "loginAuthenticatorId": str(employee.login_authenticator_id) if employee.login_authenticator_id else None,
        "status": employee.status,
        "creationDate": instant(employee.created_at),
        "deletedDate": instant(employee.deactivated_at) if employee.is_inactive else None,
        "billable": employee.is_billed,
        "impersonated": False,
        "invitationExpired": False,
        "modifiable": not employee.scim_managed,
        "divisionId": 1,
        "icBUId": str(employee.business_unit.number),
        "icClusterId": employee.business_unit.cluster,
        "acdInfos": [{"loginId": str(employee.agent_id)}],
    }
    return written({name: value for name, value in every.items() if name in members})


def identity(employee: Employee) -> dict[str, Any]:
    """Who an employee is, and nothing else."""
    return {
        "id": str(employee.pk),
        "displayName": employee.display_name or employee.full_name,
        "status": str(employee.status),
    }


def instant(value: datetime | None) -> str | None:
    """A time as these services write it."""
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z") if value else None


def day(value: date | None) -> str | None:
    """A date where the original has a time."""
    return f"{value.isoformat()}T00:00:00.000Z" if value else None


class Texts(serializers.ListField):
    """A list of short texts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=serializers.CharField(max_length=254), max_length=100, **kwargs)


def text(limit: int = 255, **kwargs: Any) -> serializers.CharField:
    """An optional text."""
    return serializers.CharField(
        max_length=limit, **{"required": False, "allow_blank": True, "allow_null": True, **kwargs}
    )


class Day(serializers.CharField):
    """A date, also where it comes as a time."""

    def to_internal_value(self, data: Any) -> Any:
        found = reading.as_moment(super().to_internal_value(data))
        if found is None:
            raise serializers.ValidationError("Give a date as 2026-01-31.")
        return found.date()


class UserBody(reading.Body):
    """What creating and updating share; members without a meaning here are accepted, because clients send them."""

    firstName = text(1000)  # noqa: N815
    middleName = text(1000)  # noqa: N815
    lastName = text(1000)  # noqa: N815
    displayName = text(1000)  # noqa: N815
    emailAddress = text(1000)  # noqa: N815
    userName = text(1000)  # noqa: N815
    mobileNumber = text(1000)  # noqa: N815
    timeZone = text(1000)  # noqa: N815
    type = text(1000)
    externalIdentity = text(1000)  # noqa: N815
    rank = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=reading.LARGEST)
    hireDate = Day(required=False, allow_null=True)  # noqa: N815
    country = text(100)
    role = text(100)
    roleUUID = text(100)  # noqa: N815
    secondaryRoleIds = Texts(required=False, allow_null=True)  # noqa: N815
    teamId = text(100)  # noqa: N815
    groupIds = Texts(required=False, allow_null=True)  # noqa: N815
    loginAuthenticatorId = text(100)  # noqa: N815
    acdInfos = serializers.JSONField(required=False)  # noqa: N815
    applicationAttributes = serializers.JSONField(required=False)  # noqa: N815
    customAttributes = serializers.JSONField(required=False)  # noqa: N815
    views = serializers.JSONField(required=False)
    assignedGroup = text(255)  # noqa: N815
    billable = serializers.BooleanField(required=False, allow_null=True)
    emailToBeVerified = text(254)  # noqa: N815


COLUMNS: Mapping[str, str] = {
    "firstName": "first_name",
    "middleName": "middle_name",
    "lastName": "last_name",
    "displayName": "display_name",
    "emailAddress": "email",
    "userName": "username",
    "mobileNumber": "mobile_number",
    "timeZone": "time_zone",
    "type": "type",
}
NULLABLE: Mapping[str, str] = {"externalIdentity": "external_id", "rank": "rank", "hireDate": "hire_date"}


def values(call: Call, given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an employee that a body names.

    Raises:
        ValidationError: a role, team, group or authenticator that is not here.
    """
    found: dict[str, Any] = {column: given[name] or "" for name, column in COLUMNS.items() if name in given}
    found |= {column: given[name] or None for name, column in NULLABLE.items() if name in given}
    if role := given.get("roleUUID") or given.get("role"):
        found["primary_role"] = finding.role(call, "role", role)
    if team := given.get("teamId"):
        found["team"] = finding.team(call, "teamId", team)
    if authenticator := given.get("loginAuthenticatorId"):
        found["login_authenticator"] = finding.authenticator(call, "loginAuthenticatorId", authenticator)
    if given.get("secondaryRoleIds") is not None:
        found["secondary_roles"] = finding.many(call, Role, "secondaryRoleIds", given["secondaryRoleIds"])
    if given.get("groupIds") is not None:
        found["groups"] = finding.many(call, Group, "groupIds", given["groupIds"])
    return found


def country(given: Mapping[str, Any], employee: Employee | None = None) -> dict[str, Any]:
    """`acd_settings` with the country of a body, if it names one."""
    if given.get("country") is None:
        return {}
    kept = dict(employee.acd_settings) if employee else {}
    return {"acd_settings": kept | {"country": given["country"]}}


def ids(found: Iterable[Employee]) -> list[str]:
    """The ids of employees as texts."""
    return [str(employee.pk) for employee in found]
