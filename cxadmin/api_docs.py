"""The API documentation at `/api/docs/`: docs/openapi.json in Swagger UI and in Redoc, without any other host, and beside it
the control API of the lab.

Open to everybody, as documentation is. The demo credentials can be asked for as long as they are the ones that the README
tells everybody; `cxadmin up` lets nobody but this machine reach an instance that still has them.
"""

from functools import cache

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import condition, require_safe

from accounts.permissions import LAB_OPERATOR
from cxadmin import __version__, openapi
from cxadmin.lab import described, seeds

DEMO = "demo"


@cache
def content() -> bytes:
    """The document as it was written."""
    return (settings.BASE_DIR / openapi.FILE).read_bytes()


@login_not_required
@require_safe
@condition(etag_func=lambda request: f'"{__version__}-{len(content())}"')
def document(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    return HttpResponse(content(), content_type="application/json")


@login_not_required
@require_safe
def swagger(request: HttpRequest) -> HttpResponse:
    """Swagger UI: every operation can be tried."""
    return _page(request, "swagger")


@login_not_required
@require_safe
# Redoc writes its styles into the page as it goes, and searches in a worker it makes from its own text; neither may run
# scripts. This page alone allows it.
@csp_update({"style-src": "'unsafe-inline'", "worker-src": "blob:"})
def redoc(request: HttpRequest) -> HttpResponse:
    """Redoc: to read and to search."""
    return _page(request, "redoc")


@login_not_required
@require_safe
def lab(request: HttpRequest) -> HttpResponse:
    """Swagger UI for the control API of the lab; lab operators have its key one click away."""
    if not settings.LAB:
        raise Http404
    has_key = hasattr(request, "actor") and request.actor.can(LAB_OPERATOR)
    context = {"viewer": "swagger", "is_lab": True, "has_lab": True, "has_key": has_key}
    return render(request, "api_docs.html", context)


@login_not_required
@require_safe
def lab_document(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document of the control API; the same is at `/_lab/openapi.json`."""
    if not settings.LAB:
        raise Http404
    return JsonResponse(described.document())


def _page(request: HttpRequest, viewer: str) -> HttpResponse:
    context = {"viewer": viewer, "has_demo": _demo() is not None, "has_lab": settings.LAB}
    return render(request, "api_docs.html", context)


@login_not_required
@require_safe
def signed_in(request: HttpRequest) -> HttpResponse:
    """Where a sign-in that was begun in Swagger UI ends: the window hands the answer to the page that opened it."""
    return render(request, "api_docs_signed_in.html")


@login_not_required
@require_safe
@never_cache
def demo_credentials(request: HttpRequest) -> HttpResponse:
    """The access key and the SCIM token of the tenant `demo`; 404 once they have been changed."""
    found = _demo()
    if found is None:
        raise Http404
    return JsonResponse(
        {
            "accessKeyId": found.access_key_id,
            "accessKeySecret": found.access_key_secret,
            "scimToken": found.scim_token,
        }
    )


def _demo() -> seeds.Secrets | None:
    """What still opens the demo tenant, if its access key does."""
    seed = seeds.seed_of(DEMO)
    found = seeds.present_keys(seed) if seed else None
    return found if found and found.access_key_secret else None


app_name = "api-docs"
urlpatterns = [
    path("", swagger, name="swagger"),
    path("redoc/", redoc, name="redoc"),
    path("openapi.json", document, name="document"),
    path("lab/", lab, name="lab"),
    path("lab/openapi.json", lab_document, name="lab-document"),
    path("signed-in/", signed_in, name="signed-in"),
    path("demo-credentials/", demo_credentials, name="demo-credentials"),
]
