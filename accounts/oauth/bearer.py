"""Calls with an access token: who calls, and what the answer is when the token is not good."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from accounts import credentials, queries
from accounts.actors import Actor, Channel
from accounts.errors import Forbidden
from accounts.models import Employee
from accounts.oauth import problems
from accounts.oauth.cors import cross_origin


@dataclass(frozen=True, slots=True)
class Caller:
    """The employee behind an access token, and as whom the actions know it."""

    employee: Employee
    actor: Actor


View = Callable[..., HttpResponse]


def caller(request: HttpRequest, token: str = "") -> Caller | str:
    """Who calls, or why the token is not good; `token` where it does not come in the header."""
    scheme, _, presented = request.headers.get("Authorization", "").partition(" ")
    token = token or (presented.strip() if scheme.lower() == "bearer" else "")
    if not token:
        return "An access token is needed."
    holder = credentials.access_token(token)
    request.holder = holder  # type: ignore[attr-defined]  # for the journal: whose request it is, refused or not
    if holder is None or holder.trouble:
        return holder.trouble if holder else "The access token is not valid."
    employee = Employee.objects.select_related("business_unit", "primary_role", "team").get(pk=holder.employee_id)
    actor = Actor(
        holder.business_unit_id,
        Channel.REST,
        holder.employee_id,
        holder.name,
        holder.username,
        holder.label,
        request.request_id,  # type: ignore[attr-defined]
        queries.effective_permissions(employee),
    )
    return Caller(employee, actor)


def with_access_token(*methods: str) -> Callable[[View], View]:
    """A view for these methods that gets the caller as its second argument; a stranger's object is 404, a missing
    permission 403, in the shape of the services."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @cross_origin(*methods)
        @wraps(view)
        def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            who = caller(request)
            if isinstance(who, str):
                return problems.answer(request, 401, who)
            try:
                return view(request, who, *args, **kwargs)
            except Forbidden as error:
                return problems.answer(request, 403, f"The account {who.employee.username} needs {error.code}.")
            except Http404:
                return problems.answer(request, 404, "There is nothing at this address, or not for this account.")

        return answered

    return decorate
