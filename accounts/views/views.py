"""Views: the list and what its row menu does (screens §11)."""

import uuid
from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, queries
from accounts.actions import views
from accounts.actors import Actor
from accounts.console import dialogs, lists
from accounts.console.dialogs import Dialog
from accounts.console.lists import Column, Filter, ListSpec
from accounts.console.menus import MenuItem
from accounts.models import EmployeeView, View
from accounts.requests import PageRequest

VIEW, CREATE, EDIT, DELETE = (f"admin.view_management.{action}" for action in ("view", "create", "edit", "delete"))

COLUMNS = (
    Column("name", gettext_lazy("View Name"), ("name_key",)),
    Column("type", gettext_lazy("Type"), ("type",)),
    Column("users", gettext_lazy("Employees"), ("users",), "number narrow"),
    Column("modified", gettext_lazy("Last Modified"), ("modified_at",), "narrow"),
    Column("actions", gettext_lazy("Actions"), css="actions"),
)


def _by_type(rows: QuerySet[View], chosen: Sequence[str]) -> QuerySet[View]:
    return rows.filter(type__in=chosen) if any(chosen) else rows


def spec(actor: Actor) -> ListSpec[View]:
    """The list as this actor may use it."""
    every = ("", pgettext_lazy("filter", "All"))
    return ListSpec(
        fragment="accounts/_view_table.html",
        columns=COLUMNS,
        counted=lambda n: ngettext("%(n)d view", "%(n)d views", n) % {"n": n},
        empty=gettext_lazy("No views yet"),
        search=queries.search_views,
        filters=(Filter("type", gettext_lazy("Type"), (every, *View.Type.choices), _by_type),),
        menu=lambda view: row_menu(view, actor),
    )


def row_menu(view: View, actor: Actor) -> list[MenuItem]:
    """What this actor may do with a view from the list."""
    if not actor.can(DELETE):
        return []
    url = reverse("accounts:view-delete", args=[view.pk])
    return [MenuItem(pgettext("button", "Delete"), url, "trash", takes_away=True)]


@require_safe
def view_list(request: PageRequest) -> HttpResponse:
    """The tenant's views."""
    request.actor.require(VIEW)
    rows = queries.with_limited_users(queries.views(request.actor.business_unit_id))
    may_create = request.actor.can(CREATE)
    return lists.show(request, "accounts/view_list.html", spec(request.actor), rows, may_create=may_create)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: PageRequest, view_id: uuid.UUID) -> HttpResponse:
    """Remove a view."""
    view = access.view(request.actor, view_id, DELETE)
    n = EmployeeView.objects.filter(view=view).count()
    sentence = ngettext(
        "Delete view %(name)s? %(n)d employee loses this restriction.",
        "Delete view %(name)s? %(n)d employees lose this restriction.",
        n,
    )
    dialog = Dialog(
        pgettext("button", "Delete"),
        sentence % {"name": view.name, "n": n},
        pgettext("button", "Delete"),
        back=reverse("accounts:view-list"),
        takes_away=True,
    )
    return dialogs.confirm(request, dialog, lambda: views.delete(view, actor=request.actor), done=_("View deleted"))
