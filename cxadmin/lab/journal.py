"""The request journal: every exchange of a program, written off the request path.

The middleware only puts request and answer on a queue. One thread a process takes the secrets out of them
(`cxadmin.lab.journal_entries`) and writes them in batches: into the table (`cxadmin.lab.journal_table`), or while clients are
busy into files that the table gets when it is quiet (`cxadmin.lab.journal_pieces`). At a normal stop it writes what is left, a
killed process loses the last moment at most. Whoever looks into the lab finds everything that has happened until then.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.util import Finalize
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, MiddlewareNotUsed, SuspiciousOperation
from django.db import DatabaseError, DataError, IntegrityError, connections

from cxadmin import clock
from cxadmin.lab import journal_entries, journal_pieces, journal_table

logger = logging.getLogger(__name__)

WRITTEN_EVERY = 0.25
MANY = 25  # waiting by then: clients come faster than people look
QUIET_AFTER = 0.5
BATCH = 500
MOST_WAITING = 4_000
WAITS_FOR_ROOM = 1.0
PRUNED_EVERY = 1_000
EARLY_BODY = 6  # digits of the length of a body that is read before the view may consume it


def journal(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Middleware: note the exchanges of SCIM, OAuth and REST clients, and of those that miss the address."""
    if not settings.LAB or not settings.JOURNAL_ENTRIES:
        raise MiddlewareNotUsed

    def journaled(request: Any) -> Any:
        if request.door == "lab" or request.path_info.startswith("/lab/"):
            recorder.flush()
        if request.door == "lab" or (request.door == "pages" and not _may_be_of_a_program(request.path_info)):
            return get_response(request)
        at, began = clock.machine(), time.perf_counter()
        length = request.META.get("CONTENT_LENGTH", "")
        if length != "0" and 0 < len(length) < EARLY_BODY:
            with suppress(OSError, BadRequest, SuspiciousOperation):
                request.body  # noqa: B018  # kept by the request; a view that reads the stream would leave nothing
        response = get_response(request)
        if request.door != "pages" or request.path_info.startswith("/auth/") or response.status_code == 404:
            recorder.note(journal_entries.happened(at, time.perf_counter() - began, request, response))
        return response

    return journaled


def _may_be_of_a_program(path: str) -> bool:
    """Pages of the OAuth flow, and SCIM at an address that is not served."""
    return path.startswith("/auth/") or "scim/" in path.lower() or path.endswith(("/Users", "/Groups"))


class Recorder:
    """The queue of a process, and the thread that empties it; the thread starts with the first exchange."""

    def __init__(self) -> None:
        self.waiting: deque[journal_entries.Happened] = deque()
        self.lost = 0
        self._since_pruned = PRUNED_EVERY
        self._has_put_aside = False
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._one_at_a_time = threading.Lock()
        self._thread: threading.Thread | None = None

    def note(self, happened: journal_entries.Happened) -> None:
        """Remember an exchange. Where the writer cannot follow, wait for it, but not for long."""
        self.waiting.append(happened)
        if not self._wake.is_set():
            self._wake.set()
            if self._thread is None:
                self._start()
        if len(self.waiting) > MOST_WAITING:
            self._make_room()

    def _start(self) -> None:
        with self._one_at_a_time:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
                self._thread.start()
                # Run at the normal end of a process, of granian's workers as well, which leave without `atexit`.
                Finalize(None, self.close, exitpriority=100)

    def _make_room(self) -> None:
        until = time.monotonic() + WAITS_FOR_ROOM
        while len(self.waiting) > MOST_WAITING and time.monotonic() < until:
            time.sleep(0.005)
        while len(self.waiting) > MOST_WAITING:
            with suppress(IndexError):
                self.waiting.popleft()
                self.lost += 1

    def _run(self) -> None:
        while not self._stop.is_set():
            if came := self._wake.wait(QUIET_AFTER if self._has_put_aside else None):
                self._stop.wait(WRITTEN_EVERY)
                self._wake.clear()
            try:
                if came and len(self.waiting) >= MANY:
                    self.put_aside()
                elif came:
                    self.flush()
                else:
                    self._settle_while_quiet()
            except Exception:
                # Without this thread every request would wait for room in vain.
                logger.exception("The journal could not be written")

    def close(self) -> None:
        """Write what is left and end the thread."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
            self._thread = None
        self.put_aside()  # at once, in case there is no time left for the rest
        self.flush()
        self._stop.clear()

    def flush(self) -> None:
        """Write what is waiting, behind what was put aside: all of it is in the table then."""
        with self._at_the_database():
            self._has_put_aside = not journal_table.settle()
            self._write(journal_table.insert, journal_table.prune)

    def put_aside(self) -> None:
        """Write what is waiting in the way that costs least."""
        with self._at_the_database():
            try:
                self._write(journal_pieces.write, journal_pieces.prune)
                self._has_put_aside = True
            except OSError:
                logger.exception("The journal cannot write to %s", settings.JOURNAL_FOLDER)
                self._write(journal_table.insert, journal_table.prune)

    def _settle_while_quiet(self) -> None:
        with self._at_the_database():
            self._has_put_aside = not journal_table.settle(lambda: not self._wake.is_set())

    @contextmanager
    def _at_the_database(self) -> Iterator[None]:
        with self._one_at_a_time:
            try:
                yield
            except (DatabaseError, OSError):
                logger.exception("The journal could not be written; %d exchanges wait", len(self.waiting))
                connections[settings.JOURNAL_DATABASE].close()

    def _write(self, put: Callable[[list[journal_pieces.Entry]], None], prune: Callable[[], None]) -> None:
        while self.waiting:
            batch = [self.waiting.popleft() for _ in range(min(BATCH, len(self.waiting)))]
            try:
                put(journal_entries.masked(batch))
            except (DataError, IntegrityError):
                # It would not be taken the next time either.
                logger.exception("The journal left out %d exchanges: the database does not take them", len(batch))
            except (DatabaseError, OSError):
                self.waiting.extendleft(reversed(batch))
                raise
            self._since_pruned += len(batch)
        if self.lost:
            logger.warning("The journal left out %d exchanges: they came faster than they could be written", self.lost)
            self.lost = 0
        if self._since_pruned >= PRUNED_EVERY:
            self._since_pruned = 0
            try:
                prune()
            except (DatabaseError, OSError):
                logger.exception("The journal could not be pruned; it is tried again later")


recorder = Recorder()
