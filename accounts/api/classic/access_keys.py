"""Access keys of the classic API (apis.md, appendix A.2): the same keys as the User Hub's, under other names."""

from typing import Any

from rest_framework.response import Response

from accounts.actions import access_keys
from accounts.api import keys, paging, reading
from accounts.api.classic import conventions
from accounts.api.hub.user_fields import instant
from accounts.api.operations import Call, delete, get, patch, post
from accounts.models import AccessKey, Employee

ORDER = {"accessKeyId": "access_key_id", "isActive": "is_active", "lastUsedDate": "last_used_at"}


def described(key: AccessKey, owner: Employee) -> dict[str, Any]:
    """A key without its secret, which is shown once (R-KEY-8)."""
    return paging.written(
        {
            "accessKeyId": key.access_key_id,
            "agentId": owner.agent_id,
            "billingId": owner.business_unit.number,
            "isActive": key.is_active,
            "lastUsedDate": instant(key.last_used_at),
        }
    )


def listed(call: Call) -> dict[str, Any]:
    """The keys of an agent, of the caller if none is named; an empty list where there are none."""
    owner = keys.owner(call, reading.text(call, "agentId") or str(call.employee.agent_id), "view")
    found = keys.saved().filter(employee=owner)
    skip, top = paging.window(call, conventions.DEFAULT_TOP)
    found = paging.ordered(found, reading.text(call, "orderBy"), ORDER, "created_at")
    records, total = paging.cut(found, skip, top)
    fields = paging.fields(call)
    return {
        "accesskeys": [paging.chosen(described(key, owner), fields) for key in records],
        "totalRecords": total,
    }


def create(call: Call) -> Response:
    """Make a key that works at once, and show its secret."""
    owner = keys.owner(call, reading.text(call, "agentId") or str(call.employee.agent_id), "create")
    key, secret = access_keys.create(owner, actor=call.actor)
    return Response({"accesskeys": [described(key, owner) | {"accessKeySecret": secret}]}, 201)


def read(call: Call, access_key_id: str) -> dict[str, Any]:
    """One key."""
    key = keys.one(call, access_key_id, "view")
    return {"accessKey": described(key, key.employee)}


def switch(call: Call, access_key_id: str) -> Response:
    """Switch a key on or off."""
    key = keys.one(call, access_key_id, "edit")
    on = reading.boolean(call, "isActive")
    if on is None and isinstance(call.request.data, dict):
        on = call.request.data.get("isActive")
    if not isinstance(on, bool):
        raise reading.wrong("isActive", "Give true or false.")
    access_keys.save(key.employee, {key.pk: "on" if on else "off"}, actor=call.actor)
    return conventions.done()


def remove(call: Call, access_key_id: str) -> Response:
    """Delete a key."""
    key = keys.one(call, access_key_id, "delete")
    access_keys.save(key.employee, {key.pk: "delete"}, actor=call.actor)
    return conventions.done()


OPERATIONS = (
    get("/access-keys", listed),
    post("/access-keys", create),
    get("/access-keys/{access_key_id}", read),
    patch("/access-keys/{access_key_id}", switch),
    delete("/access-keys/{access_key_id}", remove),
)
