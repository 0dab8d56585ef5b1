"""Tenants for scripts and test suites (`/_lab/tenants`): making, listing, resetting and deleting them."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.api.described.shapes import FREE, TEXT, TEXT_OR_NULL, TIME, UUID, WHOLE, record, several
from accounts.errors import Refused
from accounts.models import BusinessUnit
from cxadmin.lab import tenant_checks, tenant_files, tenant_yaml, tenants
from cxadmin.lab.control import Problem, answer, controls, members, refusing, tenant
from cxadmin.lab.described import YAML, describe
from cxadmin.lab.tenant_yaml import FileError

MEMBERS = ("name", "seed", "lifetime")
TAG = "Tenants"
ASKED = record(name=TEXT, seed=TEXT, lifetime=TEXT)
ABOUT = {
    "tenant": TEXT,
    "tenant_id": UUID,
    "business_unit": WHOLE,
    "name": TEXT,
    "seed": TEXT_OR_NULL,
    "created_at": TIME,
    "expires_at": {"type": ["string", "null"], "format": "date-time"},
}
FACTS = record(**ABOUT)
SECTIONS = ("console", "scim_token", "access_key", "oauth_client", "lab")
CREDENTIALS = record(**ABOUT, base_url=TEXT, **dict.fromkeys(SECTIONS, FREE))


@controls("GET", "POST")
@describe(tag=TAG, summary="Every tenant", answer=record(tenants=several(FACTS)))
@describe(
    "POST", tag=TAG, summary="Make a disposable tenant", body=ASKED, answer=CREDENTIALS, status=201, refuses=(400, 409)
)
def tenant_list(request: HttpRequest) -> HttpResponse:
    """GET: every tenant. POST: a fresh disposable one, with its credentials."""
    if request.method == "GET":
        units = BusinessUnit.objects.order_by("created_at", "number")
        return answer({"tenants": [tenants.facts(unit) for unit in units]})
    asked = _asked(request)

    def create() -> BusinessUnit:
        lifetime = tenants.lifetime_of(asked["lifetime"]) if "lifetime" in asked else settings.TENANT_LIFETIME
        return tenants.create(asked.get("name", ""), asked.get("seed", tenants.MODELS[0]), lifetime)

    unit = refusing(create)
    return answer(tenants.document(unit, settings.PUBLIC_URL), 201)


@controls("GET", "DELETE")
@describe(tag=TAG, summary="One tenant with the credentials that open it now", answer=CREDENTIALS)
@describe("DELETE", tag=TAG, summary="Away with a tenant and all that belongs to it", status=204)
def tenant_detail(request: HttpRequest, name: str) -> HttpResponse:
    """GET: one tenant with the credentials that open it now. DELETE: away with it and all that belongs to it."""
    unit = tenant(name)
    if request.method == "DELETE":
        tenants.delete(unit)
        return HttpResponse(status=204)
    return answer(tenants.document(unit, settings.PUBLIC_URL))


@controls("POST")
@describe("POST", tag=TAG, summary="Take a tenant back to its seed", answer=CREDENTIALS, refuses=(409,))
def tenant_reset(request: HttpRequest, name: str) -> HttpResponse:
    """Back to its seed; answers the tenant as GET does."""
    try:
        unit = tenants.reset(tenant(name))
    except Refused as error:
        raise Problem(409, error.message) from error
    return answer(tenants.document(unit, settings.PUBLIC_URL))


@controls("GET", "PUT")
@describe(tag=TAG, summary="A tenant's state as a file", answer=YAML)
@describe("PUT", tag=TAG, summary="Make a tenant what a file says", body=YAML, answer=FREE, refuses=(400,))
def tenant_file(request: HttpRequest, name: str) -> HttpResponse:
    """GET: the tenant's state as a file. PUT: make it what a file says; answers what that changed."""
    if request.method == "GET":
        return HttpResponse(tenant_files.export(tenant(name)), content_type="application/yaml; charset=utf-8")
    try:
        document = tenant_yaml.read(request.body.decode(), "body")
        if tenant_checks.name_of(document) != name:
            raise Problem(400, f"The file is about another tenant than {name!r}.")
        return answer(tenant_files.report(tenant_files.apply(document)))
    except (FileError, UnicodeDecodeError) as error:
        raise Problem(400, str(error)) from error


def _asked(request: HttpRequest) -> dict[str, str]:
    """The members of the body, which may be empty.

    Raises:
        Problem: it is no JSON object of texts, or has a member that does not exist.
    """
    asked = members(request)
    for name, value in asked.items():
        if name not in MEMBERS:
            raise Problem(400, f"There is no member {name!r}; known are {', '.join(MEMBERS)}.")
        if not isinstance(value, str):
            raise Problem(400, f"{name} must be a text.")
    return asked
