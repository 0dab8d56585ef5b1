"""Fault rules for scripts (`/_lab/faults`): the same rules and refusals as on the page."""

import uuid
from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.errors import Invalid
from cxadmin.lab import faults
from cxadmin.lab.control import Problem, answer, controls
from cxadmin.lab.models import FaultRule


@controls("GET", "POST", "DELETE")
def fault_list(request: HttpRequest) -> HttpResponse:
    """All rules; a new one; or none any more, of one tenant with `?tenant=`."""
    if request.method == "POST":
        rule = refusing(lambda: faults.create(document(request)))
        return answer(written(rule), 201)
    if request.method == "DELETE":
        return answer({"deleted": faults.clear(tenant(request.GET.get("tenant", "")))})
    rules = list(FaultRule.objects.order_by("pk"))
    return answer({"faults": all_written(rules)})


@controls("GET", "PATCH", "DELETE")
def fault_detail(request: HttpRequest, rule_id: int) -> HttpResponse:
    """One rule: read, changed (`{"armed": false}` disarms it), deleted."""
    rule = one(rule_id)
    if request.method == "DELETE":
        faults.delete(rule)
        return HttpResponse(status=204)
    if request.method == "PATCH":
        refusing(lambda: faults.update(rule, document(request)))
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


def refusing(act: Any) -> FaultRule:
    """What an action answers.

    Raises:
        Problem: what is wrong, member by member.
    """
    try:
        rule: FaultRule = act()
    except Invalid as error:
        raise Problem(400, " ".join(f"{one.field}: {one.message}" for one in error.problems)) from error
    return rule


def document(request: HttpRequest) -> dict[str, Any]:
    """The JSON object in a body.

    Raises:
        Problem: it is none.
    """
    try:
        found = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise Problem(400, "The body is not JSON.") from error
    if not isinstance(found, dict):
        raise Problem(400, "The body is not a JSON object.")
    return found


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
