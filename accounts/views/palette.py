"""The command palette: from any page to any screen, employee or role by name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import access, queries
from accounts.console.answers import page_or_fragment
from accounts.console.lists import LONGEST_SEARCH, Label
from accounts.ids import fold
from accounts.models import Role
from accounts.requests import PageRequest
from accounts.views import employees, roles
from cxadmin.navigation import Shell

MOST_FOUND = 8
SHORTEST = 2
"""Letters it takes to look for employees and roles."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go."""

    label: Label
    url: str
    icon: str
    hint: Label = ""


@require_safe
def find(request: PageRequest) -> HttpResponse:
    """What the words lead to: the options of the palette, or a page without scripts."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    groups = [(_("Screens"), list(_screens(request, words)))]
    if len(words) >= SHORTEST:
        groups += _records(request, words)
    context = {"groups": [group for group in groups if group[1]], "words": words}
    return page_or_fragment(request, "accounts/find.html", "accounts/_found.html", context)


def _screens(request: PageRequest, words: str) -> Iterator[Place]:
    wanted = fold(words)
    for choice in Shell(request).choices:
        for section in choice.sections:
            for item in section.items:
                hint = " › ".join(str(part) for part in (choice.application.label, section.heading) if part)
                if wanted in fold(str(item.label)):
                    yield Place(item.label, item.url, item.icon, hint)
    own = (
        Place(_("My Profile"), reverse("accounts:profile"), "user-circle"),
        Place(_("Notifications"), reverse("accounts:notification-list"), "bell"),
        Place(_("Help"), reverse("accounts:help"), "question-mark-circle"),
    )
    yield from (place for place in own if wanted in fold(str(place.label)))


def _records(request: PageRequest, words: str) -> Sequence[tuple[str, list[Place]]]:
    """Employees and roles as far as the actor may see and search them."""
    actor = request.actor
    unit = actor.business_unit_id
    people = access.seen(actor, queries.employees(unit)) if actor.can(employees.VIEW) else None
    held = access.seen_roles(actor, queries.roles(unit)) if actor.can(roles.VIEW) and actor.can(roles.SEARCH) else None
    found: dict[str, list[Place]] = {"employee": [], "role": []}
    for kind, pk, name, hint in queries.found_by_name(people, held, words, most=MOST_FOUND):
        url = reverse(f"accounts:{kind}-detail", args=[pk])
        if kind == "role":
            found[kind].append(Place(Role(name=name, ootb_code=hint or None).display_name, url, "shield-check"))
        else:
            found[kind].append(Place(name, url, "user", hint))
    return [(_("Employees"), found["employee"]), (_("Roles"), found["role"])]
