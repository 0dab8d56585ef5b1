"""What happens around every request.

Pages need sessions, CSRF protection, messages and a language; SCIM, OAuth and REST requests need none of that and pass
these layers by, so that their cost is their own. SCIM requests leave for their view before
them (`scim_door`).
"""

import json
import re
from collections.abc import Callable
from typing import Any, Literal

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user, logout
from django.contrib.auth.middleware import AuthenticationMiddleware, LoginRequiredMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.gzip import GZipMiddleware
from django.middleware.security import SecurityMiddleware
from django.urls import URLResolver, reverse
from django.urls.resolvers import RegexPattern
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxMiddleware
from whitenoise.middleware import WhiteNoiseMiddleware

from accounts import queries
from accounts.actors import Actor, Channel
from accounts.console.answers import redirect, to_sign_in
from accounts.ids import new_id
from accounts.models import AccountSettings, Employee
from accounts.requests import LAST_USED, MUST_CHANGE
from cxadmin import clock
from cxadmin.lab import access as lab_access

Door = Literal["pages", "scim", "api", "lab"]
GetResponse = Callable[[HttpRequest], HttpResponse]

SCIM_PATH = re.compile(r"/(?:(?P<family>oauth|basic-auth)/)?scim/v2(?=/|\Z)")
# Programs' addresses besides SCIM; `/auth/authorize` and its logout are pages that people see.
API_PATH = re.compile(
    r"/+(?:\.well-known|authentication|config|user-management|access-key-management|authorization|division-management"
    r"|applications|tenants|branding-profiles|agent-profiles|account-access|dfo|public/(?:user|authentication)"
    r"|(?i:incontactapi|incontactauthorizationserver))(?:/|$)|/auth/(?:token|jwks|userinfo)$"
)
# The control API of the lab: for programs, and no part of the emulated product.
LAB_PATH = "/_lab/"
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
CORRELATION_ID = re.compile(r"[ -~]{1,128}")
USE_NOTED_EVERY = 10
# Of a request to a page: several times the greatest file, so that one that is too large gets a message at its field.
MOST_BYTES = 32 * 1_048_576
# `/auth/authorize` sends people to the password page itself, and knows where they go from there.
ALLOWED_BEFORE_CHANGE = ("/me/password/", "/logout/", "/language/", "/appearance/", "/auth/authorize")


class DoorRequest(HttpRequest):
    """A request after `request_context`."""

    door: Door
    request_id: str


def request_context(get_response: GetResponse) -> Callable[[DoorRequest], HttpResponse]:
    """Name the door a request came through and give it an id, which the answer carries and the audit trail keeps."""

    def middleware(request: DoorRequest) -> HttpResponse:
        request.door = door_of(request.path_info)
        # Not `request.headers`, which makes a name of every variable of the environment.
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request.request_id = given if REQUEST_ID.fullmatch(given) else new_id().hex
        response = get_response(request)
        response["X-Request-Id"] = request.request_id
        correlation = request.META.get("HTTP_CORRELATIONID", "") if request.door == "api" else ""
        if CORRELATION_ID.fullmatch(correlation):
            response["CorrelationId"] = correlation
        return response

    return middleware


def door_of(path: str) -> Door:
    """The door an address belongs to."""
    if SCIM_PATH.match(path):
        return "scim"
    if path.startswith(LAB_PATH):
        return "lab"
    return "api" if API_PATH.match(path) else "pages"


class PagesOnly:
    """Mixin for a middleware that programs' requests pass by."""

    get_response: Any

    def __call__(self, request: Any) -> Any:
        return super().__call__(request) if request.door == "pages" else self.get_response(request)  # type: ignore[misc]


class Security(SecurityMiddleware):
    """Security headers on every answer."""


def scim_door(get_response: GetResponse) -> Callable[[DoorRequest], HttpResponseBase]:
    """Hand SCIM requests to their view at once: the layers below and the other addresses are for people and other programs.

    It leads where `cxadmin.urls` leads, by the same addresses, without a record of how it got there.
    """
    addresses: Any = URLResolver(RegexPattern(""), "scim.urls")

    def middleware(request: DoorRequest) -> HttpResponseBase:
        base = SCIM_PATH.match(request.path_info) if request.door == "scim" else None
        if base is None:
            return get_response(request)
        path = request.path_info[base.end() :]
        # The last address takes whatever follows.
        view, named = next((a.callback, found[2]) for a in addresses.url_patterns if (found := a.pattern.match(path)))
        response: HttpResponseBase = view(request, family=base["family"], **named)
        return response

    return middleware


class ContentSecurityPolicy(PagesOnly, CSPMiddleware):
    """The content security policy on pages."""


class Framing(PagesOnly, XFrameOptionsMiddleware):
    """No page may be framed; browsers that do not know the policy's `frame-ancestors` read this header."""


class StaticFiles(WhiteNoiseMiddleware):
    """Style sheets, scripts and icons."""


class Compression(PagesOnly, GZipMiddleware):
    """Smaller pages; Django adds a random length against guessing secrets from the size (BREACH)."""


class Sessions(PagesOnly, SessionMiddleware):
    """The web session."""


class Common(PagesOnly, CommonMiddleware):
    """Content length and host checks."""


class CsrfProtection(PagesOnly, CsrfViewMiddleware):
    """Forms come from our own pages."""


class Authentication(PagesOnly, AuthenticationMiddleware):
    """The signed-in employee: every page asks for it, so it is the record itself rather than Django's lazy stand-in,
    which actions could not write."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = get_user(request)


class Messages(PagesOnly, MessageMiddleware):
    """Toasts that survive a redirect."""


class Htmx(PagesOnly, HtmxMiddleware):
    """Tells a view whether htmx asks, for a fragment instead of a page; a fragment has no place for toasts, so they
    travel in a header (static/js/toasts.js)."""

    def __call__(self, request: Any) -> Any:
        response = super().__call__(request)
        stays = request.door == "pages" and request.htmx and "HX-Redirect" not in response
        if stays and (pending := list(messages.get_messages(request))):
            toasts = [{"level": message.level_tag, "text": str(message)} for message in pending]
            response["HX-Trigger"] = json.dumps({"toasts": toasts})
        return response


class Language(PagesOnly, MiddlewareMixin):
    """The language of a page: the employee's, before sign-in the cookie's, else what the browser accepts (screens §1.2)."""

    def process_request(self, request: HttpRequest) -> None:
        language = getattr(request.user, "language", None)
        translation.activate(language or translation.get_language_from_request(request))

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        translation.deactivate()
        return response


class SignedInOnly(LoginRequiredMiddleware):
    """Every page needs a sign-in unless its view says otherwise; programs' doors check their own credentials."""

    def process_view(self, request: Any, view_func: Any, view_args: Any, view_kwargs: Any) -> HttpResponseBase | None:
        if request.door != "pages":
            return None
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        return to_sign_in(request) if answer is not None and request.htmx else answer


class SignedInEmployee(PagesOnly, MiddlewareMixin):
    """Who acts on this page; ends the session after the tenant's idle timeout (R-AUTH-6) and lets nobody past a password
    that must be changed (screens §3.3)."""

    def process_request(self, request: Any) -> HttpResponse | None:
        employee = request.user
        if not isinstance(employee, Employee):
            return None
        clock.enter(employee.business_unit_id)
        if self._is_idle(request, employee.business_unit.settings):
            logout(request)
            messages.info(request, _("Your session has ended. Sign in again."))
            return None
        request.business_unit = employee.business_unit
        request.actor = Actor(
            employee.business_unit_id,
            Channel.UI,
            employee.pk,
            employee.full_name,
            employee.username,
            "web session",
            request.request_id,
            queries.effective_permissions(employee) | lab_access.rights(employee),
        )
        if request.session.get(MUST_CHANGE) and request.path_info not in ALLOWED_BEFORE_CHANGE:
            return redirect(request, reverse("accounts:password-change"))
        return None

    def process_response(self, request: Any, response: HttpResponse) -> HttpResponse:
        """What an employee sees, secrets shown once among it, is for nobody's cache."""
        if hasattr(request, "actor"):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    @staticmethod
    def _is_idle(request: Any, account_settings: AccountSettings) -> bool:
        now = clock.now().timestamp()
        last = request.session.get(LAST_USED, now)
        if account_settings.idle_timeout_on and now - last > account_settings.idle_timeout_minutes * 60:
            return True
        polling = request.headers.get("X-Background") == "true"
        if not polling and not 0 <= now - request.session.get(LAST_USED, 0) < USE_NOTED_EVERY:
            request.session[LAST_USED] = now
        return False


class BodyLimit(PagesOnly, MiddlewareMixin):
    """No page reads a body without bounds, and none is put on disk for a visitor: looking for the CSRF token in a form reads its
    files as well, before anybody has asked for a sign-in."""

    def process_request(self, request: Any) -> HttpResponse | None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        size = int(length) if length.isdecimal() and len(length) < 16 else MOST_BYTES + 1
        if size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and not hasattr(request, "actor"):
            return to_sign_in(request)
        if size > MOST_BYTES:
            raise RequestDataTooBig(f"{length} bytes are more than a page takes.")
        return None
