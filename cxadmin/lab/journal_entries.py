"""What of an exchange is written down: an entry of plain values, secrets masked, in the order of the columns."""

import functools
import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from accounts.actors import Actor
from accounts.crypto import keyed_hash
from accounts.ids import as_uuid
from accounts.models import AccessKey, Application, ScimToken
from cxadmin import clock
from cxadmin.lab import clients, masking
from cxadmin.lab.journal_pieces import Entry

logger = logging.getLogger(__name__)

BODY_BYTES = 16_384
OAUTH = ("/auth/", "/.well-known/", "/authentication/v1/token/", "/public/user/", "/public/authentication/")
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
MOST = 2_000_000_000  # that the columns of sizes and durations hold


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


def happened(at: datetime, seconds: float, request: Any, response: Any) -> Happened:
    """What the journal keeps of a request and its answer; `at` is when it came, by the machine's time.

    Args:
        seconds: how long the answer took.
    """
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


def masked(batch: Iterable[Happened]) -> list[Entry]:
    """The entries of these exchanges; one that cannot be written down is left out, with a line in the log."""
    found = []
    for one in batch:
        try:
            found.append(_entry(one))
        except Exception:
            logger.exception("An exchange of %s could not be written down", one.path)
    return found


def _entry(one: Happened) -> Entry:
    at, seconds, door, request_id, method, path, status, meta, body, body_size, headers, answer, answer_size, *_ = one
    query = meta.get("QUERY_STRING", "")
    sent, given = "", ""
    if body:
        sent_type = meta.get("CONTENT_TYPE", "")
        sent = _text(body, sent_type)
        given = masking.body(sent, sent_type, codes=door == "oauth")
    media_type = headers.get("content-type", ("", ""))[1]
    answered = _text(answer, media_type)
    # SCIM answers have no member that holds a secret; what they repeat of a request may be one all the same.
    answered = masking.text(answered) if door == "scim" else masking.body(answered, media_type, codes=door == "oauth")
    if status >= 400:
        answered = masking.without_echo(masking.without_echo(answered, query), sent)
    query = masking.query(query)
    unit_id, employee_id, username, label = _who(one)
    fault = one.fault
    return (
        at.timestamp(),
        request_id,
        door,
        method[:10],
        status,
        min(int(seconds * 1_000_000), MOST),
        unit_id and unit_id.int,
        employee_id and employee_id.int,
        username[:254],
        label[:120],
        clients.kind(meta.get("HTTP_USER_AGENT", ""), query, given),
        str(meta.get("REMOTE_ADDR", ""))[:45],
        body_size or _length(meta.get("CONTENT_LENGTH", "")),
        answer_size,
        one.clock_at and one.clock_at.timestamp(),
        None if fault is None else fault.rule_id,
        "" if fault is None else fault.text[:200],
        masking.text(path[:2000]),
        query[:4000],
        "" if one.session is None else _context(one.session),
        "" if one.before is None else orjson.dumps(one.before).decode(),
        _request_headers(meta),
        _answer_headers(headers),
        given,
        answered,
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


def _request_headers(meta: dict[str, Any]) -> str:
    return _written_headers(
        tuple(
            [
                (name, masking.header(name, str(meta[key])) if is_secret else str(meta[key])[:2000])
                for key, name, is_secret in _headers_among(tuple(meta))
            ]
        )
    )


@functools.lru_cache(maxsize=256)
def _headers_among(variables: tuple[str, ...]) -> list[tuple[str, str, bool]]:
    """Of the variables of an environment those that are headers: `HTTP_X_REQUEST_ID` with the name `X-Request-Id`, and
    whether it holds a secret."""
    found = []
    for key in variables:
        if key not in OTHER_VARIABLES and (key.startswith("HTTP_") or key in ("CONTENT_TYPE", "CONTENT_LENGTH")):
            name = key.removeprefix("HTTP_").replace("_", "-").title()
            found.append((key, name, masking.is_secret_header(name)))
    return found


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


def _length(text: str) -> int:
    return min(int(text), MOST) if text.isdecimal() and len(text) < 12 else 0
