"""What belongs to the business unit or to nobody: time, versions, time zones, countries and lists that are empty here."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.response import Response

from accounts import rules
from accounts.api import paging, problems, reading
from accounts.api.classic import conventions, countries
from accounts.api.operations import Call, get, put
from accounts.errors import Refused
from accounts.models import BusinessUnit

VERSION = 34
OLDEST = 6
EDIT_UNIT = "admin.external_business_unit.edit"


def business_unit(call: Call) -> dict[str, Any]:
    """The caller's business unit; every employee may know it."""
    unit = call.unit
    described = {
        "businessUnitId": unit.number,
        "businessUnitName": unit.name,
        "tenantId": str(unit.pk),
        "defaultTimeZone": unit.time_zone,
        "isActive": True,
        "isIntegratedTenant": True,
        "features": [],
        "timeZones": _zones(unit),
    }
    return {"businessUnits": [paging.chosen(described, paging.fields(call))]}


def _zones(unit: BusinessUnit) -> list[dict[str, str]]:
    return [{"standardName": name, "displayName": name} for name in sorted(rules.time_zones())]


def time_zones(call: Call) -> dict[str, Any]:
    """The time zones that can be given to agents: all of the IANA database."""
    return {"timezones": _zones(call.unit)}


def set_time_zones(call: Call) -> Response:
    """Refused: time zones are not switched on and off here.

    Raises:
        Refused: always.
    """
    raise Refused(_("Every IANA time zone can be used here; the list cannot be changed."), "TIME_ZONES_FIXED")


def server_time(call: Call) -> dict[str, Any]:
    """What time it is."""
    return {"ServerTime": problems.now()}


def api_versions(call: Call) -> dict[str, Any] | Response:
    """Which operations are served."""
    # Imported here, because the list of operations holds this one.
    from accounts.api.classic.services import SERVICES

    words, verb = reading.text(call, "searchUriText").lower(), reading.text(call, "verb").upper()
    found = [
        {"uri": operation.path, "verb": operation.method, "version": VERSION}
        for service in SERVICES
        for operation in service.operations
        if words in operation.path.lower() and verb in ("", operation.method)
    ]
    return {"apiInfo": found} if found else conventions.nothing()


def releases(call: Call) -> dict[str, Any] | Response:
    """The versions that are accepted in addresses; all of them are the newest one."""
    wanted = reading.text(call, "apiversion").lower().removeprefix("v").partition(".")[0]
    if wanted and reading.as_number(wanted) is None:
        raise reading.wrong("apiversion", _("Give a version such as 34."))
    versions = [n for n in range(VERSION, OLDEST - 1, -1) if not wanted or n == int(wanted)]
    found = [{"version": version, "release": f"{version}.0"} for version in versions]
    return {"versionInfo": found} if found else conventions.nothing()


def branding(call: Call) -> dict[str, Any] | Response:
    """How the business unit looks: as the product does."""
    wanted = reading.number(call, "businessUnitId", default=call.unit.number)
    if wanted != call.unit.number:
        return conventions.nothing()
    found = {
        "profileId": 1,
        "profileName": "Default",
        "description": "",
        "brandName": settings.PRODUCT_NAME,
        "stylePackName": "Default",
        "subdomain": call.unit.tenant_name,
        "adminEmail": "",
        "active": True,
        "coBrand": False,
    }
    return {"resultSet": paging.chosen(found, paging.fields(call))}


def empty(call: Call) -> Response:
    """A list that has nothing in it here (docs/differences.md)."""
    return conventions.nothing()


OPERATIONS = (
    get("/apiversion", api_versions),
    get("/apiversionreleaseinfo", releases),
    get("/branding-profiles", branding),
    get("/business-unit", business_unit),
    get("/business-unit/outbound-routes", empty),
    get("/business-unit/time-zones", time_zones),
    put("/business-unit/time-zones", set_time_zones, EDIT_UNIT),
    get("/timezones", time_zones),
    get("/countries", countries.listed),
    get("/countries/{country_id}/states", countries.states),
    get("/locations", empty),
    get("/phone-codes", empty),
    get("/server-time", server_time),
)
