"""The request journal: every exchange of a program, written off the request path.

The middleware only puts request and answer on a queue. One thread a process turns them into rows, secrets masked, and
writes them in batches (`cxadmin.lab.journal_table`); at a normal stop it writes what is left, a killed process loses the
last moment at most. Whoever looks into the lab finds everything that has happened until then.
"""

import functools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from multiprocessing.util import Finalize
from typing import Any, NamedTuple

import orjson
from django.conf import settings
from django.core.exceptions import BadRequest, MiddlewareNotUsed, SuspiciousOperation
from django.db import DatabaseError, DataError, IntegrityError, connections

from accounts.actors import Actor
from accounts.crypto import keyed_hash
from accounts.ids import as_uuid
from accounts.models import AccessKey, Application, ScimToken
from cxadmin import clock
from cxadmin.lab import clients, journal_table, masking

logger = logging.getLogger(__name__)

WRITTEN_EVERY = 0.25
MANY = 25  # waiting by then: clients come faster than people look
QUIET_AFTER = 0.5
BATCH = 500
MOST_WAITING = 4_000
WAITS_FOR_ROOM = 1.0
PRUNED_EVERY = 1_000
EARLY_BODY = 6  # digits of the length of a body that is read before the view may consume it
BODY_BYTES = 16_384
OAUTH = ("/auth/", "/.well-known/", "/authentication/v1/token/", "/public/user/", "/public/authentication/")
SCIM_RIGHTS = ("admin.scim.on", "admin.employees.view", "admin.employees.create", "admin.employees.edit")
# What servers put into the environment beside the headers.
OTHER_VARIABLES = frozenset(
    (
        *("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "RAW_URI", "REMOTE_ADDR", "REMOTE_PORT"),
        *("SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SERVER_SOFTWARE"),
        *("wsgi.version", "wsgi.url_scheme", "wsgi.input", "wsgi.input_terminated", "wsgi.errors", "wsgi.file_wrapper"),
        *("wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once"),
    )
)
TEXTUAL = ("json", "text", "urlencoded", "xml", "yaml")


class Happened(NamedTuple):
    """An exchange as the middleware saw it; of the bodies only what is kept, for thousands of exchanges may wait.

    Only plain values: a queue of whole requests would keep thousands of objects alive just long enough for the garbage
    collector to look through everything again and again.
    """

    at: datetime
    seconds: float
    door: str
    request_id: str
    method: str
    path: str
    status: int
    meta: dict[str, Any]
    body: bytes
    body_size: int
    headers: dict[str, tuple[str, str]]
    content: bytes
    content_size: int
    caller: Any
    session: Any
    before: Any
    parameters: Any
    fault: Any
    clock_at: datetime | None


def _happened(at: datetime, seconds: float, request: Any, response: Any) -> Happened:
    about = vars(request)
    door = "scim" if request.door == "scim" else door_of(request)
    caller = about.get("holder") or about.get("actor")
    body, content = about.get("_body", b""), b"" if response.streaming else response.content
    return Happened(
        at,
        seconds,
        door,
        request.request_id,
        request.method or "",
        request.path_info,
        response.status_code,
        request.META,
        body[:BODY_BYTES],
        len(body),
        response.headers._store,
        content[:BODY_BYTES],
        len(content),
        caller,
        about.get("scim"),
        about.get("before"),
        about.get("oauth_parameters", request.GET) if door == "oauth" and caller is None else None,
        about.get("fault"),
        moved.at(at) if (moved := clock.of_tenant()) is not None else None,
    )


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
        if length and len(length) < EARLY_BODY:
            with suppress(OSError, BadRequest, SuspiciousOperation):
                request.body  # noqa: B018  # kept by the request; a view that reads the stream would leave nothing
        response = get_response(request)
        if request.door != "pages" or request.path_info.startswith("/auth/") or response.status_code == 404:
            recorder.note(_happened(at, time.perf_counter() - began, request, response))
        return response

    return journaled


def _may_be_of_a_program(path: str) -> bool:
    """Pages of the OAuth flow, and SCIM at an address that is not served."""
    return path.startswith("/auth/") or "scim/" in path.lower() or path.endswith(("/Users", "/Groups"))


class Recorder:
    """The queue of a process, and the thread that empties it; the thread starts with the first exchange."""

    def __init__(self) -> None:
        self.waiting: deque[Happened] = deque()
        self.lost = 0
        self._since_pruned = PRUNED_EVERY
        self._has_put_aside = False
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._one_at_a_time = threading.Lock()
        self._thread: threading.Thread | None = None

    def note(self, happened: Happened) -> None:
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
        self.put_aside()
        self._stop.clear()

    def flush(self) -> None:
        """Write what is waiting, behind what was put aside: all of it is in the table then."""
        with self._at_the_database():
            self._has_put_aside = not journal_table.settle()
            self._write(journal_table.insert)

    def put_aside(self) -> None:
        """Write what is waiting in the way that costs least."""
        with self._at_the_database():
            self._has_put_aside = True
            self._write(journal_table.put_aside)

    def _settle_while_quiet(self) -> None:
        with self._at_the_database():
            self._has_put_aside = not journal_table.settle(lambda: not self._wake.is_set())

    @contextmanager
    def _at_the_database(self) -> Iterator[None]:
        with self._one_at_a_time:
            try:
                yield
            except DatabaseError:
                logger.exception("The journal could not be written; %d exchanges wait", len(self.waiting))
                connections[settings.JOURNAL_DATABASE].close()

    def _write(self, put: Callable[[list[tuple[Any, ...]]], None]) -> None:
        while self.waiting:
            batch = [self.waiting.popleft() for _ in range(min(BATCH, len(self.waiting)))]
            try:
                put(rows(batch))
            except (DataError, IntegrityError):
                # It would not be taken the next time either.
                logger.exception("The journal left out %d exchanges: the database does not take them", len(batch))
            except DatabaseError:
                self.waiting.extendleft(reversed(batch))
                raise
            self._since_pruned += len(batch)
        if self.lost:
            logger.warning("The journal left out %d exchanges: they came faster than they could be written", self.lost)
            self.lost = 0
        if self._since_pruned >= PRUNED_EVERY:
            self._since_pruned = 0
            try:
                journal_table.prune()
            except DatabaseError:
                logger.exception("The journal could not be pruned; it is tried again later")


recorder = Recorder()


def rows(batch: Iterable[Happened]) -> list[tuple[Any, ...]]:
    """The rows of these exchanges; one that cannot be written down is left out, with a line in the log."""
    found, is_postgresql = [], connections[settings.JOURNAL_DATABASE].vendor == "postgresql"
    for happened in batch:
        try:
            found.append(_row(happened, is_postgresql))
        except Exception:
            logger.exception("An exchange of %s could not be written down", happened.path)
    return found


def _row(happened: Happened, is_postgresql: bool) -> tuple[Any, ...]:
    at, seconds, door, request_id, method, path, status, meta, body, body_size, headers, answer, answer_size, *_ = (
        happened
    )
    sent_type, media_type = meta.get("CONTENT_TYPE", ""), headers.get("content-type", ("", ""))[1]
    has_codes = door == "oauth"
    given = masking.body(_text(body, sent_type), sent_type, codes=has_codes) if body else ""
    answered = _text(answer, media_type)
    # SCIM answers have no member that holds a secret; what they repeat of a request may be one all the same.
    answered = masking.text(answered) if door == "scim" else masking.body(answered, media_type, codes=has_codes)
    if status >= 400:
        answered = masking.without_echo(
            masking.without_echo(answered, meta.get("QUERY_STRING", "")), _text(body, sent_type)
        )
    query = masking.query(meta.get("QUERY_STRING", ""))
    who = _who(happened)
    return (
        at if is_postgresql else at.isoformat(" ")[:-6],
        request_id,
        door,
        method[:10],
        status,
        min(int(seconds * 1_000_000), 2_000_000_000),
        who.business_unit_id if is_postgresql or who.business_unit_id is None else who.business_unit_id.hex,
        who.employee_id if is_postgresql or who.employee_id is None else who.employee_id.hex,
        who.username[:254],
        who.label[:120],
        clients.kind(meta.get("HTTP_USER_AGENT", ""), query, given),
        str(meta.get("REMOTE_ADDR", ""))[:45],
        body_size or _length(meta.get("CONTENT_LENGTH", "")),
        answer_size,
        happened.clock_at
        if is_postgresql or happened.clock_at is None
        else str(happened.clock_at.replace(tzinfo=None)),
        *((fault.rule_id, fault.text[:200]) if (fault := happened.fault) is not None else (None, "")),
        _clean(masking.text(path[:2000])),
        _clean(query[:4000]),
        _context(happened.session) if happened.session is not None else "",
        orjson.dumps(happened.before).decode() if happened.before is not None else "",
        _request_headers(meta),
        _answer_headers(headers),
        _clean(given),
        _clean(answered),
    )


def door_of(request: Any) -> str:
    """The door of a request as the journal names it."""
    if request.door == "scim":
        return "scim"
    if request.path_info.startswith(OAUTH):
        return "oauth"
    return "rest" if request.door == "api" else "other"


class Who(NamedTuple):
    """Whom a request tells of, whether or not it was let in."""

    business_unit_id: Any = None
    employee_id: Any = None
    username: str = ""
    label: str = ""


NOBODY = Who()


def _who(happened: Happened) -> Who:
    caller = happened.caller
    if caller is None:
        return _client_of_oauth(happened) if happened.door == "oauth" else _holder_of_token(happened.meta)
    label = caller.credential if isinstance(caller, Actor) else caller.label
    return Who(caller.business_unit_id, caller.employee_id, caller.username, label)


def _holder_of_token(meta: dict[str, Any]) -> Who:
    """Whose SCIM token came to an address where it is not accepted: a look-up of our own, for these are few."""
    token = meta.get("HTTP_AUTHORIZATION", "").rpartition(" ")[2]
    if not token.startswith("cxs_"):
        return NOBODY
    found = ScimToken.objects.filter(token_hash=keyed_hash(token)).select_related("employee").first()
    if found is None:
        return NOBODY
    who = found.employee
    return Who(who.business_unit_id, who.pk, who.username, f"SCIM token …{found.last4}")


def _client_of_oauth(happened: Happened) -> Who:
    """The application, or the access key, that an OAuth request names: a look-up of our own, for these are few."""
    parameters = happened.parameters
    key_id = parameters.get("username") or _member(happened.body, "accessKeyId")
    if key_id:
        key = AccessKey.objects.filter(access_key_id=key_id).select_related("employee").first()
        if key is not None:
            who = key.employee
            return Who(who.business_unit_id, who.pk, who.username, f"access key {key_id}")
    application = as_uuid(parameters.get("client_id"))
    if application is not None:
        found = Application.objects.filter(pk=application).values_list("business_unit_id", "name").first()
        if found is not None:
            return Who(found[0], None, "", f"application {found[1]}")
    return NOBODY


def _member(body: bytes, name: str) -> str:
    with suppress(orjson.JSONDecodeError):
        document = orjson.loads(body)
        if isinstance(document, dict) and isinstance(document.get(name), str):
            return str(document[name])
    return ""


def _context(session: Any) -> str:
    found = session.settings
    return _written_context(
        found.profile,
        found.fields,
        found.tolerances,
        found.access_rule,
        session.needs_scim,
        session.actor.permissions,
    )


@functools.lru_cache(maxsize=256)
def _written_context(
    profile: str, fields: frozenset[str], tolerances: bool, rule: str, needs_scim: bool, rights: frozenset[str]
) -> str:
    said = {
        "profile": profile,
        "fields": sorted(fields),
        "tolerances": tolerances,
        "access_rule": rule,
        "needs_scim": needs_scim,
        "rights": sorted(rights),
    }
    return orjson.dumps(said).decode()


@functools.lru_cache(maxsize=1024)
def _header(key: str) -> tuple[str, bool]:
    """`HTTP_X_REQUEST_ID` as `X-Request-Id`, empty for what is no header, and whether it holds a secret."""
    bare = key[5:] if key.startswith("HTTP_") else key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else ""
    name = bare.replace("_", "-").title()
    return name, masking.is_secret_header(name)


def _request_headers(meta: dict[str, Any]) -> str:
    named = []
    for key in meta:
        if key not in OTHER_VARIABLES:
            name, is_secret = _header(key)
            if name:
                value = str(meta[key])
                named.append((name, masking.header(name, value) if is_secret else value[:2000]))
    return _written_headers(tuple(named))


@functools.lru_cache(maxsize=256)
def _written_headers(named: tuple[tuple[str, str], ...]) -> str:
    """Most clients send the same ones each time; secrets among them are masked before they come here."""
    return orjson.dumps([(name, masking.header(name, value)) for name, value in named]).decode()


def _answer_headers(headers: dict[str, tuple[str, str]]) -> str:
    written = orjson.dumps(list(headers.values())).decode()
    if masking.may_hold_in_headers(written, tuple(headers)):
        return orjson.dumps([(name, masking.header(name, value)) for name, value in headers.values()]).decode()
    return written


def _text(content: bytes, media_type: str) -> str:
    """As much of a body as is kept, if it is text; pages are not kept."""
    return content.decode(errors="replace") if content and _is_text(media_type) else ""


@functools.lru_cache(maxsize=256)
def _is_text(media_type: str) -> bool:
    lower = media_type.lower()
    return "html" not in lower and (not media_type or any(kind in lower for kind in TEXTUAL))


def _clean(value: str) -> str:
    """PostgreSQL stores no NUL."""
    return value.replace("\x00", "␀") if "\x00" in value else value


def _length(text: str) -> int:
    return min(int(text), 2_000_000_000) if text.isdecimal() and len(text) < 12 else 0
