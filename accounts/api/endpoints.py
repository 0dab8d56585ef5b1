"""An address of the REST API: who calls, what they may, the operation, and errors in the dialect of the service."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, MethodNotAllowed, NotAuthenticated, Throttled, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import AccessToken, RateLimit
from accounts.api.operations import Call, Operation, Service
from accounts.api.problems import Trouble
from accounts.api.wire import AlwaysJson, AnyJson, Json
from accounts.errors import ChangedMeanwhile, Forbidden, Invalid, Refused, RuleError
from accounts.oauth import cors

logger = logging.getLogger(__name__)


class Endpoint(APIView):
    """The operations of one address."""

    authentication_classes = [AccessToken]
    permission_classes: Sequence[Any] = ()
    throttle_classes = [RateLimit]
    parser_classes = [AnyJson]
    renderer_classes = [Json]
    content_negotiation_class = AlwaysJson
    service = Service("", ())
    operations: Mapping[str, Operation] = {}

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, and let the pages of registered origins read the answer, preflights and errors as well."""
        methods = tuple(self.operations)
        if request.method == "OPTIONS":
            response: HttpResponseBase = HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})
        elif self.service.is_classic and settings.CLASSIC_NEEDS_ACCEPT and "Accept" not in request.headers:
            # Word for word what clients of the original see (apis.md §3.1).
            response = HttpResponse("No known way to render data", content_type="text/plain")
        else:
            response = super().dispatch(request, *args, **kwargs)
        return cors.allow(request, response, methods)

    def answer(self, request: Request, **kwargs: str) -> Response:
        """Check the permission, then do what the operation does."""
        operation = self.operations.get(request.method or "")
        if operation is None:
            if not self.operations:
                raise Http404
            raise MethodNotAllowed(request.method or "")
        request.auth.require(*operation.permissions)
        if any("\x00" in value for value in kwargs.values()):
            raise Http404
        answered = operation.handler(Call(request, request.auth, request.user), **kwargs)
        return answered if isinstance(answered, Response) else Response(answered)

    get = post = put = patch = delete = head = answer

    @property
    def allowed_methods(self) -> list[str]:
        """What DRF writes into `Allow`."""
        return [*self.operations, "OPTIONS"]

    def http_method_not_allowed(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise MethodNotAllowed(request.method or "")

    def handle_exception(self, exc: Exception) -> Response:
        """Any refusal, in the shape of the service (apis.md §6)."""
        trouble = self.trouble(exc)
        if trouble is None:
            logger.error("%s %s failed", self.request.method, self.request.path, exc_info=exc)
            trouble = Trouble(500, _("Something went wrong here, and not with your request."))
        request = self.request
        told = Trouble(
            trouble.status, trouble.message, trouble.code, trouble.fields, request.path[:500], request.get_host()
        )
        response = Response(self.service.shape(told.status)(told), told.status)
        if told.status == 401:
            response["WWW-Authenticate"] = "Bearer"
        if isinstance(exc, Throttled):
            response["Retry-After"] = str(exc.wait)
        if self.service.is_classic:
            response["icStatusDescription"] = header_text(told.message)
        response.exception = True
        return response

    def trouble(self, exc: Exception) -> Trouble | None:
        """What an exception means to a caller; None for a fault of ours."""
        conflict = 409 if self.service.is_classic else 400
        match exc:
            case NotAuthenticated():
                return Trouble(401, _("An access token is needed."))
            case ValidationError():
                fields = dict(flatten(exc.detail))
                return Trouble(400, sentence(fields), fields=fields)
            case Invalid():
                status = conflict if exc.is_taken else 400
                return Trouble(status, exc.message, exc.code, {p.field: p.message for p in exc.problems})
            case ChangedMeanwhile():
                return Trouble(409, exc.message, exc.code)
            case Refused() | RuleError():
                return Trouble(conflict, exc.message, exc.code)
            case Forbidden():
                return Trouble(403, _("Your roles lack the permission %(code)s.") % {"code": exc.code}, "FORBIDDEN")
            case Http404():
                return Trouble(404, str(exc) or _("There is nothing at this address, or not for you."))
            case RequestDataTooBig():
                return Trouble(413, _("The body is too long."))
            case Throttled():
                operation = self.operations.get(self.request.method or "")
                status = operation.status_of_limit if operation else 429
                return Trouble(status, _("Too many requests. Go on in %(n)d s.") % {"n": exc.wait})
            case APIException():
                return Trouble(exc.status_code, str(exc.detail))
        return None


def flatten(detail: Any, name: str = "") -> list[tuple[str, str]]:
    """The messages of a ValidationError by member, as `agents.0.firstName`."""
    if isinstance(detail, Mapping):
        return [
            found
            for key, value in detail.items()
            for found in flatten(value, name if key == "non_field_errors" else f"{name}.{key}".strip("."))
        ]
    if isinstance(detail, list):
        if all(isinstance(entry, str) for entry in detail):
            return [(name, " ".join(detail))] if detail else []
        return [found for at, value in enumerate(detail) for found in flatten(value, f"{name}.{at}".strip("."))]
    return [(name, str(detail))]


def sentence(fields: Mapping[str, str]) -> str:
    """All of it in one text for people."""
    return " ".join(f"{name}: {message}" if name else message for name, message in fields.items())


def header_text(message: str) -> str:
    """A message as a header can carry it."""
    return "".join(letter if " " <= letter <= "~" else "?" for letter in message)[:500]
