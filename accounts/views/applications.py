"""Applications: the list, what can be done with one, and its page (screens §14.3)."""

import uuid
from collections.abc import Callable, Sequence

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, queries
from accounts.actions import applications
from accounts.actors import Actor
from accounts.console import dialogs, forms, history, lists, local
from accounts.console.answers import redirect
from accounts.console.dialogs import Dialog
from accounts.console.lists import Column, Filter, ListSpec
from accounts.console.menus import MenuItem
from accounts.errors import Problem, RuleError
from accounts.forms.applications import ApplicationForm
from accounts.models import Application
from accounts.requests import PageRequest, with_query
from accounts.views.registration import begin_with
from cxadmin import clock

VIEW, CREATE, EDIT, DELETE = (f"admin.applications.{action}" for action in ("view", "create", "edit", "delete"))
Status = Application.Status

COLUMNS = (
    Column("name", gettext_lazy("Name"), ("name_key",)),
    Column("client_id", gettext_lazy("Client ID"), css="narrow"),
    Column("type", pgettext_lazy("form", "Application type"), ("type",), "short"),
    Column("auth_method", pgettext_lazy("form", "Authentication method"), ("auth_method",), "narrow short extra"),
    Column("tenancy", pgettext_lazy("form", "Tenancy"), ("tenancy",), "short rare"),
    Column("status", gettext_lazy("Status"), ("status",), "narrow"),
    Column("created", pgettext_lazy("column", "Created"), ("created_at",), "narrow extra"),
    Column("last_used", pgettext_lazy("column", "Last used"), ("last_used_at",), "narrow short"),
    Column("actions", gettext_lazy("Actions"), css="actions"),
)
ALL = ("", pgettext_lazy("filter", "All"))


def _by(column: str) -> Callable[[QuerySet[Application], Sequence[str]], QuerySet[Application]]:
    return lambda rows, chosen: rows.filter(**{f"{column}__in": chosen}) if any(chosen) else rows


FILTERS = (
    Filter("status", gettext_lazy("Status"), (ALL, *Status.choices), _by("status")),
    Filter("type", gettext_lazy("Type"), (ALL, *Application.Type.choices), _by("type")),
)


def spec(actor: Actor) -> ListSpec[Application]:
    """The list as this actor may use it."""
    return ListSpec(
        fragment="accounts/_application_table.html",
        columns=COLUMNS,
        counted=lambda n: ngettext("%(n)d application", "%(n)d applications", n) % {"n": n},
        empty=gettext_lazy("No applications registered"),
        search=queries.search_applications,
        filters=FILTERS,
        menu=lambda application: menu(application, actor),
    )


# What can be done in which state: the verb of the address, the permission, and in which states.
ACTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("approve", EDIT, (Status.SUBMITTED,)),
    ("reject", EDIT, (Status.SUBMITTED,)),
    ("enable", EDIT, (Status.DISABLED,)),
    ("disable", EDIT, (Status.ENABLED,)),
    ("secret", EDIT, (Status.ENABLED, Status.DISABLED)),
    ("copy", CREATE, tuple(Status.values)),
    ("delete", DELETE, (Status.ENABLED, Status.DISABLED)),
    ("keep", DELETE, (Status.SCHEDULED,)),
)
ITEMS = {
    "approve": (pgettext_lazy("button", "Approve"), "check"),
    "reject": (pgettext_lazy("button", "Reject"), "x-mark"),
    "enable": (gettext_lazy("Enable"), "check-circle"),
    "disable": (gettext_lazy("Disable"), "no-symbol"),
    "secret": (gettext_lazy("New secret"), "key"),
    "copy": (gettext_lazy("Copy to new form"), "document-duplicate"),
    "delete": (gettext_lazy("Delete"), "trash"),
    "keep": (gettext_lazy("Cancel deletion"), "arrow-uturn-left"),
}
TAKES_AWAY = frozenset({"reject", "disable", "delete"})


def menu(application: Application, actor: Actor) -> list[MenuItem]:
    """What this actor may do with an application, from the list and on its page."""
    found = []
    for verb, permission, states in ACTS:
        if application.status in states and actor.can(permission):
            label, icon = ITEMS[verb]
            url = reverse(f"accounts:application-{verb}", args=[application.pk])
            found.append(MenuItem(label, url, icon, takes_away=verb in TAKES_AWAY, is_page=verb == "copy"))
    return found


@require_safe
def application_list(request: PageRequest) -> HttpResponse:
    """The tenant's applications."""
    request.actor.require(VIEW)
    rows = queries.applications(request.actor.business_unit_id)
    return lists.show(
        request, "accounts/application_list.html", spec(request.actor), rows, may_create=request.actor.can(CREATE)
    )


# The page


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: PageRequest, application_id: uuid.UUID) -> HttpResponse:
    """An application of the tenant; Save changes what can be changed."""
    application = access.application(request.actor, application_id, VIEW)
    may_edit = request.actor.can(EDIT)
    form = ApplicationForm(application, forms.posted(request))
    if request.method == "POST":
        request.actor.require(EDIT)
    if answer := forms.check(request, form, lambda: _problems(form, application)):
        return answer
    if request.method == "POST":
        saved = forms.submit(
            form, lambda: _save(request, form, application), problems=lambda: _problems(form, application)
        )
        if saved is not None:
            messages.success(request, _("Application saved"))
            return redirect(request, _url(application))
        application = access.application(request.actor, application_id)  # as it is stored, not as it was refused
    context = {
        "application": application,
        "form": form,
        "tab": "history" if request.GET.get("tab") == "history" and not form.errors else "general",
        "may_edit": may_edit,
        "menu": menu(application, request.actor),
    }
    return render(request, "accounts/application.html", context, status=422 if form.errors else 200)


def _problems(form: ApplicationForm, application: Application) -> list[Problem]:
    return applications.problems(form.values(), business_unit_id=application.business_unit_id, application=application)


def _save(request: PageRequest, form: ApplicationForm, application: Application) -> Application:
    return applications.update(application, form.values(), actor=request.actor, expected_version=form.expected_version)


def _url(application: Application) -> str:
    return reverse("accounts:application-detail", args=[application.pk])


@require_safe
def application_history(request: PageRequest, application_id: uuid.UUID) -> HttpResponse:
    """What happened to the application."""
    application = access.application(request.actor, application_id, VIEW)
    return history.show(
        request,
        request.actor,
        application.pk,
        title=application.name,
        back=_url(application),
        event_url=lambda event_id: reverse("accounts:application-history-event", args=[application.pk, event_id]),
    )


@require_safe
def application_history_event(request: PageRequest, application_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    """More Details of one event."""
    application = access.application(request.actor, application_id, VIEW)
    back = with_query(_url(application), tab="history")
    return history.details(request, request.actor, application.pk, event_id, back=back)


# Actions


def _confirm(
    request: PageRequest,
    application: Application,
    verb: str,
    sentence: str,
    act: Callable[..., object],
    done: str,
) -> HttpResponse:
    label = ITEMS[verb][0]
    dialog = Dialog(label, sentence, label, back=_url(application), takes_away=verb in TAKES_AWAY)
    return dialogs.confirm(request, dialog, lambda: act(application, actor=request.actor), done=done)


@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: PageRequest, application_id: uuid.UUID) -> HttpResponse:
    """Let a submitted application work."""
    application = access.application(request.actor, application_id, EDIT)
    sentence = _("Approve %(name)s? Its technical contacts get client ID and secret by e-mail.")
    done = _("Application approved")
    return _confirm(request, application, "approve", sentence % {"name": application.name}, applications.approve, done)


@require_http_methods(["GET", "HEAD", "POST"])
def reject(request: PageRequest, application_id: uuid.UUID) -> HttpResponse:
    """Turn a submitted application down."""
    application = access.application(request.actor, application_id, EDIT)
    sentence = _("Reject %(name)s? It would have to be registered again.") % {"name": application.name}
    return _confirm(request, application, "reject", sentence, applications.reject, _("Application rejected"))


@require_http_methods(["GET", "HEAD", "POST"])
def disable(request: PageRequest, application_id: uuid.UUID) -> HttpResponse:
    """Stop an application for a while."""
    application = access.application(request.actor, application_id, EDIT)
    sentence = _("Disable %(name)s? Its tokens stop working at once.") % {"name": application.name}
    return _confirm(request, application, "disable", sentence, applications.disable, _("Application disabled"))


@require_http_methods(["GET", "HEAD", "POST"])
def enable(request: PageRequest, application_id: uuid.UUID) -> HttpResponse:
    """Let a disabled application work again."""
    application = access.application(request.actor, application_id, EDIT)
    sentence = _("Enable %(name)s? It can authenticate again.") % {"name": application.name}
    return _confirm(request, application, "enable", sentence, applications.enable, _("Application enabled"))


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: PageRequest, application_id: uuid.UUID) -> HttpResponse:
    """Schedule the deletion of an application."""
    application = access.application(request.actor, application_id, DELETE)
    date = local.date(clock.now() + settings.APP_DELETION_DELAY)
    sentence = _("Delete %(name)s on %(date)s? It stops working now.") % {"name": application.name, "date": date}
    act, done = applications.schedule_deletion, _("Application scheduled for deletion")
    return _confirm(request, application, "delete", sentence, act, done)


@require_http_methods(["GET", "HEAD", "POST"])
def keep(request: PageRequest, application_id: uuid.UUID) -> HttpResponse:
    """Cancel the deletion."""
    application = access.application(request.actor, application_id, DELETE)
    before = Status(application.status_before_deletion).label if application.status_before_deletion else ""
    sentence = _("Keep %(name)s? It gets the status it had: %(status)s.")
    sentence = sentence % {"name": application.name, "status": before}
    return _confirm(request, application, "keep", sentence, applications.cancel_deletion, _("Deletion cancelled"))


@require_http_methods(["GET", "HEAD", "POST"])
def secret(request: PageRequest, application_id: uuid.UUID) -> HttpResponse:
    """Ask, replace the secret, and show the new one this once."""
    application = access.application(request.actor, application_id, EDIT)
    label = ITEMS["secret"][0]
    sentence = _("Create a new secret? The present one stops working.")
    dialog = Dialog(label, sentence, pgettext("button", "Create"), back=_url(application), takes_away=True)
    if request.method != "POST":
        return dialogs.ask(request, dialog)
    try:
        new_secret = applications.renew_secret(application, actor=request.actor)
    except RuleError as error:
        return dialogs.ask(request, dialog, refusal=error.message)
    context = {"application": application, "secret": new_secret}
    return dialogs.show(request, dialog, "accounts/_new_secret.html", **context)


@require_safe
def copy(request: PageRequest, application_id: uuid.UUID) -> HttpResponse:
    """Copy to new form: a registration that begins with everything this one has."""
    application = access.application(request.actor, application_id, CREATE)
    return begin_with(request, application, applications.free_name(application))
