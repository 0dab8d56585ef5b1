"""How the processes tell each other that something changed which each of them keeps in memory.

A file beside the data holds a mark, and every change writes another one. Each process has the file mapped, so a request
learns of a change by looking at eight bytes: no statement, no system call. Machines that share a database but no folder
find out within a second.
"""

import functools
import logging
import mmap
import os
import time
from pathlib import Path

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError

logger = logging.getLogger(__name__)

FILE = f"{settings.DATA_DIR}/lab.mark"
POLLED_EVERY = 1.0
IS_SHARED = settings.JOURNAL_DATABASE == DEFAULT_DB_ALIAS  # PostgreSQL, maybe of several machines
SIZE = 8


@functools.lru_cache(maxsize=1)
def _mapped(path: str) -> mmap.mmap:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+b") as opened:
        opened.truncate(SIZE)  # makes a new one long enough and leaves another as it is
        return mmap.mmap(opened.fileno(), SIZE)


def mark() -> bytes:
    """What the last change wrote."""
    return _mapped(FILE)[:SIZE]


def changed() -> None:
    """Tell every process that there is something new. A mark drawn at random needs no lock: of two changes at once the later
    one still differs from what anybody has seen."""
    _mapped(FILE)[:SIZE] = os.urandom(SIZE)


class Kept:
    """What a process keeps of the database; subclasses say how it is read."""

    def __init__(self) -> None:
        self.mark: bytes | None = None
        self.read_at = 0.0

    def refresh(self) -> None:
        """Read again what has changed since."""
        known = mark()
        if known == self.mark and not (IS_SHARED and time.monotonic() - self.read_at > POLLED_EVERY):
            return
        self.read_at = time.monotonic()
        try:
            self.read()
        except DatabaseError:
            logger.exception("What the lab has changed could not be read; what is known so far stays")
        self.mark = known

    def read(self) -> None:
        """Read from the database."""
        raise NotImplementedError
