"""Compare Roles: the permissions of two roles side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from accounts import access, permissions, queries
from accounts.actions import roles
from accounts.actors import Actor
from accounts.console import local
from accounts.console.answers import page_or_fragment
from accounts.ids import as_uuid
from accounts.models import Role, RolePermission
from accounts.permissions import Category, Group, Label, Permission
from accounts.requests import PageRequest
from accounts.views.roles import VIEW


@dataclass(frozen=True, slots=True)
class Mark:
    """One line in the cell of a role: an action, a switch or a restriction.

    Attributes:
        is_on: whether the role has it; None where it is not a matter of having.
        differs: whether the other role says something else.
        state: On or Off for those who cannot see the mark; empty where the label says it.
    """

    label: Label
    is_on: bool | None
    differs: bool
    state: Label = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A permission with the cells of both roles."""

    label: Label
    cells: tuple[tuple[Mark, ...], tuple[Mark, ...]]

    @property
    def differences(self) -> int:
        """In how many lines the roles differ."""
        return sum(mark.differs for mark in self.cells[0])


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under one heading."""

    category: Label
    group: Label
    rows: tuple[Row, ...]


class Comparison:
    """The licensed part of the catalogue as two roles have it (R-PERM-5).

    Args:
        sides: the two roles.
        licences: of the tenant.
        only_differences: leave out the rows in which the roles agree.
    """

    def __init__(self, sides: tuple[Role, Role], licences: list[str], *, only_differences: bool) -> None:
        self.sides = sides
        held = RolePermission.objects.filter(role__in=sides).values_list("role_id", "code")
        self._held = frozenset(held)
        self._only_differences = only_differences
        every = [section for category in permissions.visible(licences) for section in self._sections(category)]
        self.differences = sum(row.differences for section in every for row in section.rows)
        self.sections = [shown for section in every if (shown := self._shown(section)).rows]

    @property
    def counted(self) -> str:
        """The number of differences in words."""
        n = self.differences
        return local.counted(ngettext("%(n)d difference", "%(n)d differences", n) % {"n": n}, n)

    def _shown(self, section: Section) -> Section:
        rows = (row for row in section.rows if row.differences or not self._only_differences)
        return Section(section.category, section.group, tuple(rows))

    def _sections(self, category: Category) -> Iterator[Section]:
        for group in category.groups:
            yield Section(category.label, group.label, tuple(self._rows(category, group)))
        if category.slug == "acd":
            yield Section(category.label, pgettext("sub-tab", "Restricted Access"), tuple(self._restrictions()))

    def _rows(self, category: Category, group: Group) -> Iterator[Row]:
        for permission in group.permissions:
            stem = f"{category.slug}.{permission.slug}."
            held = [
                {action: (role.pk, stem + action) in self._held for action in permission.actions} for role in self.sides
            ]
            left, right = (
                tuple(_mark(permission, action, mine, mine != theirs[action]) for action, mine in ours.items())
                for ours, theirs in (held, held[::-1])
            )
            yield Row(permission.label, (left, right))

    def _restrictions(self) -> Iterator[Row]:
        """Restricted Access, stored with the role (screens §4.2)."""
        labels = {"teams": _("Teams"), "campaigns": pgettext("permission", "Campaigns")}
        states = [
            {kind: role.restrictions.get(kind, roles.EVERYTHING) for kind in roles.RESTRICTED} for role in self.sides
        ]
        named = {team for state in states for team in state["teams"]["ids"]}
        teams = queries.teams(self.sides[0].business_unit_id).filter(pk__in=named).order_by("name_key")
        names = {str(pk): name for pk, name in teams.values_list("pk", "name")} if named else {}
        for kind in roles.RESTRICTED:
            left, right = (state[kind] for state in states)
            differs = (left["mode"], set(left["ids"])) != (right["mode"], set(right["ids"]))
            marks = [Mark(_restricted(state, names), None, differs) for state in (left, right)]
            yield Row(labels[kind], ((marks[0],), (marks[1],)))


def _mark(permission: Permission, action: str, is_on: bool, differs: bool) -> Mark:
    state = pgettext("switch", "On") if is_on else pgettext("switch", "Off")
    if permission.is_switch:
        return Mark(state, is_on, differs)
    return Mark(permissions.ACTIONS[action], is_on, differs, state)


def _restricted(state: dict[str, Any], names: dict[str, str]) -> str:
    if state["mode"] != "custom":
        return _("All & Future") if state["mode"] == "all" else _("None")
    chosen = set(state["ids"])
    return ": ".join(filter(None, (_("Custom"), ", ".join(name for pk, name in names.items() if pk in chosen))))


@require_safe
def compare(request: PageRequest) -> HttpResponse:
    """Two roles of the tenant, chosen in the address by `first` and `second`; `only` leaves out what they share."""
    actor = request.actor
    actor.require(VIEW)
    first, second = (_chosen(actor, request.GET.get(name, "")) for name in ("first", "second"))
    only = bool(request.GET.get("only"))
    found = None
    if first and second:
        found = Comparison((first, second), request.business_unit.licences, only_differences=only)
    context = {
        "first": first,
        "second": second,
        "only": only,
        "comparison": found,
        "options": access.seen_roles(actor, queries.roles_by_name(actor.business_unit_id)).only("name", "ootb_code"),
    }
    return page_or_fragment(request, "accounts/role_compare.html", "accounts/_role_comparison.html", context)


def _chosen(actor: Actor, given: str) -> Role | None:
    """The role with this id; raises Http404 for what is none."""
    if not given:
        return None
    role_id = as_uuid(given)
    if role_id is None:
        raise Http404
    return access.role(actor, role_id, VIEW)
