"""The request journal for scripts: the same entries and filters as on the page (`/_lab/requests`)."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

from accounts.console.lists import LONGEST_SEARCH
from cxadmin.lab import diagnosis, exchanges, journal
from cxadmin.lab.control import Problem, answer, controls
from cxadmin.lab.exchanges import Rows
from cxadmin.lab.models import Exchange

DEFAULT_LIMIT, MOST = 100, 1000
OWN = ("q", "limit", "after", "before")


def narrowed(parameters: QueryDict, names: dict[uuid.UUID, str]) -> Rows:
    """The exchanges that a query asks for. Tenants go by name.

    Raises:
        Problem: a parameter or a value that does not exist, so that a misspelt filter is not taken for none.
    """
    rows: Rows = Exchange.objects.all()
    known = {one.key: one for one in exchanges.filters((name, name) for name in names.values())}
    for key in parameters:
        if key in OWN:
            continue
        if key not in known:
            raise Problem(400, f"There is no parameter {key}; known are {', '.join(sorted([*known, *OWN]))}.")
        value, values = parameters.get(key, ""), [str(value) for value, _ in known[key].choices if value]
        if value and value not in values:
            raise Problem(400, f"{key} can be {', '.join(values)}, not {value!r}.")
        if key == "tenant" and value in names.values():
            value = str(next(pk for pk, name in names.items() if name == value))
        rows = known[key].apply(rows, [str(value)])
    words = parameters.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    return exchanges.search(rows, words) if words else rows


def number(parameters: QueryDict, name: str, default: int, most: int = 2**62) -> int:
    """A whole number of the query.

    Raises:
        Problem: it is none.
    """
    given = parameters.get(name, "")
    if given and not (given.isdecimal() and len(given) < 20):
        raise Problem(400, f"{name} must be a whole number, not {given!r}.")
    return min(int(given), most) if given else default


@controls("GET")
def request_list(request: HttpRequest) -> HttpResponse:
    """The newest exchanges, newest first; behind `after`, what came since then, oldest first."""
    journal.recorder.flush()  # a test asks at once what it has just caused
    names = exchanges.tenants()
    rows, limit = narrowed(request.GET, names), number(request.GET, "limit", DEFAULT_LIMIT, MOST)
    before = number(request.GET, "before", 0)
    if before:
        rows = rows.filter(pk__lt=before)
    if "after" in request.GET:
        found = list(rows.filter(pk__gt=number(request.GET, "after", 0)).order_by("pk")[:limit])
    else:
        found = list(rows.order_by("-pk")[:limit])
    return answer({"requests": [summary(exchange, names) for exchange in found]})


@controls("GET")
def request_detail(request: HttpRequest, exchange_id: int) -> HttpResponse:
    """One exchange with headers, bodies, diagnosis, changes and the steps of a PATCH."""
    exchange = Exchange.objects.filter(pk=exchange_id).first()
    if exchange is None:
        raise Problem(404, f"The journal does not hold the request {exchange_id} (any more).")
    return answer(whole(exchange, exchanges.tenants()))


def summary(exchange: Exchange, names: dict[uuid.UUID, str]) -> dict[str, Any]:
    """An exchange on one line: what lists and `cxadmin tail` show."""
    found = diagnosis.diagnose(exchange)
    return {
        "id": exchange.pk,
        "at": exchange.at.isoformat(),
        "request_id": exchange.request_id,
        "door": exchange.door,
        "method": exchange.method,
        "path": exchange.path,
        "query": exchange.query,
        "status": exchange.status,
        "duration_ms": exchange.milliseconds,
        "tenant": names.get(exchange.business_unit_id) if exchange.business_unit_id else None,
        "username": exchange.username or None,
        "credential": exchange.credential or None,
        "client": exchange.client or None,
        "cause": found[0].cause if found else None,
    }


def whole(exchange: Exchange, names: dict[uuid.UUID, str]) -> dict[str, Any]:
    """Everything about an exchange."""
    return summary(exchange, names) | {
        "address": exchange.address,
        "request": {"headers": exchange.request_headers, "body": exchange.request_body, "size": exchange.request_size},
        "answer": {"headers": exchange.answer_headers, "body": exchange.answer_body, "size": exchange.answer_size},
        "diagnosis": [
            {"cause": one.cause, "fix": one.fix, "sources": one.sources} for one in diagnosis.diagnose(exchange)
        ],
        "changes": [
            {"entity": event.entity, "label": event.entity_label, "changes": event.changes}
            for event in exchanges.events_of(exchange)
        ],
        "operations": [
            {
                "operation": step.operation,
                "difference": [f"{line.mark} {line.text}" for line in step.lines],
                "trouble": step.trouble or None,
            }
            for step in exchanges.steps(exchange)
        ],
    }
