"""Teams: creating and changing them, and moving employees between them (R-TEAM)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts import audit, edits, rules
from accounts.actions import employees
from accounts.actors import Actor
from accounts.errors import Invalid, Problem, Refused
from accounts.models import Employee, Team
from accounts.rules import Text
from accounts.team_settings import CODES_KEPT_AS, DELIVERY_MODE_KEPT_AS, UNAVAILABLE_CODES

ENTITY = "Team"
CODE = "unavailableCode"
TEXTS: Mapping[str, Text] = {
    "name": Text(gettext_lazy("Team Name"), 50, required=True),
    "description": Text(gettext_lazy("Description"), 200),
}
DELIVERY_MODE = Text(gettext_lazy("Delivery mode"), 50, more=rules.single_line)


def problems(values: Mapping[str, Any], *, team: Team | None = None) -> list[Problem]:
    """What is wrong with these values, all of it; everything but who else has the name."""
    given = {"name": ""} | dict(values) if team is None else values
    found = rules.check(TEXTS, {field: value if value is not None else "" for field, value in given.items()})
    mode = given.get("acd_settings", {}).get(DELIVERY_MODE_KEPT_AS)
    if isinstance(mode, str):
        found += DELIVERY_MODE.problems(DELIVERY_MODE_KEPT_AS, mode)
    lead: Employee | None = given.get("lead")
    if lead is not None and not lead.is_active and (team is None or team.lead_id != lead.pk):
        found.append(rules.inactive_choice("lead", pgettext_lazy("thing", "employee")))
    return found


def create(values: Mapping[str, Any], *, actor: Actor) -> Team:
    """Add a team.

    Args:
        values: `name`, and `description`, `lead`, `status` and `acd_settings` as far as they are known.

    Raises:
        Invalid: names every field that is wrong.
    """
    found = problems(values)
    if found:
        raise Invalid(found)
    team = Team(**values)
    shown = {edits.camel(field): value for field, value in values.items() if field != "acd_settings"}
    try:
        edits.store_numbered(
            team, "team_number", lambda: edits.create(team, ENTITY, actor, shown | _shown(team.acd_settings))
        )
    except IntegrityError as error:
        raise edits.name_in_use(error, TEXTS["name"].label, (Team, "team_name")) from error
    return team


def update(
    team: Team,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    add_users: Iterable[Employee] = (),
    expected_version: int | None = None,
) -> Team:
    """Change a team, its status included.

    Args:
        changes: as in `create`; `acd_settings` as a whole.
        add_users: employees who leave their teams for this one.

    Raises:
        Invalid: names every field that is wrong.
        Refused: it cannot be deactivated (R-TEAM-3), or it is not Active and users are added.
        ChangedMeanwhile: somebody else saved the team.
    """
    edits.check_version(team, expected_version)
    found = problems(changes, team=team)
    if found:
        raise Invalid(found)
    try:
        with transaction.atomic():
            if changes.get("status") == Team.Status.INACTIVE and team.status != Team.Status.INACTIVE:
                _refuse_in_use(team)
            edit = edits.Edit(team, ENTITY, actor)
            for field, value in changes.items():
                if field == "acd_settings":
                    _note_settings(team, value, edit)
                else:
                    edit.set(field, value)
            edit.write()
            _add(add_users, team, actor)
    except IntegrityError as error:
        raise edits.name_in_use(error, TEXTS["name"].label, (Team, "team_name")) from error
    return team


def _add(people: Iterable[Employee], team: Team, actor: Actor) -> None:
    chosen = list(people)
    if chosen and team.status != Team.Status.ACTIVE:
        raise Refused(_("Activate the team first"), "SCREENS-7")
    move(chosen, team, actor=actor)


def _note_settings(team: Team, kept: dict[str, Any], edit: edits.Edit) -> None:
    before, after = _shown(team.acd_settings), _shown(kept)
    had, has = before.pop(CODE, []), after.pop(CODE, [])
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            edit.note(f"Team.{name}", audit.text(before.get(name)), audit.text(after.get(name)))
    for code in sorted(set(had) ^ set(has)):
        was, now = ("", code) if code in has else (code, "")
        edit.note(f"Team.{CODE}", was, now)
    edit.set_silently(acd_settings=kept)


def _shown(kept: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as the audit trail names them."""
    shown = dict(kept)
    codes = shown.pop(CODES_KEPT_AS, [])
    return shown | {CODE: [code.name for code in UNAVAILABLE_CODES if code.number in codes]}


def duplicate(team: Team, name: str, *, actor: Actor) -> Team:
    """An Inactive team with the same description, lead and settings under another name, and nobody in it.

    Raises:
        Invalid: the name breaks a rule or is taken.
    """
    lead = team.lead if team.lead is not None and team.lead.is_active else None
    values = {"name": name, "description": team.description, "lead": lead, "acd_settings": team.acd_settings}
    return create(values | {"status": Team.Status.INACTIVE}, actor=actor)


def move(people: Iterable[Employee], team: Team, *, actor: Actor) -> None:
    """Let employees leave their teams for this one; who belongs to it already stays (R-TEAM-1).

    Both teams' histories say so. It is no edit of either, so whoever edits one of them is not overtaken.

    Raises:
        Invalid, Refused: as `employees.update`; the team must be Active.
    """
    moved = [employee for employee in people if employee.team_id != team.pk]
    entries: dict[Team, list[audit.Change]] = defaultdict(list)
    with transaction.atomic():
        for employee in moved:
            entries[employee.team].append(("Team.assignedUser", employee.full_name, ""))
            entries[team].append(("Team.assignedUser", "", employee.full_name))
            employees.update(employee, {"team": team}, actor=actor)
        for changed, entry in entries.items():
            audit.record(actor, ENTITY, changed.pk, changed.name, entry)


def _refuse_in_use(team: Team) -> None:
    if team.is_default:
        raise Refused(_("The default team cannot be deactivated."), "R-TEAM-3")
    # Whoever is just putting somebody into it is waited for and then counted; whoever comes later waits for this change.
    Team.objects.select_for_update().get(pk=team.pk)
    living = Employee.objects.filter(team=team).exclude(status=Employee.Status.DELETED).count()
    if living:
        said = ngettext(
            "%(n)d active employee belongs to this team.", "%(n)d active employees belong to this team.", living
        )
        raise Refused(said % {"n": living}, "R-TEAM-3")
