"""The clock of a tenant for scripts (`/_lab/tenants/<name>/clock`)."""

from django.http import HttpRequest, HttpResponse

from accounts.api.described.shapes import FLAG, NUMBER, TEXT, TIME, record
from cxadmin.lab import clocks
from cxadmin.lab.control import answer, controls, members, refusing, tenant
from cxadmin.lab.described import describe

TAG = "Tenants"
CLOCK = record(tenant=TEXT, now=TIME, machine=TIME, differs=FLAG, offset_seconds=NUMBER, rate=NUMBER, frozen=FLAG)
CHANGE = record(at=TIME, shift={"type": ["string", "number"]}, rate=NUMBER, frozen=FLAG)


@controls("GET", "PATCH", "DELETE")
@describe(tag=TAG, summary="What a tenant's clock shows", answer=CLOCK)
@describe(
    "PATCH", tag=TAG, summary="Set, shift, stop or speed up a tenant's clock", body=CHANGE, answer=CLOCK, refuses=(400,)
)
@describe("DELETE", tag=TAG, summary="Let a tenant's clock follow the machine's again", answer=CLOCK)
def clock(request: HttpRequest, name: str) -> HttpResponse:
    """What a tenant's clock shows; changed by PATCH (`at` or `shift`, `rate` or `frozen`), let follow the machine's by DELETE."""
    unit = tenant(name)
    if request.method == "PATCH":
        unit = refusing(lambda: clocks.change(unit, members(request)))
    elif request.method == "DELETE":
        clocks.reset(unit)
    return answer(clocks.written(unit))
