"""What administration keeps for the contact centre: agents' skills and states, and hiring sources. Nothing is routed by it."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy

from accounts import audit, edits, rules
from accounts.actors import Actor
from accounts.errors import Invalid
from accounts.models import AgentSkill, AgentState, CatalogueEntry, Employee
from accounts.rules import Text
from accounts.team_settings import Code
from cxadmin import clock

HIRING_SOURCE = Text(gettext_lazy("Hiring Source"), 100, required=True, more=rules.single_line)


class Held(NamedTuple):
    """How an agent has a skill."""

    proficiency: int = AgentSkill.USUAL
    is_active: bool = True

    def __str__(self) -> str:
        return f"{AgentSkill.PROFICIENCIES[self.proficiency]}{'' if self.is_active else ', inactive'}"


def skills(employee: Employee) -> dict[CatalogueEntry, Held]:
    """The skills an agent has, by number."""
    found = AgentSkill.objects.filter(business_unit_id=employee.business_unit_id, employee=employee)
    ordered = found.select_related("skill").order_by("skill__number")
    return {one.skill: Held(one.proficiency, one.is_active) for one in ordered}


def set_skills(employee: Employee, wanted: Mapping[CatalogueEntry, Held | None], *, actor: Actor) -> None:
    """Give an agent these skills in this way; None takes a skill away, and what is not named stays."""
    with transaction.atomic():
        Employee.objects.select_for_update().filter(pk=employee.pk).first()  # of two calls one comes after the other
        present = skills(employee)
        changes = {skill: held for skill, held in wanted.items() if held != present.get(skill)}
        AgentSkill.objects.filter(
            business_unit_id=employee.business_unit_id, employee=employee, skill__in=list(changes)
        ).delete()
        AgentSkill.objects.bulk_create(
            AgentSkill(
                business_unit_id=employee.business_unit_id,
                employee=employee,
                skill=skill,
                proficiency=held.proficiency,
                is_active=held.is_active,
                modified_at=clock.now(),
            )
            for skill, held in changes.items()
            if held is not None
        )
        entries = [
            ("User.skill", _shown(skill, present.get(skill)), _shown(skill, held)) for skill, held in changes.items()
        ]
        audit.record(actor, "User", employee.pk, employee.full_name, entries)


def _shown(skill: CatalogueEntry, held: Held | None) -> str:
    return f"{skill.name} ({held})" if held is not None else ""


def set_state(employee: Employee, *, is_available: bool, code: Code | None = None, actor: Actor) -> None:
    """What an agent is from now on; an agent who was logged out is logged in by it.

    Args:
        code: the reason to be unavailable.
    """
    state = AgentState(employee=employee, is_available=is_available, code=code and code.number, since=clock.now())
    with transaction.atomic():
        before = AgentState.objects.select_for_update().filter(pk=employee.pk).first()
        AgentState.objects.bulk_create(
            [state],
            update_conflicts=True,
            update_fields=["is_available", "code", "since"],
            unique_fields=["employee"],
        )
        _record_state(employee, before, state, actor)


def log_out(employee: Employee, *, actor: Actor) -> None:
    """End what `set_state` began; twice is the same as once."""
    with transaction.atomic():
        before = AgentState.objects.select_for_update().filter(pk=employee.pk).first()
        if before is not None:
            AgentState.objects.filter(pk=employee.pk).delete()
            _record_state(employee, before, None, actor)


def _record_state(employee: Employee, before: AgentState | None, after: AgentState | None, actor: Actor) -> None:
    entry = ("User.agentState", str(before or "Logged out"), str(after or "Logged out"))
    audit.record(actor, "User", employee.pk, employee.full_name, [entry] if entry[1] != entry[2] else [])


def add_hiring_source(name: str, *, actor: Actor) -> CatalogueEntry:
    """Add a hiring source, under the next number.

    Raises:
        Invalid: the name breaks a rule or is taken.
    """
    found = HIRING_SOURCE.problems("name", name)
    if found:
        raise Invalid(found)
    kind = CatalogueEntry.Kind.HIRING_SOURCE
    while True:
        numbers = CatalogueEntry.objects.filter(business_unit_id=actor.business_unit_id, kind=kind)
        last: int = numbers.aggregate(last=Max("number"))["last"] or 0
        source = CatalogueEntry(
            business_unit_id=actor.business_unit_id, kind=kind, number=last + 1, name=name, modified_at=clock.now()
        )
        try:
            with transaction.atomic():
                source.save(force_insert=True)
                audit.record(actor, "HiringSource", source.pk, source.name, [("HiringSource", "", "created")])
                return source
        except IntegrityError as error:
            # Another call has taken the number at the same moment, or the name is in use.
            if not edits.violates(error, CatalogueEntry, "catalogue_number"):
                raise edits.name_in_use(error, HIRING_SOURCE.label, (CatalogueEntry, "catalogue_name")) from error
