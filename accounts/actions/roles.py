"""Creating and changing roles, their permissions and who has them (R-ROLE, R-PERM)."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from accounts import edits, permissions, queries, rules
from accounts.actions import employees
from accounts.actors import Actor
from accounts.errors import Invalid, Problem, Refused
from accounts.ids import fold
from accounts.models import Employee, Role, RoleNameReservation, RolePermission
from accounts.rules import Text

Status = Role.Status

ENTITY = "Role"
TEXTS: Mapping[str, Text] = {
    "name": Text(gettext_lazy("Name"), 50, required=True, more=rules.role_name),
    "description": Text(gettext_lazy("Description"), 200, more=rules.plain_text),
}
LANGUAGES = ("en", "ja", "de")

# Restricted Access of the ACD category: what is limited, and how (screens §4.2).
RESTRICTED: Mapping[str, str] = {"campaigns": "Campaigns", "teams": "Teams"}
MODES: Mapping[str, str] = {"all": "All & Future", "none": "None", "custom": "Custom"}
EVERYTHING: Mapping[str, Any] = {"mode": "all", "ids": []}


def problems(values: Mapping[str, Any], *, business_unit_id: uuid.UUID, role: Role | None = None) -> list[Problem]:
    """What is wrong with a role's name and description, all of it (R-ROLE-1, R-ROLE-2, R-ROLE-3, R-ROLE-11)."""
    given = {"name": ""} | dict(values) if role is None else values
    found = rules.check(TEXTS, given)
    found += _problems_of_restrictions(given.get("restrictions", {}))
    if "name" in given and not any(problem.field == "name" for problem in found):
        found += _problems_of_name(given["name"], business_unit_id, role)
    return found


def _problems_of_restrictions(restrictions: Mapping[str, Any]) -> Iterable[Problem]:
    for kind, restriction in restrictions.items():
        if kind not in RESTRICTED or restriction.get("mode") not in MODES:
            yield Problem("restrictions", "V-RESTRICT", _("Choose All & Future, None or Custom."))


def _problems_of_name(name: str, business_unit_id: uuid.UUID, role: Role | None) -> Iterable[Problem]:
    key = fold(name)
    others = Role.objects.filter(business_unit_id=business_unit_id).exclude(pk__in=[role.pk] if role else [])
    if others.filter(name_key=key).exists() or key in _translated_names(others.filter(ootb_code__isnull=False)):
        yield rules.in_use("name", TEXTS["name"].label)
        return
    used = RoleNameReservation.objects.filter(business_unit_id=business_unit_id, name_key=key)
    if used.exclude(role=role).exists():
        yield Problem("name", "V-REUSE", _("This name has been used before and cannot be used again."))


def _translated_names(unrenamed: Iterable[Role]) -> set[str]:
    """How the out-of-the-box roles that kept their names read in each language (R-ROLE-11)."""
    names: set[str] = set()
    for language in LANGUAGES:
        with override(language):
            names.update(fold(role.display_name) for role in unrenamed)
    return names


def create(
    values: Mapping[str, Any],
    codes: Iterable[str] = (),
    *,
    actor: Actor,
    activate: bool = False,
    copied_from: Role | None = None,
) -> Role:
    """Add a role: a Draft, or Active with `activate` (R-ROLE-5); without permissions unless given (R-ROLE-4).

    Raises:
        Invalid: names every field that is wrong.
    """
    found = problems(values, business_unit_id=actor.business_unit_id)
    if found:
        raise Invalid(found)
    role = Role(
        name=values["name"],
        description=values.get("description", ""),
        status=Status.ACTIVE if activate else Status.DRAFT,
    )
    role.ootb_code = values.get("ootb_code")
    role.restrictions = values.get("restrictions", {})
    chosen = permissions.closed(codes)
    initial: dict[str, Any] = {"name": role.name, "description": role.description, "status": str(role.status)}
    initial["permission"] = [permissions.TOGGLES[code].audit_name for code in chosen]
    if copied_from is not None:
        initial["copiedFrom"] = copied_from.name

    def store() -> None:
        edits.create(role, ENTITY, actor, initial)
        _reserve_name(role)
        RolePermission.objects.bulk_create(RolePermission(role=role, code=code) for code in sorted(chosen))

    try:
        edits.store_numbered(role, "role_number", store)
    except IntegrityError as error:
        raise edits.name_in_use(
            error, TEXTS["name"].label, (Role, "role_name"), (RoleNameReservation, "role_name_once")
        ) from error
    return role


def update(
    role: Role,
    values: Mapping[str, Any],
    codes: Iterable[str] | None = None,
    *,
    actor: Actor,
    activate: bool = False,
    add_users: Iterable[Employee] = (),
    expected_version: int | None = None,
) -> Role:
    """Change a role.

    Args:
        values: `name`, `description` and `restrictions`, as far as they change.
        codes: the whole selection among the licensed categories; None leaves the permissions alone.
        activate: Save & Activate.
        add_users: employees who get this as their primary role.

    Raises:
        Invalid: names every field that is wrong.
        Refused: the role is not Active and users are added (R-ROLE-7), or nobody could edit roles any more (R-ROLE-12).
        ChangedMeanwhile: somebody else saved the role.
    """
    edits.check_version(role, expected_version)
    changed = _changed(role, values)
    found = problems(changed, business_unit_id=actor.business_unit_id, role=role)
    if found:
        raise Invalid(found)
    try:
        with transaction.atomic():
            edit = edits.Edit(role, ENTITY, actor)
            for field, value in changed.items():
                if field == "restrictions":
                    _restrict(role, value, edit)
                else:
                    edit.set(field, value)
            if activate:
                edit.set("status", Status.ACTIVE)
            if codes is not None:
                _replace_permissions(role, permissions.closed(codes), edit)
            _assign(role, add_users, edit)
            edit.write()
            _reserve_name(role)
            employees.keep_a_role_editor(actor)
    except IntegrityError as error:
        raise edits.name_in_use(
            error, TEXTS["name"].label, (Role, "role_name"), (RoleNameReservation, "role_name_once")
        ) from error
    return role


def _changed(role: Role, values: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from the record. The name that an unrenamed out-of-the-box role is shown by is no new name (R-ROLE-10)."""
    changed = {field: value for field, value in values.items() if getattr(role, field) != value}
    if changed.get("name") == role.display_name:
        del changed["name"]
    return changed


def _restrict(role: Role, wanted: Mapping[str, Any], edit: edits.Edit) -> None:
    before = role.restrictions
    for kind, name in RESTRICTED.items():
        was, now = before.get(kind, EVERYTHING), wanted.get(kind, EVERYTHING)
        if was != now:
            edit.note(f"Role.restrictedAccess {name}", _restriction_text(was), _restriction_text(now))
            edit.set_silently(restrictions={**role.restrictions, kind: dict(now)})


def _restriction_text(restriction: Mapping[str, Any]) -> str:
    mode = MODES[restriction["mode"]]
    return f"{mode} ({len(restriction['ids'])})" if restriction["mode"] == "custom" else mode


def _replace_permissions(role: Role, chosen: frozenset[str], edit: edits.Edit) -> None:
    """Store the selection; what belongs to categories the tenant has no licence for stays as it is (R-PERM-5)."""
    licences = edit.record.business_unit.licences  # type: ignore[attr-defined]
    shown = {
        f"{category.slug}.{permission.slug}.{action}"
        for category in permissions.visible(licences)
        for group in category.groups
        for permission in group.permissions
        for action in permission.actions
    }
    before = frozenset(role.permissions.values_list("code", flat=True))
    added, removed = (chosen & shown) - before, (before & shown) - chosen
    RolePermission.objects.filter(role=role, code__in=removed).delete()
    RolePermission.objects.bulk_create(RolePermission(role=role, code=code) for code in sorted(added))
    for code in sorted(added | removed):
        was, now = ("Off", "On") if code in added else ("On", "Off")
        edit.note(f"Role.permission {permissions.TOGGLES[code].audit_name}", was, now)


def _assign(role: Role, chosen: Iterable[Employee], edit: edits.Edit) -> None:
    for employee in chosen:
        if role.status != Status.ACTIVE:
            raise Refused(_("Activate the role first"), "R-ROLE-7")
        secondary = [held for held in employee.secondary_roles.all() if held.pk != role.pk]
        employees.update(employee, {"primary_role": role, "secondary_roles": secondary}, actor=edit.actor)
        edit.note("Role.assignedUser", "", employee.full_name)


def _reserve_name(role: Role) -> None:
    RoleNameReservation.objects.get_or_create(
        business_unit_id=role.business_unit_id, name_key=fold(role.name), defaults={"role": role}
    )


def activate(role: Role, *, actor: Actor) -> None:
    """Make a Draft or Inactive role assignable; twice is the same as once."""
    with transaction.atomic():
        edit = edits.Edit(role, ENTITY, actor)
        edit.set("status", Status.ACTIVE)
        edit.write()


def deactivate(role: Role, *, actor: Actor) -> None:
    """Make an Active role unassignable; roles are never deleted (R-ROLE-6).

    Raises:
        Refused: the role is a Draft, or employees who are not Inactive have it (R-ROLE-8).
    """
    if role.status == Status.DRAFT:
        raise Refused(_("A draft cannot be deactivated."), "R-ROLE-8")
    with transaction.atomic():
        edit = edits.Edit(role, ENTITY, actor)
        edit.set("status", Status.INACTIVE)
        edit.write()
        held = queries.holders(role)
        if held:
            message = ngettext(
                "%(n)d active employee has this role. Give them another role first.",
                "%(n)d active employees have this role. Give them another role first.",
                held,
            )
            raise Refused(message % {"n": held}, "R-ROLE-8")


def duplicate(role: Role, name: str, *, actor: Actor) -> Role:
    """A Draft with the same description and permissions under another name.

    Raises:
        Invalid: the name breaks a rule.
    """
    values = {"name": name, "description": role.description, "restrictions": role.restrictions}
    return create(values, role.permissions.values_list("code", flat=True), actor=actor, copied_from=role)
