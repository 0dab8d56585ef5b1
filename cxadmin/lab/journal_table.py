"""The table of the journal, and how it gets what was put aside in files (`cxadmin.lab.journal_pieces`)."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import DataError, IntegrityError, connections, transaction
from django.db.models import DateTimeField, UUIDField

from cxadmin import clock
from cxadmin.lab import journal_pieces, mass_insert
from cxadmin.lab.journal_pieces import Entry
from cxadmin.lab.models import Exchange

logger = logging.getLogger(__name__)

PRUNED_AT_ONCE = 2_000
FIELDS = tuple(field for field in Exchange._meta.concrete_fields if not field.primary_key)
TIMES = tuple(number for number, field in enumerate(FIELDS) if isinstance(field, DateTimeField))
IDENTIFIERS = tuple(number for number, field in enumerate(FIELDS) if isinstance(field, UUIDField))


def insert(entries: list[Entry]) -> None:
    """Write entries into the table, all or none."""
    with transaction.atomic(using=settings.JOURNAL_DATABASE):
        mass_insert.insert(connections[settings.JOURNAL_DATABASE], FIELDS, [_row(entry) for entry in entries])


def _row(entry: Entry) -> list[Any]:
    """Times and identifiers as both databases read them; PostgreSQL stores no NUL."""
    row: list[Any] = [
        value.replace("\x00", "␀") if isinstance(value, str) and "\x00" in value else value for value in entry
    ]
    for column in TIMES:
        if row[column] is not None:
            row[column] = str(datetime.fromtimestamp(row[column], UTC))[:-6]
    for column in IDENTIFIERS:
        if row[column] is not None:
            row[column] = f"{row[column]:032x}"
    return row


def settle(may_go_on: Callable[[], bool] = lambda: True) -> bool:
    """Give the table what was put aside, the oldest first.

    Args:
        may_go_on: asked before each piece.

    Returns:
        Whether the table has everything.
    """
    if not journal_pieces.found():
        return True
    # One process at a time, so that pieces keep their order, and who finds none knows that the table has them all.
    with journal_pieces.locked():
        for piece in journal_pieces.found():
            if not may_go_on():
                return False
            _settle(piece)
    prune()
    return True


def _settle(piece: journal_pieces.Piece) -> None:
    try:
        insert(piece.entries())
    except FileNotFoundError:
        pass  # too old: another process has thrown it away
    except (DataError, IntegrityError, ValueError, EOFError, TypeError):
        # It would not be taken the next time either.
        logger.exception("The journal left out %d exchanges: the database does not take them", piece.number)
    piece.path.unlink(missing_ok=True)


def prune() -> None:
    """Forget what is beyond the limits of count and age, the oldest first, some at a time: each step keeps the file locked."""
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
