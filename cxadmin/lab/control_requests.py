"""The request journal for scripts: the same entries and filters as on the page (`/_lab/requests`)."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

from accounts.api.described.shapes import (
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    TIME,
    WHOLE,
    Parameter,
    record,
    several,
    text,
    words,
)
from accounts.console.lists import LONGEST_SEARCH
from cxadmin.lab import diagnosis, exchanges
from cxadmin.lab.control import Problem, answer, controls
from cxadmin.lab.described import describe
from cxadmin.lab.exchanges import Rows
from cxadmin.lab.models import Exchange

DEFAULT_LIMIT, MOST = 100, 1000
OWN = ("q", "limit", "after", "before")

TAG = "Requests"
SUMMARY = record(
    id=WHOLE,
    at=TIME,
    request_id=TEXT,
    door=TEXT,
    method=TEXT,
    path=TEXT,
    query=TEXT,
    status=WHOLE,
    duration_ms=NUMBER,
    tenant=TEXT_OR_NULL,
    username=TEXT_OR_NULL,
    credential=TEXT_OR_NULL,
    client=TEXT_OR_NULL,
    fault=record(rule=WHOLE, said=TEXT) | {"type": ["object", "null"]},
    cause=TEXT_OR_NULL,
)
SIDE = record(headers=several(several(TEXT)), body=TEXT, size=WHOLE)
DIAGNOSES = several(record(cause=TEXT, fix=TEXT, sources=several(TEXT)))
WHOLE_REQUEST = record(
    **SUMMARY["properties"],
    address=TEXT,
    request=SIDE,
    answer=SIDE,
    diagnosis=DIAGNOSES,
    changes=several(record(entity=TEXT, label=TEXT, changes=several(several(TEXT_OR_NULL)))),
    operations=several(record(operation=TEXT, difference=several(TEXT), trouble=TEXT_OR_NULL)),
)
FILTERS = (
    Parameter("status", words("2", "3", "4", "5", "failed"), "Only of this class of status codes; `failed`: from 400."),
    Parameter("door", words("scim", "oauth", "rest", "other"), "Only of this door."),
    Parameter("method", words(*exchanges.METHODS), "Only with this method."),
    text("tenant", "Only of the tenant of this name; `none` where the credential does not tell."),
    text("credential", "Only with this kind of credential: `SCIM token`, `access key`, `application`, `none`."),
    text("client", "Only of this kind of client, as `Okta`."),
    text("fault", "Only what fault rules hit: `any`, or the number of one."),
    Parameter("since", words(*exchanges.PERIODS), "Only of the last while."),
    text("q", "Only with these words in address, people or bodies."),
)


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
@describe(
    tag=TAG,
    answer=record(requests=several(SUMMARY)),
    query=(
        *FILTERS,
        Parameter("limit", WHOLE, f"At most so many, {DEFAULT_LIMIT} by default, {MOST} at most."),
        Parameter("before", WHOLE, "Only older ones than this."),
        Parameter("after", WHOLE, "Only newer ones than this, oldest first."),
    ),
    refuses=(400,),
)
def request_list(request: HttpRequest) -> HttpResponse:
    """The newest exchanges, newest first; behind `after`, what came since then, oldest first."""
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
@describe(tag=TAG, answer=WHOLE_REQUEST)
def request_detail(request: HttpRequest, exchange_id: int) -> HttpResponse:
    """One exchange with headers, bodies, diagnosis, changes and the steps of a PATCH."""
    return answer(whole(one(exchange_id), exchanges.tenants()))


def one(exchange_id: int) -> Exchange:
    """An exchange.

    Raises:
        Problem: the journal does not hold it.
    """
    exchange = Exchange.objects.filter(pk=exchange_id).first()
    if exchange is None:
        raise Problem(404, f"The journal does not hold the request {exchange_id} (any more).")
    return exchange


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
        "fault": None if exchange.fault_id is None else {"rule": exchange.fault_id, "said": exchange.fault},
        "cause": found[0].cause if found else None,
    }


def explained(found: Iterable[diagnosis.Diagnosis]) -> list[dict[str, Any]]:
    """Diagnoses for scripts."""
    return [{"cause": one.cause, "fix": one.fix, "sources": one.sources} for one in found]


def whole(exchange: Exchange, names: dict[uuid.UUID, str]) -> dict[str, Any]:
    """Everything about an exchange."""
    return summary(exchange, names) | {
        "address": exchange.address,
        "request": {"headers": exchange.request_headers, "body": exchange.request_body, "size": exchange.request_size},
        "answer": {"headers": exchange.answer_headers, "body": exchange.answer_body, "size": exchange.answer_size},
        "diagnosis": explained(diagnosis.diagnose(exchange)),
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
