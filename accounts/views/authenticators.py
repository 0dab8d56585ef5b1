"""Login Authenticators: the list and what its row menu does (screens §9)."""

import uuid
from collections.abc import Callable, Sequence

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, queries
from accounts.actions import authenticators
from accounts.actors import Actor
from accounts.console import dialogs, lists
from accounts.console.dialogs import Dialog
from accounts.console.lists import Column, Filter, ListSpec
from accounts.console.menus import MenuItem
from accounts.models import LoginAuthenticator
from accounts.requests import PageRequest

VIEW, SEARCH, CREATE, EDIT = (f"admin.login_authenticator.{action}" for action in ("view", "search", "create", "edit"))
SET_POLICY = "admin.password_policy.edit"
MANAGE_PASSWORDS = "admin.can_manage_passwords.on"

Status = LoginAuthenticator.Status

COLUMNS = (
    Column("name", gettext_lazy("Name"), ("name_key",)),
    Column("type", gettext_lazy("Authentication Type"), ("type",), "short"),
    Column("mfa", pgettext_lazy("column", "MFA"), ("mfa_required", "mfa_type"), "narrow"),
    Column("users", gettext_lazy("Employees"), ("users",), "number narrow short"),
    Column("status", gettext_lazy("Status"), ("status",), "narrow"),
    Column("modified", gettext_lazy("Last Modified"), ("modified_at",), "narrow short"),
    Column("actions", gettext_lazy("Actions"), css="actions"),
)
ALL = ("", pgettext_lazy("filter", "All"))


def _by(column: str) -> Callable[[QuerySet[LoginAuthenticator], Sequence[str]], QuerySet[LoginAuthenticator]]:
    return lambda rows, chosen: rows.filter(**{f"{column}__in": chosen}) if any(chosen) else rows


FILTERS = (
    Filter("type", gettext_lazy("Type"), (ALL, *LoginAuthenticator.Type.choices), _by("type")),
    Filter("status", gettext_lazy("Status"), (ALL, *Status.choices), _by("status")),
)


def spec(actor: Actor) -> ListSpec[LoginAuthenticator]:
    """The list as this actor may use it."""
    return ListSpec(
        fragment="accounts/_authenticator_table.html",
        columns=COLUMNS,
        counted=lambda n: ngettext("%(n)d login authenticator", "%(n)d login authenticators", n) % {"n": n},
        empty=gettext_lazy("No login authenticators yet"),
        search=queries.search_authenticators if actor.can(SEARCH) else None,
        filters=FILTERS,
        menu=lambda authenticator: row_menu(authenticator, actor),
    )


def needed_to_edit(authenticator: LoginAuthenticator) -> tuple[str, ...]:
    """The permissions that changing it takes: where passwords are kept here, Can Manage Passwords too."""
    return (EDIT,) if authenticator.is_external else (EDIT, MANAGE_PASSWORDS)


def may_edit(authenticator: LoginAuthenticator, actor: Actor) -> bool:
    """Whether this actor may change it."""
    return all(actor.can(code) for code in needed_to_edit(authenticator))


def row_menu(authenticator: LoginAuthenticator, actor: Actor) -> list[MenuItem]:
    """What this actor may do with an authenticator from the list."""
    if not may_edit(authenticator, actor):
        return []

    def url(verb: str) -> str:
        return reverse(f"accounts:authenticator-{verb}", args=[authenticator.pk])

    if authenticator.status != Status.ACTIVE:
        return [MenuItem(_("Activate"), url("activate"), "check-circle")]
    found = []
    if not authenticator.is_default and not authenticator.is_external:
        found.append(MenuItem(_("Set as default"), url("default"), "star"))
    hint = _("Make another one the default first.") if authenticator.is_default else ""
    return [*found, MenuItem(_("Deactivate"), url("deactivate"), "no-symbol", takes_away=True, hint=hint)]


@require_safe
def authenticator_list(request: PageRequest) -> HttpResponse:
    """The tenant's login authenticators."""
    request.actor.require(VIEW)
    rows = queries.with_users(queries.authenticators(request.actor.business_unit_id))
    may_create = request.actor.can(CREATE)
    return lists.show(request, "accounts/authenticator_list.html", spec(request.actor), rows, may_create=may_create)


def _loaded(request: PageRequest, authenticator_id: uuid.UUID) -> LoginAuthenticator:
    """The authenticator, for who may change it."""
    found = access.authenticator(request.actor, authenticator_id, EDIT)
    request.actor.require(*needed_to_edit(found))
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def activate(request: PageRequest, authenticator_id: uuid.UUID) -> HttpResponse:
    """Let employees sign in with it again."""
    found = _loaded(request, authenticator_id)
    sentence = _("Activate %(name)s? Employees can sign in with it again.") % {"name": found.name}
    dialog = Dialog(_("Activate"), sentence, _("Activate"), back=reverse("accounts:authenticator-list"))
    done = _("Login authenticator activated")
    return dialogs.confirm(request, dialog, lambda: authenticators.activate(found, actor=request.actor), done=done)


@require_http_methods(["GET", "HEAD", "POST"])
def deactivate(request: PageRequest, authenticator_id: uuid.UUID) -> HttpResponse:
    """Take it out of use."""
    found = _loaded(request, authenticator_id)
    sentence = _("Deactivate %(name)s? It can no longer be given to employees.") % {"name": found.name}
    back = reverse("accounts:authenticator-list")
    dialog = Dialog(_("Deactivate"), sentence, _("Deactivate"), back=back, takes_away=True)
    done = _("Login authenticator deactivated")
    return dialogs.confirm(request, dialog, lambda: authenticators.deactivate(found, actor=request.actor), done=done)


@require_http_methods(["GET", "HEAD", "POST"])
def set_default(request: PageRequest, authenticator_id: uuid.UUID) -> HttpResponse:
    """Let it apply where nobody chose another."""
    found = _loaded(request, authenticator_id)
    sentence = _("Make %(name)s the default? Employees whom an identity provider creates sign in with it.")
    more = _("Its password rules also apply to employees who have no login authenticator.")
    back = reverse("accounts:authenticator-list")
    dialog = Dialog(_("Set as default"), sentence % {"name": found.name}, _("Set as default"), back=back, more=(more,))
    done = _("%(name)s is the default now") % {"name": found.name}
    return dialogs.confirm(request, dialog, lambda: authenticators.set_default(found, actor=request.actor), done=done)
