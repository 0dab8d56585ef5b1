"""Roles and Permissions: the list and what its row menu does (screens §4.1)."""

import uuid
from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, queries
from accounts.actions import roles
from accounts.actors import Actor
from accounts.console import dialogs, forms, lists
from accounts.console.answers import redirect
from accounts.console.dialogs import Dialog
from accounts.console.lists import Column, Filter, ListSpec
from accounts.console.menus import MenuItem
from accounts.errors import Problem
from accounts.forms.roles import DuplicateForm
from accounts.models import Role
from accounts.requests import PageRequest, with_query

VIEW, SEARCH, CREATE, EDIT, DEACTIVATE, ASSIGN = (
    f"admin.role_management.{action}"
    for action in ("view", "search", "create", "edit", "deactivate", "user_assignment")
)

COLUMNS = (
    Column("name", gettext_lazy("Name"), ("shown_key",)),
    Column("description", gettext_lazy("Description"), ("description",), "wide"),
    Column("status", gettext_lazy("Status"), ("status",), "narrow"),
    Column("users", pgettext_lazy("column", "Users"), ("users",), "number narrow"),
    Column("modified", gettext_lazy("Last Modified"), ("modified_at",), "narrow"),
    Column("actions", gettext_lazy("Actions"), css="actions"),
)


def _by_status(rows: QuerySet[Role], chosen: Sequence[str]) -> QuerySet[Role]:
    return rows.filter(status__in=chosen) if any(chosen) else rows


STATUS = Filter(
    "status",
    gettext_lazy("Status"),
    (
        ("", pgettext_lazy("filter", "All")),
        (Role.Status.ACTIVE.value, Role.Status.ACTIVE.label),
        (Role.Status.INACTIVE.value, Role.Status.INACTIVE.label),
        (Role.Status.DRAFT.value, Role.Status.DRAFT.label),
    ),
    _by_status,
)


def spec(actor: Actor) -> ListSpec[Role]:
    """The list as this actor may use it."""
    return ListSpec(
        fragment="accounts/_role_table.html",
        columns=COLUMNS,
        counted=lambda n: ngettext("%(n)d role", "%(n)d roles", n) % {"n": n},
        empty=gettext_lazy("No roles yet"),
        search=queries.search_roles if actor.can(SEARCH) else None,
        filters=(STATUS,),
        menu=lambda role: row_menu(role, actor),
    )


def row_menu(role: Role, actor: Actor) -> list[MenuItem]:
    """What this actor may do with a role from the list."""
    found = []
    if actor.can(CREATE):
        url = reverse("accounts:role-duplicate", args=[role.pk])
        found.append(MenuItem(_("Duplicate"), url, "document-duplicate"))
    if role.status != Role.Status.ACTIVE and actor.can(EDIT):
        found.append(MenuItem(_("Activate"), reverse("accounts:role-activate", args=[role.pk]), "check-circle"))
    if role.status == Role.Status.ACTIVE and actor.can(DEACTIVATE):
        url = reverse("accounts:role-deactivate", args=[role.pk])
        found.append(MenuItem(_("Deactivate"), url, "no-symbol", takes_away=True))
    return found


def address_of(role: Role, actor: Actor, **query: str) -> str:
    """Where one goes from a role just stored: its page, or the list if the actor's views leave it out (R-VIEW-1)."""
    is_seen = access.seen_roles(actor, queries.roles(actor.business_unit_id).filter(pk=role.pk)).exists()
    return (
        with_query(reverse("accounts:role-detail", args=[role.pk]), **query)
        if is_seen
        else reverse("accounts:role-list")
    )


@require_safe
def role_list(request: PageRequest) -> HttpResponse:
    """The tenant's roles."""
    request.actor.require(VIEW)
    seen = access.seen_roles(request.actor, queries.roles(request.actor.business_unit_id))
    rows = queries.with_primary_users(queries.with_shown_name(seen))
    return lists.show(
        request, "accounts/role_list.html", spec(request.actor), rows, may_create=request.actor.can(CREATE)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def duplicate(request: PageRequest, role_id: uuid.UUID) -> HttpResponse:
    """Ask for a name, then open the copy: a Draft with the same description and permissions."""
    role = access.role(request.actor, role_id, CREATE)
    form = DuplicateForm(forms.posted(request))
    if answer := forms.check(request, form, lambda: _name_problems(request, form)):
        return answer
    if request.method == "POST":
        made = forms.submit(form, lambda: roles.duplicate(role, form.cleaned_data["name"], actor=request.actor))
        if made is not None:
            return redirect(request, address_of(made, request.actor))
    sentence = _("The copy is a draft with the description and the permissions of %(name)s.")
    dialog = Dialog(
        _("Duplicate"), sentence % {"name": role.display_name}, _("Duplicate"), back=reverse("accounts:role-list")
    )
    return dialogs.ask(request, dialog, form=form)


def _name_problems(request: PageRequest, form: DuplicateForm) -> list[Problem]:
    values = {"name": form.cleaned_data.get("name", "")}
    return roles.problems(values, business_unit_id=request.actor.business_unit_id)


@require_http_methods(["GET", "HEAD", "POST"])
def activate(request: PageRequest, role_id: uuid.UUID) -> HttpResponse:
    """Make a Draft or Inactive role assignable."""
    role = access.role(request.actor, role_id, EDIT)
    sentence = _("Activate %(name)s? It can then be assigned.") % {"name": role.display_name}
    dialog = Dialog(_("Activate"), sentence, _("Activate"), back=reverse("accounts:role-list"))
    return dialogs.confirm(request, dialog, lambda: roles.activate(role, actor=request.actor), done=_("Role activated"))


@require_http_methods(["GET", "HEAD", "POST"])
def deactivate(request: PageRequest, role_id: uuid.UUID) -> HttpResponse:
    """Make an Active role unassignable."""
    role = access.role(request.actor, role_id, DEACTIVATE)
    warning = _("New SCIM users cannot be created until another default role is chosen.")
    dialog = Dialog(
        _("Deactivate"),
        _("Deactivate %(name)s? It can no longer be assigned.") % {"name": role.display_name},
        _("Deactivate"),
        back=reverse("accounts:role-list"),
        takes_away=True,
        more=(warning,) if queries.is_scim_default_role(role) else (),
    )
    return dialogs.confirm(
        request, dialog, lambda: roles.deactivate(role, actor=request.actor), done=_("Role deactivated")
    )
