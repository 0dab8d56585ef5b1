"""Views: adding, changing and deleting them (R-VIEW, screens §11)."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit, edits, queries, rules
from accounts.actors import Actor
from accounts.errors import Invalid, Problem
from accounts.ids import fold
from accounts.models import Employee, EmployeeTemplate, EmployeeView, View
from accounts.rules import Text

ENTITY = "View"
TEXTS: Mapping[str, Text] = {
    "name": Text(gettext_lazy("View Name"), 50, required=True, more=rules.single_line),
    "description": Text(gettext_lazy("Description"), 200),
}
MANY = ("teams", "roles")
NEEDED = {"teams": gettext_lazy("Teams"), "roles": gettext_lazy("Roles")}
Type = View.Type


def lists(kind: str) -> str:
    """What a view of this type lists: `teams` or `roles`."""
    return "roles" if kind == Type.ROLES else "teams"


def problems(values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a view's values, all of it; everything but who else has the name."""
    found = rules.check(TEXTS, {"name": ""} | {field: values[field] for field in TEXTS if field in values})
    kind = values.get("type")
    if kind not in Type.values:
        found.append(Problem("type", "V-CHOICE", _("Choose one of the values offered.")))
    elif not values.get(lists(kind)):
        found.append(rules.required(lists(kind), NEEDED[lists(kind)]))
    return found


def problems_of_name(name: str, business_unit_id: uuid.UUID, *, view: View | None = None) -> list[Problem]:
    """Whether another view has this name."""
    others = queries.views(business_unit_id).filter(name_key=fold(name))
    if not others.exclude(pk__in=[view.pk] if view else []).exists():
        return []
    return [rules.in_use("name", TEXTS["name"].label)]


def _of_its_type(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without those of other types."""
    kind = values["type"]
    empty: dict[str, list[Any]] = {field: [] for field in MANY if field != lists(kind)}
    return {**values, **empty, "all_segments": kind == Type.INTERACTION_SEGMENT and bool(values.get("all_segments"))}


def create(values: Mapping[str, Any], *, actor: Actor) -> View:
    """Add a view.

    Args:
        values: by field name; `teams` and `roles` are lists of records of the tenant.

    Raises:
        Invalid: names every field that is wrong.
    """
    found = problems(values)
    if found:
        raise Invalid(found)
    given = _of_its_type(values)
    view = View(**{field: value for field, value in given.items() if field not in MANY})
    shown = {edits.camel(field): value for field, value in given.items()}
    if view.type != Type.INTERACTION_SEGMENT:
        del shown["allSegments"]
    try:
        with transaction.atomic():
            edits.create(view, ENTITY, actor, shown)
            for field in MANY:
                getattr(view, field).set(given.get(field, []))
    except IntegrityError as error:
        raise edits.name_in_use(error, TEXTS["name"].label, (View, "view_name")) from error
    return view


def update(view: View, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> View:
    """Change a view; its type stays.

    Args:
        values: all of them, as in `create`, but for the type.

    Raises:
        Invalid: names every field that is wrong.
        ChangedMeanwhile: somebody else saved it.
    """
    edits.check_version(view, expected_version)
    given = {**values, "type": view.type}
    found = problems(given)
    if found:
        raise Invalid(found)
    try:
        with transaction.atomic():
            edit = edits.Edit(view, ENTITY, actor)
            for field, value in _of_its_type(given).items():
                if field in MANY:
                    _replace(view, field, value, edit)
                else:
                    edit.set(field, value)
            edit.write()
    except IntegrityError as error:
        raise edits.name_in_use(error, TEXTS["name"].label, (View, "view_name")) from error
    return view


def _replace(view: View, field: str, chosen: list[Any], edit: edits.Edit) -> None:
    before = list(getattr(view, field).all())
    if {record.pk for record in before} != {record.pk for record in chosen}:
        edit.note(f"{ENTITY}.{field}", audit.text(before), audit.text(chosen))
        getattr(view, field).set(chosen)


def delete(view: View, *, actor: Actor) -> None:
    """Remove a view; whom it limited sees everything again, unless another view limits them. Twice is the same as once."""
    with transaction.atomic():
        losers: list[tuple[str, Iterable[Any]]] = [
            ("User", Employee.objects.filter(pk__in=EmployeeView.objects.filter(view=view).values("employee_id"))),
            ("EmployeeTemplate", EmployeeTemplate.objects.filter(views=view)),
        ]
        told = [(entity, record.pk, str(record)) for entity, records in losers for record in records]
        if not View.objects.filter(pk=view.pk).delete()[0]:
            return
        for entity, pk, label in told:
            audit.record(actor, entity, pk, label, [(f"{entity}.views", view.name, "")])
        audit.record(actor, ENTITY, view.pk, view.name, [(ENTITY, view.name, "deleted")])
