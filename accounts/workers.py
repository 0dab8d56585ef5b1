"""Which worker processes are alive: they say so, pages and the workers themselves ask."""

from datetime import timedelta

from django.db.models import QuerySet

from accounts.models import Worker
from cxadmin import clock

ALIVE_FOR = timedelta(seconds=15)
"""How long a worker counts as alive after its last beat."""


def beat(name: str) -> None:
    """Say that this worker is alive, and forget those that have not for long."""
    now = clock.machine()
    Worker.objects.update_or_create(name=name, defaults={"beat_at": now})
    Worker.objects.filter(beat_at__lt=now - 4 * ALIVE_FOR).delete()


def gone(name: str) -> None:
    """Say that this worker has ended."""
    Worker.objects.filter(name=name).delete()


def alive() -> QuerySet[Worker]:
    """The workers that can be relied on."""
    return Worker.objects.filter(beat_at__gt=clock.machine() - ALIVE_FOR)
