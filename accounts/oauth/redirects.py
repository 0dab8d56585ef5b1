"""Where a sign-in may end: at the registered redirect address of the application that asked for it."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from accounts import queries
from accounts.requests import wanted_page

View = Callable[..., HttpResponse]


def leads_to_application(view: View) -> View:
    """For the pages between an authorization request and its answer (`next` is the request): their forms may end at the
    application."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        allow_form_to_end_at(response, registered_redirect(wanted_page(request)))
        return response

    return answered


def allow_form_to_end_at(response: HttpResponse, redirect_uri: str) -> None:
    """Widen the page's content security policy: Chrome applies `form-action` to every redirect that follows a form, so
    without this the browser would stop before the application's callback."""
    origin = urlsplit(redirect_uri)
    if origin.scheme and origin.netloc:
        response._csp_update = {"form-action": [f"{origin.scheme}://{origin.netloc}"]}  # type: ignore[attr-defined]
        # `display=popup`: the application's callback page in this window speaks to the window that opened it.
        response["Cross-Origin-Opener-Policy"] = "unsafe-none"


def registered_redirect(url: str) -> str:
    """The redirect address of an authorization request of ours, if its application is registered with it; else nothing."""
    parts = urlsplit(url)
    if parts.path != reverse("accounts:authorize"):
        return ""
    asked = QueryDict(parts.query)
    redirect_uri = asked.get("redirect_uri", "")
    application = queries.application_by_client_id(asked.get("client_id"))
    return redirect_uri if application is not None and redirect_uri in application.redirects else ""
