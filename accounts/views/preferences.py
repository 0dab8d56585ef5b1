"""Language, theme and side bar: what a visitor chooses on any page (screens §1.2)."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.actions import profile
from accounts.console.answers import redirect
from accounts.models import Employee
from accounts.requests import wanted_page
from cxadmin.navigation import SIDE_BAR_COOKIE, THEME_COOKIE, THEMES

A_YEAR = 365 * 24 * 3600


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Speak another language from now on: kept with the employee, and in a cookie for the pages before sign-in."""
    chosen = request.POST.get("language", "")
    answer = _back(request)
    if chosen in dict(settings.LANGUAGES):
        _remember(answer, settings.LANGUAGE_COOKIE_NAME, chosen)
        if isinstance(request.user, Employee):
            profile.choose_language(request.user, chosen)
    return answer


@login_not_required
@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Theme and side bar for browsers without scripts; with them the browser writes the same cookies itself."""
    answer = _back(request)
    if request.POST.get("theme") in ("", *THEMES):
        _remember(answer, THEME_COOKIE, request.POST["theme"])
    if request.POST.get("side_bar") in ("open", "collapsed"):
        _remember(answer, SIDE_BAR_COOKIE, request.POST["side_bar"])
    return answer


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(request, wanted_page(request) or reverse("accounts:home"))


def _remember(answer: HttpResponse, name: str, value: str) -> None:
    answer.set_cookie(name, value, max_age=A_YEAR, secure=settings.PUBLIC_IS_HTTPS, samesite="Lax")
