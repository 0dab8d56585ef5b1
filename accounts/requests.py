"""The type of a request on a page, and what a page may believe of it."""

from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from accounts.actors import Actor
from accounts.models import BusinessUnit, Employee

# Keys of the web session.
LAST_USED = "last_used"
SIGNED_IN = "signed_in"
MUST_CHANGE = "must_change_password"


class PageRequest(HttpRequest):
    """A request of a signed-in employee."""

    user: Employee
    business_unit: BusinessUnit
    actor: Actor
    request_id: str
    htmx: HtmxDetails


class VisitorRequest(HttpRequest):
    """A request before sign-in, or one that does not care."""

    request_id: str
    htmx: HtmxDetails


def wanted_page(request: HttpRequest) -> str:
    """Where the visitor wanted to go (`next`), if that is a page of ours; else an empty string."""
    return own_page(request, request.POST.get("next") or request.GET.get("next") or "")


def previous_page(request: HttpRequest, default: str) -> str:
    """The page a dialog was opened from, so that closing it leads back to the same list with the same filters."""
    came_from = request.POST.get("next") or request.headers.get("HX-Current-URL") or request.headers.get("Referer")
    return own_page(request, came_from or "") or default


def own_page(request: HttpRequest, url: str) -> str:
    """`url`, if it leads to this host and cannot be used to lure people elsewhere; else an empty string."""
    return url if url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure()) else ""


def with_query(url: str, **parameters: str) -> str:
    """An address with those parameters that have a value."""
    query = urlencode({name: value for name, value in parameters.items() if value})
    return f"{url}?{query}" if query else url


def client_address(request: HttpRequest) -> str:
    """Where the request comes from, for the activity log."""
    return str(request.META.get("REMOTE_ADDR", ""))[:45]
