"""Access keys as both APIs reach them: saved ones of the caller's tenant, with the right that their owner asks for (R-KEY-9)."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from accounts.actions import access_keys
from accounts.api import finding
from accounts.api.operations import Call
from accounts.models import AccessKey, Employee


def saved() -> QuerySet[AccessKey]:
    """The keys that exist for programs: one that was never saved does not."""
    return AccessKey.objects.filter(saved_at__isnull=False)


def owner(call: Call, given: Any, action: str) -> Employee:
    """The employee whose keys are meant, by agent ID or UUID.

    Raises:
        Http404: there is none here.
        Forbidden: the right to do this with the keys of this employee is missing.
    """
    found = finding.agent(call, given)
    call.actor.require(access_keys.permission(call.actor, found, action))
    return found


def one(call: Call, access_key_id: str, action: str) -> AccessKey:
    """A key with its owner; raises as `owner`."""
    found = saved().filter(employee__business_unit_id=call.actor.business_unit_id, access_key_id=access_key_id)
    key = found.select_related("employee__business_unit").first()
    if key is None:
        raise Http404
    call.actor.require(access_keys.permission(call.actor, key.employee, action))
    return key
