"""The caller's tenant: `/tenants`, `/account-access` and `/division-management` (apis.md §2.8, §3.3)."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.api import paging, reading, search
from accounts.api.hub.user_fields import instant, text
from accounts.api.operations import Call, get, post, put
from accounts.errors import Refused
from accounts.ids import fold

VIEW_UNIT = "admin.external_business_unit.view"
EDIT_UNIT = "admin.external_business_unit.edit"
ROOT = 1


def current(call: Call) -> dict[str, Any]:
    """The tenant of the caller."""
    unit = call.unit
    return {
        "tenant": {
            "tenantId": str(unit.pk),
            "tenantName": unit.name,
            "schemaName": unit.tenant_name,
            "parentId": None,
            "partnerId": None,
            "source": "cxadmin",
            "creationDate": instant(unit.created_at),
            "expirationDate": None,
            "status": "ACTIVE",
            "type": "CUSTOMER",
            "timezone": unit.time_zone,
            "customertype": None,
            "clusterId": unit.cluster,
            "billingId": str(unit.number),
            "billingCycle": None,
            "billingTelephoneNumber": None,
            "metadata": {},
            "licenses": [{"applicationId": code} for code in unit.licences],
            "userSoftLimit": None,
            "brandingProfileId": None,
        }
    }


def associations(call: Call) -> list[Any]:
    """The accounts of the same person: the caller's own, for nothing ties accounts of several tenants together."""
    who = call.employee
    return [{"tenantName": call.unit.tenant_name, "userId": str(who.pk), "username": who.username}]


def division(call: Call) -> dict[str, Any]:
    """The one division there is: the business unit itself."""
    return {
        "divisionId": ROOT,
        "name": call.unit.name,
        "divisionType": "ROOT",
        "isDefault": True,
        "level": 0,
        "billingCode": call.unit.number,
        "status": "ACTIVE",
    }


class DivisionSearch(search.SearchBody):
    """The search body; divisions are few enough to be looked at one by one."""


def _matching(call: Call) -> tuple[list[dict[str, Any]], Mapping[str, Any]]:
    given = reading.body(call, DivisionSearch)
    root = division(call)
    for name, values in (given["filter"] or {}).items():
        if name not in root:
            raise reading.wrong(f"filter.{name[:80]}", _("Filter by one of %(names)s.") % {"names": ", ".join(root)})
        wanted = {fold(str(value)) for value in (values if isinstance(values, list) else [values])}
        is_like = str((given["operations"] or {}).get(name, "")).upper() == "LIKE"
        present = fold(str(root[name]))
        if not (any(word in present for word in wanted) if is_like else present in wanted):
            return [], given
    return [root], given


def find_divisions(call: Call) -> dict[str, Any]:
    """Search divisions."""
    return _page(call, "division")


def find_division_identities(call: Call) -> dict[str, Any]:
    """As `find_divisions`, under another name."""
    return _page(call, "divisions")


def _page(call: Call, name: str) -> dict[str, Any]:
    found, given = _matching(call)
    skip, top = given["skip"], given["top"]
    fields = frozenset(str(field).lower() for field in given["fields"] or ())
    shown = [paging.chosen(record, fields) for record in found[skip : skip + top]]
    return {name: shown, "skip": skip, "top": top, "totalRecords": len(found)}


def read_division(call: Call, division_id: str) -> dict[str, Any]:
    """One division."""
    if reading.as_number(division_id) != ROOT:
        raise Http404
    return division(call)


def billing_codes(call: Call, division_id: str) -> dict[str, Any]:
    """The billing codes of a division."""
    return {"billingCodes": [read_division(call, division_id)["billingCode"]]}


def validate_billing_code(call: Call, billing_code: str) -> dict[str, Any]:
    """Whether a billing code is one of the tenant."""
    return {"success": reading.as_number(billing_code) == call.unit.number}


class DivisionBody(reading.Body):
    """What a division is made of."""

    billingCode = serializers.IntegerField(required=False, allow_null=True)  # noqa: N815
    divisionId = serializers.IntegerField(required=False)  # noqa: N815
    divisionType = text(100)  # noqa: N815
    isDefault = serializers.BooleanField()  # noqa: N815
    name = serializers.CharField(max_length=100)
    parentDivisionId = serializers.IntegerField(required=False, allow_null=True)  # noqa: N815
    status = serializers.ChoiceField(choices=["ACTIVE", "INACTIVE"])


def create_division(call: Call) -> dict[str, Any]:
    """Refused: a tenant has the one division that its business unit is.

    Raises:
        Refused: always, once the body can be read.
    """
    reading.body(call, DivisionBody)
    raise Refused(_("A tenant has one division here; more cannot be created."), "DIVISIONS_FIXED")


def update_division(call: Call) -> dict[str, Any]:
    """Accepted while it changes nothing; raises as `create_division` otherwise."""
    given = reading.body(call, DivisionBody)
    if "divisionId" not in given:
        raise ValidationError({"divisionId": [_("This field is required.")]})
    present = read_division(call, str(given["divisionId"]))
    if any(present.get(name) != value for name, value in given.items() if value is not None):
        raise Refused(_("The division is the business unit itself and cannot be changed here."), "DIVISIONS_FIXED")
    return {"success": True}


TENANTS = (get("/tenants/v2/current", current),)
ASSOCIATIONS = (get("/account-access/v1/associations", associations),)
DIVISIONS = (
    post("/division-management/v1/division", create_division, EDIT_UNIT),
    put("/division-management/v1/division", update_division, EDIT_UNIT),
    get("/division-management/v1/division/billingCode/{billing_code}/validate", validate_billing_code, VIEW_UNIT),
    post("/division-management/v1/division/identities", find_division_identities, VIEW_UNIT),
    post("/division-management/v1/division/search", find_divisions, VIEW_UNIT),
    get("/division-management/v1/division/{division_id}", read_division, VIEW_UNIT),
    get("/division-management/v1/division/{division_id}/getAllBillingCodes", billing_codes, VIEW_UNIT),
)
