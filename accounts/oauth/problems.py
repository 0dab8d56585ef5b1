"""Errors of the regional and facade hosts (apis.md §6, E2 and E3)."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from accounts.api.problems import Trouble, service, spring
from accounts.oauth import wire


def answer(request: HttpRequest, status: int, message: str) -> HttpResponse:
    """401 in the shape of the gateway (E3), anything else in that of the services (E2)."""
    trouble = Trouble(status, message, path=request.path, host=request.get_host())
    if status == HTTPStatus.UNAUTHORIZED:
        return wire.answer(spring(trouble), status, wire.NO_STORE | {"WWW-Authenticate": "Bearer"})
    return wire.answer(service(trouble), status)
