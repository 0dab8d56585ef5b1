"""What fault rules do to requests: the middleware, and answers in the shape of each door."""

import random
import re
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.urls import Resolver404, resolve

from accounts.api.problems import Trouble, gateway
from accounts.oauth import cors, wire
from cxadmin.lab import callers, faults, journal, journal_entries, masking
from cxadmin.lab.faults import Action
from cxadmin.lab.models import Exchange, FaultRule
from scim import auth as scim_auth
from scim import views as scim_views
from scim.errors import ScimError

AFTERWARDS = (Action.STALE, Action.TRUNCATE)
# What servers log where they close a connection without a word; nobody but the journal gets to see it.
NO_ANSWER = 444
LOOKED_BACK = 20
NOT_TOO_FAST = 429
SHORTEST_WAIT = 1

Answer = Callable[[Any], Any]


class Fired(NamedTuple):
    """What the journal keeps of a rule that fired."""

    rule_id: int
    text: str


class Dropped(HttpResponse):
    """No answer at all: the server closes the connection.

    A length and a body in chunks at once contradict each other (RFC 9112 §6.2), so hyper, which sends for granian, sends nothing
    and closes. Raising where the body is read would not do: at times the head is on its way by then.
    """

    def __init__(self) -> None:
        super().__init__(b"-", content_type="application/octet-stream", status=NO_ANSWER)
        self["Content-Length"] = "1"
        self["Transfer-Encoding"] = "chunked"


def faulty(get_response: Answer) -> Answer:
    """Middleware: let requests of programs fail as the armed rules say."""
    if not settings.LAB:
        raise MiddlewareNotUsed

    def answered(request: Any) -> Any:
        rules = faults.armed.current()
        return _answer(request, rules, get_response) if rules else get_response(request)

    return answered


def _answer(request: Any, rules: Sequence[FaultRule], get_response: Answer) -> Any:
    door = journal_entries.door_of(request)
    matching = [rule for rule in rules if matches(rule, door, request.method, request.path_info)] if door else []
    if any(rule.business_unit_id or rule.credential for rule in matching):
        who = callers.caller(request)
        matching = [rule for rule in matching if concerns(rule, who)]
    for rule in matching:
        if rule.action in AFTERWARDS or not faults.fire(rule):
            continue
        waited = _wait(rule)
        if rule.action == Action.DELAY:
            _note(request, rule, f"delayed by {waited} ms")
        else:
            return _instead(request, rule, door, waited, get_response)
    response = get_response(request)
    for rule in matching:
        if rule.action in AFTERWARDS and _can_be_spoilt(response):
            _spoil(request, rule, response)
    return response


def matches(rule: FaultRule, door: str, method: str, path: str) -> bool:
    """Whether a rule is about such a request, as far as the request line tells."""
    # A preflight is the browser's doing and not the client's: it never fails.
    if door not in faults.BASES or method == "OPTIONS":
        return False
    if (rule.door and rule.door != door) or (rule.method and rule.method != method):
        return False
    if rule.action == Action.STALE and method != "GET":
        return False
    return not rule.path or _pattern(rule.path).match(path) is not None


def concerns(rule: FaultRule, who: journal_entries.Who) -> bool:
    """Whether a rule is about this caller: of its tenant, with its credential or one of the kind."""
    if rule.business_unit_id and rule.business_unit_id != who.business_unit_id:
        return False
    if rule.credential in faults.KINDS:
        return who.label.startswith(f"{rule.credential} ")
    return not rule.credential or rule.credential == who.label


@lru_cache(maxsize=256)
def _pattern(path: str) -> re.Pattern[str]:
    """A beginning of paths, or with wildcards a whole path, as an expression."""
    if "*" not in path and "?" not in path:
        return re.compile(re.escape(path))
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(letter, re.escape(letter)) for letter in path) + r"\Z", re.DOTALL)


def _wait(rule: FaultRule) -> int:
    """Sleep as long as the rule says; answers the milliseconds."""
    waited = rule.delay_ms + (random.randint(0, rule.jitter_ms) if rule.jitter_ms else 0)  # noqa: S311
    if waited:
        time.sleep(waited / 1000)
    return waited


def _note(request: Any, rule: FaultRule, text: str) -> None:
    before: Fired | None = getattr(request, "fault", None)
    earlier = f"{before.text}{FaultRule.named(before.rule_id)}; " if before else ""
    request.fault = Fired(rule.pk, earlier + text)


def _instead(request: Any, rule: FaultRule, door: str, waited: int, get_response: Answer) -> HttpResponse:
    """The answer of a rule in place of the real one."""
    carried_out = ""
    if rule.is_carried_out:
        carried_out = f", carried out with {get_response(request).status_code}"
    elif getattr(request, "holder", None) is None and (who := callers.caller(request)) is not journal_entries.NOBODY:
        request.holder = who  # for the journal: no door has looked
    said = "connection dropped" if rule.action == Action.DROP else f"answered {rule.status} {phrase(rule.status)}"
    _note(request, rule, said.strip() + (f" after {waited} ms" if waited else "") + carried_out)
    if rule.action == Action.DROP:
        return Dropped()
    response = in_the_shape_of(
        request, door, rule.status, f"The fault rule {rule} of the lab answers in place of the product."
    )
    wait = SHORTEST_WAIT if rule.retry_after is None and rule.status == NOT_TOO_FAST else rule.retry_after
    if wait is not None:
        response["Retry-After"] = str(wait)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django writes each 5xx to the log; this one is wanted
    return response


# Answers


def phrase(status: int) -> str:
    """The name of a status; empty for one that has none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def in_the_shape_of(request: Any, door: str, status: int, text: str) -> HttpResponse:
    """A refusal as the door writes its own."""
    if door == "scim":
        response = scim_views.answer(ScimError(text, status=status).to_dict(), status)
        challenge = scim_auth.challenge(_family(request.path_info))
    elif door == "oauth":
        response, challenge = wire.refusal(_oauth_error(status), text, status), "Bearer"
    else:
        response, challenge = _of_service(request, status, text), "Bearer"
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = challenge
    if request.method == "HEAD":
        response.content = b""
    # Else a page of a registered origin would see a network error in place of the status.
    return response if door == "scim" else cors.allow(request, response, (request.method,))


def _family(path: str) -> scim_auth.Family:
    return "basic-auth" if path.startswith("/basic-auth/") else "oauth" if path.startswith("/oauth/") else ""


def _oauth_error(status: int) -> str:
    """RFC 6749 §4.1.2.1, §5.2."""
    if status in (NOT_TOO_FAST, HTTPStatus.SERVICE_UNAVAILABLE):
        return "temporarily_unavailable"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "server_error"
    return "invalid_client" if status == HTTPStatus.UNAUTHORIZED else "invalid_request"


def _of_service(request: Any, status: int, text: str) -> HttpResponse:
    """In the shape of the REST service at the address."""
    trouble = Trouble(status, text, path=request.path[:500], host=request.get_host())
    try:
        service = getattr(resolve(request.path_info).func, "initkwargs", {}).get("service")
    except Resolver404:
        service = None
    shape = service.shape(status) if service is not None and phrase(status) else gateway
    response = wire.answer(shape(trouble), status)
    if service is not None and service.is_classic:
        response["icStatusDescription"] = text
    return response


# Bodies


def _can_be_spoilt(response: Any) -> bool:
    return not response.streaming and response.status_code < HTTPStatus.MULTIPLE_CHOICES and len(response.content) > 1


def _spoil(request: Any, rule: FaultRule, response: Any) -> None:
    """Cut the body of an answer off, or put an earlier one in its place. The request was carried out: so whoever may not
    read gets nothing to read here either."""
    earlier = None
    if rule.action == Action.STALE and (earlier := _earlier(request, response)) is None:
        return
    if not faults.fire(rule):
        return
    waited = _wait(rule)
    if earlier is None:
        whole = len(response.content)
        response.content = response.content[: whole // 2]
        text = f"body cut off after {whole // 2} of {whole} bytes"
    else:
        response.content = earlier.answer_body.encode()
        tags = [value for name, value in earlier.answer_headers if name == "ETag"]
        if "ETag" in response and tags:
            response["ETag"] = tags[0]
        text = f"answer of {earlier.at:%Y-%m-%d %H:%M:%S} UTC repeated"
    response["Content-Length"] = str(len(response.content))
    _note(request, rule, text + (f" after {waited} ms" if waited else ""))


def _earlier(request: Any, response: Any) -> Exchange | None:
    """The last answer that the same caller got to the same GET and that differs from the present one."""
    who = getattr(request, "holder", None)
    if who is None:
        return None
    journal.recorder.flush()
    answered = Exchange.objects.filter(
        business_unit_id=who.business_unit_id,
        credential=who.label,
        method="GET",
        path=request.path_info,
        query=masking.query(request.META.get("QUERY_STRING", "")),
        status=response.status_code,
        answer_size__lte=journal_entries.BODY_BYTES,
    ).order_by("-pk")
    present = response.content.decode(errors="replace")
    return next((one for one in answered[:LOOKED_BACK] if one.answer_body not in ("", present)), None)
