"""The group page: its name, Assigned Users and Change History (screens §8)."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, queries, rules
from accounts.actions import groups
from accounts.console import assign, dialogs, forms, history, lists
from accounts.console.answers import redirect
from accounts.console.dialogs import Dialog
from accounts.console.lists import Column, ListSpec
from accounts.errors import Problem
from accounts.forms.groups import GroupForm
from accounts.models import Employee, Group
from accounts.requests import PageRequest, with_query
from accounts.views.groups import CREATE, EDIT, VIEW

TABS = ("users", "history")


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """A group that is not stored yet."""
    request.actor.require(CREATE)
    return _answer(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: PageRequest, group_id: uuid.UUID) -> HttpResponse:
    """A group of the tenant."""
    return _answer(request, access.group(request.actor, group_id, VIEW))


def _answer(request: PageRequest, group: Group | None) -> HttpResponse:
    initial = {"name": group.name, "version": group.version} if group else {}
    form = GroupForm(forms.posted(request), initial=initial)
    if answer := forms.check(request, form, lambda: _problems(request, form, group)):
        return answer
    if request.method != "POST":
        return _page(request, group, form)
    saved = forms.submit(form, lambda: _save(request, form, group), problems=lambda: _problems(request, form, group))
    if saved is None:
        return _page(request, group, form, status=422)
    messages.success(request, _("Group saved") if group else _("Group created"))
    return redirect(request, with_query(reverse("accounts:group-detail", args=[saved.pk]), tab=_tab(request)))


def _problems(request: PageRequest, form: GroupForm, group: Group | None) -> list[Problem]:
    values = form.values()
    found = groups.problems(values, group=group)
    others = queries.groups(request.actor.business_unit_id)
    if not found and queries.name_taken(others, values["name"], by_other_than=group.pk if group else None):
        found.append(rules.in_use("name", groups.TEXTS["name"].label))
    return found


def _save(request: PageRequest, form: GroupForm, group: Group | None) -> Group:
    actor = request.actor
    added = {employee.pk: None for employee in assign.chosen(actor, request.POST.getlist(assign.ADD))}
    if group is None:
        return groups.create(form.values(), actor=actor, members=added)
    actor.require(EDIT)
    groups.update(group, form.values(), actor=actor, add=added, expected_version=form.expected_version)
    return group


def _page(request: PageRequest, group: Group | None, form: GroupForm, *, status: int = 200) -> HttpResponse:
    names = request.POST.getlist(assign.ADD) or request.GET.getlist(assign.ADD)
    context = {
        "group": group,
        "form": form,
        "added": assign.chosen(request.actor, names),
        "tab": _tab(request),
        "may_edit": group is None or request.actor.can(EDIT),
    }
    return render(request, "accounts/group.html", context, status=status)


def _tab(request: PageRequest) -> str:
    given = request.POST.get("tab") or request.GET.get("tab", "")
    return given if given in TABS else "users"


# Assigned Users

COLUMNS = (
    Column("name", gettext_lazy("Name"), ("name_key",)),
    Column("username", gettext_lazy("Username"), ("username_key",)),
    Column("team", gettext_lazy("Team"), ("team__name_key", "name_key")),
    Column("status", gettext_lazy("Status"), ("status", "name_key"), "narrow"),
)
ACTIONS = Column("actions", gettext_lazy("Actions"), css="actions")


@require_safe
def users(request: PageRequest, group_id: uuid.UUID) -> HttpResponse:
    """Who is in the group: the tab's content, or a page without JavaScript."""
    group = access.group(request.actor, group_id, VIEW)
    may_edit = request.actor.can(EDIT)
    spec: ListSpec[Employee] = ListSpec(
        fragment="accounts/_group_users_table.html",
        columns=(*COLUMNS, ACTIONS) if may_edit else COLUMNS,
        counted=lambda n: ngettext("%(n)d employee", "%(n)d employees", n) % {"n": n},
        empty=gettext_lazy("Nobody is in this group yet"),
        search=queries.search_employees,
        id="users-list",
    )
    members, total = queries.employees_inside(group)
    sees_all = access.sees_everybody(request.actor)
    rows = members if sees_all else access.seen(request.actor, members)
    found = lists.listing(request, spec, rows.select_related("team"))
    found.total = total if sees_all else None
    page, tab = "accounts/group_users.html", "accounts/_group_users.html"
    return lists.answer(request, page, tab, found, group=group, may_edit=may_edit)


@require_safe
def users_add(request: PageRequest, group_id: uuid.UUID) -> HttpResponse:
    """The window behind Add Users: everybody who is not Inactive and not in the group."""
    group = access.group(request.actor, group_id, EDIT)
    back = reverse("accounts:group-detail", args=[group.pk])
    rows = queries.employees_outside(group)
    return assign.show(request, request.actor, rows, title=pgettext("button", "Add Users"), back=back)


@require_safe
def users_add_to_new(request: PageRequest) -> HttpResponse:
    """The same for a group that is not stored yet."""
    request.actor.require(CREATE)
    rows = queries.living_employees(request.actor.business_unit_id)
    back = reverse("accounts:group-new")
    return assign.show(request, request.actor, rows, title=pgettext("button", "Add Users"), back=back)


@require_http_methods(["GET", "HEAD", "POST"])
def user_remove(request: PageRequest, group_id: uuid.UUID, employee_id: uuid.UUID) -> HttpResponse:
    """Take somebody out of the group."""
    group = access.group(request.actor, group_id, EDIT)
    employee = access.employee(request.actor, employee_id)
    sentence = _("Remove %(name)s from the group %(group)s?") % {"name": employee.full_name, "group": group.name}
    dialog = Dialog(
        pgettext("button", "Remove"),
        sentence,
        pgettext("button", "Remove"),
        back=reverse("accounts:group-detail", args=[group.pk]),
        takes_away=True,
    )
    return dialogs.confirm(
        request,
        dialog,
        lambda: groups.update(group, {}, actor=request.actor, remove=[employee.pk]),
        done=_("%(name)s removed from the group") % {"name": employee.full_name},
    )


# Change History


@require_safe
def group_history(request: PageRequest, group_id: uuid.UUID) -> HttpResponse:
    """What happened to the group."""
    group = access.group(request.actor, group_id, VIEW)
    return history.show(
        request,
        request.actor,
        group.pk,
        title=group.name,
        back=reverse("accounts:group-detail", args=[group.pk]),
        event_url=lambda event_id: reverse("accounts:group-history-event", args=[group.pk, event_id]),
    )


@require_safe
def group_history_event(request: PageRequest, group_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    """More Details of one event."""
    group = access.group(request.actor, group_id, VIEW)
    back = with_query(reverse("accounts:group-detail", args=[group.pk]), tab="history")
    return history.details(request, request.actor, group.pk, event_id, back=back)
