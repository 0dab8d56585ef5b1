"""What a row of an uploaded file means: its cells as values for the actions of the pages (screens §5.5, R-BULK)."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import queries, rules, spreadsheets
from accounts.actions import employees, teams
from accounts.actors import Actor
from accounts.errors import Invalid, Problem
from accounts.ids import as_uuid, fold
from accounts.models import BulkUpload, BusinessUnit, Employee, Group, LoginAuthenticator, Role, Team, View

Kind = BulkUpload.RecordType
Cells = Mapping[str, str]
R = TypeVar("R", Employee, Team)

REMOVE = "[!***REMOVE***!]"
CHANGED = "Row Changed"
YES = "Y"
NOTE = "Error"
"""The column that a download of errors adds; it says nothing when the file comes back."""
BETWEEN = ";"
READ_AT_ONCE = 500
ATTRIBUTES = {
    "voice": "Can be Recorded (Voice)",
    "screen": "Can be Recorded (Screen)",
    "digital": "Digital Engagement",
    "bi_reports": "Can View BI Reports",
}
"""What a file calls the attributes, whatever the language of whoever uploads it."""
ASSIGN_ROLES = "admin.role_management.user_assignment"
INVITE = "admin.employees.invite"


class OutOfDateError(Exception):
    """A row is about a record that an earlier row may have left half-changed in memory; read the rows again."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file.

    Attributes:
        field: the field of the action it fills.
        needed: a file without this column is refused.
    """

    name: str
    field: str
    needed: bool = False


class Rows(ABC, Generic[R]):
    """Some rows of a file together with the records they name, which are read for all of them at once."""

    columns: ClassVar[tuple[Column, ...]]
    permissions: ClassVar[tuple[str, ...]]
    has_changes: ClassVar[bool] = True
    """Whether rows can be marked as changed."""

    def __init__(self, actor: Actor, unit: BusinessUnit, rows: Sequence[Cells]) -> None:
        self.actor, self.unit = actor, unit
        self.loaded: dict[Any, R] = {}
        self.taken: R | None = None
        self.spoiled: set[object] = set()
        self._load(rows)

    @classmethod
    @abstractmethod
    def present(cls, actor: Actor) -> Iterator[Cells]:
        """The present records that the actor sees as rows of a file, for the template."""

    @abstractmethod
    def _load(self, rows: Sequence[Cells]) -> None: ...

    @abstractmethod
    def _store(self, cells: Cells) -> None: ...

    def store(self, cells: Cells) -> None:
        """Do what a row says, inside the caller's transaction.

        Raises:
            Invalid: what is wrong with which column; the problems' fields are names of columns, or empty for the row.
            Refused: a rule forbids it.
            ChangedMeanwhile: somebody else saved the record since it was read; read the rows again.
            OutOfDateError: likewise.
        """
        wrong = [
            Problem(column, "V-FORMULA", _("Formulas are not calculated. Enter the value itself."))
            for column, cell in cells.items()
            if spreadsheets.is_formula(cell)
        ]
        if wrong:
            raise Invalid(wrong)
        try:
            self._store({column: spreadsheets.unescaped(cell) for column, cell in cells.items()})
        except Invalid as error:
            names = {column.field: column.name for column in self.columns}
            raise Invalid(Problem(names.get(p.field, p.field), p.code, p.message) for p in error.problems) from error

    def spoil(self) -> None:
        """The row that was just refused may have changed its record in memory."""
        if self.taken is not None:
            self.spoiled.add(self.taken.pk)

    def _take(self, key: object) -> R | None:
        """The record a row is about."""
        self.taken = self.loaded.get(key)
        if self.taken is not None and self.taken.pk in self.spoiled:
            raise OutOfDateError
        return self.taken


def seen(actor: Actor, people: QuerySet[Employee]) -> QuerySet[Employee]:
    """Those of the employees whom the actor sees (R-VIEW-1)."""
    return queries.employees_seen_by(actor.employee_id, people) if actor.employee_id else people


def _roles_seen(actor: Actor, roles: QuerySet[Role]) -> QuerySet[Role]:
    return queries.roles_seen_by(actor.employee_id, roles) if actor.employee_id else roles


def by_name(records: QuerySet[Any]) -> dict[str, Any]:
    """The records by their exact name."""
    return {record.name: record for record in records}


def _refuse(problems: list[Problem], more: Iterable[Problem]) -> None:
    """Raise these problems, and of the others those about fields that have none yet."""
    named = {problem.field for problem in problems}
    found = [*problems, *(problem for problem in more if problem.field not in named)]
    if found:
        raise Invalid(found)


def _cannot_be_emptied(column: Column) -> Problem:
    return Problem(column.field, "R-BULK-1", _("%(label)s cannot be emptied.") % {"label": column.name})


def _joined(names: Iterable[str]) -> str:
    return f"{BETWEEN} ".join(names)


def _names(cell: str) -> list[str]:
    return [name for part in cell.split(BETWEEN) if (name := part.strip())]


class EmployeeRows(Rows[Employee]):
    """Rows that create or change employees."""

    columns = (
        Column("User ID", "id", needed=True),
        Column("Username", "username", needed=True),
        Column("First Name", "first_name", needed=True),
        Column("Last Name", "last_name", needed=True),
        Column("Email Address", "email", needed=True),
        Column("Role Name", "primary_role", needed=True),
        Column("Team Name", "team", needed=True),
        Column("Middle Name", "middle_name"),
        Column("Display Name", "display_name"),
        Column("Mobile Number", "mobile_number"),
        Column("Hire Date", "hire_date"),
        Column("Time Zone", "time_zone"),
        Column("Rank", "rank"),
        Column("Type", "type"),
        Column("Login Authenticator", "login_authenticator"),
        Column("Secondary Roles", "secondary_roles"),
        Column("Groups", "groups"),
        Column("Attributes", "attributes"),
        Column("Views", "views"),
        Column("Invite", "invite"),
        Column(CHANGED, ""),
    )
    permissions = ("admin.employees.import",)
    EMPTY: ClassVar[dict[str, Any]] = {
        "middle_name": "",
        "display_name": "",
        "mobile_number": "",
        "hire_date": None,
        "rank": None,
        "type": "",
        "login_authenticator": None,
        "secondary_roles": [],
        "groups": [],
        "attributes": [],
        "views": [],
    }
    """What a field is once it is emptied; the others cannot be, but the time zone goes back to the tenant's."""

    def _load(self, rows: Sequence[Cells]) -> None:
        unit = self.actor.business_unit_id
        self.roles: dict[str, Role] = by_name(_roles_seen(self.actor, queries.active_roles(unit)))
        self.teams: dict[str, Team] = by_name(queries.active_teams(unit))
        self.authenticators: dict[str, LoginAuthenticator] = by_name(queries.active_authenticators(unit))
        named = {name for cells in rows for name in _names(cells.get("Groups", ""))}
        self.groups: dict[str, Group] = by_name(queries.groups(unit).filter(name__in=named)) if named else {}
        self.views: dict[str, View] = by_name(queries.views(unit)) if any(row.get("Views") for row in rows) else {}
        self.attributes = {name: code for code, name in ATTRIBUTES.items()}
        keys = {key for cells in rows if (key := as_uuid(cells.get("User ID"))) is not None}
        found = seen(self.actor, queries.employees(unit)).filter(pk__in=keys)
        found = found.select_related("primary_role", "team", "login_authenticator")
        found = queries.with_role_editing(found).prefetch_related("secondary_roles", "groups", "views")
        self.loaded = {employee.pk: employee for employee in found}
        for employee in self.loaded.values():
            employee.business_unit = self.unit

    def _store(self, cells: Cells) -> None:
        employee = self._employee(cells.get("User ID", ""))
        values, problems = self._values(cells)
        invite = self._invites(cells.get("Invite", ""), problems)
        if employee is None:
            self._create(values, problems, invite=invite)
        else:
            self._update(employee, values, problems, invite=invite)

    @classmethod
    def present(cls, actor: Actor) -> Iterator[Cells]:
        people = seen(actor, queries.living_employees(actor.business_unit_id)).select_related(
            "primary_role", "team", "login_authenticator"
        )
        people = people.prefetch_related("secondary_roles", "groups", "views").order_by("name_key", "pk")
        for employee in people.iterator(chunk_size=READ_AT_ONCE):
            authenticator = employee.login_authenticator
            yield {
                "User ID": str(employee.pk),
                "Username": employee.username,
                "First Name": employee.first_name,
                "Last Name": employee.last_name,
                "Email Address": employee.email,
                "Role Name": employee.primary_role.name,
                "Team Name": employee.team.name,
                "Middle Name": employee.middle_name,
                "Display Name": employee.display_name,
                "Mobile Number": employee.mobile_number,
                "Hire Date": employee.hire_date.isoformat() if employee.hire_date else "",
                "Time Zone": employee.time_zone,
                "Rank": str(employee.rank or ""),
                "Type": employee.type,
                "Login Authenticator": authenticator.name if authenticator else "",
                "Secondary Roles": _joined(role.name for role in employee.secondary_roles.all()),
                "Groups": _joined(group.name for group in employee.groups.all()),
                "Views": _joined(view.name for view in employee.views.all()),
                "Attributes": _joined(ATTRIBUTES[code] for code in employee.attributes if code in ATTRIBUTES),
            }

    def _employee(self, cell: str) -> Employee | None:
        self.taken = None
        if not cell:
            return None
        found = self._take(as_uuid(cell))
        if found is None:
            raise Invalid([Problem("id", "V-KEY", _("There is no employee with this User ID."))])
        return found

    def _create(self, values: dict[str, Any], problems: list[Problem], *, invite: bool) -> None:
        values = {"time_zone": self.unit.time_zone, "attributes": list(Employee.ATTRIBUTES), **values}
        wrong = {problem.field for problem in problems}
        problems += [
            rules.required(field, label)
            for field, label in (("primary_role", "Role Name"), ("team", "Team Name"))
            if field not in values and field not in wrong
        ]
        _refuse(problems, employees.problems(values))
        self._refuse_role("primary_role")
        employees.create({**values, "business_unit": self.unit}, actor=self.actor, invite=invite)

    def _update(self, employee: Employee, values: dict[str, Any], problems: list[Problem], *, invite: bool) -> None:
        differing = {
            field
            for field, value in values.items()
            if field not in employees.MANY and getattr(employee, field) != value
        }
        if employee.scim_managed:
            # The action would refuse the row as a whole; here the cell is named.
            problems += [
                Problem(field, "R-BULK-3", _("Change this in your identity provider."))
                for field in sorted(employees.IDENTITY & differing)
            ]
        if "primary_role" in differing and self.actor.is_self(employee.pk):
            problems.append(Problem("primary_role", "SCREENS-5.3", _("You cannot change your own primary role.")))
        if "views" in values and self.actor.is_self(employee.pk) and set(values["views"]) != set(employee.views.all()):
            problems.append(Problem("views", "SCREENS-5.3", _("You cannot change your own views.")))
        changed = {field: values[field] for field in values if field in differing or field in employees.MANY}
        _refuse(problems, employees.problems(changed, employee=employee))
        if "primary_role" in differing:
            self._refuse_role("primary_role")
        if "secondary_roles" in values and set(values["secondary_roles"]) != set(employee.secondary_roles.all()):
            self._refuse_role("secondary_roles")
        employees.update(employee, changed, actor=self.actor)
        if invite and employee.status == Employee.Status.UNREGISTERED:
            employees.invite(employee, actor=self.actor)

    def _refuse_role(self, field: str) -> None:
        if not self.actor.can(ASSIGN_ROLES):
            sentence = _("You may not assign roles to employees.")
            raise Invalid([Problem(field, "R-EMP-10", sentence)])

    def _invites(self, cell: str, problems: list[Problem]) -> bool:
        word = cell.lower()
        if word not in ("", "true", "false"):
            problems.append(Problem("invite", "V-CHOICE", _("Enter True, or nothing.")))
        elif word == "true" and not self.actor.can(INVITE):
            problems.append(Problem("invite", "V-CHOICE", _("You may not invite employees.")))
        return word == "true"

    def _values(self, cells: Cells) -> tuple[dict[str, Any], list[Problem]]:
        """What the cells say, by field, and what is wrong with those that say nothing; a blank cell changes nothing (R-BULK-1)."""
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        empty = self.EMPTY | {"time_zone": self.unit.time_zone}
        for column in self.columns:
            cell = cells.get(column.name, "")
            if not cell or column.field in ("", "id", "invite"):
                continue
            try:
                if cell != REMOVE:
                    values[column.field] = self._value(column.field, cell)
                elif column.field in empty:
                    values[column.field] = empty[column.field]
                else:
                    problems.append(_cannot_be_emptied(column))
            except ValueError as error:
                problems.append(Problem(column.field, "V-VALUE", str(error)))
        return values, problems

    def _value(self, field: str, cell: str) -> Any:
        """A cell as the action takes it.

        Raises:
            ValueError: it cannot be one; says why.
        """
        read: dict[str, Callable[[str], Any]] = {
            "primary_role": lambda name: _one(self.roles, name, pgettext("thing", "role")),
            "team": lambda name: _one(self.teams, name, pgettext("thing", "team")),
            "login_authenticator": lambda name: _one(
                self.authenticators, name, pgettext("thing", "login authenticator")
            ),
            "secondary_roles": lambda names: _several(self.roles, names, pgettext("thing", "role")),
            "groups": lambda names: _several(self.groups, names, pgettext("thing", "group")),
            "views": lambda names: _several(self.views, names, pgettext("thing", "view")),
            "attributes": lambda names: _several(self.attributes, names, pgettext("thing", "attribute")),
            "hire_date": _date,
            "rank": _number,
        }
        return read[field](cell) if field in read else cell


def _one(known: Mapping[str, Any], name: str, thing: str) -> Any:
    if name not in known:
        raise ValueError(_("There is no active %(thing)s with this name.") % {"thing": thing})
    return known[name]


def _several(known: Mapping[str, Any], cell: str, thing: str) -> list[Any]:
    names = list(dict.fromkeys(_names(cell)))
    missing = [name for name in names if name not in known]
    if missing:
        said = _("There is no active %(thing)s named %(names)s.")
        raise ValueError(said % {"thing": thing, "names": ", ".join(missing)})
    return [known[name] for name in names]


def _date(cell: str) -> date:
    try:
        return date.fromisoformat(cell)
    except ValueError as error:
        raise ValueError(_("Enter a date as in 2026-05-02.")) from error


def _number(cell: str) -> int:
    if not (cell.isascii() and cell.isdigit() and len(cell) < 10):
        raise ValueError(_("Enter a whole number."))
    return int(cell)


class TeamRows(Rows[Team]):
    """Rows that create or change teams."""

    columns = (
        Column("Team ID", "id", needed=True),
        Column("Team Name", "name", needed=True),
        Column("Description", "description"),
        Column("Team Lead", "lead"),
        Column(CHANGED, ""),
    )
    permissions = ("admin.teams.create", "admin.teams.edit")

    def _load(self, rows: Sequence[Cells]) -> None:
        unit = self.actor.business_unit_id
        keys = {key for cells in rows if (key := as_uuid(cells.get("Team ID"))) is not None}
        self.loaded = {team.pk: team for team in queries.teams(unit).filter(pk__in=keys).select_related("lead")}
        self.leads = by_username(
            seen(self.actor, queries.active_employees(unit)), (cells.get("Team Lead", "") for cells in rows)
        )

    @classmethod
    def present(cls, actor: Actor) -> Iterator[Cells]:
        found = queries.active_teams(actor.business_unit_id).select_related("lead")
        for team in found.iterator(chunk_size=READ_AT_ONCE):
            yield {
                "Team ID": str(team.pk),
                "Team Name": team.name,
                "Description": team.description,
                "Team Lead": team.lead.username if team.lead else "",
            }

    def _store(self, cells: Cells) -> None:
        key = cells.get("Team ID", "")
        problems: list[Problem] = []
        self.taken = None
        team = self._take(as_uuid(key)) if key else None
        if key and team is None:
            raise Invalid([Problem("id", "V-KEY", _("There is no team with this Team ID."))])
        values: dict[str, Any] = {}
        for column in self.columns[1:4]:
            cell = cells.get(column.name, "")
            if cell == REMOVE:
                if column.needed:
                    problems.append(_cannot_be_emptied(column))
                values[column.field] = None if column.field == "lead" else ""
            elif cell and column.field != "lead":
                values[column.field] = cell
            elif cell:
                values["lead"] = self.leads.get(fold(cell))
                if values["lead"] is None:
                    problems.append(Problem("lead", "V-CHOICE", _("There is no active employee with this username.")))
        _refuse(problems, teams.problems(values, team=team))
        if team is None:
            teams.create(values, actor=self.actor)
        else:
            teams.update(team, values, actor=self.actor)


class TeamAssignmentRows(Rows[Employee]):
    """Rows that move employees to teams."""

    columns = (Column("Username", "username", needed=True), Column("Team Name", "team", needed=True))
    permissions = ("admin.teams.edit", "admin.employees.edit")
    has_changes = False

    def _load(self, rows: Sequence[Cells]) -> None:
        unit = self.actor.business_unit_id
        self.teams: dict[str, Team] = by_name(queries.active_teams(unit))
        people = seen(self.actor, queries.employees(unit)).select_related("primary_role", "team")
        self.loaded = by_username(people, (cells.get("Username", "") for cells in rows))

    @classmethod
    def present(cls, actor: Actor) -> Iterator[Cells]:
        people = (
            seen(actor, queries.living_employees(actor.business_unit_id))
            .select_related("team")
            .order_by("name_key", "pk")
        )
        for employee in people.iterator(chunk_size=READ_AT_ONCE):
            yield {"Username": employee.username, "Team Name": employee.team.name}

    def _store(self, cells: Cells) -> None:
        values = {column.field: cells.get(column.name, "") for column in self.columns}
        problems = [
            rules.required(column.field, column.name) for column in self.columns if values[column.field] in ("", REMOVE)
        ]
        employee, team = self._take(fold(values["username"])), self.teams.get(values["team"])
        found = []
        if employee is None:
            found.append(Problem("username", "V-KEY", _("There is no employee with this username.")))
        elif employee.is_inactive:
            found.append(Problem("username", "V-CHOICE", _("This employee is inactive.")))
        if team is None:
            found.append(rules.inactive_choice("team", pgettext("thing", "team")))
        _refuse(problems, found)
        if employee is not None and team is not None:
            teams.move([employee], team, actor=self.actor)


def by_username(people: QuerySet[Employee], usernames: Iterable[str]) -> dict[str, Employee]:
    """The employees with these usernames, by the folded one."""
    keys = {fold(username) for username in usernames if username}
    return {person.username_key: person for person in people.filter(username_key__in=keys)}


KINDS: Mapping[Kind, type[Rows[Any]]] = {
    Kind.EMPLOYEES: EmployeeRows,
    Kind.TEAMS: TeamRows,
    Kind.TEAM_ASSIGNMENT: TeamAssignmentRows,
}
