"""The lab's first page: what clients did lately and whom they provisioned, drawn and in numbers, and what went wrong last."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, Value, When
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts import queries
from accounts.expressions import Written
from accounts.models import Employee
from accounts.requests import PageRequest
from cxadmin import clock
from cxadmin.lab import diagnosis
from cxadmin.lab.access import operators_only
from cxadmin.lab.exchanges import tenants
from cxadmin.lab.models import Exchange

WIDTH, HEIGHT, GAP = 1000, 140, 0.2
LATEST = 5
EMPLOYEES = "admin.employees.view"


@dataclass(frozen=True, slots=True)
class Period:
    """How far back the picture reaches, and what one bar stands for.

    Attributes:
        written: how many characters of a moment tell its step.
    """

    key: str
    label: str | Promise
    step: timedelta
    bars: int
    form: str
    written: int

    def first(self, now: datetime) -> datetime:
        """The beginning of the first bar."""
        start = now.replace(second=0, microsecond=0)
        if self.step >= timedelta(hours=1):
            start = start.replace(minute=0)
        if self.step >= timedelta(days=1):
            start = start.replace(hour=0)
        return start - self.step * (self.bars - 1)


PERIODS = (
    Period("hour", gettext_lazy("Last hour"), timedelta(minutes=1), 60, "%H:%M", 16),
    Period("day", gettext_lazy("Last day"), timedelta(hours=1), 24, "%H:%M", 13),
    Period("week", gettext_lazy("Last week"), timedelta(days=1), 7, "%Y-%m-%d", 10),
)
KINDS = ("ok", "refused", "failed")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar, in the picture's units."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """The requests of one step of time."""

    at: datetime
    label: str
    x: float
    width: float
    ok: int
    refused: int
    failed: int
    parts: tuple[Part, ...]


def bars(period: Period, now: datetime) -> list[Bar]:
    """The SCIM requests of a period, a bar a step, by result: done, refused (4xx), failed (5xx)."""
    first = period.first(now)
    result = Case(
        When(status__lt=400, then=Value("ok")), When(status__lt=500, then=Value("refused")), default=Value("failed")
    )
    found = Exchange.objects.filter(door=Exchange.Door.SCIM, at__gte=first).annotate(
        slot=Written("at", period.written), result=result
    )
    counted: dict[str, dict[str, int]] = {}
    for slot, kind, number in found.values_list("slot", "result").annotate(n=Count("pk")).order_by():
        counted.setdefault(slot, {})[kind] = number
    most = max((sum(numbers.values()) for numbers in counted.values()), default=0) or 1
    width = WIDTH / period.bars
    drawn = []
    for place in range(period.bars):
        at = first + period.step * place
        numbers = counted.get(f"{at:%Y-%m-%d %H:%M}"[: period.written], {})
        parts, y = [], float(HEIGHT)
        for kind in KINDS:
            height = numbers.get(kind, 0) / most * HEIGHT
            y -= height
            if height:
                parts.append(Part(kind, round(y, 2), round(height, 2)))
        x = round(place * width + width * GAP / 2, 2)
        ok, refused, failed = (numbers.get(kind, 0) for kind in KINDS)
        drawn.append(
            Bar(at, at.strftime(period.form), x, round(width * (1 - GAP), 2), ok, refused, failed, tuple(parts))
        )
    return drawn


@dataclass(frozen=True, slots=True)
class Share:
    """The employees of one status, and how far the two parts of their bar reach, in the picture's units."""

    status: Employee.Status
    managed: int
    local: int
    managed_width: float
    local_width: float

    @property
    def together(self) -> int:
        return self.managed + self.local

    def get_status_display(self) -> str:
        """For the chip."""
        return str(self.status.label)

    @property
    def by_source(self) -> list[tuple[str, int]]:
        """Each number with what the Employees list calls its source."""
        return [("scim", self.managed), ("local", self.local)]


def shares(business_unit_id: uuid.UUID) -> list[Share]:
    """The employees of a tenant by status and by source, drawn to the scale of the largest status."""
    counted = queries.employees_by_status(business_unit_id)
    numbers = [(status, counted.get((status, True), 0), counted.get((status, False), 0)) for status in Employee.Status]
    most = max(managed + local for _status, managed, local in numbers) or 1
    return [
        Share(status, managed, local, round(managed / most * WIDTH, 2), round(local / most * WIDTH, 2))
        for status, managed, local in numbers
    ]


@require_safe
@operators_only
def overview(request: PageRequest) -> HttpResponse:
    """Activity of a period, and the latest refusals with their causes."""
    now = clock.machine()
    period = next((one for one in PERIODS if one.key == request.GET.get("period")), PERIODS[0])
    drawn = bars(period, now)
    people = shares(request.actor.business_unit_id)
    latest = Exchange.objects.filter(status__gte=400).order_by("-pk")[:LATEST]
    context = {
        "periods": PERIODS,
        "period": period,
        "bars": drawn,
        "used": [bar for bar in drawn if bar.parts],
        "width": WIDTH,
        "height": HEIGHT,
        "most": max((bar.ok + bar.refused + bar.failed for bar in drawn), default=0),
        "totals": [sum(getattr(bar, kind) for bar in drawn) for kind in KINDS],
        "latest": [(exchange, diagnosis.diagnose(exchange)[0]) for exchange in latest],
        "tenants": tenants(),
        "people": people,
        "everybody": sum(share.together for share in people),
        "may_list": request.actor.can(EMPLOYEES),
    }
    return render(request, "lab/overview.html", context)
