"""Calls of browser applications from other origins: allowed to the origins that applications are registered with."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from accounts.models import Application

HEADERS = "Authorization, Content-Type, Originating-Service-Identifier, CorrelationId"
REMEMBERED_SECONDS = "600"
LONGEST_ORIGIN = 300

View = Callable[..., HttpResponse]
Response = TypeVar("Response", bound=HttpResponseBase)


def cross_origin(*methods: str) -> Callable[[View], View]:
    """Let a view answer these methods, preflights included, and tell the browser of a registered origin that it may read
    the answer, an error as well."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if request.method == "OPTIONS":
                response = HttpResponse(status=204)
                response["Allow"] = ", ".join((*methods, "OPTIONS"))
            elif request.method in methods:
                response = view(request, *args, **kwargs)
            else:
                response = HttpResponseNotAllowed([*methods, "OPTIONS"])
            return allow(request, response, methods)

        return answered

    return decorate


def allow(request: HttpRequest, response: Response, methods: tuple[str, ...]) -> Response:
    """The answer, readable for the pages of the request's origin if that is a registered one."""
    patch_vary_headers(response, ["Origin"])
    origin = request.headers.get("Origin", "")
    if not is_registered(origin):
        return response
    response["Access-Control-Allow-Origin"] = origin
    response["Access-Control-Expose-Headers"] = "icStatusDescription, CorrelationId, Retry-After"
    if request.method == "OPTIONS":
        response["Access-Control-Allow-Methods"] = ", ".join(methods)
        response["Access-Control-Allow-Headers"] = HEADERS
        response["Access-Control-Max-Age"] = REMEMBERED_SECONDS
    return response


def is_registered(origin: str) -> bool:
    """Whether an Enabled application names this origin, character by character."""
    if not origin or origin == "null" or len(origin) > LONGEST_ORIGIN or "\x00" in origin:
        return False
    enabled = Application.objects.filter(status=Application.Status.ENABLED, allowed_origins__contains=origin)
    return any(origin in application.origins for application in enabled.only("allowed_origins"))
