"""How the processes tell each other that something changed which each of them keeps in memory.

A file beside the data grows by a byte with every change, so a request learns of one by a look at a file's size, without asking
the database. Machines that share a database but no folder find out within a second.
"""

import logging
import os
import time
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

logger = logging.getLogger(__name__)

FILE = f"{settings.DATA_DIR}/lab.version"
POLLED_EVERY = 1.0


def version() -> int:
    """How many changes there were."""
    try:
        return os.stat(FILE).st_size  # noqa: PTH116  # a third of what a Path takes
    except FileNotFoundError:
        return -1


def changed() -> None:
    """Tell every process that there is something new."""
    file = Path(FILE)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as grown:
        grown.write(b".")


class Kept:
    """What a process keeps of the database; subclasses say how it is read."""

    def __init__(self) -> None:
        self.version: int | None = None
        self.read_at = 0.0

    def refresh(self) -> None:
        """Read again what has changed since."""
        known = version()
        is_shared = settings.JOURNAL_DATABASE == "default"  # PostgreSQL, maybe of several machines
        if known == self.version and not (is_shared and time.monotonic() - self.read_at > POLLED_EVERY):
            return
        self.read_at = time.monotonic()
        try:
            self.read()
        except DatabaseError:
            logger.exception("What the lab has changed could not be read; what is known so far stays")
        self.version = known

    def read(self) -> None:
        """Read from the database."""
        raise NotImplementedError
