"""Employee templates: adding and changing them, and what they give an employee (R-TPL, screens §6)."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts import audit, edits, queries, rules
from accounts.actors import Actor
from accounts.errors import Invalid, Problem, Refused
from accounts.ids import fold
from accounts.models import Employee, EmployeeTemplate, LoginAuthenticator, Role, Team
from accounts.rules import Text

ENTITY = "EmployeeTemplate"
MOST_SECONDARY_ROLES = 10
TEXTS: Mapping[str, Text] = {
    "name": Text(gettext_lazy("Template Name"), 50, required=True, more=rules.single_line),
    "time_zone": Text(gettext_lazy("Time Zone"), 64, more=rules.time_zone),
}
# An employee cannot be without these, so an empty one has to be ignored.
NEEDED = {"team": gettext_lazy("Team"), "primary_role": gettext_lazy("Primary Role")}
MANY = ("secondary_roles", "views")
Status = EmployeeTemplate.Status
ACTIVE = Status.ACTIVE


def problems(values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a template's values, all of it; everything but who else has the name."""
    found = rules.check(TEXTS, {"name": ""} | dict(values))
    ignored = values.get("ignored", ())
    found += [
        rules.required(field, label)
        for field, label in NEEDED.items()
        if values.get(field) is None and field not in ignored
    ]
    found += _problems_of_choices(values)
    if not set(values.get("attributes", ())) <= Employee.ATTRIBUTES.keys():
        found.append(Problem("attributes", "V-CHOICE", _("Choose attributes from the list.")))
    if not set(ignored) <= set(EmployeeTemplate.FIELDS):
        found.append(Problem("ignored", "V-CHOICE", _("Only the fields of a template can be ignored.")))
    return found


def problems_of_name(
    name: str, business_unit_id: uuid.UUID, *, template: EmployeeTemplate | None = None
) -> list[Problem]:
    """What is wrong with a name, who else has it included."""
    found = TEXTS["name"].problems("name", name)
    same = queries.templates(business_unit_id).filter(name_key=fold(name))
    if not found and same.exclude(pk__in=[template.pk] if template else []).exists():
        found = [rules.in_use("name", TEXTS["name"].label)]
    return found


def _problems_of_choices(values: Mapping[str, Any]) -> Iterable[Problem]:
    team: Team | None = values.get("team")
    if team is not None and team.status != Team.Status.ACTIVE:
        yield rules.inactive_choice("team", pgettext("thing", "team"))
    authenticator: LoginAuthenticator | None = values.get("login_authenticator")
    if authenticator is not None and authenticator.status != LoginAuthenticator.Status.ACTIVE:
        yield rules.inactive_choice("login_authenticator", pgettext("thing", "login authenticator"))
    primary: Role | None = values.get("primary_role")
    secondary: list[Role] = values.get("secondary_roles", [])
    if primary is not None and primary.status != Role.Status.ACTIVE:
        yield rules.inactive_choice("primary_role", pgettext("thing", "role"))
    if any(role.status != Role.Status.ACTIVE for role in secondary):
        yield rules.inactive_choice("secondary_roles", pgettext("thing", "role"))
    if len(secondary) > MOST_SECONDARY_ROLES:
        yield Problem("secondary_roles", "R-ROLE-9", _("Choose at most 10 secondary roles."))
    if primary is not None and any(role.pk == primary.pk for role in secondary):
        yield Problem("secondary_roles", "R-ROLE-9", _("The primary role cannot also be a secondary role."))


def create(values: Mapping[str, Any], *, actor: Actor, activate: bool = False) -> EmployeeTemplate:
    """Add a template: a Draft, or Active with `activate`.

    Args:
        values: by field name; `ignored` lists the fields it leaves alone, `secondary_roles` and `views` are lists of records.

    Raises:
        Invalid: names every field that is wrong.
    """
    found = problems(values)
    if found:
        raise Invalid(found)
    columns = {field: value for field, value in values.items() if field not in MANY}
    template = EmployeeTemplate(**columns, status=ACTIVE if activate else Status.DRAFT)
    shown = {edits.camel(field): value for field, value in values.items()} | {"status": str(template.status)}
    try:
        with transaction.atomic():
            edits.create(template, ENTITY, actor, shown)
            for field in MANY:
                getattr(template, field).set(values.get(field, []))
    except IntegrityError as error:
        raise edits.name_in_use(error, TEXTS["name"].label, (EmployeeTemplate, "employee_template_name")) from error
    return template


def update(
    template: EmployeeTemplate,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    activate: bool = False,
    expected_version: int | None = None,
) -> EmployeeTemplate:
    """Change a template.

    Args:
        values: all of them, as in `create`; what already has its new value is left alone.
        activate: stores and sets Active.

    Raises:
        Invalid: names every field that is wrong.
        ChangedMeanwhile: somebody else saved it.
    """
    edits.check_version(template, expected_version)
    found = problems(values)
    if found:
        raise Invalid(found)
    try:
        with transaction.atomic():
            edit = edits.Edit(template, ENTITY, actor)
            for field, value in values.items():
                if field in MANY:
                    _replace(template, field, value, edit)
                else:
                    edit.set(field, value)
            if activate:
                edit.set("status", ACTIVE)
            edit.write()
    except IntegrityError as error:
        raise edits.name_in_use(error, TEXTS["name"].label, (EmployeeTemplate, "employee_template_name")) from error
    return template


def _replace(template: EmployeeTemplate, field: str, chosen: list[Any], edit: edits.Edit) -> None:
    before = list(getattr(template, field).all())
    if {record.pk for record in before} != {record.pk for record in chosen}:
        edit.note(f"{ENTITY}.{edits.camel(field)}", audit.text(before), audit.text(chosen))
        getattr(template, field).set(chosen)


def activate(template: EmployeeTemplate, *, actor: Actor) -> None:
    """Let a Draft or Inactive template be applied; twice is the same as once.

    Raises:
        Invalid: what it points to is not Active any more.
    """
    values_for(template)
    with transaction.atomic():
        edit = edits.Edit(template, ENTITY, actor)
        edit.set("status", ACTIVE)
        edit.write()


def deactivate(template: EmployeeTemplate, *, actor: Actor) -> None:
    """Let it no longer be applied (R-TPL-2); templates are never deleted.

    Raises:
        Refused: it is a Draft.
    """
    if template.status == Status.DRAFT:
        raise Refused(_("A draft cannot be deactivated."), "R-TPL-2")
    with transaction.atomic():
        edit = edits.Edit(template, ENTITY, actor)
        edit.set("status", Status.INACTIVE)
        edit.write()


def duplicate(template: EmployeeTemplate, name: str, *, actor: Actor) -> EmployeeTemplate:
    """A Draft with the same values under another name.

    Raises:
        Invalid: the name breaks a rule, or what the template points to is not Active any more.
    """
    values = {field: getattr(template, field) for field in (*EmployeeTemplate.FIELDS, "ignored")}
    values |= {field: list(getattr(template, field).all()) for field in MANY}
    return create(values | {"name": name}, actor=actor)


def values_for(template: EmployeeTemplate, *, without: Iterable[str] = ()) -> dict[str, Any]:
    """What a template gives an employee, by field name: what it ignores is missing, what it leaves empty is cleared as far
    as an employee can be without it (R-TPL-1).

    Args:
        without: fields that get their value from elsewhere.

    Raises:
        Invalid: its role, team or login authenticator is not Active any more.
    """
    wanted = [f for f in EmployeeTemplate.FIELDS if f not in template.ignored and f not in set(without)]
    values = {
        field: list(getattr(template, field).all()) if field in MANY else getattr(template, field) for field in wanted
    }
    _refuse_inactive(template, values)
    if values.get("time_zone") == "":
        del values["time_zone"]
    return values


def _refuse_inactive(template: EmployeeTemplate, values: Mapping[str, Any]) -> None:
    role = pgettext("thing", "role")
    things = (
        (role, values.get("primary_role")),
        (pgettext("thing", "team"), values.get("team")),
        (pgettext("thing", "login authenticator"), values.get("login_authenticator")),
        *((role, secondary) for secondary in values.get("secondary_roles", ())),
    )
    for thing, record in things:
        if record is not None and record.status != "ACTIVE":
            message = _("Template %(name)s points to an inactive %(thing)s.") % {"name": template.name, "thing": thing}
            raise Invalid([Problem("employee_template", "R-TPL-1", message)])
