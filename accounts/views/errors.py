"""Error pages. Whatever goes wrong on a page is said here, in the console's look; for htmx as one sentence, a toast."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template import loader
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import audit, permissions
from accounts.actors import Actor
from accounts.console.answers import wants_fragment
from accounts.errors import Forbidden
from accounts.models import ActivityEvent
from accounts.requests import client_address


def _answer(request: HttpRequest, status: int, title: str, sentence: str) -> HttpResponse:
    if wants_fragment(request):
        return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
    frame = "base.html" if hasattr(request, "actor") else "signed_out.html"
    return render(request, "error.html", {"frame": frame, "title": title, "sentence": sentence}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request itself makes no sense; 413: it is larger than a page reads."""
    if isinstance(exception, RequestDataTooBig):
        sentence = _("More was sent than this page takes. A file can have at most 5 MB.")
        return _answer(request, 413, pgettext("title", "Too large"), sentence)
    return _answer(
        request, 400, pgettext("title", "Bad request"), _("The server could not make sense of this request.")
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: names the permission that is missing, in the words of the role editor."""
    name = missing_permission(exception)
    if name and hasattr(request, "actor"):
        with translation.override("en"):
            _log_refusal(request, request.actor, missing_permission(exception))
    sentence = _("You need the permission %(permission)s for this.") % {"permission": name}
    return _answer(request, 403, pgettext("title", "No permission"), sentence if name else _("You may not do this."))


def missing_permission(exception: Exception | None) -> str:
    """What would have been needed, in words; empty where nobody said."""
    return (str(exception.name) or permission_name(exception.code)) if isinstance(exception, Forbidden) else ""


def _log_refusal(request: HttpRequest, actor: Actor, permission: str) -> None:
    """Refused requests are no change; the activity log keeps them (R-AUD-1, screens §16)."""
    audit.activity(
        actor.business_unit_id,
        by=actor.name,
        entity="Page",
        instance=request.path[:254],
        activity=f"Refused: needs {permission}"[:200],
        result=ActivityEvent.Result.FAILURE,
        address=client_address(request),
    )


def permission_name(code: str) -> str:
    """A toggle as the role editor names it: "Admin > Role Management > View", or "Admin > SCIM" for a switch."""
    toggle = permissions.TOGGLES.get(code)
    if toggle is None:
        return ""
    parts = [toggle.category.label, toggle.permission.label]
    if not toggle.permission.is_switch:
        parts.append(permissions.ACTIONS[toggle.action])
    return " > ".join(str(part) for part in parts)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or an object of another tenant."""
    return _answer(request, 404, pgettext("title", "Not found"), _("There is nothing at this address, or not for you."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that does not come from our own page, or from one opened before signing in again."""
    return _answer(
        request,
        403,
        pgettext("title", "Form out of date"),
        _("This form is out of date. Reload the page and try again."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: rendered without the request, because what broke may be what the frame needs."""
    sentence = _("Something went wrong on our side. It has been logged.")
    if wants_fragment(request):
        return HttpResponseServerError(sentence, content_type="text/plain; charset=utf-8")
    context = {"title": pgettext("title", "Something went wrong"), "sentence": sentence}
    context["request_id"] = getattr(request, "request_id", "")
    return HttpResponseServerError(loader.render_to_string("500.html", context))
