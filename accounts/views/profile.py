"""My Profile, the first page after sign-in, and help (screens §13, §1.2)."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions import access_keys as key_actions
from accounts.actions import profile as profile_actions
from accounts.console import forms
from accounts.console.answers import redirect
from accounts.errors import Refused
from accounts.forms.profile import AccessibilityForm
from accounts.requests import PageRequest, with_query
from accounts.views import access_keys
from accounts.views.access_keys import AccessKeyTable
from cxadmin import navigation

TABS = ("general", "access-keys-tab", "accessibility")


@require_safe
def home(request: PageRequest) -> HttpResponse:
    """The address of the product: on to the first page the employee may open."""
    return redirect(request, navigation.landing(request.actor))


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: PageRequest) -> HttpResponse:
    """What the product knows about oneself; Save stores one's access keys."""
    table = AccessKeyTable(request.user, request.actor, forms.posted(request))
    if answer := access_keys.added(request, table):
        return answer
    if request.method != "POST" or access_keys.is_adding(request):
        return _page(request, table)
    request.actor.require(key_actions.permission(request.actor, request.user, "view"))
    try:
        key_actions.save(request.user, table.states(), actor=request.actor)
    except Refused as error:
        table.refusal = error.message
        return _page(request, table, status=422)
    messages.success(request, _("Access keys saved"))
    return redirect(request, with_query(reverse("accounts:profile"), tab="access-keys-tab"))


@require_http_methods(["GET", "HEAD", "POST"])
def accessibility(request: PageRequest) -> HttpResponse:
    """How long toasts stay: the tab's form, which has its own Save."""
    form = _accessibility_form(request, forms.posted(request))
    if answer := forms.check(request, form, lambda: profile_actions.toast_problems(form.seconds())):
        return answer
    table = AccessKeyTable(request.user, request.actor)
    if request.method != "POST":
        return _page(request, table, form, tab="accessibility")
    forms.submit(form, lambda: profile_actions.choose_toast_duration(request.user, form.seconds(), actor=request.actor))
    if form.errors:
        return _page(request, table, form, tab="accessibility", status=422)
    messages.success(request, _("Preferences saved"))
    return redirect(request, with_query(reverse("accounts:profile"), tab="accessibility"))


def _accessibility_form(request: PageRequest, data: QueryDict | None = None) -> AccessibilityForm:
    return AccessibilityForm(data, initial=AccessibilityForm.filled_from(request.user.toast_seconds))


def _page(
    request: PageRequest,
    table: AccessKeyTable,
    form: AccessibilityForm | None = None,
    *,
    tab: str = "",
    status: int = 200,
) -> HttpResponse:
    authenticator = request.user.login_authenticator
    tab = tab or ("access-keys-tab" if request.method == "POST" else request.GET.get("tab", ""))
    context = {
        "employee": request.user,
        "sees_tenant": request.actor.can("admin.can_view_client_info.on"),
        "has_password": authenticator is not None and not authenticator.is_external,
        "access_keys": table,
        "form": form or _accessibility_form(request),
        "tab": tab if tab in TABS and (tab != "access-keys-tab" or table.is_shown) else TABS[0],
    }
    return render(request, "accounts/profile.html", context, status=status)


@require_safe
def help_page(request: PageRequest) -> HttpResponse:
    """Our own help."""
    return render(request, "accounts/help.html")
