"""Sending a recorded request again, for scripts (`/_lab/requests/<id>/replay`)."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts.api.described.shapes import FLAG, TEXT, TEXT_OR_NULL, WHOLE, record, several
from accounts.errors import Refused
from cxadmin.lab import control_requests, exchanges, replay
from cxadmin.lab.control import Problem, answer, controls, members, only
from cxadmin.lab.described import describe
from cxadmin.lab.models import Exchange
from cxadmin.lab.replay import Wanted
from cxadmin.lab.replay_pages import differences

RECORDED = "recorded"
MEMBERS = ("credential", "secret", "query", "body")


@controls("GET", "POST")
@describe(
    "GET",
    tag=control_requests.TAG,
    summary="With whose rights a request can be sent again",
    answer=record(trouble=TEXT_OR_NULL, credentials=several(record(credential=TEXT, label=TEXT, is_recorded=FLAG))),
)
@describe(
    "POST",
    tag=control_requests.TAG,
    summary="Send a request again, against the present state",
    body=record(credential=TEXT, secret=TEXT, query=TEXT, body=TEXT),
    answer=record(
        replay_of=WHOLE,
        status=record(before=WHOLE, now=WHOLE),
        is_same=FLAG,
        differences=several(TEXT),
        request=control_requests.WHOLE_REQUEST,
    ),
    refuses=(400, 409),
)
def request_replay(request: HttpRequest, exchange_id: int) -> HttpResponse:
    """GET: with whose rights it can be sent again. POST: send it, and answer how the two answers differ."""
    exchange = control_requests.one(exchange_id)
    if request.method == "GET":
        return answer(rights(exchange))
    new = sent(exchange, wanted_of(exchange, members(request)), by="control key", address=request.META["REMOTE_ADDR"])
    return answer(result(exchange, new))


def rights(exchange: Exchange) -> dict[str, Any]:
    """With whose rights an exchange can be sent again, or why it cannot."""
    found = replay.choices(exchange)
    return {
        "trouble": replay.trouble(exchange) or None,
        "credentials": [{"credential": one.key, "label": one.label, "is_recorded": one.is_recorded} for one in found],
    }


def wanted_of(exchange: Exchange, given: Mapping[str, Any]) -> Wanted:
    """What members of a body ask for; without any, the recorded credential.

    Raises:
        Problem: one is unknown or no text, or the recorded credential is gone.
    """
    if not all(isinstance(value, str) for value in given.values()):
        raise Problem(400, f"The members must be texts: {', '.join(MEMBERS)}.")
    only(MEMBERS, given)
    default = replay.GIVEN if "secret" in given else RECORDED
    chosen = given.get("credential", default)
    if chosen == RECORDED:
        chosen = replay.preset(exchange, replay.choices(exchange))
        if chosen == replay.GIVEN:
            raise Problem(
                409, replay.trouble(exchange) or "The recorded credential is gone; name another one, or a secret."
            )
    return Wanted(chosen, given.get("secret", ""), given.get("query"), given.get("body"))


def sent(exchange: Exchange, wanted: Wanted, *, by: str, address: str = "127.0.0.1") -> Exchange:
    """The new exchange.

    Raises:
        Problem: it cannot be sent like this; nothing was.
    """
    try:
        return replay.send(exchange, wanted, by=by, address=address)
    except Refused as error:
        raise Problem(409, error.message) from error


def result(old: Exchange, new: Exchange) -> dict[str, Any]:
    """How the answers differ, and the new exchange."""
    found = differences(old, new)
    return {
        "replay_of": old.pk,
        "status": {"before": old.status, "now": new.status},
        "is_same": not found,
        "differences": found,
        "request": control_requests.whole(new, exchanges.tenants()),
    }
