"""Locked Employees (screens §10)."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.views.decorators.http import require_safe

from accounts import access, queries
from accounts.actions import locks
from accounts.console import lists
from accounts.console.lists import Column, Filter, ListSpec
from accounts.console.menus import MenuItem
from accounts.models import Employee
from accounts.requests import PageRequest
from accounts.views.employees import EDIT, VIEW


def _by_reason(rows: QuerySet[Employee], chosen: Sequence[str]) -> QuerySet[Employee]:
    return rows.filter(lock_reason__in=chosen) if any(chosen) else rows


def _menu(employee: Employee) -> list[MenuItem]:
    url = reverse("accounts:employee-unlock", args=[employee.pk])
    return [MenuItem(pgettext("row action", "Unlock User"), url, "lock-open", acts=True)]


SINCE = Column("since", pgettext_lazy("column", "Locked Since"), ("locked_at",), "narrow")
SPEC: ListSpec[Employee] = ListSpec(
    fragment="accounts/_locked_employee_table.html",
    columns=(
        Column("name", gettext_lazy("Name"), ("name_key",)),
        Column("username", gettext_lazy("Username"), ("username_key",)),
        Column("reason", pgettext_lazy("column", "Reason"), ("lock_reason",)),
        SINCE,
        Column("until", pgettext_lazy("column", "Locked Until"), ("locked_until",), "narrow"),
        Column("actions", gettext_lazy("Actions"), css="actions"),
    ),
    counted=lambda n: ngettext("%(n)d locked employee", "%(n)d locked employees", n) % {"n": n},
    empty=gettext_lazy("No locked employees"),
    search=queries.search_names,
    filters=(
        Filter(
            "reason",
            pgettext_lazy("column", "Reason"),
            (("", pgettext_lazy("filter", "All")), *Employee.LockReason.choices),
            _by_reason,
        ),
    ),
    newest_first=True,
    sorted_by=SINCE.key,
    menu=_menu,
)


@require_safe
def locked_employee_list(request: PageRequest) -> HttpResponse:
    """Who is locked out, and why."""
    request.actor.require(EDIT)
    locks.release_all_over(request.actor)
    return lists.show(
        request,
        "accounts/locked_employee_list.html",
        SPEC,
        access.seen(request.actor, queries.locked_employees(request.actor.business_unit_id)),
        may_open=request.actor.can(VIEW),
    )
