"""Where the exchanges of the journal are kept: in a table, and in a busy time in pieces that the table gets when it is quiet.

A row costs its place in every index, and once more when the journal is full and it is taken out again. A piece holds
hundreds of rows and costs little more than the copying of its bytes; if it grows too old before anybody has looked, it is
thrown away whole. What is in a piece is masked like any row.
"""

import logging
from collections.abc import Callable
from typing import Any

import orjson
from django.conf import settings
from django.db import DataError, IntegrityError, connections, transaction

from cxadmin import clock
from cxadmin.lab import mass_insert
from cxadmin.lab.models import Exchange, PutAside

logger = logging.getLogger(__name__)

PRUNED_AT_ONCE = 2_000
ADVISORY_LOCK = 0x6A6F75726E616C  # any number that nothing else in the database locks
FIELDS = tuple(field for field in Exchange._meta.concrete_fields if not field.primary_key)


def insert(rows: list[tuple[Any, ...]]) -> None:
    """Write rows, all or none.

    Args:
        rows: values in the order of `FIELDS`.
    """
    with transaction.atomic(using=settings.JOURNAL_DATABASE):
        mass_insert.insert(connections[settings.JOURNAL_DATABASE], FIELDS, rows)


def put_aside(rows: list[tuple[Any, ...]]) -> None:
    """Write rows in one piece, for `settle` to give to the table."""
    PutAside.objects.create(number=len(rows), rows=orjson.dumps(rows))


def settle(may_go_on: Callable[[], bool] = lambda: True) -> bool:
    """Give the table what was put aside, the oldest first.

    Args:
        may_go_on: asked before each piece.

    Returns:
        Whether the table has everything.
    """
    has_settled = False
    while may_go_on():
        if not (PutAside.objects.exists() and _settle_oldest()):
            if has_settled:
                prune()
            return True
        has_settled = True
    return False


def _settle_oldest() -> bool:
    """One process at a time, so that pieces keep their order, and who finds none knows that the table has them all."""
    with transaction.atomic(using=settings.JOURNAL_DATABASE):
        connection = connections[settings.JOURNAL_DATABASE]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        piece = PutAside.objects.order_by("pk").first()
        if piece is None:
            return False
        piece.delete()
        try:
            insert(orjson.loads(piece.rows))
        except (DataError, IntegrityError):
            # It would not be taken the next time either.
            logger.exception("The journal left out %d exchanges: the database does not take them", piece.number)
    return True


def prune() -> None:
    """Forget what is beyond the limits of count and age, the oldest first, some at a time: each step keeps the file locked."""
    _prune_pieces()
    numbers = Exchange.objects.values_list("pk", flat=True)
    oldest, newest = numbers.order_by("pk").first(), numbers.order_by("-pk").first()
    if oldest is None or newest is None:
        return
    # By the index of the time: those without a match in it would have to be looked through one by one.
    aged = numbers.filter(at__lt=clock.machine() - settings.JOURNAL_AGE).order_by("-at").first() or 0
    last = max(newest - settings.JOURNAL_ENTRIES, aged)
    while oldest <= last:
        step = min(oldest + PRUNED_AT_ONCE - 1, last)
        Exchange.objects.filter(pk__lte=step)._raw_delete(settings.JOURNAL_DATABASE)  # no signals, no cascade
        oldest = step + 1


def _prune_pieces() -> None:
    newer = 0
    for pk, number in PutAside.objects.order_by("-pk").values_list("pk", "number"):
        if newer >= settings.JOURNAL_ENTRIES:
            PutAside.objects.filter(pk__lte=pk)._raw_delete(settings.JOURNAL_DATABASE)
            return
        newer += number
