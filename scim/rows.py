"""The rows behind SCIM resources: what one statement reads for a User or a Group."""

import uuid
from typing import Any, NamedTuple

from django.db.models import F, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast

from accounts import queries
from accounts.actions import locks
from accounts.expressions import Counted, JsonPairs
from accounts.models import BusinessUnit, Employee, Group, GroupMembership, SecondaryRole
from accounts.statements import Question, RecordQuestion, Statement

UNIT = uuid.UUID(int=1)
RECORD = uuid.UUID(int=2)


class UserRow(NamedTuple):
    """An employee as SCIM shows it; ids and times as the database driver gives them."""

    id: Any
    version: int
    created_at: Any
    modified_at: Any
    external_id: str | None
    username: str
    first_name: str
    last_name: str
    middle_name: str
    display_name: str
    email: str
    mobile_number: str
    time_zone: str
    type: str
    language: str | None
    status: str
    scim_attributes: Any
    role_id: Any
    role_name: str
    team_id: Any
    team_name: str
    authenticator_id: Any
    authenticator_name: str | None
    secondary_roles: str | None
    groups: str | None


USER_COLUMNS = (
    "id",
    "version",
    "created",
    "modified",
    "external_id",
    "username",
    "first_name",
    "last_name",
    "middle_name",
    "display_name",
    "email",
    "mobile_number",
    "time_zone",
    "type",
    "language",
    "status",
    "scim_attributes",
    "primary_role_id",
    "primary_role__name",
    "team_id",
    "team__name",
    "login_authenticator_id",
    "login_authenticator__name",
    "secondary_pairs",
    "group_pairs",
)


class GroupRow(NamedTuple):
    """A group as SCIM shows it; `members` is None where they were not asked for."""

    id: Any
    version: int
    created_at: Any
    modified_at: Any
    external_id: str | None
    name: str
    members: str | None


GROUP_COLUMNS = ("id", "version", "created_at", "modified_at", "external_id", "name")


def listed_users(business_unit_id: Any) -> QuerySet[Employee]:
    """The employees SCIM lists: inactive ones too, those deleted through SCIM not (R-SCIM-12, R-SCIM-13)."""
    return Employee.objects.filter(business_unit_id=business_unit_id, scim_hidden=False)


def with_pairs(users: QuerySet[Employee]) -> QuerySet[Employee]:
    """The employees with their secondary roles and groups as pairs of id and name."""
    secondary = SecondaryRole.objects.filter(employee=OuterRef("pk")).values(first=F("role_id"), second=F("role__name"))
    groups = GroupMembership.objects.filter(employee=OuterRef("pk")).values(
        first=F("group_id"), second=F("group__name")
    )
    return users.annotate(secondary_pairs=JsonPairs(secondary), group_pairs=JsonPairs(groups))


def user_rows(users: QuerySet[Employee], *more: str) -> QuerySet[Employee, Any]:
    """The columns of `UserRow`, and more behind them; times as text, which is how they are shown."""
    times = {"created": Cast("created_at", TextField()), "modified": Cast("modified_at", TextField())}
    return with_pairs(users).annotate(**times).values_list(*USER_COLUMNS, *more)


def listed_groups(business_unit_id: Any) -> QuerySet[Group]:
    """The tenant's groups."""
    return Group.objects.filter(business_unit_id=business_unit_id)


def group_rows(groups: QuerySet[Group], *more: str, with_members: bool) -> QuerySet[Group, Any]:
    """The columns of `GroupRow`, with or without the last one, and more behind them."""
    if not with_members:
        return groups.values_list(*GROUP_COLUMNS, *more)
    members = GroupMembership.objects.filter(group=OuterRef("pk"), employee__scim_hidden=False)
    pairs = JsonPairs(members.values(first=F("employee_id"), second=F("display")))
    return groups.annotate(member_pairs=pairs).values_list(*GROUP_COLUMNS, "member_pairs", *more)


# What a change by a provider looks at: what the resource shows, what the rules ask about, what deactivation ends.
RECORD_FIELDS = (
    "id",
    "business_unit",
    "version",
    "created_at",
    "modified_at",
    "external_id",
    "username",
    "first_name",
    "last_name",
    "middle_name",
    "display_name",
    "email",
    "mobile_number",
    "time_zone",
    "type",
    "language",
    "status",
    "scim_attributes",
    "has_other_emails",
    "primary_role__name",
    "primary_role__status",
    "team__name",
    "team__status",
    "login_authenticator__name",
    "login_authenticator__status",
    "login_authenticator__type",
    "session_epoch",
    "ever_activated",
    "deactivated_at",
    "scim_managed",
    "scim_hidden",
    *locks.UNLOCKED,
)


def user_records(users: QuerySet[Employee]) -> QuerySet[Employee]:
    """Employees as an adapter changes them: with what their resource shows and what the rules ask about them; the rest of the
    record is read only if somebody asks for it."""
    related = ("primary_role", "team", "login_authenticator")
    return queries.with_role_editing(with_pairs(users)).select_related(*related).only(*RECORD_FIELDS)


def user_page(business_unit_id: uuid.UUID, offset: int, count: int) -> QuerySet[Employee, Any]:
    """A page of the list, cut on the bare index before anything is joined: deep pages cost little more than the first."""
    listed = listed_users(business_unit_id).order_by("pk").values("pk")
    return user_rows(Employee.objects.filter(pk__in=listed[offset : offset + count])).order_by("pk")


def user_total(business_unit_id: Any) -> QuerySet[BusinessUnit, Any]:
    """How many employees SCIM lists."""
    listed = Counted(listed_users(business_unit_id).values("pk"))
    return BusinessUnit.objects.filter(pk=business_unit_id).values_list(listed)


USER_PAGE = Statement(user_page, UNIT, 987654321, 123456789)
USER_TOTAL = Question(user_total)
USER = Question(lambda unit, pk: user_rows(listed_users(unit).filter(pk=pk)), RECORD)
USER_RECORD = RecordQuestion(lambda unit, pk: user_records(listed_users(unit).filter(pk=pk)), RECORD)
USER_NAMED = Question(lambda unit, key: user_rows(listed_users(unit).filter(username_key=key)), "-user name-")
GROUP_RECORD = RecordQuestion(lambda unit, pk: listed_groups(unit).filter(pk=pk), RECORD)
GROUP = Statement(lambda unit, pk: group_rows(listed_groups(unit).filter(pk=pk), with_members=True), UNIT, RECORD)
GROUP_ALONE = Statement(
    lambda unit, pk: group_rows(listed_groups(unit).filter(pk=pk), with_members=False), UNIT, RECORD
)


def user(business_unit_id: uuid.UUID, pk: uuid.UUID) -> UserRow | None:
    """The row of one listed employee."""
    found = USER.row(business_unit_id, pk)
    return UserRow(*found) if found is not None else None
