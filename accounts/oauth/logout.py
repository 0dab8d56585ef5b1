"""`/auth/authorize/logout`: an application has the employee log out (OpenID Connect RP-Initiated Logout, apis.md §2.6)."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods
from oauthlib.common import add_params_to_uri

from accounts import queries, signing
from accounts.actions import sign_in
from accounts.models import Employee
from accounts.oauth import redirects
from accounts.oauth.authorize import refusal
from accounts.requests import VisitorRequest, client_address

PARAMETERS = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")


@dataclass(frozen=True, slots=True)
class Target:
    """Where the browser goes afterwards; nowhere without a registered address."""

    redirect_uri: str = ""
    state: str = ""

    @property
    def url(self) -> str:
        return add_params_to_uri(self.redirect_uri, [("state", self.state)]) if self.state else self.redirect_uri


@csrf_exempt  # an application may post the request; the answer to our own question is protected below
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def logout(request: VisitorRequest) -> HttpResponse:
    """Ask, then end the web session. It is always asked, so that no other site can log anybody out unseen; whoever is not
    signed in is sent on at once."""
    if request.method == "POST" and not {"yes", "no"} & set(request.POST):
        kept = {name: request.POST[name] for name in PARAMETERS if name in request.POST}
        return HttpResponseRedirect(f"{request.path}?{urlencode(kept)}")
    target = _target(request.GET)
    if target is None:
        return refusal(
            request,
            _("The address to go to after logging out is not registered for the application."),
            "invalid_request",
            "post_logout_redirect_uri needs an id_token_hint or client_id of the application it is registered for.",
        )
    response = _answered(request, target) if request.method == "POST" else _asked(request, target)
    redirects.allow_form_to_end_at(response, target.redirect_uri)
    return response


def _asked(request: HttpRequest, target: Target) -> HttpResponse:
    if not request.user.is_authenticated:
        return HttpResponseRedirect(target.url) if target.url else _done(request)
    return render(request, "accounts/authorize_logout.html", {"title": pgettext("title", "Log out")})


@csrf_protect
def _answered(request: HttpRequest, target: Target) -> HttpResponse:
    if "yes" in request.POST:
        if isinstance(request.user, Employee):
            sign_in.signed_out(request.user, address=client_address(request))
        auth.logout(request)
        return HttpResponseRedirect(target.url) if target.url else _done(request)
    return HttpResponseRedirect("/")


def _done(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/authorize_logged_out.html")


def _target(asked: QueryDict) -> Target | None:
    """Where to go; None if the request names an address that its application is not registered with."""
    redirect_uri = asked.get("post_logout_redirect_uri", "")
    if not redirect_uri:
        return Target()
    client_id = asked.get("client_id") or _audience(asked.get("id_token_hint", ""))
    application = queries.application_by_client_id(client_id)
    if application is None or redirect_uri not in application.logouts:
        return None
    return Target(redirect_uri, asked.get("state", ""))


def _audience(id_token: str) -> str:
    """The application an id token is for; its time may be over."""
    claims = signing.verify(id_token) if id_token else None
    return str(claims.get("aud", "")) if claims else ""
