"""Registering applications, `/applications` (apis.md §2.9): the same applications as those of the Developer Portal."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response

from accounts import access, queries
from accounts.actions import applications
from accounts.api import reading
from accounts.api.hub.user_fields import instant, text
from accounts.api.operations import Call, delete, get, patch, post
from accounts.api.paging import written
from accounts.ids import as_uuid
from accounts.models import Application

VIEW, CREATE, EDIT, DELETE = (f"admin.applications.{action}" for action in ("view", "create", "edit", "delete"))
COLUMNS: Mapping[str, str] = {
    "name": "name",
    "description": "description",
    "contacts": "contacts",
    "type": "type",
    "tenancy": "tenancy",
    "redirects": "redirects",
    "origins": "origins",
    "logouts": "logouts",
    "authMethod": "auth_method",
}


def application(record: Application) -> dict[str, Any]:
    """An application without its secret, which is shown once (R-APP-10)."""
    return written(
        {
            "id": str(record.pk),
            "name": record.name,
            "description": record.description,
            "contacts": record.contacts,
            "type": record.type,
            "tenancy": record.tenancy,
            "redirects": record.redirects,
            "origins": record.origins,
            "logouts": record.logouts,
            "authMethod": record.auth_method,
            "jwksEndpoint": record.jwks_endpoint,
            "scope": " ".join(record.scopes),
            "isEnabled": record.is_enabled,
            "createdBy": record.created_by,
            "createdTime": instant(record.created_at),
            "lastModifiedBy": record.modified_by,
            "lastModifiedTime": instant(record.modified_at),
            "scheduledDeletionTime": instant(record.scheduled_deletion_at),
        }
    )


class Texts(serializers.ListField):
    """A list of texts; what they must look like is said by the action."""

    def __init__(self) -> None:
        super().__init__(child=serializers.CharField(max_length=4_000), max_length=100, required=False)


class ChangedApplication(reading.Body):
    """What can be changed of an application."""

    name = text(1_000)
    description = text(4_000)
    contacts = Texts()
    redirects = Texts()
    origins = Texts()
    logouts = Texts()
    scope = text(1_000)


class NewApplication(ChangedApplication):
    """What a new application is made of."""

    type = text(50)
    tenancy = text(50)
    authMethod = text(50)  # noqa: N815


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    found = {column: given[name] or "" for name, column in COLUMNS.items() if name in given}
    for name in ("contacts", "redirects", "origins", "logouts"):
        if name in given:
            found[name] = given[name]
    if "scope" in given:
        found["scopes"] = (given["scope"] or "").split()
    return found


def listed(call: Call) -> dict[str, Any]:
    """The tenant's applications."""
    found = queries.applications(call.actor.business_unit_id).order_by("name_key", "pk")
    return {"applications": [application(record) for record in found]}


def create(call: Call) -> Response:
    """Register an application in the caller's name; the secret is in this answer and nowhere else."""
    values = _values(reading.body(call, NewApplication))
    requester = {"requester_name": call.employee.full_name[:100], "requester_email": call.employee.email}
    record, secret = applications.register_and_show(values | requester, unit=call.unit, actor=call.actor)
    return Response(application(record) | ({"secret": secret} if secret else {}), 201)


def _one(call: Call, application_id: str) -> Application:
    found = as_uuid(application_id)
    if found is None:
        raise Http404
    return access.application(call.actor, found)


def read(call: Call, application_id: str) -> dict[str, Any]:
    """One application."""
    return application(_one(call, application_id))


def update(call: Call, application_id: str) -> dict[str, Any]:
    """Change an application; what is left out stays as it is."""
    record = _one(call, application_id)
    applications.update(record, _values(reading.body(call, ChangedApplication)), actor=call.actor)
    return application(record)


def remove(call: Call, application_id: str) -> dict[str, Any]:
    """Schedule an application for deletion."""
    record = _one(call, application_id)
    applications.schedule_deletion(record, actor=call.actor)
    return application(record)


def enable(call: Call, application_id: str) -> dict[str, Any]:
    """Let an application authenticate again."""
    record = _one(call, application_id)
    applications.enable(record, actor=call.actor)
    return application(record)


def disable(call: Call, application_id: str) -> dict[str, Any]:
    """Stop an application and its tokens."""
    record = _one(call, application_id)
    applications.disable(record, actor=call.actor)
    return application(record)


OPERATIONS = (
    get("/applications", listed, VIEW),
    post("/applications", create, CREATE),
    get("/applications/{application_id}", read, VIEW),
    patch("/applications/{application_id}", update, EDIT),
    delete("/applications/{application_id}", remove, DELETE),
    post("/applications/{application_id}-enable", enable, EDIT),
    post("/applications/{application_id}-disable", disable, EDIT),
)
