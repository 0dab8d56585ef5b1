"""The control API under `/_lab/`: for scripts and test suites, opened by the control key.

Answers are JSON; refusals are problem documents (RFC 9457) that say what to do.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

import orjson
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from cxadmin.lab.access import has_control_key


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
