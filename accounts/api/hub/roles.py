"""Role search, `/authorization/v1/roles/search` (apis.md §3.3); roles are only read here."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts import queries
from accounts.api import paging, reading, search
from accounts.api.hub.user_fields import instant
from accounts.api.operations import Call, post
from accounts.api.search import Column
from accounts.models import Role

VIEW = "admin.role_management.view"

COLUMNS: Mapping[str, Column] = {
    "roleId": Column("id", "uuid"),
    "roleName": Column("name_key"),
    "displayName": Column("name_key"),
    "status": Column("status", "choice"),
    "lastModifiedTime": Column("modified_at", "time"),
}


class Page(reading.Body):
    """Which page of the roles."""

    pageNo = serializers.IntegerField(min_value=0, max_value=1_000_000, default=1)  # noqa: N815
    pageSize = serializers.IntegerField(min_value=1, max_value=paging.MOST, default=1_000)  # noqa: N815
    totalRecords = serializers.IntegerField(required=False)  # noqa: N815


class RoleSearch(search.SearchBody):
    """The search body with pages and `metrices`, as the original spells it."""

    page = Page(required=False, allow_null=True)
    metrices = serializers.DictField(required=False, allow_null=True)


def role(record: Role) -> dict[str, Any]:
    """A role as a search writes it, with the codes of its permissions."""
    return {
        "roleId": str(record.pk),
        "roleName": record.name,
        "displayName": record.display_name,
        "status": str(record.status),
        "internal": int(record.internal),
        "modifiable": int(record.modifiable),
        "lastModifiedTime": instant(record.modified_at),
        "parentAccess": False,
        "permissions": [{"permission": held.code} for held in record.permissions.all()],
    }


def find(call: Call) -> dict[str, Any]:
    """Search roles."""
    given = reading.body(call, RoleSearch)
    page = given.get("page") or {"pageNo": 1, "pageSize": 1_000}
    found = search.apply(queries.roles(call.actor.business_unit_id), given, COLUMNS, "name_key")
    skip = max(page["pageNo"] - 1, 0) * page["pageSize"]
    records = found.prefetch_related("permissions")[skip : skip + page["pageSize"]]
    columns = (given.get("metrices") or {}).get("columns")
    fields = frozenset(str(name).lower() for name in columns) if isinstance(columns, list) else frozenset()
    return {"roles": [paging.chosen(role(record), fields, ("roleId",)) for record in records]}


OPERATIONS = (post("/authorization/v1/roles/search", find, VIEW),)
