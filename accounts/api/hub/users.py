"""Users of the User Hub, `/user-management` v1 to v3 (apis.md §3.3)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers

from accounts import access, queries
from accounts.actions import employees
from accounts.api import finding, paging, reading, search
from accounts.api.hub import user_fields
from accounts.api.hub.user_fields import UserBody
from accounts.api.operations import Call, get, post, put
from accounts.api.search import Column
from accounts.errors import RuleError
from accounts.ids import as_uuid, fold
from accounts.models import Employee, GroupMembership, SecondaryRole

VIEW, CREATE, EDIT, DELETE, INVITE = (f"admin.employees.{a}" for a in ("view", "create", "edit", "delete", "invite"))
MOST_TO_DEACTIVATE = 20
MOST_TO_INVITE = 100
DEFAULT_TOP = 50

COLUMNS: Mapping[str, Column] = {
    "id": Column("id", "uuid"),
    "userName": Column("username_key"),
    "fullName": Column("name_key"),
    "firstName": Column("first_name", is_plain=True, prefix="name_key"),
    "lastName": Column("last_name", is_plain=True, suffix="name_key"),
    "displayName": Column("display_name", is_plain=True, instead="name_key"),
    "emailAddress": Column("email_key"),
    "externalIdentity": Column("external_id", "exact"),
    "status": Column("status", "choice"),
    "roleUUID": Column("primary_role_id", "uuid"),
    "secondaryRoleIds": Column("role", "uuid", through=SecondaryRole, joined="secondary_roles"),
    "teamId": Column("team_id", "uuid"),
    "groupIds": Column("group", "uuid", through=GroupMembership, joined="groups"),
    "loginAuthenticatorId": Column("login_authenticator_id", "uuid"),
    "rank": Column("rank", "number"),
    "creationDate": Column("created_at", "time"),
    "deletedDate": Column("deactivated_at", "time"),
}


def _people(call: Call) -> QuerySet[Employee]:
    return Employee.objects.filter(business_unit_id=call.actor.business_unit_id)


def everybody(call: Call) -> dict[str, Any]:
    """All users at once: this old operation has no pages."""
    found = _people(call)
    after = reading.moment(call, "includeDeletedAfter")
    if after is not None:
        found = found.exclude(status=Employee.Status.DELETED, deactivated_at__lt=after)
    elif not reading.boolean(call, "includeDeleted", default=False):
        found = found.exclude(status=Employee.Status.DELETED)
    if name := reading.text(call, "fullNameContains"):
        found = found.filter(name_key__contains=fold(name))
    reading.boolean(call, "excludeImpersonated")
    if reading.boolean(call, "onlyImpersonated"):
        found = found.none()
    listed = user_fields.with_related(found).order_by("name_key", "pk")
    return {"users": [user_fields.user(employee, user_fields.V1) for employee in listed]}


class NewUser(UserBody):
    """The body of a new user."""


def create(call: Call) -> dict[str, Any]:
    """Add an employee, not invited yet."""
    given = reading.body(call, NewUser)
    unit = call.unit
    values = {
        "time_zone": unit.time_zone,
        "team": queries.default_team(unit.pk),
        "login_authenticator": queries.default_authenticator(unit.pk),
        **user_fields.values(call, given),
        **user_fields.country(given),
    }
    values["time_zone"] = values["time_zone"] or unit.time_zone
    # R-EMP-2: the user name is the address unless another is given.
    values["username"] = values.get("username") or values.get("email", "")
    made = employees.create(values, actor=call.actor)
    return _done(made)


class ChangedUser(UserBody):
    """The body of a change; what is left out stays as it is."""

    id = serializers.CharField(max_length=100)


def update(call: Call) -> dict[str, Any]:
    """Change an employee."""
    given = reading.body(call, ChangedUser)
    employee = finding.user(call, given["id"])
    changes = user_fields.values(call, given) | user_fields.country(given, employee)
    employees.update(employee, changes, actor=call.actor)
    return {name: value for name, value in _done(employee).items() if name != "uuid"}


def _done(employee: Employee) -> dict[str, Any]:
    return {"success": True, "message": "", "error": "", "msg": "", "uuid": str(employee.pk)}


class Deactivation(reading.Body):
    """Whom to deactivate."""

    userIds = serializers.ListField(  # noqa: N815
        child=serializers.CharField(max_length=100), min_length=1, max_length=MOST_TO_DEACTIVATE
    )


def deactivate(call: Call) -> dict[str, Any]:
    """Deactivate up to 20 employees, each on its own; answers those it was not possible for."""
    left = []
    for user_id in dict.fromkeys(reading.body(call, Deactivation)["userIds"]):
        try:
            employees.deactivate(finding.user(call, user_id), actor=call.actor)
        except (Http404, RuleError):
            left.append(user_id)
    return {"notDeletedUserIds": left}


def revive(call: Call, user_id: str) -> dict[str, Any]:
    """Bring an employee back."""
    employee = finding.user(call, user_id)
    employees.reactivate(employee, actor=call.actor)
    return {"success": True, "uuid": str(employee.pk)}


class Assignment(reading.Body):
    """Which login authenticator to assign."""

    authenticatorId = serializers.CharField(max_length=100)  # noqa: N815


def assign_authenticator(call: Call, user_id: str) -> dict[str, Any]:
    """Give an employee another login authenticator."""
    employee = finding.user(call, user_id)
    given = reading.body(call, Assignment)["authenticatorId"]
    chosen = finding.authenticator(call, "authenticatorId", given)
    employees.update(employee, {"login_authenticator": chosen}, actor=call.actor)
    return {"success": True, "message": ""}


def read(call: Call, user_id: str, members: frozenset[str]) -> dict[str, Any]:
    """One user; oneself without any permission."""
    found = as_uuid(user_id)
    if found is None:
        raise Http404
    needed = () if call.actor.is_self(found) else (VIEW,)
    return {"user": user_fields.user(access.employee(call.actor, found, *needed), members)}


def read_v1(call: Call, user_id: str) -> dict[str, Any]:
    """`read` as version 1 writes it: not documented, but clients ask for it (apis.md §3.3)."""
    return read(call, user_id, user_fields.V1 | user_fields.V3)


def read_v3(call: Call, user_id: str) -> dict[str, Any]:
    """`read` as version 3 writes it."""
    return read(call, user_id, user_fields.V3)


def identity(call: Call, user_id: str) -> dict[str, Any]:
    """What an employee is called."""
    employee = finding.user(call, user_id)
    return {"user": {"id": str(employee.pk), "fullName": employee.full_name}}


def identities(call: Call) -> dict[str, Any]:
    """A page of who is who; `filter` is looked for in names."""
    skip, top = paging.window(call, DEFAULT_TOP)
    found = queries.search_employees(_people(call), reading.text(call, "filter"))
    order = {"displayName": "name_key", "fullName": "name_key", "status": "status", "id": "id"}
    found = paging.ordered(found, reading.text(call, "orderBy"), order, "name_key")
    people, total = paging.cut(found, skip, top)
    fields = paging.fields(call)
    return {
        "users": [paging.chosen(user_fields.identity(person), fields) for person in people],
        "totalRecords": total,
        "_links": paging.links(call, skip, top, total),
    }


def find(call: Call) -> dict[str, Any]:
    """Search users."""
    given = reading.body(call, search.SearchBody)
    skip, top = given["skip"], min(given["top"], paging.MOST)
    roles = Column("primary_role__name_key", among=queries.roles(call.actor.business_unit_id))
    found = search.apply(_people(call), given, {**COLUMNS, "role": roles}, "name_key")
    people, total = paging.cut(user_fields.with_related(found), skip, top)
    fields = frozenset(name.lower() for name in given["fields"] or ())
    users = [paging.chosen(user_fields.user(person, user_fields.V2), fields, ("id",)) for person in people]
    return {"users": users, "totalRecords": total, "skip": skip, "top": top}


class InvitationById(reading.Body):
    """Whom to invite, by id."""

    inviteUserIds = serializers.ListField(  # noqa: N815
        child=serializers.CharField(max_length=100), min_length=1, max_length=MOST_TO_INVITE
    )
    senderUserId = serializers.CharField(max_length=100)  # noqa: N815


def invite_by_id(call: Call) -> dict[str, Any]:
    """Mail invitations, all or none; whoever calls is the sender in the audit trail."""
    given = reading.body(call, InvitationById)
    finding.user(call, given["senderUserId"])
    people = [finding.user(call, user_id) for user_id in dict.fromkeys(given["inviteUserIds"])]
    employees.invite_all(people, actor=call.actor)
    return {"success": True}


class InvitationByAddress(reading.Body):
    """Whom to invite, by e-mail address."""

    emailAddressesList = serializers.ListField(  # noqa: N815
        child=serializers.CharField(max_length=254), min_length=1, max_length=MOST_TO_INVITE
    )
    senderEmail = serializers.CharField(max_length=254)  # noqa: N815


def invite_by_address(call: Call) -> dict[str, Any]:
    """As `invite_by_id`; an address that several employees share invites all of them who wait."""
    given = reading.body(call, InvitationByAddress)
    wanted = {fold(address): address for address in given["emailAddressesList"]}
    found = list(_people(call).filter(email_key__in=wanted).select_related("business_unit"))
    for missing in sorted(wanted.keys() - {person.email_key for person in found}):
        raise Http404(_("There is no user with the address %(address)s.") % {"address": wanted[missing]})
    employees.invite_all(found, actor=call.actor)
    return {"success": True}


OPERATIONS = (
    get("/user-management/v1/users", everybody, VIEW),
    post("/user-management/v1/users", create, CREATE),
    put("/user-management/v1/users", update, EDIT),
    post("/user-management/v1/users/deactivate", deactivate, DELETE),
    get("/user-management/v1/users/{user_id}", read_v1),
    get("/user-management/v1/users/{user_id}/identities", identity, VIEW),
    put("/user-management/v1/users/{user_id}/login-authenticator", assign_authenticator, EDIT),
    post("/user-management/v1/users/{user_id}/revive", revive, DELETE),
    get("/user-management/v2/users/identities", identities, VIEW),
    post("/user-management/v2/users/inviteByEmail", invite_by_address, INVITE),
    post("/user-management/v2/users/inviteById", invite_by_id, INVITE),
    replace(post("/user-management/v2/users/search", find, VIEW), status_of_limit=503),  # as documented (apis.md §5)
    get("/user-management/v3/users/{user_id}", read_v3),
)
