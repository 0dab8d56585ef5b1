"""Groups: creating, renaming, filling and deleting them (R-GRP)."""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, CharField, QuerySet, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit, edits, rules
from accounts.actors import Actor, Channel
from accounts.errors import Invalid, Problem
from accounts.models import Employee, Group, GroupMembership
from accounts.rules import Text

ENTITY = "Group"
TEXTS: Mapping[str, Text] = {
    "name": Text(gettext_lazy("Group Name"), 50, required=True),
    "external_id": Text("externalId", 255),
}

Members = Mapping[uuid.UUID, str | None]
"""Employees by id, each with what an identity provider calls it."""

# What a row about a member says of it: whether identity providers see it.
VISIBLE, HIDDEN = 1, 2
_MEMBER = Case(When(employee__scim_hidden=True, then=Value(HIDDEN)), default=Value(VISIBLE))


def problems(values: Mapping[str, Any], *, group: Group | None = None) -> list[Problem]:
    """What is wrong with these values, all of it; everything but who else has the name."""
    given = {"name": ""} | dict(values) if group is None else values
    return rules.check(TEXTS, {field: value if value is not None else "" for field, value in given.items()})


def create(values: Mapping[str, Any], *, actor: Actor, members: Members | None = None) -> Group:
    """Add a group with its members.

    Raises:
        Invalid: the name breaks a rule or is taken, or a member is no employee of the tenant.
    """
    found = problems(values)
    if found:
        raise Invalid(found)
    group = Group(name=values["name"], external_id=values.get("external_id"))
    names = _names(actor, members or {})

    def store() -> None:
        edits.create(group, ENTITY, actor, {"name": group.name, "assignedUser": list(names.values())})
        _insert(group, members or {})

    try:
        edits.store_numbered(group, "group_number", store)
    except IntegrityError as error:
        raise edits.name_in_use(error, TEXTS["name"].label, (Group, "group_name")) from error
    return group


def update(
    group: Group,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    add: Members | None = None,
    remove: Collection[uuid.UUID] = (),
    only: Members | None = None,
    expected_version: int | None = None,
    whole: bool = False,
) -> Members | None:
    """Change a group.

    Args:
        changes: `name` and `external_id`, as far as they change.
        add, remove: employees to put in and take out; who is there already, or is not, does not matter.
        only: the members the group has afterwards, instead of the present ones; `add` and `remove` do not apply.
        expected_version: the version the form was filled in from.
        whole: whether to read all members, for an answer that shows them.

    Returns:
        The members afterwards that identity providers see, if the change was about members and all of them were read.

    Raises:
        Invalid: the name breaks a rule or is taken, or a member is no employee of the tenant.
        ChangedMeanwhile: somebody else saved the group.
    """
    edits.check_version(group, expected_version)
    found = problems(changes, group=group)
    if found:
        raise Invalid(found)
    edit = edits.Edit(group, ENTITY, actor)
    for field, value in changes.items():
        edit.set(field, value)
    added, removed, members = _difference(group, edit, add or {}, set(remove), only, whole=whole)
    try:
        with transaction.atomic():
            # First, as it takes hold of the group or finds it changed: who its members are is still what was read.
            edit.write()
            if removed:
                GroupMembership.objects.filter(group=group, employee__in=removed).delete()
            if added:
                _insert(group, added)
    except IntegrityError as error:
        raise edits.name_in_use(error, TEXTS["name"].label, (Group, "group_name")) from error
    return members


def _difference(
    group: Group, edit: edits.Edit, add: Members, remove: set[uuid.UUID], only: Members | None, *, whole: bool
) -> tuple[Members, set[uuid.UUID], Members | None]:
    """Who really comes and goes, and who is there afterwards if `whole`; notes it in the edit.

    Raises:
        Invalid: somebody who comes is no employee of the tenant.
    """
    wanted = add if only is None else only
    if only is None and not wanted and not remove:
        return {}, set(), None
    memberships = GroupMembership.objects.filter(group=group)
    if only is None and not whole:
        memberships = memberships.filter(employee__in={*wanted, *remove})
    people = _employees(edit.actor, wanted).values_list("pk", "username", Value(None, CharField()), Value(0))
    there = memberships.values_list("employee_id", "employee__username", "display", _MEMBER)
    rows = list(people.union(there, all=True))
    present = {pk: username for pk, username, _display, member in rows if member}
    known = {pk: username for pk, username, _display, member in rows if not member}
    added = {pk: display for pk, display in wanted.items() if pk not in present}
    _refuse_unknown(added.keys() - known.keys())
    removed = present.keys() & remove if only is None else present.keys() - only.keys()
    for username in sorted(present[pk] for pk in removed):
        edit.note("Group.assignedUser", username, "")
    for username in sorted(known[pk] for pk in added):
        edit.note("Group.assignedUser", "", username)
    stays = {pk: display for pk, _username, display, member in rows if member == VISIBLE and pk not in removed}
    return added, set(removed), {**stays, **added} if whole or only is not None else None


def _names(actor: Actor, members: Members) -> dict[uuid.UUID, str]:
    """The usernames of the members.

    Raises:
        Invalid: one of them is no employee of the tenant.
    """
    names = dict(_employees(actor, members).values_list("pk", "username")) if members else {}
    _refuse_unknown(members.keys() - names.keys())
    return names


def _employees(actor: Actor, members: Members) -> QuerySet[Employee]:
    """Those of the members who are employees of the tenant; to providers, people they deleted are none."""
    found = Employee.objects.filter(business_unit_id=actor.business_unit_id, pk__in=members)
    return found.filter(scim_hidden=False) if actor.channel == Channel.SCIM else found


def _refuse_unknown(ids: Collection[uuid.UUID]) -> None:
    if ids:
        message = _("There is no employee with the id %(id)s.") % {"id": min(map(str, ids))}
        raise Invalid([Problem("members", "V-MEMBER", message)])


def _insert(group: Group, members: Members) -> None:
    GroupMembership.objects.bulk_create(
        GroupMembership(group=group, employee_id=pk, display=display) for pk, display in members.items()
    )


def delete(group: Group, *, actor: Actor) -> None:
    """Remove a group; its members stay employees."""
    with transaction.atomic():
        GroupMembership.objects.filter(group=group).delete()
        deleted, _rows = Group.objects.filter(pk=group.pk).delete()
        if deleted:
            audit.record(actor, ENTITY, group.pk, group.name, [(ENTITY, group.name, "deleted")])
