"""What an identity provider may do to employees: defaults at creation, references by id or name, revival (R-SCIM)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Subquery, Value, When
from django.utils.translation import gettext as _

from accounts.actions import employees, templates
from accounts.actors import Actor
from accounts.errors import Invalid, Problem
from accounts.ids import fold
from accounts.models import AccountSettings, Employee, EmployeeTemplate, LoginAuthenticator, Role, Team
from accounts.queries import AGENT_NAMES
from accounts.statements import Question, Row, Statement, as_id, identifier, made

Named = Role | Team | LoginAuthenticator | EmployeeTemplate
N = TypeVar("N", Role, Team, LoginAuthenticator, EmployeeTemplate)

ACTIVE = "ACTIVE"
NOBODY = uuid.UUID(int=0)
CHOSEN = ("id", "name", "status", "is_default", "type")
REFERENCES = {"primary_role": "role", "team": "team", "login_authenticator": "login authenticator"}


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings of the tenant that decide about provisioned employees."""

    default_role_id: uuid.UUID | None
    time_zone: str
    auto_invite: bool = False
    any_username: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """A role, team, login authenticator or employee template as a client names it, by id or by name (spec §9.3)."""

    text: str

    @property
    def key(self) -> str:
        """The name it may be, as it is compared."""
        return fold(self.text)

    @property
    def pk(self) -> uuid.UUID:
        """The id it may be; one that nothing has if it is none."""
        try:
            return uuid.UUID(self.text)
        except ValueError:
            return NOBODY

    def means(self, record: Named) -> bool:
        return identifier(record.pk) == self.text.lower() or fold(record.name) == fold(self.text)


NOTHING = Reference("")


@dataclass(frozen=True, slots=True)
class Wishes:
    """The records a client names; None where it names none. A template counts at creation only (R-TPL-3)."""

    role: Reference | None = None
    team: Reference | None = None
    authenticator: Reference | None = None
    template: Reference | None = None

    @property
    def fields(self) -> set[str]:
        """The fields of an employee that these decide."""
        named = {"primary_role": self.role, "team": self.team, "login_authenticator": self.authenticator}
        return {field for field, reference in named.items() if reference is not None}


@dataclass(frozen=True, slots=True)
class Choices:
    """The records that may be meant, with their ids, names, states and whether they are the tenant's default."""

    roles: list[Role]
    teams: list[Team]
    authenticators: list[LoginAuthenticator]

    @property
    def default_team(self) -> Team:
        return next(team for team in self.teams if team.is_default)

    @property
    def default_authenticator(self) -> LoginAuthenticator:
        return next(authenticator for authenticator in self.authenticators if authenticator.is_default)

    @classmethod
    def load(
        cls, business_unit_id: uuid.UUID, wishes: Wishes, policy: Policy, defaults: Sequence[Row] | None = None
    ) -> "Choices":
        """Load what the wishes may mean and what takes their place, in one statement.

        Args:
            defaults: the answer to `DEFAULTS`, if it was asked before.
        """
        if defaults is not None and not wishes.fields:
            choices = cls.of_rows(defaults)
            if policy.default_role_id is not None:
                choices.roles[:] = [role for role in choices.roles if role.pk == policy.default_role_id]
            return choices
        if wishes.role:
            role_keys, role_pk = (wishes.role.key, ""), wishes.role.pk
        elif policy.default_role_id:
            role_keys, role_pk = ("", ""), policy.default_role_id
        else:
            role_keys, role_pk = AGENT_NAMES, NOBODY
        team, authenticator = wishes.team or NOTHING, wishes.authenticator or NOTHING
        return cls.of_rows(
            CHOICES.rows(business_unit_id, *role_keys, role_pk, team.key, team.pk, authenticator.key, authenticator.pk)
        )

    @classmethod
    def of_rows(cls, found: Sequence[Row]) -> "Choices":
        """The records of the rows of `CHOICES` or `DEFAULTS`."""
        choices = cls([], [], [])
        for what, pk, name, status, is_default, kind in found:
            values = (as_id(pk), name, status, bool(is_default), kind)
            if what == "role":
                choices.roles.append(made(Role, CHOSEN[:3], values[:3]))
            elif what == "team":
                choices.teams.append(made(Team, CHOSEN[:4], values[:4]))
            else:
                choices.authenticators.append(made(LoginAuthenticator, CHOSEN, values))
        return choices


def _choices(
    business_unit_id: uuid.UUID,
    role_key: str,
    other_role_key: str,
    role_pk: uuid.UUID,
    team_key: str,
    team_pk: uuid.UUID,
    authenticator_key: str,
    authenticator_pk: uuid.UUID,
) -> QuerySet[Any, Any]:
    return _union(
        business_unit_id,
        Role.objects.filter(Q(name_key=role_key) | Q(name_key=other_role_key) | Q(pk=role_pk), internal=False),
        Team.objects.filter(Q(name_key=team_key) | Q(pk=team_pk) | Q(is_default=True)),
        LoginAuthenticator.objects.filter(Q(name_key=authenticator_key) | Q(pk=authenticator_pk) | Q(is_default=True)),
    )


def _defaults(business_unit_id: Any) -> QuerySet[Any, Any]:
    chosen = AccountSettings.objects.filter(business_unit_id=business_unit_id).values("scim_default_role_id")
    return _union(
        business_unit_id,
        Role.objects.filter(Q(name_key__in=AGENT_NAMES) | Q(pk=Subquery(chosen)), internal=False),
        Team.objects.filter(is_default=True),
        LoginAuthenticator.objects.filter(is_default=True),
    )


def _union(
    business_unit_id: Any, roles: QuerySet[Role], teams: QuerySet[Team], authenticators: QuerySet[LoginAuthenticator]
) -> QuerySet[Any, Any]:
    default = Case(When(is_default=True, then=Value(1)), default=Value(0))

    def columns(found: QuerySet[Any], what: str, default: Any, kind: Any) -> QuerySet[Any, Any]:
        scoped = found.filter(business_unit_id=business_unit_id)
        return scoped.values_list(Value(what), "pk", "name", "status", default, kind)

    return columns(roles, "role", Value(0), Value("")).union(
        columns(teams, "team", default, Value("")),
        columns(authenticators, "authenticator", default, F("type")),
        all=True,
    )


CHOICES = Statement(
    _choices,
    uuid.UUID(int=1),
    "-role-",
    "-other role-",
    uuid.UUID(int=2),
    "-team-",
    uuid.UUID(int=3),
    "-authenticator-",
    uuid.UUID(int=4),
)
DEFAULTS = Question(_defaults)
"""What an employee gets for whom nothing is named, whether the tenant chose a default role or not."""


def pick(reference: Reference, among: list[N], thing: str, field: str) -> N:
    """The active record a client means.

    Raises:
        Invalid: there is none.
    """
    for record in among:
        if reference.means(record) and record.status == ACTIVE:
            return record
    message = _("No active %(thing)s named %(name)s.") % {"thing": thing, "name": reference.text}
    raise Invalid([Problem(field, "R-SCIM-REFERENCE", message)])


def create(
    values: Mapping[str, Any],
    wishes: Wishes,
    *,
    actor: Actor,
    policy: Policy,
    active: bool = True,
    defaults: Sequence[Row] | None = None,
) -> tuple[Employee, bool]:
    """Add the employee an identity provider pushes, or revive the one it had deleted (R-SCIM-12).

    Args:
        values: what the provider may set, by field name.
        wishes: the role, team and authenticator it names, as far as the tenant lets it.
        defaults: the answer to `DEFAULTS`, if it was asked before.

    Returns:
        The employee, and whether it is a revived one.

    Raises:
        Invalid: a value is wrong, a reference leads nowhere, there is no default role (R-SCIM-4), the username is
            taken (R-SCIM-10).
    """
    given = _of_template(wishes, values, actor)
    choices = Choices.load(actor.business_unit_id, wishes, policy, defaults)
    chosen = given | _chosen(wishes, choices, given, policy)
    if "secondary_roles" in given:
        # A role that was sent may be among those of the template.
        chosen["secondary_roles"] = [r for r in given["secondary_roles"] if r.pk != chosen["primary_role"].pk]
    complete = {"time_zone": policy.time_zone, "attributes": list(Employee.ATTRIBUTES), **chosen, **values}
    try:
        employee = employees.create(
            complete, actor=actor, invite=policy.auto_invite, active=active, any_username=policy.any_username
        )
    except Invalid as error:
        if not error.is_taken:
            raise
        with transaction.atomic():
            hidden = _hidden(actor, values["username"])
            if hidden is None:
                raise
            employees.update(hidden, complete, actor=actor, active=active, any_username=policy.any_username)
        return hidden, True
    return employee, False


def _of_template(wishes: Wishes, values: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """What the template gives that nobody sent (R-SCIM-6).

    Raises:
        Invalid: there is no such Active template (R-SCIM-7), or it points to something inactive.
    """
    if wishes.template is None:
        return {}
    meant = Q(name_key=wishes.template.key) | Q(pk=wishes.template.pk)
    found = EmployeeTemplate.objects.filter(meant, business_unit_id=actor.business_unit_id)
    candidates = list(found.select_related("team", "primary_role", "login_authenticator"))
    template = pick(wishes.template, candidates, _("employee template"), "employee_template")
    return templates.values_for(template, without=wishes.fields | values.keys())


def _chosen(wishes: Wishes, choices: Choices, given: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """The records named, else by default; the template's are decided already."""
    chosen: dict[str, Any] = {}
    if wishes.role is not None:
        chosen["primary_role"] = pick(wishes.role, choices.roles, "role", "primary_role")
    elif "primary_role" not in given:
        chosen["primary_role"] = _role_by_default(policy, choices)
    if wishes.team is not None:
        chosen["team"] = pick(wishes.team, choices.teams, "team", "team")
    elif "team" not in given:
        chosen["team"] = choices.default_team
    if wishes.authenticator is not None:
        among = choices.authenticators
        chosen["login_authenticator"] = pick(wishes.authenticator, among, "login authenticator", "login_authenticator")
    elif "login_authenticator" not in given:
        chosen["login_authenticator"] = choices.default_authenticator
    return chosen


def _role_by_default(policy: Policy, choices: Choices) -> Role:
    """R-SCIM-4: the configured default role, without fallback; else the Active role named Agent, then エージェント.

    Raises:
        Invalid: there is none.
    """
    active = [role for role in choices.roles if role.status == ACTIVE]
    if active:
        return min(active, key=lambda role: AGENT_NAMES.index(fold(role.name)) if policy.default_role_id is None else 0)
    if policy.default_role_id is not None:
        message = _("The default role for SCIM is not active. Choose another one in Account Settings.")
    else:
        message = _("No active role named Agent exists and no other default role is set.")
    raise Invalid([Problem("primary_role", "R-SCIM-4", message)])


def _hidden(actor: Actor, username: str) -> Employee | None:
    """The employee of this name that the provider deleted before, locked, so that of two revivals one finds it."""
    found = Employee.objects.filter(
        business_unit_id=actor.business_unit_id, username_key=fold(username), scim_hidden=True
    )
    related = found.select_related("primary_role", "team", "login_authenticator")
    return related.select_for_update(of=("self",)).first()


def update(
    employee: Employee,
    values: Mapping[str, Any],
    wishes: Wishes,
    *,
    actor: Actor,
    policy: Policy,
    active: bool | None = None,
) -> Employee:
    """Change an employee as an identity provider asks; its first write makes the employee SCIM-managed (R-SCIM-8).

    Args:
        values: what the provider may set, by field name; `login_authenticator` None takes it away.

    Raises:
        Invalid: a value is wrong or a reference leads nowhere.
        Refused: one's own account (R-ACC-6), the last role editor (R-ROLE-12).
    """
    changes = dict(values)
    for (field, thing), reference in zip(
        REFERENCES.items(), (wishes.role, wishes.team, wishes.authenticator), strict=True
    ):
        present = getattr(employee, field)
        if reference is not None and (present is None or not reference.means(present)):
            changes[field] = (reference, thing)
    _resolve(changes, actor, policy)
    was_inactive = employee.is_inactive
    employees.update(employee, changes, actor=actor, active=active, any_username=policy.any_username)
    if was_inactive and policy.auto_invite and employee.status == Employee.Status.UNREGISTERED:
        employees.invite(employee, actor=actor)
    return employee


def _resolve(changes: dict[str, Any], actor: Actor, policy: Policy) -> None:
    """Replace the references among the changes by the records they mean."""
    open_ones = {field: value for field, value in changes.items() if isinstance(value, tuple)}
    if not open_ones:
        return
    role, team, authenticator = (open_ones.get(field, (None,))[0] for field in REFERENCES)
    choices = Choices.load(actor.business_unit_id, Wishes(role, team, authenticator), policy)
    lists: dict[str, list[Any]] = dict(
        zip(REFERENCES, (choices.roles, choices.teams, choices.authenticators), strict=True)
    )
    for field, (reference, thing) in open_ones.items():
        changes[field] = pick(reference, lists[field], thing, field)
