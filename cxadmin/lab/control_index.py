"""The root of the control API, and every address that is none."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

import cxadmin
from accounts.api.described.shapes import TEXT, record
from accounts.requests import PageRequest
from cxadmin.lab.access import control_key, operators_only
from cxadmin.lab.control import answer, controls, problem
from cxadmin.lab.described import describe


@controls("GET")
@describe(tag="Instance", answer=record(product=TEXT, version=TEXT, lab=TEXT, openapi=TEXT))
def index(request: HttpRequest) -> HttpResponse:
    """What this instance is, and where its control API is described."""
    return answer(
        {
            "product": settings.PRODUCT_NAME,
            "version": cxadmin.__version__,
            "lab": f"{settings.PUBLIC_URL}/lab/",
            "openapi": f"{settings.PUBLIC_URL}/_lab/openapi.json",
        }
    )


@controls("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
def not_here(request: HttpRequest, path: str) -> HttpResponse:
    """Any other address: JSON for programs, not a page."""
    return problem(404, "There is nothing at this address of the control API.")


@require_safe
@operators_only
@never_cache
def key(request: PageRequest) -> HttpResponse:
    """The control key for the API documentation. Lab operators reach with their pages what it opens; no other origin can read
    the answer."""
    return JsonResponse({"control_key": control_key()})
