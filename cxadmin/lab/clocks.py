"""The clock of a tenant: set, shifted, stopped, sped up, and let follow the machine's again.

Where a clock stands is in the tenant's row; every process keeps those that differ in memory (`news.py`), so that `cxadmin.clock`
finds a tenant's time without a statement.
"""

import math
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import Invalid, Problem
from accounts.models import BusinessUnit
from cxadmin import clock
from cxadmin.clock import EARLIEST, LATEST, Moved
from cxadmin.lab.news import Kept, changed

FASTEST = 86_400  # a day a second
NAMES = ("at", "shift", "rate", "frozen")
DURATION = re.compile(r"(?P<sign>[+-]?)(?P<number>[0-9]{1,9})(?P<unit>[smhdw])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Clocks(Kept):
    """The clocks that differ from the machine's, as this process knows them."""

    def read(self) -> None:
        """Read them from the database."""
        rows = BusinessUnit.objects.exclude(clock_base=None).values_list(
            "pk", "clock_base", "clock_since", "clock_rate"
        )
        found = {pk: Moved(base, since, rate) for pk, base, since, rate in rows if base and since}
        # Replaced as a whole: other threads look things up in it meanwhile.
        clock.moved = found


known = Clocks()


def ticking(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Middleware: a request begins in the machine's time, until somebody finds out whose it is."""
    if not settings.LAB:
        raise MiddlewareNotUsed

    def timed(request: Any) -> Any:
        known.refresh()
        before = clock.leave()
        try:
            return get_response(request)
        finally:
            clock.enter(before)  # a thread serves one request after the other, and a page may send one itself

    return timed


@contextmanager
def of_tenant(business_unit_id: uuid.UUID | None) -> Iterator[None]:
    """For commands and tasks: inside it is the time of this tenant, or of the machine."""
    if settings.LAB:
        known.refresh()
    with clock.kept_apart(business_unit_id):
        yield


# Reading


def of(unit: BusinessUnit) -> Moved | None:
    """A tenant's clock as it is stored; None if it shows the machine's time."""
    if unit.clock_base is None or unit.clock_since is None:
        return None
    return Moved(unit.clock_base, unit.clock_since, unit.clock_rate)


def time_of(unit: BusinessUnit) -> datetime:
    """What a tenant's clock shows now."""
    moved = of(unit)
    return moved.at(clock.machine()) if moved else clock.machine()


def written(unit: BusinessUnit) -> dict[str, Any]:
    """A clock as the API and the command show it."""
    machine, moved = clock.machine(), of(unit)
    now = moved.at(machine) if moved else machine
    return {
        "tenant": unit.tenant_name,
        "now": now.isoformat(),
        "machine": machine.isoformat(),
        "differs": moved is not None,
        "offset_seconds": round((now - machine).total_seconds(), 3),
        "rate": moved.rate if moved else 1.0,
        "frozen": moved is not None and moved.rate == 0,
    }


# Changing


def change(unit: BusinessUnit, given: Mapping[str, Any]) -> BusinessUnit:
    """Set, shift, stop or speed a clock up.

    Args:
        given: `at` (a moment, ISO 8601), or `shift` (seconds, or as `3d` or `-90m`); `rate` (0 to 86400 times as fast as the
            machine's) or `frozen`. What is not given stays: a stopped clock that is shifted goes on standing.

    Raises:
        Invalid: with everything that is wrong.
    """
    wanted = _read(given)
    with transaction.atomic():
        unit = BusinessUnit.objects.select_for_update().get(pk=unit.pk)
        machine, moved = clock.machine(), of(unit)
        base = wanted.get("at") or (moved.at(machine) if moved else machine)
        try:
            base += wanted.get("shift", timedelta())
        except OverflowError:
            base = LATEST
        if not EARLIEST <= base < LATEST:
            raise Invalid([_out_of_range("at" if "at" in wanted else "shift")])
        rate = wanted.get("rate", moved.rate if moved else 1.0)
        follows = rate == 1 and base == machine
        _store(unit, None if follows else base, None if follows else machine, rate)
    changed()
    return unit


def reset(unit: BusinessUnit) -> BusinessUnit:
    """Let a clock follow the machine's again."""
    _store(unit, None, None, 1.0)
    changed()
    return unit


def _store(unit: BusinessUnit, base: datetime | None, since: datetime | None, rate: float) -> None:
    unit.clock_base, unit.clock_since, unit.clock_rate = base, since, rate
    BusinessUnit.objects.filter(pk=unit.pk).update(clock_base=base, clock_since=since, clock_rate=rate)


def _read(given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given as moments, durations and numbers.

    Raises:
        Invalid: with everything that is wrong.
    """
    problems = [
        Problem(
            name,
            "V-UNKNOWN",
            _("There is no %(name)s; known are %(known)s.") % {"name": name, "known": ", ".join(NAMES)},
        )
        for name in given
        if name not in NAMES
    ]
    values = {name: given[name] for name in NAMES if given.get(name) is not None}
    if not values and not problems:
        problems.append(Problem("at", "V-REQ", _("Say what shall change: the time, or how fast it runs.")))
    for one, other in (("at", "shift"), ("rate", "frozen")):
        if one in values and other in values:
            text = _("Give either %(one)s or %(other)s, not both.") % {"one": one, "other": other}
            problems.append(Problem(other, "V-TOGETHER", text))
    found: dict[str, Any] = {}
    for name, read in (("at", _moment), ("shift", _duration), ("rate", _rate), ("frozen", _frozen)):
        if name in values:
            value = read(values[name])
            if isinstance(value, Problem):
                problems.append(value)
            else:
                found["rate" if name == "frozen" else name] = value
    if problems:
        raise Invalid(problems)
    return found


def _moment(value: object) -> datetime | Problem:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None:
        return Problem("at", "V-TIME", _("Enter a moment such as 2027-01-31T09:00:00Z."))
    try:
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        return _out_of_range("at")
    return moment if EARLIEST <= moment < LATEST else _out_of_range("at")


def _out_of_range(name: str) -> Problem:
    span = {"first": EARLIEST.year, "last": LATEST.year - 1}
    return Problem(name, "V-RANGE", _("The clock can show the years %(first)d to %(last)d.") % span)


def _duration(value: object) -> timedelta | Problem:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and abs(value) < 1e11:
        return timedelta(seconds=value)
    found = DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return Problem("shift", "V-DURATION", _("Enter a duration such as 90s, 15m, 72h, 7d, 2w or -1d."))
    try:
        duration = timedelta(**{UNITS[found["unit"]]: int(found["number"])})
    except OverflowError:
        return _out_of_range("shift")
    return -duration if found["sign"] == "-" else duration


def _rate(value: object) -> float | Problem:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= FASTEST:
        return float(value)
    text = _("The speed must be between 0 (the clock stands) and %(most)d.") % {"most": FASTEST}
    return Problem("rate", "V-RANGE", text)


def _frozen(value: object) -> float | Problem:
    if isinstance(value, bool):
        return 0.0 if value else 1.0
    return Problem("frozen", "V-TYPE", _("%(label)s must be true or false.") % {"label": "frozen"})
