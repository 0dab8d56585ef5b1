"""Fault rules for scripts (`/_lab/faults`): the same rules and refusals as on the page."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.api.described.shapes import (
    FLAG,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    WHOLE,
    WHOLE_OR_NULL,
    record,
    several,
    text,
    words,
)
from cxadmin.lab import faults
from cxadmin.lab.control import Problem, answer, controls, members, refusing
from cxadmin.lab.described import describe
from cxadmin.lab.models import FaultRule

TAG = "Fault rules"
ACTION = words(*FaultRule.Action.values)
CONDITIONS = ("name", "tenant", "credential", "door", "method", "path")
EFFECTS = {
    "armed": FLAG,
    "nth": WHOLE_OR_NULL,
    "every": WHOLE_OR_NULL,
    "probability": NUMBER,
    "times": WHOLE_OR_NULL,
    "action": ACTION,
    "status": WHOLE,
    "retry_after": WHOLE_OR_NULL,
    "delay_ms": WHOLE,
    "jitter_ms": WHOLE,
    "carried_out": FLAG,
}
ASKED = record(**dict.fromkeys(CONDITIONS, TEXT_OR_NULL), **EFFECTS)
RULE = record(
    id=WHOLE,
    spent=FLAG,
    seen=WHOLE,
    fired=WHOLE,
    last_fired_at={"type": ["string", "null"], "format": "date-time"},
    url=TEXT,
    **dict.fromkeys(CONDITIONS, TEXT_OR_NULL),
    **EFFECTS,
)


@controls("GET", "POST", "DELETE")
@describe(tag=TAG, summary="All rules", answer=record(faults=several(RULE)))
@describe("POST", tag=TAG, summary="Make a rule", body=ASKED, answer=RULE, status=201, refuses=(400,))
@describe(
    "DELETE",
    tag=TAG,
    summary="Remove all rules",
    answer=record(deleted=WHOLE),
    query=(text("tenant", "Only the rules of this tenant."),),
    refuses=(400,),
)
def fault_list(request: HttpRequest) -> HttpResponse:
    """All rules; a new one; or none any more, of one tenant with `?tenant=`."""
    if request.method == "POST":
        rule = refusing(lambda: faults.create(members(request)))
        return answer(written(rule), 201)
    if request.method == "DELETE":
        return answer({"deleted": faults.clear(tenant(request.GET.get("tenant", "")))})
    rules = list(FaultRule.objects.order_by("pk"))
    return answer({"faults": all_written(rules)})


@controls("GET", "PATCH", "DELETE")
@describe(tag=TAG, summary="One rule", answer=RULE)
@describe("PATCH", tag=TAG, summary="Change, arm or disarm a rule", body=ASKED, answer=RULE, refuses=(400,))
@describe("DELETE", tag=TAG, summary="Remove a rule", status=204)
def fault_detail(request: HttpRequest, rule_id: int) -> HttpResponse:
    """One rule: read, changed (`{"armed": false}` disarms it), deleted."""
    rule = one(rule_id)
    if request.method == "DELETE":
        faults.delete(rule)
        return HttpResponse(status=204)
    if request.method == "PATCH":
        refusing(lambda: faults.update(rule, members(request)))
    return answer(written(rule))


def one(rule_id: int) -> FaultRule:
    """A rule by its number.

    Raises:
        Problem: there is none.
    """
    rule = FaultRule.objects.filter(pk=rule_id).first()
    if rule is None:
        raise Problem(404, f"There is no fault rule {rule_id}.")
    return rule


def tenant(name: str) -> uuid.UUID | None:
    """The tenant of this name; None for no name.

    Raises:
        Problem: there is no such tenant.
    """
    if not name:
        return None
    unit_id = faults.tenant_id(name)
    if unit_id is None:
        raise Problem(400, f"There is no tenant {name[:100]}.")
    return unit_id


def all_written(rules: list[FaultRule]) -> list[dict[str, Any]]:
    """Rules as the API and the command show them."""
    names = faults.names_of(rules)
    return [written(rule, names) for rule in rules]


def written(rule: FaultRule, names: Mapping[Any, str] | None = None) -> dict[str, Any]:
    """A rule as the API and the command show it: what it was made from, and what became of it."""
    names = faults.names_of([rule]) if names is None else names
    return {
        "id": rule.pk,
        "name": rule.name,
        "armed": rule.is_armed,
        "spent": rule.is_spent,
        "tenant": names.get(rule.business_unit_id) if rule.business_unit_id else None,
        "credential": rule.credential or None,
        "door": rule.door or None,
        "method": rule.method or None,
        "path": rule.path or None,
        "nth": rule.nth,
        "every": rule.every,
        "probability": rule.probability,
        "times": rule.times,
        "action": rule.action,
        "status": rule.status,
        "retry_after": rule.retry_after,
        "delay_ms": rule.delay_ms,
        "jitter_ms": rule.jitter_ms,
        "carried_out": rule.is_carried_out,
        "seen": rule.seen,
        "fired": rule.fired,
        "last_fired_at": rule.last_fired_at.isoformat() if rule.last_fired_at else None,
        "url": f"{settings.PUBLIC_URL}{reverse('lab:fault-detail', args=[rule.pk])}",
    }
