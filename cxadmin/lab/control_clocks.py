"""The clock of a tenant for scripts (`/_lab/tenants/<name>/clock`)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.errors import Invalid
from accounts.models import BusinessUnit
from cxadmin.lab import clocks
from cxadmin.lab.control import Problem, answer, controls
from cxadmin.lab.control_faults import document


@controls("GET", "PATCH", "DELETE")
def clock(request: HttpRequest, name: str) -> HttpResponse:
    """What a tenant's clock shows; changed by PATCH (`at` or `shift`, `rate` or `frozen`), let follow the machine's by DELETE."""
    unit = tenant(name)
    if request.method == "PATCH":
        unit = refusing(lambda: clocks.change(unit, document(request)))
    elif request.method == "DELETE":
        clocks.reset(unit)
    return answer(clocks.written(unit))


def tenant(name: str) -> BusinessUnit:
    """A tenant by its name.

    Raises:
        Problem: there is none.
    """
    unit = BusinessUnit.objects.filter(tenant_name=name).first() if "\x00" not in name else None
    if unit is None:
        raise Problem(404, f"There is no tenant {name[:100]}.")
    return unit


def refusing(act: Callable[[], BusinessUnit]) -> BusinessUnit:
    """What an action answers.

    Raises:
        Problem: what is wrong, member by member.
    """
    try:
        return act()
    except Invalid as error:
        raise Problem(400, " ".join(f"{one.field}: {one.message}" for one in error.problems)) from error
