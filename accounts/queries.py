"""Questions about the data that several places ask: every non-trivial query, behind a name."""

import uuid
from typing import Any, TypeVar

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, Replace

from accounts.ids import as_uuid, fold
from accounts.models import (
    AccountSettings,
    ActivityEvent,
    Application,
    AuditEvent,
    BulkUpload,
    BusinessUnit,
    Employee,
    EmployeeTemplate,
    EmployeeView,
    Group,
    GroupMembership,
    LoginAuthenticator,
    Notification,
    Role,
    RolePermission,
    ScimToken,
    SecondaryRole,
    Team,
    View,
)
from cxadmin import clock

EDIT_ROLES = "admin.role_management.edit"
AGENT_NAMES = ("agent", "エージェント")
"""Keys of the role that employees created by SCIM get where no default role is chosen (R-SCIM-4)."""
FEW_MEMBERS = 3000
"""So many members of a group are rather gathered than looked for among all employees of the tenant, one by one."""
HEX_DIGITS = frozenset("0123456789abcdef")

Named = TypeVar("Named", Role, Team, Group, Application)
Ordered = TypeVar("Ordered", bound=QuerySet[Any, Any])


def roles(business_unit_id: uuid.UUID) -> QuerySet[Role]:
    """The tenant's roles that people may see."""
    return Role.objects.filter(business_unit_id=business_unit_id, internal=False)


def search_by_name(records: QuerySet[Named], words: str) -> QuerySet[Named]:
    """The teams or groups whose name contains these words."""
    return records.filter(name_key__contains=fold(words))


def with_shown_name(roles: QuerySet[Role]) -> QuerySet[Any, Any]:
    """The roles with `shown_key`: the name as the reader sees it, folded; unrenamed out-of-the-box roles are translated."""
    return roles.annotate(shown_key=_shown_key())


def with_shown_role(records: QuerySet[Any]) -> QuerySet[Any, Any]:
    """The employees or templates with `role_key`: the name of the primary role as the reader sees it, folded."""
    found: QuerySet[Any, Any] = records.annotate(role_key=_shown_key("primary_role__"))
    return found


def _shown_key(role: str = "") -> Case:
    translated = (
        When(**{f"{role}name_key": code, f"{role}ootb_code": code}, then=Value(fold(str(name))))
        for code, name in Role.OOTB_NAMES.items()
        if fold(str(name)) != code  # in English the stored name is what one reads, and an index can sort
    )
    return Case(*translated, default=F(f"{role}name_key"), output_field=CharField())


def roles_by_name(business_unit_id: uuid.UUID) -> QuerySet[Role]:
    """The tenant's roles in the order of the names that the reader sees."""
    return with_shown_name(roles(business_unit_id)).order_by("shown_key", "pk")


def search_roles(roles: QuerySet[Any, Any], words: str) -> QuerySet[Any, Any]:
    """Of the roles with `shown_key` those whose name contains these words, as it is stored or as the reader sees it."""
    wanted = fold(words)
    return roles.filter(Q(name_key__contains=wanted) | Q(shown_key__contains=wanted))


def name_taken(records: QuerySet[Named], name: str, *, by_other_than: uuid.UUID | None = None) -> bool:
    """Whether another one of these records has this name."""
    same = records.filter(name_key=fold(name))
    return same.exclude(pk__in=[by_other_than] if by_other_than else []).exists()


def with_primary_users(roles: QuerySet[Role]) -> QuerySet[Role]:
    """The roles with `users`: how many employees have each as primary role, counted on the index of that column."""
    held = Employee.objects.filter(primary_role=OuterRef("pk")).order_by().values("primary_role")
    return roles.annotate(users=Coalesce(Subquery(held.annotate(n=Count("*")).values("n")), 0))


def assignable_employees(role: Role, *, by: uuid.UUID | None) -> QuerySet[Employee]:
    """Who can be given this role as primary role: everybody who is not Inactive and has another one; not oneself."""
    found = Employee.objects.filter(business_unit_id=role.business_unit_id)
    return found.exclude(status=Employee.Status.DELETED).exclude(primary_role=role).exclude(pk__in=[by] if by else [])


def active_roles(business_unit_id: uuid.UUID) -> QuerySet[Role]:
    """The roles that can be assigned (R-ROLE-7), by name."""
    return roles(business_unit_id).filter(status=Role.Status.ACTIVE).order_by("name_key")


def teams(business_unit_id: uuid.UUID) -> QuerySet[Team]:
    """The tenant's teams, inactive ones included."""
    return Team.objects.filter(business_unit_id=business_unit_id)


def with_team_users(teams: QuerySet[Team]) -> QuerySet[Team]:
    """The teams with `users`: how many employees belong to each, counted on the index of that column."""
    held = Employee.objects.filter(team=OuterRef("pk")).order_by().values("team")
    return teams.annotate(users=Coalesce(Subquery(held.annotate(n=Count("*")).values("n")), 0))


def groups(business_unit_id: uuid.UUID) -> QuerySet[Group]:
    """The tenant's groups, by name."""
    return Group.objects.filter(business_unit_id=business_unit_id).order_by("name_key")


def with_members(groups: QuerySet[Group]) -> QuerySet[Group]:
    """The groups with `users`: how many employees each has."""
    held = GroupMembership.objects.filter(group=OuterRef("pk")).order_by().values("group")
    return groups.annotate(users=Coalesce(Subquery(held.annotate(n=Count("*")).values("n")), 0))


def employees_of_other_teams(team: Team) -> QuerySet[Employee]:
    """Who can be moved to a team: everybody who is not Inactive and belongs to another one."""
    return living_employees(team.business_unit_id).exclude(team=team)


def employees_outside(group: Group) -> QuerySet[Employee]:
    """Who can be put into a group: everybody who is not Inactive and not in it."""
    inside = GroupMembership.objects.filter(group=group).values("employee_id")
    return living_employees(group.business_unit_id).exclude(pk__in=inside)


def employees_inside(group: Group) -> tuple[QuerySet[Employee], int]:
    """Who is in a group, and how many they are."""
    inside = GroupMembership.objects.filter(group=group)
    total, everybody = inside.count(), employees(group.business_unit_id)
    if total <= FEW_MEMBERS:
        return everybody.filter(pk__in=inside.values("employee_id")), total
    return everybody.filter(Exists(inside.filter(employee=OuterRef("pk")))), total


def active_teams(business_unit_id: uuid.UUID) -> QuerySet[Team]:
    """The teams that employees can belong to, by name."""
    return teams(business_unit_id).filter(status=Team.Status.ACTIVE).order_by("name_key")


def authenticators(business_unit_id: uuid.UUID) -> QuerySet[LoginAuthenticator]:
    """The tenant's login authenticators, inactive ones included."""
    return LoginAuthenticator.objects.filter(business_unit_id=business_unit_id)


def search_authenticators(authenticators: QuerySet[LoginAuthenticator], words: str) -> QuerySet[LoginAuthenticator]:
    """The login authenticators whose name contains these words."""
    return authenticators.filter(name_key__contains=fold(words))


def with_users(authenticators: QuerySet[LoginAuthenticator]) -> QuerySet[LoginAuthenticator]:
    """The authenticators with `users`: how many employees who are not Inactive use each, counted on an index."""
    using = Employee.objects.filter(login_authenticator=OuterRef("pk")).exclude(status=Employee.Status.DELETED)
    counted = using.order_by().values("login_authenticator").annotate(n=Count("*")).values("n")
    return authenticators.annotate(users=Coalesce(Subquery(counted), 0))  # type: ignore[no-redef]


def active_authenticators(business_unit_id: uuid.UUID) -> QuerySet[LoginAuthenticator]:
    """The login authenticators that can be chosen, by name."""
    return authenticators(business_unit_id).filter(status=LoginAuthenticator.Status.ACTIVE).order_by("name_key")


def templates(business_unit_id: uuid.UUID) -> QuerySet[EmployeeTemplate]:
    """The tenant's employee templates, whatever their status."""
    return EmployeeTemplate.objects.filter(business_unit_id=business_unit_id)


def search_templates(templates: QuerySet[EmployeeTemplate], words: str) -> QuerySet[EmployeeTemplate]:
    """The employee templates whose name contains these words."""
    return templates.filter(name_key__contains=fold(words))


def active_templates(business_unit_id: uuid.UUID) -> QuerySet[EmployeeTemplate]:
    """The employee templates that can be applied (R-TPL-2), by name."""
    return templates(business_unit_id).filter(status=EmployeeTemplate.Status.ACTIVE).order_by("name_key")


def views(business_unit_id: uuid.UUID) -> QuerySet[View]:
    """The tenant's views."""
    return View.objects.filter(business_unit_id=business_unit_id)


def search_views(views: QuerySet[View], words: str) -> QuerySet[View]:
    """The views whose name contains these words."""
    return views.filter(name_key__contains=fold(words))


def with_limited_users(views: QuerySet[View]) -> QuerySet[View]:
    """The views with `users`: how many employees each limits, counted on an index."""
    limited = EmployeeView.objects.filter(view=OuterRef("pk")).order_by().values("view")
    return views.annotate(users=Coalesce(Subquery(limited.annotate(n=Count("*")).values("n")), 0))


def sorted_apart(found: Ordered) -> Ordered:
    """The same, but no index serves the order: where a filter or a search leaves few records, they are found as it is quickest,
    while SQLite, which does not know how many there are, would go through all records in the order asked for."""
    first, *rest = found.query.order_by
    name = str(first).removeprefix("-")
    unindexed = Coalesce(F(name), F(name))
    return found.order_by(unindexed.desc() if name != first else unindexed, *rest)


def employees_seen_by(employee_id: uuid.UUID, employees: QuerySet[Employee]) -> QuerySet[Employee]:
    """Those of the employees whom somebody sees: all of them without a view of the type User data, else those of the teams
    that such views list, and oneself (R-VIEW-1)."""
    held = _views_of(employee_id, View.Type.USER_DATA)
    teams = View.teams.through.objects.filter(view__in=held).values("team_id")
    return employees.filter(~Exists(held) | Q(team__in=teams) | Q(pk=employee_id))


def is_limited(employee_id: uuid.UUID) -> bool:
    """Whether a view limits the employees whom somebody sees."""
    return _views_of(employee_id, View.Type.USER_DATA).exists()


def employees_by_status(business_unit_id: uuid.UUID) -> dict[tuple[str, bool], int]:
    """How many employees the tenant has, by status and by whether an identity provider manages them; counted on an index."""
    found = Employee.objects.filter(business_unit_id=business_unit_id).values("status", "scim_managed")
    return {(row["status"], row["scim_managed"]): row["n"] for row in found.annotate(n=Count("*")).order_by()}


def roles_seen_by(employee_id: uuid.UUID, roles: QuerySet[Role]) -> QuerySet[Role]:
    """Those of the roles that somebody sees: all of them without a view of the type Roles, else what such views list
    (R-VIEW-1)."""
    held = _views_of(employee_id, View.Type.ROLES)
    listed = View.roles.through.objects.filter(view__in=held).values("role_id")
    return roles.filter(~Exists(held) | Q(pk__in=listed))


def _views_of(employee_id: uuid.UUID, kind: View.Type) -> QuerySet[EmployeeView, Any]:
    return EmployeeView.objects.filter(employee=employee_id, view__type=kind).values("view_id")


def found_by_name(
    employees: QuerySet[Employee] | None, roles: QuerySet[Role] | None, words: str, *, most: int
) -> list[tuple[str, uuid.UUID, str, str]]:
    """The first employees and roles whose name contains these words, employees by username as well, in one statement.

    Args:
        employees, roles: among whom; None for nobody.
        most: how many of each.

    Returns:
        `employee` or `role`, the id, the name, and the username or the code of an out-of-the-box role.
    """
    parts: list[QuerySet[Any, Any]] = []
    if employees is not None:
        first = sorted_apart(search_names(employees, words).order_by("name_key", "pk")).values("pk")[:most]
        name = Concat("first_name", Value(" "), "last_name")
        people = Employee.objects.filter(pk__in=first).annotate(kind=Value("employee"), called=name, more=F("username"))
        parts.append(people.order_by().values_list("kind", "pk", "called", "more"))
    if roles is not None:
        named = search_roles(with_shown_name(roles), words).order_by("shown_key", "pk").values("pk")[:most]
        code = Coalesce("ootb_code", Value(""))
        held = Role.objects.filter(pk__in=named).annotate(kind=Value("role"), called=F("name"), more=code)
        parts.append(held.order_by().values_list("kind", "pk", "called", "more"))
    if not parts:
        return []
    found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return sorted(found, key=lambda row: (row[0], fold(row[2])))


def effective_permissions(employee: Employee) -> frozenset[str]:
    """The union over the primary and all secondary roles that are Active (R-PERM-6)."""
    secondary = SecondaryRole.objects.filter(employee=employee).values("role_id")
    held = Role.objects.filter(pk=employee.primary_role_id) | Role.objects.filter(pk__in=secondary)
    codes = RolePermission.objects.filter(role__in=held.filter(status=Role.Status.ACTIVE)).values_list(
        "code", flat=True
    )
    return frozenset(codes)


def employees(business_unit_id: uuid.UUID) -> QuerySet[Employee]:
    """Everybody of the tenant, inactive ones included."""
    return Employee.objects.filter(business_unit_id=business_unit_id)


def changes(business_unit_id: uuid.UUID) -> QuerySet[AuditEvent]:
    """Every change in the tenant (screens §16)."""
    return AuditEvent.objects.filter(business_unit_id=business_unit_id)


def activity(business_unit_id: uuid.UUID) -> QuerySet[ActivityEvent]:
    """What happened in the tenant and was no change (screens §16)."""
    return ActivityEvent.objects.filter(business_unit_id=business_unit_id)


def search_activity(events: QuerySet[ActivityEvent], words: str) -> QuerySet[ActivityEvent]:
    """The events whose person, instance, activity or address contains these words, as stored or as the reader sees it."""
    columns = ("triggered_by_name", "instance", "activity", "address")
    stored = Q(*((f"{column}__icontains", words) for column in columns), _connector=Q.OR)
    return events.filter(stored | ActivityEvent.reading(words))


def notifications(employee_id: uuid.UUID) -> QuerySet[Notification]:
    """What an employee was told."""
    return Notification.objects.filter(employee_id=employee_id)


def unread_notifications(employee_id: uuid.UUID) -> QuerySet[Notification]:
    """What an employee was told and has not looked at."""
    return notifications(employee_id).filter(read_at=None)


def active_holders_of(business_unit_id: uuid.UUID, code: str) -> QuerySet[Employee]:
    """The Active employees with this permission (R-PERM-6)."""
    granting = Role.objects.filter(
        Exists(RolePermission.objects.filter(role=OuterRef("pk"), code=code)),
        business_unit_id=business_unit_id,
        status=Role.Status.ACTIVE,
    )
    secondary = SecondaryRole.objects.filter(role__in=granting).values("employee_id")
    return active_employees(business_unit_id).filter(Q(primary_role__in=granting) | Q(pk__in=secondary))


def living_employees(business_unit_id: uuid.UUID) -> QuerySet[Employee]:
    """Everybody of the tenant who is not Inactive."""
    return employees(business_unit_id).exclude(status=Employee.Status.DELETED)


def locked_employees(business_unit_id: uuid.UUID) -> QuerySet[Employee]:
    """Who is locked out (R-LOCK)."""
    return employees(business_unit_id).filter(status=Employee.Status.BLOCKED)


def active_employees(business_unit_id: uuid.UUID) -> QuerySet[Employee]:
    """The tenant's Active employees, by name."""
    return Employee.objects.filter(business_unit_id=business_unit_id, status=Employee.Status.ACTIVE).order_by(
        "name_key", "pk"
    )


def saved_scim_tokens(business_unit_id: uuid.UUID) -> QuerySet[ScimToken]:
    """The tenant's SCIM tokens with their employees, newest first (screens §12.6)."""
    saved = ScimToken.objects.filter(business_unit_id=business_unit_id, saved_at__isnull=False, deleted_at__isnull=True)
    return saved.select_related("employee").order_by("-created_at", "-pk")


def search_employees(employees: QuerySet[Employee], words: str) -> QuerySet[Employee]:
    """The employees whose name, username or e-mail address contains these words."""
    key = fold(words)
    return employees.filter(Q(name_key__contains=key) | Q(username_key__contains=key) | Q(email_key__contains=key))


def search_names(employees: QuerySet[Employee], words: str) -> QuerySet[Employee]:
    """The employees whose name or username contains these words."""
    key = fold(words)
    return employees.filter(Q(name_key__contains=key) | Q(username_key__contains=key))


def somebody_can_edit_roles(business_unit_id: uuid.UUID) -> bool:
    """Whether an Active employee holds Role Management.Edit (R-ROLE-12)."""
    active = Employee.objects.filter(status=Employee.Status.ACTIVE)
    held_as_primary = Exists(active.filter(primary_role=OuterRef("pk")))
    held_as_secondary = Exists(
        SecondaryRole.objects.filter(role=OuterRef("pk"), employee__status=Employee.Status.ACTIVE)
    )
    editing = Role.objects.filter(
        Exists(RolePermission.objects.filter(role=OuterRef("pk"), code=EDIT_ROLES)),
        business_unit_id=business_unit_id,
        status=Role.Status.ACTIVE,
    )
    return editing.filter(held_as_primary | held_as_secondary).exists()


def with_role_editing(employees: QuerySet[Employee]) -> QuerySet[Employee]:
    """The employees with `edits_roles`: whether one of their roles holds Role Management.Edit (R-ROLE-12)."""
    secondary = SecondaryRole.objects.filter(employee=OuterRef(OuterRef("pk"))).values("role_id")
    editing = RolePermission.objects.filter(Q(role=OuterRef("primary_role")) | Q(role__in=secondary), code=EDIT_ROLES)
    return employees.annotate(edits_roles=Exists(editing))  # type: ignore[no-redef]


def holders(role: Role) -> int:
    """How many employees who are not Inactive have the role as primary or secondary role (R-ROLE-8)."""
    living = Employee.objects.exclude(status=Employee.Status.DELETED)
    secondary = SecondaryRole.objects.filter(role=role).values("employee_id")
    return living.filter(primary_role=role).count() + living.filter(pk__in=secondary).exclude(primary_role=role).count()


def username_taken(business_unit_id: uuid.UUID, username: str, *, by_other_than: uuid.UUID | None = None) -> bool:
    """Whether another employee of the tenant, inactive ones included, has this username (R-EMP-1)."""
    return (
        Employee.objects.filter(business_unit_id=business_unit_id, username_key=fold(username))
        .exclude(pk__in=[by_other_than] if by_other_than else [])
        .exists()
    )


def default_team(business_unit_id: uuid.UUID) -> Team:
    """The team new employees belong to (R-EMP-5)."""
    return Team.objects.get(business_unit_id=business_unit_id, is_default=True)


def default_authenticator(business_unit_id: uuid.UUID) -> LoginAuthenticator:
    """The authenticator "System Default", or whichever authenticator took its place (R-LA-1)."""
    return LoginAuthenticator.objects.get(business_unit_id=business_unit_id, is_default=True)


def business_unit_by_number(number: int | None) -> BusinessUnit | None:
    """The tenant with this business unit ID."""
    return BusinessUnit.objects.filter(number=number).first() if number is not None else None


def host_name_taken(name: str, *, by_other_than: uuid.UUID) -> bool:
    """Whether another business unit signs in by this company domain."""
    same = AccountSettings.objects.filter(custom_host_name=name.lower())
    return same.exclude(business_unit_id=by_other_than).exists()


def application_by_client_id(client_id: object) -> Application | None:
    """The application that a client names itself by, of any tenant and whatever its status."""
    found = as_uuid(client_id)
    return Application.objects.filter(pk=found).first() if found else None


def applications(business_unit_id: uuid.UUID) -> QuerySet[Application]:
    """The tenant's applications; those whose time has come are gone, removed or not."""
    found = Application.objects.filter(business_unit_id=business_unit_id)
    return found.filter(Q(scheduled_deletion_at=None) | Q(scheduled_deletion_at__gt=clock.now()))


def applications_due(business_unit_id: uuid.UUID) -> QuerySet[Application]:
    """The tenant's applications whose deletion was scheduled for a time that has come."""
    return Application.objects.filter(business_unit_id=business_unit_id, scheduled_deletion_at__lte=clock.now())


def search_applications(applications: QuerySet[Application], words: str) -> QuerySet[Application]:
    """The applications whose name or client ID contains these words."""
    found = Q(name_key__contains=fold(words))
    digits = words.replace("-", "").lower()
    if digits and set(digits) <= HEX_DIGITS:
        # SQLite keeps the id as bare digits, PostgreSQL writes it with hyphens.
        bare = Replace(Cast("pk", CharField()), Value("-"), Value(""))
        applications = applications.annotate(client_id_digits=bare)
        found |= Q(client_id_digits__contains=digits)
    return applications.filter(found)


def bulk_uploads(business_unit_id: uuid.UUID) -> QuerySet[BulkUpload]:
    """The tenant's uploads, without their rows."""
    return BulkUpload.objects.filter(business_unit_id=business_unit_id).defer("rows", "columns")


def only_business_unit() -> BusinessUnit | None:
    """The tenant of an instance that has one; None where there are several."""
    found = list(BusinessUnit.objects.select_related("settings").order_by("number")[:2])
    return found[0] if len(found) == 1 else None


def is_scim_default_role(role: Role) -> bool:
    """Whether nobody could be created by SCIM without this role: it is the chosen one, or without a choice the only Active one
    of the names that count (R-SCIM-4)."""
    account_settings = AccountSettings.objects.get(pk=role.business_unit_id)
    if account_settings.scim_default_role_id is not None:
        return account_settings.scim_default_role_id == role.pk
    agents = active_roles(role.business_unit_id).filter(name_key__in=AGENT_NAMES)
    return list(agents.values_list("pk", flat=True)) == [role.pk]


def lacks_role_agent(account_settings: AccountSettings) -> bool:
    """Whether nobody can be created by SCIM because no default role is chosen and no Active one is named Agent (R-SCIM-4)."""
    if account_settings.scim_default_role_id is not None:
        return False
    return not active_roles(account_settings.business_unit_id).filter(name_key__in=AGENT_NAMES).exists()
