"""The permission editor of a role: the licensed part of the catalogue with what is chosen (screens §4.2)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from accounts import permissions
from accounts.actions import roles
from accounts.models import Role
from accounts.permissions import Category, Group, Label, Permission

FIELD = "permission"
PRESETS = ("agent", "manager", "administrator", "evaluator")


@dataclass(frozen=True, slots=True)
class ToggleState:
    """One action or switch as the editor draws it."""

    code: str
    label: Label
    is_chosen: bool
    needs: str
    presets: str


@dataclass(frozen=True, slots=True)
class PermissionState:
    """A row of the editor."""

    permission: Permission
    toggles: tuple[ToggleState, ...]


@dataclass(frozen=True, slots=True)
class GroupState:
    """Rows under one heading."""

    group: Group
    rows: tuple[PermissionState, ...]


@dataclass(frozen=True, slots=True)
class CategoryState:
    """A tab of the editor."""

    category: Category
    groups: tuple[GroupState, ...]

    @property
    def chosen(self) -> int:
        """How many toggles are on."""
        return sum(toggle.is_chosen for group in self.groups for row in group.rows for toggle in row.toggles)


class PermissionEditor:
    """What the tab Permissions shows.

    Args:
        licences: of the tenant; only licensed categories are shown (R-PERM-5).
        chosen: the codes that are on.
        restrictions: Restricted Access, as a role keeps it.
        is_open: whether the actor may change anything.
    """

    def __init__(
        self, licences: Iterable[str], chosen: Iterable[str], restrictions: Mapping[str, Any], *, is_open: bool
    ) -> None:
        self.licences = frozenset(licences)
        self.chosen = frozenset(chosen)
        self.restrictions = restrictions
        self.is_open = is_open

    @property
    def categories(self) -> list[CategoryState]:
        """The tabs on the left, in the order of the catalogue."""
        return [CategoryState(c, tuple(self._groups(c))) for c in permissions.visible(self.licences)]

    def _groups(self, category: Category) -> Iterator[GroupState]:
        for group in category.groups:
            rows = (self._row(category, permission) for permission in group.permissions)
            yield GroupState(group, tuple(rows))

    def _row(self, category: Category, permission: Permission) -> PermissionState:
        toggles = tuple(
            self._toggle(f"{category.slug}.{permission.slug}.", action, permission) for action in permission.actions
        )
        return PermissionState(permission, toggles)

    def _toggle(self, stem: str, action: str, permission: Permission) -> ToggleState:
        code = stem + action
        return ToggleState(
            code,
            permission.label if permission.is_switch else permissions.ACTIONS[action],
            code in self.chosen,
            " ".join(sorted(need.removeprefix(stem) for need in permissions.needed_by(code))),
            " ".join(preset for preset in PRESETS if action in permission.presets[preset]),
        )

    @property
    def presets(self) -> list[tuple[str, Label]]:
        """The choices of Set To Default: the out-of-the-box roles; Evaluator comes with Quality Management."""
        return [(code, Role.OOTB_NAMES[code]) for code in PRESETS if code != "evaluator" or "qm" in self.licences]

    @property
    def restricted(self) -> list[tuple[str, str, list[str]]]:
        """Restricted Access: kind, mode and the chosen ids."""
        states = ((kind, self.restrictions.get(kind, roles.EVERYTHING)) for kind in roles.RESTRICTED)
        return [(kind, state["mode"], state["ids"]) for kind, state in states]


def codes_in(data: QueryDict) -> list[str]:
    """The toggles that a submitted form has on."""
    return data.getlist(FIELD)


def restrictions_in(data: QueryDict) -> dict[str, Any]:
    """Restricted Access as a submitted form has it; what it does not mention is not restricted."""
    return {
        kind: {
            "mode": (mode := data.get(f"restrict_{kind}", "all")),
            "ids": data.getlist(f"restrict_{kind}_ids") if mode == "custom" else [],
        }
        for kind in roles.RESTRICTED
    }
