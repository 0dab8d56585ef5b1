"""Registering an application in three pages (screens §14.2). What was entered waits in a draft until Submit.

The draft is a session of its own, beside the web session: every request may write that one as a whole, and of two at the
same time (a field that is checked while Next is pressed) the later one would undo what the other has stored.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.sessions.backends.db import SessionStore
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import queries
from accounts.actions import applications
from accounts.actors import Actor, Channel
from accounts.console import forms
from accounts.console.answers import redirect, to_sign_in
from accounts.errors import Problem
from accounts.forms.applications import AboutForm, ApplicationValues, RequesterForm, SecurityForm
from accounts.models import Application, BusinessUnit
from accounts.requests import VisitorRequest

CREATE = "admin.applications.create"

PAGES: tuple[type[ApplicationValues], ...] = (RequesterForm, AboutForm, SecurityForm)
URLS = (
    "accounts:application-register",
    "accounts:application-register-about",
    "accounts:application-register-security",
)

COOKIE, COOKIE_PATH = "cxadmin_registration", "/developer/register/"
DAY = 86_400


class Draft:
    """What a browser has entered so far; nobody else's, should another person sign in there.

    Attributes:
        entered: by field name, as it was typed.
        received: what there is to say about the registration submitted last.
    """

    def __init__(self, request: HttpRequest) -> None:
        self.owner = str(request.user.pk or "")
        self.store = SessionStore(request.COOKIES.get(COOKIE))
        mine = self.store.get("owner") == self.owner
        self.entered: dict[str, list[str]] = self.store.get("entered", {}) if mine else {}
        self.received: dict[str, Any] | None = self.store.get("received") if mine else None

    def keep(self, response: HttpResponse) -> HttpResponse:
        """Store it for a day; the answer tells the browser where."""
        self.store.update({"owner": self.owner, "entered": self.entered, "received": self.received})
        self.store.set_expiry(DAY)
        self.store.save()
        secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie(
            COOKIE, self.store.session_key or "", path=COOKIE_PATH, secure=secure, httponly=True, samesite="Lax"
        )
        return response


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def requester(request: VisitorRequest) -> HttpResponse:
    """Page 1: who registers."""
    return _answer(request, 0)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def about(request: VisitorRequest) -> HttpResponse:
    """Page 2: the application."""
    return _answer(request, 1)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def security(request: VisitorRequest) -> HttpResponse:
    """Page 3: authentication and addresses; Submit."""
    return _answer(request, 2)


@login_not_required
@never_cache
@require_safe
def received(request: VisitorRequest) -> HttpResponse:
    """Registration received: the tracking number, to whoever has just submitted."""
    if answer := _not_for_everybody(request):
        return answer
    found = Draft(request).received
    if found is None:
        raise Http404
    return render(request, "accounts/registration_received.html", {"frame": _frame(request), **found})


def begin_with(request: HttpRequest, application: Application, name: str) -> HttpResponse:
    """Lead to a new registration with everything an earlier one has (Copy to new form)."""
    draft = Draft(request)
    draft.entered = {
        "name": [name],
        "description": [application.description],
        "contacts": ["\n".join(application.contacts)],
        "tenancy": [application.tenancy],
        "is_fedramp": ["true" if application.is_fedramp else "false"],
        "auth_method": [application.auth_method],
        "scopes": application.scopes,
        "type": [application.type],
        "redirects": [application.redirect_uris],
        "origins": [application.allowed_origins],
        "logouts": [application.post_logout_redirect_uris],
    }
    return draft.keep(redirect(request, reverse(URLS[0])))


def _answer(request: VisitorRequest, page: int) -> HttpResponse:
    if answer := _not_for_everybody(request):
        return answer
    draft = Draft(request)
    entered = draft.entered
    unit = _unit(request, entered)
    if page and unit is None:
        return redirect(request, reverse(URLS[0]))
    if page == 2 and not _is_complete(AboutForm, entered):
        return redirect(request, reverse(URLS[1]))
    form = _form(request, PAGES[page], entered)
    if answer := forms.check(request, form, lambda: _problems(request, form, unit)):
        return answer
    if request.method != "POST":
        return _page(request, page, form)
    entered |= {name: request.POST.getlist(name) for name in form.fields}
    if "back" in request.POST and page:
        return draft.keep(redirect(request, reverse(URLS[page - 1])))
    form.is_valid()
    form.add_problems(_problems(request, form, unit))
    if form.errors:
        return _page(request, page, form)
    if page < 2:
        return draft.keep(redirect(request, reverse(URLS[page + 1])))
    assert unit is not None  # noqa: S101  # page 3 is not reached without
    application = forms.submit(form, lambda: _register(request, entered, unit))
    if application is None:
        return draft.keep(_page(request, page, form))
    draft.entered, draft.received = {}, _what_to_say(application)
    return draft.keep(redirect(request, reverse("accounts:application-received")))


def _not_for_everybody(request: VisitorRequest) -> HttpResponse | None:
    """Where the form is not public, signing in and a permission come first."""
    if settings.APP_REGISTRATION_PUBLIC:
        return None
    actor = _signed_in(request)
    if actor is None:
        return to_sign_in(request)
    actor.require(CREATE)
    return None


def _signed_in(request: VisitorRequest) -> Actor | None:
    return getattr(request, "actor", None)


def _form(request: VisitorRequest, form: type[ApplicationValues], entered: dict[str, list[str]]) -> ApplicationValues:
    """The page as it was submitted, else with what was entered before, else with what is known of the visitor."""
    initial: dict[str, Any] = {}
    if form is RequesterForm and (actor := _signed_in(request)) is not None:
        user: Any = request.user
        unit = user.business_unit
        initial = {"requester_email": user.email, "requester_name": actor.name, "business_unit": unit.number}
    for name, values in entered.items():
        if name in form.base_fields:
            initial[name] = values if name == "scopes" else "".join(values[:1])
    return form(forms.posted(request), initial=initial)


def _bound(form: type[ApplicationValues], entered: dict[str, list[str]]) -> ApplicationValues:
    """A page filled in with what the draft holds of it."""
    data = QueryDict(mutable=True)
    for name in form.base_fields:
        data.setlist(name, entered.get(name, []))
    return form(data)


def _is_complete(form: type[ApplicationValues], entered: dict[str, list[str]]) -> bool:
    return _bound(form, entered).is_valid()


def _unit(request: VisitorRequest, entered: dict[str, list[str]]) -> BusinessUnit | None:
    """The business unit that page 1 fixed."""
    form = _bound(RequesterForm, entered)
    return _find(request, form.cleaned_data["business_unit"]) if form.is_valid() else None


def _find(request: VisitorRequest, number: int | None) -> BusinessUnit | None:
    unit = queries.business_unit_by_number(number)
    actor = _signed_in(request)
    if (
        unit is not None
        and not settings.APP_REGISTRATION_PUBLIC
        and (actor is None or actor.business_unit_id != unit.pk)
    ):
        return None  # a form for one's own people is no way into another tenant
    return unit


def _problems(request: VisitorRequest, form: ApplicationValues, unit: BusinessUnit | None) -> list[Problem]:
    values = form.values()
    if isinstance(form, RequesterForm):
        number = values.pop("business_unit", None)
        missing = number is not None and _find(request, number) is None
        message = _("There is no business unit with this ID.")
        found = [Problem("business_unit", "V-UNIT", message)] if missing else []
        return [*applications.problems(values, business_unit_id=None), *found]
    return applications.problems(values, business_unit_id=unit.pk if unit else None)


def _register(request: VisitorRequest, entered: dict[str, list[str]], unit: BusinessUnit) -> Application:
    values: dict[str, Any] = {}
    for page in PAGES:
        form = _bound(page, entered)
        form.is_valid()
        values |= form.values()
    return applications.register(values, unit=unit, actor=_actor(request, unit, values))


def _actor(request: VisitorRequest, unit: BusinessUnit, values: dict[str, Any]) -> Actor:
    """Whoever is signed in at this business unit; else a visitor, known by nothing but what was typed."""
    actor = _signed_in(request)
    if actor is not None and actor.business_unit_id == unit.pk:
        return actor
    email = values["requester_email"]
    name = f"{values['requester_name']} <{email}>"[:201]
    return Actor(unit.pk, Channel.UI, None, name, email, "registration form, not signed in", request.request_id)


def _page(request: VisitorRequest, page: int, form: ApplicationValues) -> HttpResponse:
    context = {"form": form, "page": page + 1, "frame": _frame(request), "wide": True}
    return render(request, "accounts/registration.html", context, status=422 if form.errors else 200)


def _frame(request: VisitorRequest) -> str:
    return "signed_out.html" if _signed_in(request) is None else "base.html"


def _what_to_say(application: Application) -> dict[str, Any]:
    return {
        "number": application.tracking_number,
        "name": application.name,
        "contacts": application.contacts,
        "is_approved": application.is_enabled,
    }
