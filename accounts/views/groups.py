"""Groups: the list and what its row menu does (screens §8)."""

import uuid

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, queries
from accounts.actions import groups
from accounts.actors import Actor
from accounts.console import dialogs, lists
from accounts.console.dialogs import Dialog
from accounts.console.lists import Column, ListSpec
from accounts.console.menus import MenuItem
from accounts.models import Group
from accounts.requests import PageRequest

VIEW, CREATE, EDIT, DELETE = (f"admin.groups.{action}" for action in ("view", "create", "edit", "delete"))

COLUMNS = (
    Column("name", gettext_lazy("Group Name"), ("name_key",)),
    Column("users", pgettext_lazy("column", "Users"), ("users",), "number narrow"),
    Column("modified", gettext_lazy("Last Modified"), ("modified_at",), "narrow"),
    Column("actions", gettext_lazy("Actions"), css="actions"),
)


def spec(actor: Actor) -> ListSpec[Group]:
    """The list as this actor may use it."""
    return ListSpec(
        fragment="accounts/_group_table.html",
        columns=COLUMNS,
        counted=lambda n: ngettext("%(n)d group", "%(n)d groups", n) % {"n": n},
        empty=gettext_lazy("No groups yet"),
        search=queries.search_by_name,
        menu=lambda group: row_menu(group, actor),
    )


def row_menu(group: Group, actor: Actor) -> list[MenuItem]:
    """What this actor may do with a group from the list."""
    if not actor.can(DELETE):
        return []
    url = reverse("accounts:group-delete", args=[group.pk])
    return [MenuItem(pgettext("button", "Delete"), url, "trash", takes_away=True)]


@require_safe
def group_list(request: PageRequest) -> HttpResponse:
    """The tenant's groups."""
    request.actor.require(VIEW)
    rows = queries.with_members(queries.groups(request.actor.business_unit_id))
    return lists.show(
        request, "accounts/group_list.html", spec(request.actor), rows, may_create=request.actor.can(CREATE)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: PageRequest, group_id: uuid.UUID) -> HttpResponse:
    """Remove a group; its members stay employees."""
    group = access.group(request.actor, group_id, DELETE)
    members = group.members.count()
    sentence = ngettext(
        "Delete group %(name)s? Its %(n)d member stays an employee.",
        "Delete group %(name)s? Its %(n)d members stay employees.",
        members,
    )
    dialog = Dialog(
        pgettext("button", "Delete"),
        sentence % {"name": group.name, "n": members},
        pgettext("button", "Delete"),
        back=reverse("accounts:group-list"),
        takes_away=True,
    )
    return dialogs.confirm(request, dialog, lambda: groups.delete(group, actor=request.actor), done=_("Group deleted"))
