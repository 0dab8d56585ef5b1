"""Account Settings: one page, one Save (screens §12)."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access, queries, rules
from accounts.actions import account_settings
from accounts.actions.account_settings import SCIM_FIXED_FIELDS
from accounts.console import forms, history
from accounts.console.answers import redirect
from accounts.errors import Forbidden, Invalid, Problem
from accounts.forms.account_settings import LOCK_FIELDS, AccountSettingsForm
from accounts.models import AccountSettings, Role
from accounts.requests import PageRequest, with_query
from accounts.views.scim_tokens import TOKEN, Drafts

VIEW, EDIT = "admin.admin_account_settings.view", "admin.admin_account_settings.edit"
CONFIGURE_LOCK = "admin.security_policy.configure"
LOCK_CONFIRMED = "lock_confirmed"
MOST_USERS = 200

# The tab of each field in the layout with tabs; a message opens the tab of its field.
TABS = ("user-settings", "login-page", "scim", "history")
FIRST_FIELDS = {"idle_timeout_on": "user-settings", "custom_host_name": "login-page", "scim_fields": "scim"}


@sensitive_post_parameters(TOKEN)
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: PageRequest) -> HttpResponse:
    """Show the settings, save them, or generate a SCIM token that the next Save makes valid."""
    settings = access.account_settings(request.actor, VIEW)
    if request.method == "POST":
        _require_rights_to_save(request)
    form = _form(request, settings)
    if answer := forms.check(request, form, lambda: _problems(request, form)):
        return answer
    drafts = Drafts(request)
    if request.method != "POST":
        return _page(request, settings, form, drafts)
    if "generate" in request.POST:
        drafts.generate()
        return drafts.answer() if request.htmx else _page(request, settings, form, drafts, status=drafts.status)
    if (count := _would_lock(request, settings, form)) and LOCK_CONFIRMED not in request.POST:
        return _page(request, settings, form, drafts, would_lock=count)
    locked = forms.submit(
        form, lambda: _save(request, settings, form, drafts), problems=lambda: _problems(request, form)
    )
    if locked is None:
        return _page(request, settings, form, drafts, status=422)
    messages.success(request, _("Account settings saved"))
    if locked:
        message = ngettext("%(n)d employee was locked.", "%(n)d employees were locked.", locked)
        messages.warning(request, message % {"n": locked})
    tab = _tab(request) if settings.account_settings_layout == AccountSettings.Layout.TABS else ""
    return redirect(request, with_query(reverse("accounts:account-settings"), tab=tab))


def _require_rights_to_save(request: PageRequest) -> None:
    request.actor.require(EDIT)
    # Who may not configure the lock sees its fields disabled, and a browser does not send those.
    if not request.actor.can(CONFIGURE_LOCK) and not request.POST.keys().isdisjoint(LOCK_FIELDS):
        raise Forbidden(CONFIGURE_LOCK)


def _form(request: PageRequest, settings: AccountSettings) -> AccountSettingsForm:
    """The form; the present default role is a choice even while it is inactive, so that the page shows the truth."""
    roles = list(queries.roles_by_name(settings.business_unit_id).filter(status=Role.Status.ACTIVE))
    if settings.scim_default_role is not None and settings.scim_default_role not in roles:
        roles.append(settings.scim_default_role)
    return AccountSettingsForm(roles, forms.posted(request), initial=AccountSettingsForm.filled_from(settings))


def _values(request: PageRequest, form: AccountSettingsForm) -> dict[str, object]:
    return form.values(with_lock=request.actor.can(CONFIGURE_LOCK))


def _problems(request: PageRequest, form: AccountSettingsForm) -> list[Problem]:
    values = _values(request, form)
    found = account_settings.problems(values)
    if not any(problem.field == "custom_host_name" for problem in found):
        found += _problems_of_host_name(request, str(values.get("custom_host_name") or ""))
    return found


def _problems_of_host_name(request: PageRequest, name: str) -> list[Problem]:
    if not queries.host_name_taken(name, by_other_than=request.actor.business_unit_id):
        return []
    return [rules.in_use("custom_host_name", account_settings.TEXTS["custom_host_name"].label)]


def _would_lock(request: PageRequest, settings: AccountSettings, form: AccountSettingsForm) -> int:
    """How many employees this Save would shut out; none where it will be refused anyway."""
    if not form.is_valid() or _problems(request, form):
        return 0
    values = _values(request, form)
    return account_settings.would_lock(
        settings,
        lock_on=bool(values.get("lock_on", settings.lock_on)),
        lock_days=int(str(values.get("lock_days", settings.lock_days))),
    )


def _save(request: PageRequest, settings: AccountSettings, form: AccountSettingsForm, drafts: Drafts) -> int:
    if found := _problems(request, form):
        raise Invalid(found)
    return account_settings.update(
        settings,
        _values(request, form),
        actor=request.actor,
        save_tokens=drafts.ids,
        expected_version=form.expected_version,
    )


def _page(
    request: PageRequest,
    settings: AccountSettings,
    form: AccountSettingsForm,
    drafts: Drafts,
    *,
    would_lock: int = 0,
    status: int = 200,
) -> HttpResponse:
    actor = request.actor
    users = queries.active_employees(actor.business_unit_id)
    background, text = (str(form[field].value() or "") for field in ("banner_bg", "banner_fg"))
    has_colours = all(account_settings.COLOUR.fullmatch(colour) for colour in (background, text))
    context = {
        "settings": settings,
        "form": form,
        "has_tabs": settings.account_settings_layout == AccountSettings.Layout.TABS,
        "tab": _tab(request, form if form.is_bound and form.errors else None),
        "fixed_fields": SCIM_FIXED_FIELDS,
        "is_hard_to_read": has_colours and not account_settings.is_readable(background, text),
        "lacks_agent": queries.lacks_role_agent(settings),
        "tokens": queries.saved_scim_tokens(actor.business_unit_id),
        "drafts": drafts,
        "users": users[:MOST_USERS],
        "would_lock": would_lock,
        "may_edit": actor.can(EDIT),
        "may_configure_lock": actor.can(EDIT) and actor.can(CONFIGURE_LOCK),
    }
    return render(request, "accounts/account_settings.html", context, status=status)


def _tab(request: PageRequest, wrong: AccountSettingsForm | None = None) -> str:
    """The tab that is open: the one with the first message, else the one that was."""
    tab = ""
    for name in wrong.fields if wrong else ():
        tab = FIRST_FIELDS.get(name, tab)
        if wrong and name in wrong.errors and tab:
            return tab
    given = request.POST.get("tab") or request.GET.get("tab", "")
    return given if given in TABS else TABS[0]


@require_POST
def layout(request: PageRequest) -> HttpResponse:
    """One scrolling page, or tabs: set at once (screens §12)."""
    settings = access.account_settings(request.actor, EDIT)
    chosen = request.POST.get("layout", "")
    if chosen in AccountSettings.Layout.values:
        account_settings.update(settings, {"account_settings_layout": chosen}, actor=request.actor)
    return redirect(request, reverse("accounts:account-settings"))


@require_safe
def settings_history(request: PageRequest) -> HttpResponse:
    """What happened to the settings and the SCIM tokens."""
    settings = access.account_settings(request.actor, VIEW)
    return history.show(
        request,
        request.actor,
        settings.pk,
        title=_("Account Settings"),
        back=reverse("accounts:account-settings"),
        event_url=lambda event_id: reverse("accounts:account-settings-history-event", args=[event_id]),
    )


@require_safe
def settings_history_event(request: PageRequest, event_id: uuid.UUID) -> HttpResponse:
    """More Details of one event."""
    settings = access.account_settings(request.actor, VIEW)
    back = reverse("accounts:account-settings-history")
    return history.details(request, request.actor, settings.pk, event_id, back=back)
