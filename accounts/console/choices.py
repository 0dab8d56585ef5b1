"""What a searchable drop-down asks for while somebody types (static/js/combobox.js, `data-source`)."""

from django.db.models import QuerySet
from django.http import JsonResponse

from accounts import access, queries
from accounts.console.lists import LONGEST_SEARCH
from accounts.models import Employee
from accounts.requests import PageRequest

MOST_FOUND = 20


def label(employee: Employee) -> str:
    """An employee as a drop-down shows one."""
    return f"{employee.full_name} ({employee.username})"


def employees(request: PageRequest, candidates: QuerySet[Employee]) -> JsonResponse:
    """Answer those candidates that match what was typed, the first of all where nothing was."""
    return JsonResponse(matching(request, candidates), safe=False)


def matching(request: PageRequest, candidates: QuerySet[Employee]) -> list[dict[str, str]]:
    """Those candidates as the drop-down reads them."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    seen = access.seen(request.actor, candidates)
    found = queries.sorted_apart(queries.search_employees(seen, words)) if words else seen
    return [{"value": str(employee.pk), "label": label(employee)} for employee in found[:MOST_FOUND]]
