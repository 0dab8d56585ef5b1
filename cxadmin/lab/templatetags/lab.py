"""Template tags of the lab."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.console.lists import Listing
from accounts.models import BusinessUnit, Employee
from accounts.templatetags.console import chip_of
from cxadmin import clock
from cxadmin.lab import clocks, faults
from cxadmin.lab.models import FaultRule, Simulation
from cxadmin.lab.simulator.pages import Shown

register = template.Library()


@register.simple_tag
def tenant_name(names: Mapping[uuid.UUID, str], business_unit_id: uuid.UUID | None) -> str:
    """The name of a tenant; a dash where none is known."""
    return names.get(business_unit_id, _("deleted")) if business_unit_id else "–"


@register.filter
def simulation(record: Simulation) -> Shown:
    """A simulation as the pages print it."""
    return Shown(record)


@register.simple_tag
def sequence_url(listing: Listing[Any]) -> str:
    """The sequence picture of what a list of requests shows."""
    query = listing.url(sort=None, per=None, page=None).partition("?")[2]
    return f"{reverse('lab:exchange-sequence')}?{query}" if query else reverse("lab:exchange-sequence")


@register.simple_tag
def sequence_part(listing: Listing[Any], **changes: int) -> str:
    """The sequence picture with another beginning or end."""
    return listing.url(**changes)


@register.simple_tag
def fault_name(rule: FaultRule) -> str:
    """What a fault rule is called; one without a name by its number."""
    return rule.name or _("Fault rule %(id)d") % {"id": rule.pk}


@register.simple_tag
def fault_match(rule: FaultRule, names: Mapping[uuid.UUID, str]) -> str:
    """Which requests a fault rule is about, on one line."""
    where = [rule.get_door_display() if rule.door else "", rule.method, rule.path]
    said = [" ".join(part for part in where if part) or _("Every request of a program")]
    if rule.business_unit_id:
        said.append(tenant_name(names, rule.business_unit_id))
    if rule.credential:
        said.append(rule.credential)
    if rule.nth:
        said.append(_("only number %(n)d") % {"n": rule.nth})
    if rule.every:
        said.append(_("every %(n)d-th") % {"n": rule.every})
    if rule.probability < 1:
        said.append(f"{rule.probability:.4%}".rstrip("0%").rstrip(".") + " %")
    if rule.times:
        said.append(ngettext("%(n)d time", "%(n)d times", rule.times) % {"n": rule.times})
    return " · ".join(said)


@register.simple_tag
def fault_effect(rule: FaultRule) -> str:
    """What a fault rule does, on one line."""
    said = [str(rule.get_action_display())]
    if rule.action == FaultRule.Action.STATUS:
        said = [str(rule.status)] + ([f"Retry-After: {rule.retry_after}"] if rule.retry_after is not None else [])
    if rule.delay_ms or rule.jitter_ms:
        span = f"{rule.delay_ms}–{rule.delay_ms + rule.jitter_ms}" if rule.jitter_ms else f"{rule.delay_ms}"
        said.append(f"{span} ms")
    if rule.is_carried_out:
        said.append(_("carried out all the same"))
    return " · ".join(said)


@register.simple_tag
def armed_faults(employee: Employee | None) -> int:
    """How many armed fault rules an employee has to know of; known without asking the database.

    Of those that can hit requests of the tenant; lab operators, who see all tenants, of every one.
    """
    if not employee or not settings.LAB:
        return 0
    armed = faults.armed
    return len(armed.current() if employee.is_lab_operator else armed.concerning(employee.business_unit_id))


@register.simple_tag
def moved_clock(employee: Employee | None) -> datetime | None:
    """What the clock of an employee's tenant shows, if that is not the machine's time; known without asking the database."""
    moved = clock.moved.get(employee.business_unit_id) if employee else None
    return moved.at(clock.machine()) if moved else None


@register.simple_tag
def clock_time(unit: BusinessUnit) -> datetime:
    """What a tenant's clock shows."""
    return clocks.time_of(unit)


@register.simple_tag
def clock_chip(unit: BusinessUnit) -> Any:
    """How a tenant's clock runs, as a chip."""
    moved = clocks.of(unit)
    if moved is None:
        return chip_of(pgettext("clock", "Machine's time"), "grey")
    if moved.rate == 0:
        return chip_of(pgettext("clock", "Stands"), "blue")
    speed = "" if moved.rate == 1 else f" × {moved.rate:g}"
    return chip_of(pgettext("clock", "Moved") + speed, "blue")
