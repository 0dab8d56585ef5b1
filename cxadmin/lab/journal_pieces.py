"""Exchanges of a busy time, in files of the data folder until the table gets them.

A row costs its place in every index, and once more when the journal is full and it is taken out again. A file of hundreds costs
little more than the copying of its bytes; if it grows too old before anybody has looked, it is thrown away whole. What is in
it is masked like any row.
"""

import marshal
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.files import locks

Entry = tuple[Any, ...]
"""An exchange, secrets masked: plain values in the order of the table's columns, times in seconds since 1970,
identifiers as numbers: the least work for the process that answers clients."""

ENDING, BEGUN = ".entries", ".begun"
BEGUN_SECONDS = 60  # a file that was begun longer ago is of a process that was killed
PRIVATE = 0o700


class Piece(NamedTuple):
    """A file with entries."""

    path: Path
    number: int

    def entries(self) -> list[Entry]:
        """What is in it.

        Raises:
            ValueError, EOFError, TypeError: it is damaged, or was written by another Python.
        """
        found: list[Entry] = marshal.loads(self.path.read_bytes())  # noqa: S302  # our own
        return found


def write(entries: list[Entry]) -> None:
    """Put entries aside; they are there whole or not at all.

    Raises:
        OSError: the data folder does not take them.
    """
    folder: Path = settings.JOURNAL_FOLDER
    begun = folder / f"{time.time_ns():020}-{os.getpid()}-{len(entries)}{BEGUN}"
    content = marshal.dumps(entries)
    try:
        begun.write_bytes(content)
    except FileNotFoundError:
        folder.mkdir(PRIVATE, parents=True, exist_ok=True)
        begun.write_bytes(content)
    begun.rename(begun.with_suffix(ENDING))


def found() -> list[Piece]:
    """What was put aside, the oldest first."""
    try:
        paths = sorted(path for path in settings.JOURNAL_FOLDER.iterdir() if path.suffix == ENDING)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [Piece(path, int(path.stem.rpartition("-")[2])) for path in paths]


@contextmanager
def locked() -> Iterator[None]:
    """One at a time: no other process gives pieces to the table meanwhile."""
    with (settings.JOURNAL_FOLDER / "lock").open("w") as file:
        locks.lock(file, locks.LOCK_EX)
        yield


def prune() -> None:
    """Forget what is beyond the limit of the count, and what a killed process left half-written."""
    newer = 0
    for piece in reversed(found()):
        if newer >= settings.JOURNAL_ENTRIES:
            piece.path.unlink(missing_ok=True)
        newer += piece.number
    for begun in settings.JOURNAL_FOLDER.glob(f"*{BEGUN}"):
        if int(begun.name.partition("-")[0]) < time.time_ns() - BEGUN_SECONDS * 1_000_000_000:
            begun.unlink(missing_ok=True)
