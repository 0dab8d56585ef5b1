"""The only source of time: every rule that looks at a clock asks here, so that one place can move it.

A tenant can have a clock of its own (`cxadmin.lab.clocks`). Whoever finds out whose request or task it is says so with
`enter`; from then on `now` is that tenant's time. It is looked up among the moved clocks, which are in memory: that costs no
statement, and nothing where no clock is moved.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Moved:
    """A clock that showed `base` at the moment `since` and has run `rate` times as fast from then on."""

    base: datetime
    since: datetime
    rate: float

    def at(self, moment: datetime) -> datetime:
        """What it shows at a moment of the machine; it stops where time ends here."""
        seconds = (moment - self.since).total_seconds() * self.rate
        most = (LATEST - self.base).total_seconds()
        return self.base + timedelta(seconds=max(0.0, min(seconds, most)))


moved: dict[uuid.UUID, Moved] = {}
"""The clocks that differ from the machine's, by tenant."""

_tenant: ContextVar[uuid.UUID | None] = ContextVar("tenant", default=None)


def machine() -> datetime:
    """The machine's time, for what belongs to no tenant: the journal, signing keys, workers, rate limits."""
    return datetime.now(UTC)


def now() -> datetime:
    """The present moment, aware, in UTC: of the tenant whose request or task runs, else of the machine."""
    moment = machine()
    if not moved:
        return moment
    clock = of_tenant()
    return clock.at(moment) if clock is not None else moment


def of_tenant() -> Moved | None:
    """The moved clock of the tenant whose request or task runs; None if it shows the machine's time."""
    unit_id = _tenant.get()
    return moved.get(unit_id) if unit_id is not None else None


def ago(**duration: float) -> datetime:
    """The moment this long before now; takes the keywords of `timedelta`."""
    return now() - timedelta(**duration)


def ahead(**duration: float) -> datetime:
    """The moment this long after now; takes the keywords of `timedelta`."""
    return now() + timedelta(**duration)


def enter(business_unit_id: uuid.UUID | None) -> None:
    """From here to the end of the request or task `now` is this tenant's time; of None the machine's."""
    _tenant.set(business_unit_id)


def leave() -> uuid.UUID | None:
    """From here on it is the machine's time; answers whose it was."""
    before = _tenant.get()
    _tenant.set(None)
    return before


@contextmanager
def kept_apart(business_unit_id: uuid.UUID | None = None) -> Iterator[None]:
    """Whatever is entered inside ends with it; begins in the time of a tenant, or of the machine."""
    token = _tenant.set(business_unit_id)
    try:
        yield
    finally:
        _tenant.reset(token)
