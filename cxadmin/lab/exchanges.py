"""The request inspector: the list of exchanges, and one exchange explained."""

import difflib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_safe

from accounts.actors import Actor
from accounts.console import lists
from accounts.console.lists import Column, Filter, ListSpec
from accounts.models import Application, AuditEvent, BusinessUnit, Employee
from accounts.requests import PageRequest
from cxadmin import clock
from cxadmin.lab import clients, diagnosis, exports
from cxadmin.lab.access import operators_only
from cxadmin.lab.diagnosis import Diagnosis, document_of
from cxadmin.lab.models import Exchange, FaultRule
from scim import patch
from scim.attributes import GROUPS, USERS
from scim.errors import ScimError

ALL = ("", pgettext_lazy("filter", "All"))
MOST_TENANTS = 200
PERIODS = {"5m": timedelta(minutes=5), "1h": timedelta(hours=1), "1d": timedelta(days=1)}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NOBODY, ANY = "none", "any"
# A request's audit events are written while it runs; the clocks of several servers differ a little.
AROUND = timedelta(seconds=5)
# Of a clock that runs fast.
LONGEST_STEP = timedelta(days=7)

Rows = QuerySet[Exchange]


def search(rows: Rows, words: str) -> Rows:
    """The exchanges whose address, request ID, people or bodies contain these words."""
    names = ("path", "query", "request_id", "username", "credential", "request_body", "answer_body")
    found = Q()
    for name in names:
        found |= Q(**{f"{name}__icontains": words})
    return rows.filter(found)


def of_status(rows: Rows, chosen: Sequence[str]) -> Rows:
    """Of a class of status codes: `2` to `5`, or `failed` for everything from 400."""
    value = chosen[0]
    if value == "failed":
        return rows.filter(status__gte=400)
    return rows.filter(status__gte=int(value) * 100, status__lt=int(value) * 100 + 100) if value else rows


def of_tenant(rows: Rows, chosen: Sequence[str]) -> Rows:
    """Of one tenant, or of none, where the credential does not tell."""
    value = chosen[0]
    if value == NOBODY:
        return rows.filter(business_unit_id=None)
    return rows.filter(business_unit_id=uuid.UUID(value)) if value else rows


def of_credential(rows: Rows, chosen: Sequence[str]) -> Rows:
    """By what kind of credential."""
    value = chosen[0]
    if value == NOBODY:
        return rows.filter(credential="")
    return rows.filter(credential__startswith=value) if value else rows


def of_fault(rows: Rows, chosen: Sequence[str]) -> Rows:
    """Those a fault rule hit: `any`, or the one of this number. Where several did, the journal names the earlier ones in words."""
    value = chosen[0]
    if value == ANY:
        return rows.exclude(fault_id=None)
    return rows.filter(Q(fault_id=int(value)) | Q(fault__contains=FaultRule.named(int(value)))) if value else rows


def since(rows: Rows, chosen: Sequence[str]) -> Rows:
    """Of the last while."""
    return rows.filter(at__gte=clock.machine() - PERIODS[chosen[0]]) if chosen[0] else rows


def _equal(name: str) -> Any:
    return lambda rows, chosen: rows.filter(**{name: chosen[0]}) if chosen[0] else rows


CREDENTIALS = (
    ("SCIM token", gettext_lazy("SCIM token")),
    ("access key", gettext_lazy("Access key")),
    ("application", gettext_lazy("Application")),
    (NOBODY, pgettext_lazy("credential", "Unknown")),
)
STATUSES = (
    ("failed", pgettext_lazy("status", "Failed")),
    ("2", "2xx"),
    ("3", "3xx"),
    ("4", "4xx"),
    ("5", "5xx"),
)


def filters(units: Iterable[tuple[str, str]]) -> tuple[Filter[Exchange], ...]:
    """Every filter of the list and of the API; `units` are the tenants with their names."""
    kinds = sorted({kind for _sign, kind in clients.AGENTS})
    known: list[tuple[str, str | Promise]] = [*units, (NOBODY, pgettext_lazy("tenant", "Unknown"))]
    rules = [(str(rule.pk), str(rule)) for rule in FaultRule.objects.only("name").order_by("pk")]
    return (
        Filter("status", gettext_lazy("Status"), (ALL, *STATUSES), of_status),
        Filter("door", pgettext_lazy("filter", "Door"), (ALL, *Exchange.Door.choices), _equal("door")),
        Filter(
            "method", pgettext_lazy("filter", "Method"), (ALL, *((name, name) for name in METHODS)), _equal("method")
        ),
        Filter("tenant", gettext_lazy("Tenant"), (ALL, *known), of_tenant),
        Filter("credential", gettext_lazy("Credential"), (ALL, *CREDENTIALS), of_credential),
        Filter("client", pgettext_lazy("filter", "Client"), (ALL, *((kind, kind) for kind in kinds)), _equal("client")),
        Filter("fault", gettext_lazy("Fault rule"), (ALL, (ANY, pgettext_lazy("fault", "Any")), *rules), of_fault),
        Filter(
            "since",
            pgettext_lazy("filter", "Time"),
            (
                ALL,
                ("5m", gettext_lazy("Last 5 minutes")),
                ("1h", gettext_lazy("Last hour")),
                ("1d", gettext_lazy("Last day")),
            ),
            since,
        ),
    )


def tenants() -> dict[uuid.UUID, str]:
    """The names of the tenants, as far as a choice can show them."""
    return dict(BusinessUnit.objects.order_by("number").values_list("pk", "tenant_name")[:MOST_TENANTS])


COLUMNS = (
    Column("at", pgettext_lazy("column", "Time (UTC)"), ("id",), "narrow"),
    Column("status", gettext_lazy("Status"), css="narrow"),
    Column("request", pgettext_lazy("column", "Request"), css="wide"),
    Column("duration", pgettext_lazy("column", "ms"), ("duration_us",), "number"),
    Column("who", pgettext_lazy("column", "Sent by")),
    Column("tenant", gettext_lazy("Tenant"), css="narrow extra"),
    Column("client", pgettext_lazy("column", "Client"), css="narrow extra"),
)


def spec(names: dict[uuid.UUID, str]) -> ListSpec[Exchange]:
    """The list, with these tenants to choose from."""
    return ListSpec(
        fragment="lab/_exchange_table.html",
        columns=COLUMNS,
        counted=lambda n: ngettext("%(n)d request", "%(n)d requests", n) % {"n": n},
        empty=gettext_lazy("No requests yet"),
        search=search,
        filters=filters((str(pk), name) for pk, name in names.items()),
        newest_first=True,
    )


@require_safe
@operators_only
def exchange_list(request: PageRequest) -> HttpResponse:
    """The live list of exchanges, newest first."""
    names = tenants()
    rows = Exchange.objects.defer(*Exchange.WIDE)
    return lists.show(
        request, "lab/exchange_list.html", spec(names), rows, tenants=names, toolbar="lab/_exchange_toolbar.html"
    )


def one(exchange_id: int) -> Exchange:
    """An exchange the journal still holds.

    Raises:
        Http404: it does not.
    """
    found = Exchange.objects.filter(pk=exchange_id).first()
    if found is None:
        raise Http404
    return found


@require_safe
@operators_only
def exchange_of_request(request: PageRequest, request_id: str) -> HttpResponse:
    """From an `X-Request-Id` to its exchange, or to all of them where a client sends one ID several times."""
    found = list(Exchange.objects.filter(request_id=request_id).order_by("-pk").values_list("pk", flat=True)[:2])
    if not found:
        raise Http404
    if len(found) > 1:
        return redirect(f"{reverse('lab:exchange-list')}?q={request_id}")
    return redirect("lab:exchange-detail", found[0])


@require_safe
@operators_only
def exchange_detail(request: PageRequest, exchange_id: int) -> HttpResponse:
    """One exchange: what was sent and answered, why, what it changed, and how to send it again."""
    exchange = one(exchange_id)
    unit = BusinessUnit.objects.filter(pk=exchange.business_unit_id).first() if exchange.business_unit_id else None
    context = {
        "exchange": exchange,
        "unit": unit,
        "diagnoses": [
            Explained(found, *place_of(found, exchange, request.actor)) for found in diagnosis.diagnose(exchange)
        ],
        "steps": steps(exchange),
        "events": events_of(exchange),
        "request_body": pretty(exchange.request_body),
        "answer_body": pretty(exchange.answer_body),
        "curl": exports.curl(exchange),
        "formats": exports.FORMATS,
        "older": Exchange.objects.filter(pk__lt=exchange.pk).order_by("-pk").values_list("pk", flat=True).first(),
        "newer": Exchange.objects.filter(pk__gt=exchange.pk).order_by("pk").values_list("pk", flat=True).first(),
    }
    return render(request, "lab/exchange.html", context)


@require_safe
@operators_only
def exchange_export(request: PageRequest, exchange_id: int, kind: str) -> HttpResponse:
    """An exchange as a file; secrets are placeholders."""
    form = exports.FORMATS.get(kind)
    if form is None:
        raise Http404
    exchange = one(exchange_id)
    response = HttpResponse(form.write(exchange), content_type=f"{form.media_type}; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"request-{exchange.pk}.{form.ending}")
    return response


@dataclass(frozen=True, slots=True)
class Explained:
    """A diagnosis with the link to where it is put right; `elsewhere` where that is in another tenant."""

    diagnosis: Diagnosis
    label: str | Promise = ""
    url: str = ""
    elsewhere: bool = False


LABELS: dict[str, str | Promise] = {
    "role": gettext_lazy("Open the role"),
    "roles": gettext_lazy("Open Roles and Permissions"),
    "new-role": gettext_lazy("New Role"),
    "security": gettext_lazy("Open the employee's Security tab"),
    "settings": gettext_lazy("Open Account Settings"),
    "tokens": gettext_lazy("Open SCIM Tokens in Account Settings"),
    "application": gettext_lazy("Open the application"),
    "applications": gettext_lazy("Open Applications"),
    "employees": gettext_lazy("Open Employees"),
    "groups": gettext_lazy("Open Groups"),
    "fault": gettext_lazy("Open the fault rule"),
    "clock": gettext_lazy("Open the clock"),
}


def place_of(found: Diagnosis, exchange: Exchange, actor: Actor) -> tuple[str | Promise, str, bool]:
    """The link of a diagnosis: label, address, and whether it is in another tenant than one's own."""
    if not found.place:
        return "", "", False
    unit_id = exchange.business_unit_id if found.place not in ("fault", "clock") else None
    return LABELS[found.place], address_of(found.place, exchange), unit_id not in (None, actor.business_unit_id)


def address_of(place: str, exchange: Exchange) -> str:
    """The address of a screen for the people and programs of an exchange; of the list where they are not known."""
    if place in ("role", "security") and exchange.employee_id:
        if place == "security":
            return reverse("accounts:employee-detail", args=[exchange.employee_id]) + "?tab=security"
        role_id = Employee.objects.filter(pk=exchange.employee_id).values_list("primary_role_id", flat=True).first()
        if role_id:
            return reverse("accounts:role-detail", args=[role_id]) + "?tab=permissions"
    if place == "fault" and exchange.fault_id and FaultRule.objects.filter(pk=exchange.fault_id).exists():
        return reverse("lab:fault-detail", args=[exchange.fault_id])
    if place == "clock" and exchange.business_unit_id:
        return reverse("lab:clock-detail", args=[exchange.business_unit_id])
    if place == "application" and exchange.credential.startswith("application "):
        name = exchange.credential.removeprefix("application ")
        owned = Application.objects.filter(business_unit_id=exchange.business_unit_id, name=name)
        if pk := owned.values_list("pk", flat=True).first():
            return reverse("accounts:application-detail", args=[pk])
    return reverse(SCREENS[place])


SCREENS = {
    "role": "accounts:role-list",
    "roles": "accounts:role-list",
    "new-role": "accounts:role-new",
    "security": "accounts:employee-list",
    "employees": "accounts:employee-list",
    "settings": "accounts:account-settings",
    "tokens": "accounts:account-settings",
    "application": "accounts:application-list",
    "applications": "accounts:application-list",
    "groups": "accounts:group-list",
    "fault": "lab:fault-list",
    "clock": "lab:clock-list",
}


def events_of(exchange: Exchange) -> list[AuditEvent]:
    """The changes that this request made, found by its ID within its time."""
    if exchange.business_unit_id is None:
        return []
    began = exchange.clock_at or exchange.at
    until = began + timedelta(microseconds=exchange.duration_us) + (LONGEST_STEP if exchange.clock_at else AROUND)
    found = AuditEvent.objects.filter(
        business_unit=exchange.business_unit_id, at__range=(began - AROUND, until), request_id=exchange.request_id
    )
    return list(found.order_by("at", "pk")[:100])


def pretty(body: str) -> str:
    """A body as people read it: JSON indented, everything else as it is."""
    document = document_of(body)
    if not isinstance(document, dict | list):
        return body
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a difference; `mark` is `+`, `-` or a blank."""

    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of a PATCH, with what it changed or why it could not be done."""

    number: int
    operation: str
    lines: list[Line]
    trouble: str = ""


def steps(exchange: Exchange) -> list[Step]:
    """What each operation of a PATCH did to the resource, worked out again on the resource as it was before."""
    document, body = exchange.before, document_of(exchange.request_body)
    if document is None or body is None:
        return []
    table = GROUPS if "/Groups" in exchange.path else USERS
    tolerant = bool(exchange.context.get("tolerances", True))
    try:
        operations = patch.read(body, tolerant=tolerant, op_required=False)
    except ScimError:
        return []
    found = []
    for number, operation in enumerate(operations, 1):
        said = f"{operation.spelled} {operation.path or ''}".strip()
        try:
            after = patch.apply(document, [operation], table, tolerant=tolerant)
        except ScimError as error:
            found.append(Step(number, said, [], str(error.detail)))
            break
        found.append(Step(number, said, difference(document, after)))
        document = after
    return found


def difference(before: dict[str, Any], after: dict[str, Any]) -> list[Line]:
    """The lines that differ, with two lines around them."""
    sent, left = (
        orjson.dumps(one, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode().splitlines()
        for one in (before, after)
    )
    lines = difflib.unified_diff(sent, left, lineterm="", n=2)
    return [Line(line[0], line[1:]) for line in lines if not line.startswith(("---", "+++", "@@"))]
