"""Access keys of the User Hub, `/access-key-management/v1` (apis.md §3.4); one's own and those of others take different rights."""

from typing import Any

from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response

from accounts.actions import access_keys
from accounts.api import keys, paging, reading
from accounts.api.hub.user_fields import text
from accounts.api.operations import Call, delete, get, patch, post
from accounts.api.paging import written
from accounts.ids import as_uuid
from accounts.models import AccessKey, Employee


def described(key: AccessKey, owner: Employee) -> dict[str, Any]:
    """A key without its secret, which is shown once (R-KEY-8)."""
    return written(
        {
            "accessKeyId": key.access_key_id,
            "userId": str(owner.pk),
            "tenantId": str(owner.business_unit_id),
            "agentId": owner.agent_id,
            "billingId": owner.business_unit.number,
            "isActive": key.is_active,
            "lastUsedDate": key.last_used_at.date().isoformat() if key.last_used_at else None,
        }
    )


def listed(call: Call) -> dict[str, Any]:
    """The keys of an employee, of the caller if nobody is named."""
    wanted = reading.text(call, "userId") or reading.text(call, "agentId") or str(call.employee.pk)
    owner = keys.owner(call, wanted, "view")
    saved = list(keys.saved().filter(employee=owner).order_by("created_at", "pk"))
    total = len(saved)
    return {
        "accessKeys": [described(key, owner) for key in saved],
        "totalRecords": total,
        "_links": paging.links(call, 0, total, total),
    }


class NewKey(reading.Body):
    """Whose key to make; the caller's own if nobody is named."""

    userId = text(100)  # noqa: N815
    tenantId = text(100)  # noqa: N815


def create(call: Call) -> dict[str, Any]:
    """Make a key that works at once, and show its secret."""
    given = reading.body(call, NewKey)
    tenant_id = given.get("tenantId")
    if tenant_id and as_uuid(tenant_id) != call.actor.business_unit_id:
        raise Http404
    owner = keys.owner(call, given.get("userId") or str(call.employee.pk), "create")
    key, secret = access_keys.create(owner, actor=call.actor)
    return {"resultSet": described(key, owner) | {"accessKeySecret": secret}}


def read(call: Call, access_key_id: str) -> dict[str, Any]:
    """One key."""
    key = keys.one(call, access_key_id, "view")
    return {"resultSet": {name: v for name, v in described(key, key.employee).items() if name != "accessKeyId"}}


class Switch(reading.Body):
    """On or off."""

    isActive = serializers.BooleanField()  # noqa: N815


def switch(call: Call, access_key_id: str) -> Response:
    """Switch a key on or off."""
    key = keys.one(call, access_key_id, "edit")
    on = reading.body(call, Switch)["isActive"]
    access_keys.save(key.employee, {key.pk: "on" if on else "off"}, actor=call.actor)
    return Response(status=200)


def switch_by_query(call: Call) -> Response:
    """As `switch`, where an older document puts it."""
    given = reading.text(call, "accessKeyId")
    if not given:
        raise reading.wrong("accessKeyId", "Name the access key.")
    return switch(call, given)


def remove(call: Call, access_key_id: str) -> Response:
    """Delete a key."""
    key = keys.one(call, access_key_id, "delete")
    access_keys.save(key.employee, {key.pk: "delete"}, actor=call.actor)
    return Response(status=200)


OPERATIONS = (
    get("/access-key-management/v1/access-keys", listed),
    post("/access-key-management/v1/access-keys", create),
    patch("/access-key-management/v1/access-keys", switch_by_query),
    get("/access-key-management/v1/access-keys/{access_key_id}", read),
    patch("/access-key-management/v1/access-keys/{access_key_id}", switch),
    delete("/access-key-management/v1/access-keys/{access_key_id}", remove),
)
