"""The control API under `/_lab/`: for scripts and test suites, opened by the control key.

Answers are JSON; refusals are problem documents (RFC 9457) that say what to do.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

import orjson
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from accounts.errors import Invalid
from accounts.models import BusinessUnit
from cxadmin.lab.access import has_control_key

T = TypeVar("T")


class Problem(Exception):
    """A control call that cannot be done; `detail` is for the person who wrote the script."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def answer(body: object, status: int = 200) -> HttpResponse:
    """A JSON answer."""
    return HttpResponse(orjson.dumps(body), content_type="application/json", status=status)


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> HttpResponse:
    """A refusal (RFC 9457)."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return HttpResponse(orjson.dumps(body), content_type="application/problem+json", status=status, headers=headers)


def members(request: HttpRequest) -> dict[str, Any]:
    """The JSON object in a body; an empty one for no body.

    Raises:
        Problem: it is something else.
    """
    if not request.body.strip():
        return {}
    try:
        found = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise Problem(400, f"The body is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise Problem(400, "The body is not a JSON object.")
    return found


def only(known: Sequence[str], given: Iterable[str]) -> None:
    """Let nothing but known members through.

    Raises:
        Problem: there is another one.
    """
    if unknown := sorted(set(given) - set(known)):
        raise Problem(400, f"There is no member {unknown[0]}; known are {', '.join(known)}.")


def tenant(name: str) -> BusinessUnit:
    """A tenant by its name.

    Raises:
        Problem: there is none.
    """
    unit = (
        BusinessUnit.objects.select_related("settings").filter(tenant_name=name).first() if "\x00" not in name else None
    )
    if unit is None:
        raise Problem(404, f"There is no tenant {name[:100]!r}; GET /_lab/tenants lists them.")
    return unit


def refusing(act: Callable[[], T]) -> T:
    """What an action answers.

    Raises:
        Problem: what is wrong, member by member.
    """
    try:
        return act()
    except Invalid as error:
        said = " ".join(f"{one.field}: {one.message}" for one in error.problems)
        raise Problem(409 if error.is_taken else 400, said) from error


def controls(*methods: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A view of the control API for these methods. It may raise `Problem`; a web session does not open it, so no page of
    another site can call it."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @login_not_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not has_control_key(request):
                detail = "Send the control key as Authorization: Bearer; `cxadmin credentials` prints it."
                return problem(401, detail, {"WWW-Authenticate": "Bearer"})
            if request.method not in methods:
                return problem(405, f"Only {' and '.join(methods)} here.", {"Allow": ", ".join(methods)})
            try:
                return view(request, *args, **kwargs)
            except Problem as error:
                return problem(error.status, error.detail)

        guarded.__dict__["methods"] = methods
        return guarded

    return decorate
