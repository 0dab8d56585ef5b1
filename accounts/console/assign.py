"""The assign dialog (screens §1.4): search, tick, Move to the Selected list, Confirm; nothing is stored before Save.

In the browser static/js/assign.js does it all and puts the chosen people into the form of the tab. Without JavaScript
the same address is a page whose state is in the query string, and Confirm leads back to `back?add=…&add=…`.
"""

import uuid
from collections.abc import Iterable

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext

from accounts import access, queries
from accounts.actors import Actor
from accounts.console.answers import page_or_fragment
from accounts.console.lists import Column, Listing, ListSpec, is_inside_another_page
from accounts.models import Employee

ADD = "add"
"""Parameter and field that name those who are to be added."""

SPEC: ListSpec[Employee] = ListSpec(
    fragment="_assign_table.html",
    columns=(
        Column("tick", "", css="narrow"),
        Column("name", gettext_lazy("Name"), ("name_key",)),
        Column("username", gettext_lazy("Username"), ("username_key",)),
        Column("team", gettext_lazy("Team"), ("team__name_key", "name_key")),
    ),
    counted=lambda n: ngettext("%(n)d employee", "%(n)d employees", n) % {"n": n},
    empty=gettext_lazy("Nobody can be added"),
    search=queries.search_employees,
    id="assign",
)


def show(
    request: HttpRequest, actor: Actor, candidates: QuerySet[Employee], *, title: str | Promise, back: str
) -> HttpResponse:
    """Answer the dialog, or its table where htmx searches, sorts or turns the page.

    Args:
        candidates: who can be added.
        title: of the window.
        back: the page whose tab gets them; its view reads `chosen(request.GET)`.
    """
    picked = chosen(actor, request.GET.getlist(ADD))
    found = Listing(SPEC, access.seen(actor, candidates).select_related("team"), request.GET, request.path)
    found.is_own_page = not is_inside_another_page(request)
    context = {"listing": found, "picked": picked, "title": title, "back": back, "template": "_assign.html"}
    fragment = SPEC.fragment if request.headers.get("HX-Target") == SPEC.id else "_assign.html"
    return page_or_fragment(request, "dialog.html", fragment, context)


def chosen(actor: Actor, ids: Iterable[str]) -> list[Employee]:
    """The employees that a form or an address names as added.

    Raises:
        django.http.Http404: one of them is no employee of the tenant.
    """
    try:
        wanted = [uuid.UUID(value) for value in ids]
    except ValueError as error:
        raise Http404 from error
    return access.employees(actor, wanted) if wanted else []
