"""The role page: General, Permissions, Assigned Users, Change History under one Save (screens §4.2)."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, permissions, queries
from accounts.actions import roles
from accounts.console import assign, forms, history, lists
from accounts.console.answers import redirect
from accounts.console.lists import Column, ListSpec
from accounts.errors import Forbidden, Problem
from accounts.forms.role_permissions import PRESETS, PermissionEditor, codes_in, restrictions_in
from accounts.forms.roles import RoleForm
from accounts.models import Employee, Role
from accounts.requests import PageRequest, with_query
from accounts.views.roles import ASSIGN, CREATE, EDIT, VIEW, address_of

TABS = ("general", "permissions", "users", "history")
MOST_TEAMS = 200


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """A role that is not stored yet."""
    request.actor.require(CREATE)
    return _answer(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: PageRequest, role_id: uuid.UUID) -> HttpResponse:
    """A role of the tenant."""
    return _answer(request, access.role(request.actor, role_id, VIEW))


def _answer(request: PageRequest, role: Role | None) -> HttpResponse:
    initial = {"name": role.display_name, "description": role.description, "version": role.version} if role else {}
    form = RoleForm(forms.posted(request), initial=initial)
    if answer := forms.check(request, form, lambda: _problems(request, form, role)):
        return answer
    if request.method != "POST" or "set_default" in request.POST:
        return _page(request, role, form)
    saved = forms.submit(form, lambda: _save(request, form, role), problems=lambda: _problems(request, form, role))
    if saved is None:
        return _page(request, role, form, status=422)
    if "activate" in request.POST:
        messages.success(request, _("Role activated"))
        return redirect(request, reverse("accounts:role-list"))
    messages.success(request, _("Role saved"))
    return redirect(request, address_of(saved, request.actor, tab=_tab(request)))


def _problems(request: PageRequest, form: RoleForm, role: Role | None) -> list[Problem]:
    return roles.problems(form.values(), business_unit_id=request.actor.business_unit_id, role=role)


def _save(request: PageRequest, form: RoleForm, role: Role | None) -> Role:
    """Store what the actor may change; somebody who may only assign users sends nothing else."""
    actor, activate = request.actor, "activate" in request.POST
    values = form.values() | {"restrictions": restrictions_in(request.POST)}
    codes = codes_in(request.POST)
    if role is None:
        return roles.create(values, codes, actor=actor, activate=activate)
    added = assign.chosen(actor, request.POST.getlist(assign.ADD))
    if added:
        actor.require(ASSIGN)
    if not actor.can(EDIT):
        if activate or not actor.can(ASSIGN):
            raise Forbidden(EDIT)
        return roles.update(role, {}, actor=actor, add_users=added, expected_version=form.expected_version)
    return roles.update(
        role,
        values,
        codes,
        actor=actor,
        activate=activate,
        add_users=added,
        expected_version=form.expected_version,
    )


def _page(request: PageRequest, role: Role | None, form: RoleForm, *, status: int = 200) -> HttpResponse:
    actor = request.actor
    may_edit = actor.can(EDIT if role else CREATE)
    names = request.POST.getlist(assign.ADD) or request.GET.getlist(assign.ADD)
    context = {
        "role": role,
        "form": form,
        "editor": _editor(request, role, is_open=may_edit),
        "teams": queries.active_teams(actor.business_unit_id)[:MOST_TEAMS],
        "added": assign.chosen(actor, names) if role else [],
        "tab": "general" if form.errors else _tab(request),
        "may_edit": may_edit,
        "may_assign": actor.can(ASSIGN),
        "is_active": role is not None and role.status == Role.Status.ACTIVE,
    }
    return render(request, "accounts/role.html", context, status=status)


def _editor(request: PageRequest, role: Role | None, *, is_open: bool) -> PermissionEditor:
    """The permissions as they were submitted, as Set To Default makes them, or as they are stored."""
    restrictions = role.restrictions if role else {}
    if request.method != "POST":
        chosen = frozenset(role.permissions.values_list("code", flat=True)) if role else frozenset()
    elif "set_default" in request.POST and request.POST.get("default_role") in PRESETS:
        chosen, restrictions = permissions.preset(request.POST["default_role"]), restrictions_in(request.POST)
    else:
        chosen, restrictions = permissions.closed(codes_in(request.POST)), restrictions_in(request.POST)
    return PermissionEditor(request.business_unit.licences, chosen, restrictions, is_open=is_open)


def _tab(request: PageRequest) -> str:
    given = request.POST.get("tab") or request.GET.get("tab", "")
    return given if given in TABS else "general"


# Assigned Users

USERS: ListSpec[Employee] = ListSpec(
    fragment="accounts/_role_users_table.html",
    columns=(
        Column("name", gettext_lazy("Name"), ("name_key",)),
        Column("username", gettext_lazy("Username"), ("username_key",)),
        Column("team", gettext_lazy("Team"), ("team__name_key", "name_key")),
        Column("status", gettext_lazy("Status"), ("status", "name_key"), "narrow"),
    ),
    counted=lambda n: ngettext("%(n)d employee", "%(n)d employees", n) % {"n": n},
    empty=gettext_lazy("Nobody has this role as primary role yet"),
    search=queries.search_employees,
    id="users-list",
)


@require_safe
def users(request: PageRequest, role_id: uuid.UUID) -> HttpResponse:
    """Who has the role as primary role: the tab's content, or a page without JavaScript."""
    role = access.role(request.actor, role_id, VIEW)
    rows = access.seen(request.actor, queries.employees(role.business_unit_id).filter(primary_role=role))
    return lists.show_inside(
        request, "accounts/role_users.html", "accounts/_role_users.html", USERS, rows.select_related("team"), role=role
    )


@require_safe
def users_add(request: PageRequest, role_id: uuid.UUID) -> HttpResponse:
    """The window behind Add Users: everybody who is not Inactive, has another primary role and is not oneself."""
    role = access.role(request.actor, role_id, ASSIGN)
    rows = queries.assignable_employees(role, by=request.actor.employee_id)
    back = with_query(reverse("accounts:role-detail", args=[role.pk]), tab="users")
    return assign.show(request, request.actor, rows, title=pgettext("button", "Add Users"), back=back)


# Change History


@require_safe
def role_history(request: PageRequest, role_id: uuid.UUID) -> HttpResponse:
    """What happened to the role."""
    role = access.role(request.actor, role_id, VIEW)
    return history.show(
        request,
        request.actor,
        role.pk,
        title=role.display_name,
        back=reverse("accounts:role-detail", args=[role.pk]),
        event_url=lambda event_id: reverse("accounts:role-history-event", args=[role.pk, event_id]),
    )


@require_safe
def role_history_event(request: PageRequest, role_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    """More Details of one event."""
    role = access.role(request.actor, role_id, VIEW)
    back = with_query(reverse("accounts:role-detail", args=[role.pk]), tab="history")
    return history.details(request, request.actor, role.pk, event_id, back=back)
