"""`/auth/authorize`: an application asks for a code, the employee signs in with the pages of the console (spec §8.1)."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from oauth2_provider.exceptions import OAuthToolkitError
from oauthlib.oauth2.rfc6749.errors import (
    AccessDeniedError,
    CustomOAuth2Error,
    FatalClientError,
    InvalidRequestError,
    LoginRequired,
    OAuth2Error,
)

from accounts import signing
from accounts.models import Application, BusinessUnit, Employee
from accounts.oauth import redirects, validator, wire
from accounts.oauth.engine import core
from accounts.requests import MUST_CHANGE, SIGNED_IN, VisitorRequest, with_query
from accounts.views import sign_in
from cxadmin import clock

AGAIN = ("prompt", "max_age")
REAUTHENTICATE = {"login", "select_account"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A valid authorization request."""

    parameters: dict[str, str]
    application: Application
    redirect_uri: str
    scopes: list[str]
    credentials: dict[str, Any]

    @property
    def prompts(self) -> set[str]:
        return set(self.parameters.get("prompt", "").split())

    @property
    def address_after_sign_in(self) -> str:
        """The same request without what made the employee sign in: the sign-in has met it."""
        kept = {name: value for name, value in self.parameters.items() if name not in AGAIN}
        return f"{reverse('accounts:authorize')}?{urlencode(kept)}"


@csrf_exempt  # the request itself comes from other sites; the sign-in form inside is protected below
@login_not_required
@never_cache
@sensitive_post_parameters("password", "mfa_token")
@require_http_methods(["GET", "HEAD", "POST"])
def authorize(request: VisitorRequest) -> HttpResponse:
    """Validate the request, have the employee sign in unless the session is good enough, and redirect with a code.

    What is wrong with the application or its redirect is said on a page (R-APP-3, R-APP-6), everything else is told to
    the application by a redirect (RFC 6749 §4.1.2.1).
    """
    if request.method == "POST" and "client_id" in request.POST:
        # A form of another site brings no cookies of ours; the address it becomes does.
        return _at_our_address(request)
    try:
        asked = _asked(request)
        response = _sign_in(request, asked) if request.method == "POST" else _decide(request, asked)
    except wire.Unreadable as error:
        return refusal(request, _("The request could not be understood."), "invalid_request", str(error))
    except FatalClientError as error:
        return refusal(request, _sentence(error), error.error, error.description or "")
    except OAuth2Error as error:
        return _back_with_error(error)
    redirects.allow_form_to_end_at(response, asked.redirect_uri)
    return response


def _at_our_address(request: HttpRequest) -> HttpResponse:
    try:
        parameters = wire.authorization_parameters(request.POST)
    except wire.Unreadable as error:
        return refusal(request, _("The request could not be understood."), "invalid_request", str(error))
    return HttpResponseRedirect(f"{request.path}?{urlencode(parameters)}")


def _asked(request: HttpRequest) -> Asked:
    """Read and validate the request.

    Raises:
        wire.Unreadable, FatalClientError: nobody can be told but the person in front of the browser.
        OAuth2Error: the application is to be told.
    """
    parameters = wire.authorization_parameters(request.GET)
    request.oauth_parameters = parameters  # type: ignore[attr-defined]
    try:
        scopes, credentials = core().validate_authorization_request(request)
    except OAuthToolkitError as error:
        raise error.oauthlib_error from error
    asked = Asked(parameters, credentials["request"].client, credentials["redirect_uri"], scopes, credentials)
    prompts = asked.prompts
    if "none" in prompts and len(prompts) > 1:
        raise _error(InvalidRequestError, asked, "prompt none goes with no other value.")
    if "max_age" in parameters and not parameters["max_age"].isdecimal():
        raise _error(InvalidRequestError, asked, "max_age must be a number of seconds.")
    if "tenantId" in parameters and sign_in.fixed_tenant(request) is None:
        raise _error(InvalidRequestError, asked, "There is no tenant with this tenantId.")
    return asked


def _decide(request: VisitorRequest, asked: Asked) -> HttpResponse:
    """A code for who is signed in well enough; else the sign-in pages, or an error where none may be shown."""
    is_silent = "none" in asked.prompts
    if not _is_signed_in(request, asked):
        if is_silent:
            raise _error(LoginRequired, asked, "Nobody is signed in, or not as the request wants it.")
        _speak(request, asked)
        return sign_in.first_step(request, wanted=asked.address_after_sign_in)
    if request.session.get(MUST_CHANGE):
        if is_silent:
            raise _error(
                partial(CustomOAuth2Error, "interaction_required"), asked, "The password has to be changed first."
            )
        return HttpResponseRedirect(with_query(reverse("accounts:password-change"), next=asked.address_after_sign_in))
    return _grant(request, asked)


def _is_signed_in(request: HttpRequest, asked: Asked) -> bool:
    employee = request.user
    if not isinstance(employee, Employee) or not REAUTHENTICATE.isdisjoint(asked.prompts):
        return False
    tenant: BusinessUnit | None = sign_in.fixed_tenant(request)
    if tenant is not None and tenant.pk != employee.business_unit_id:
        return False
    if "max_age" in asked.parameters:
        age = (clock.now() - _signed_in_at(request)).total_seconds()
        if age > int(asked.parameters["max_age"][:9]):
            return False
    hinted = _hinted_employee(asked)
    return hinted is None or hinted == employee.pk


def _hinted_employee(asked: Asked) -> uuid.UUID | None:
    """The employee of `id_token_hint`; whose time may be over (OpenID Connect Core §3.1.2.1)."""
    hint = asked.parameters.get("id_token_hint")
    claims = signing.verify(hint) if hint else None
    return validator.employee_of(claims.get("sub")) if claims else None


def _signed_in_at(request: HttpRequest) -> datetime:
    return datetime.fromtimestamp(request.session.get(SIGNED_IN, 0), UTC)


def _grant(request: HttpRequest, asked: Asked) -> HttpResponse:
    application, employee = asked.application, request.user
    if not application.is_for(employee.business_unit_id):  # type: ignore[union-attr]
        raise _error(AccessDeniedError, asked, "The application is for another tenant.")
    credentials = asked.credentials | {"signed_in_at": _signed_in_at(request)}
    try:
        location, *_rest = core().create_authorization_response(request, asked.scopes, credentials, allow=True)
    except OAuthToolkitError as error:
        raise error.oauthlib_error from error
    return HttpResponseRedirect(location)


@csrf_protect
def _protected_sign_in(request: VisitorRequest, wanted: str) -> HttpResponse:
    return sign_in.steps(request, wanted=wanted)


def _sign_in(request: VisitorRequest, asked: Asked) -> HttpResponse:
    _speak(request, asked)
    return _protected_sign_in(request, asked.address_after_sign_in)


def _speak(request: HttpRequest, asked: Asked) -> None:
    """Use the language the application asks for, unless the visitor has chosen one."""
    if settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        return
    for tag in asked.parameters.get("ui_locales", "").split():
        language = tag.lower().split("-")[0]
        if language in dict(settings.LANGUAGES):
            translation.activate(language)
            return


def _error(kind: Callable[..., OAuth2Error], asked: Asked, description: str) -> OAuth2Error:
    error = kind(description=description, state=asked.parameters.get("state"))
    error.redirect_uri = asked.redirect_uri
    return error


def _back_with_error(error: OAuth2Error) -> HttpResponse:
    return HttpResponseRedirect(error.in_uri(error.redirect_uri))


def _sentence(error: FatalClientError) -> str:
    if isinstance(error, validator.BackEndApplication):
        return _("This application cannot sign in users (unauthorized_client).")
    if isinstance(error, validator.UnusableApplication):
        return _("This application is not enabled. Ask your administrator.")
    if "redirect" in (error.description or "").lower() or "redirect" in error.error:
        return _("The redirect URL of this request is not registered for the application.")
    return _("There is no application with the client ID of this request.")


def refusal(request: HttpRequest, sentence: str, error: str, description: str) -> HttpResponse:
    """The page for what no application can be told: a sentence for people, and the error for who set it up."""
    detail = f"{error}: {description}" if description else error
    title = pgettext("title", "Sign-in request refused")
    context = {"frame": "signed_out.html", "title": title, "sentence": sentence, "detail": detail}
    return render(request, "error.html", context, status=400)
