"""The only source of time: every rule that looks at a clock asks here, so that one place can move it."""

from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def ago(**duration: float) -> datetime:
    """The moment this long before now; takes the keywords of `timedelta`."""
    return now() - timedelta(**duration)


def ahead(**duration: float) -> datetime:
    """The moment this long after now; takes the keywords of `timedelta`."""
    return now() + timedelta(**duration)
