"""The one door for reading: load inside the actor's business unit, check the permission.

A stranger's object is not found (404), a missing permission is forbidden (403): in this order, so that nobody learns
from the answer what another tenant has.
"""

import uuid
from collections.abc import Collection
from typing import TypeVar

from django.db.models import QuerySet
from django.http import Http404

from accounts import queries
from accounts.actors import Actor, Channel
from accounts.models import (
    AccessKey,
    AccountSettings,
    Application,
    AuditEvent,
    BulkUpload,
    BusinessUnit,
    Employee,
    EmployeeTemplate,
    Group,
    LoginAuthenticator,
    Notification,
    Role,
    ScimToken,
    Team,
    View,
)

M = TypeVar(
    "M",
    Employee,
    Role,
    Team,
    Group,
    AccessKey,
    ScimToken,
    AccountSettings,
    AuditEvent,
    BulkUpload,
    BusinessUnit,
    Application,
    LoginAuthenticator,
    EmployeeTemplate,
    Notification,
    View,
)


def _one(found: QuerySet[M], actor: Actor, *permissions: str) -> M:
    record = found.first()
    if record is None:
        raise Http404
    actor.require(*permissions)
    return record


def seen(actor: Actor, employees: QuerySet[Employee]) -> QuerySet[Employee]:
    """Those of the employees whom the actor sees on pages (R-VIEW-1); views do not limit programs (R-ACC-7)."""
    if actor.channel != Channel.UI or actor.employee_id is None:
        return employees
    return queries.employees_seen_by(actor.employee_id, employees)


def sees_everybody(actor: Actor) -> bool:
    """Whether no view limits the employees whom the actor sees."""
    return actor.channel != Channel.UI or actor.employee_id is None or not queries.is_limited(actor.employee_id)


def seen_roles(actor: Actor, roles: QuerySet[Role]) -> QuerySet[Role]:
    """Those of the roles that the actor sees on pages, as `seen`."""
    if actor.channel != Channel.UI or actor.employee_id is None:
        return roles
    return queries.roles_seen_by(actor.employee_id, roles)


def employee(actor: Actor, employee_id: uuid.UUID, *permissions: str) -> Employee:
    """An employee of the actor's tenant.

    Raises:
        django.http.Http404: no such employee here.
        Forbidden: a permission is missing.
    """
    found = seen(actor, Employee.objects.filter(business_unit_id=actor.business_unit_id, pk=employee_id))
    return _one(
        found.select_related("business_unit", "primary_role", "team", "login_authenticator"), actor, *permissions
    )


def employees(actor: Actor, employee_ids: Collection[uuid.UUID], *permissions: str) -> list[Employee]:
    """Several employees of the actor's tenant, by name; raises as `employee` if one of them is none."""
    found = seen(actor, Employee.objects.filter(business_unit_id=actor.business_unit_id, pk__in=employee_ids))
    people = list(found.select_related("business_unit", "primary_role", "team").order_by("name_key"))
    if len(people) != len(set(employee_ids)):
        raise Http404
    actor.require(*permissions)
    return people


def role(actor: Actor, role_id: uuid.UUID, *permissions: str) -> Role:
    """A role of the actor's tenant; raises as `employee`."""
    found = seen_roles(actor, queries.roles(actor.business_unit_id).filter(pk=role_id))
    return _one(found.select_related("business_unit"), actor, *permissions)


def team(actor: Actor, team_id: uuid.UUID, *permissions: str) -> Team:
    """A team of the actor's tenant; raises as `employee`."""
    return _one(queries.teams(actor.business_unit_id).filter(pk=team_id).select_related("lead"), actor, *permissions)


def group(actor: Actor, group_id: uuid.UUID, *permissions: str) -> Group:
    """A group of the actor's tenant; raises as `employee`."""
    return _one(Group.objects.filter(business_unit_id=actor.business_unit_id, pk=group_id), actor, *permissions)


def authenticator(actor: Actor, authenticator_id: uuid.UUID, *permissions: str) -> LoginAuthenticator:
    """A login authenticator of the actor's tenant; raises as `employee`."""
    return _one(queries.authenticators(actor.business_unit_id).filter(pk=authenticator_id), actor, *permissions)


def template(actor: Actor, template_id: uuid.UUID, *permissions: str) -> EmployeeTemplate:
    """An employee template of the actor's tenant; raises as `employee`."""
    found = queries.templates(actor.business_unit_id).filter(pk=template_id)
    return _one(found.select_related("team", "primary_role", "login_authenticator"), actor, *permissions)


def view(actor: Actor, view_id: uuid.UUID, *permissions: str) -> View:
    """A view of the actor's tenant; raises as `employee`."""
    return _one(queries.views(actor.business_unit_id).filter(pk=view_id), actor, *permissions)


def business_unit(actor: Actor, *permissions: str) -> BusinessUnit:
    """The actor's business unit; raises as `employee`."""
    return _one(BusinessUnit.objects.filter(pk=actor.business_unit_id), actor, *permissions)


def account_settings(actor: Actor, *permissions: str) -> AccountSettings:
    """The settings of the actor's tenant; raises as `employee`."""
    found = AccountSettings.objects.filter(pk=actor.business_unit_id)
    return _one(found.select_related("business_unit", "scim_default_role"), actor, *permissions)


def audit_event(actor: Actor, entity_id: uuid.UUID, event_id: uuid.UUID) -> AuditEvent:
    """An event in the history of an object that the caller has loaded through here; raises as `employee`."""
    found = AuditEvent.objects.filter(business_unit_id=actor.business_unit_id, entity_id=entity_id, pk=event_id)
    return _one(found, actor)


def reported_event(actor: Actor, event_id: uuid.UUID, *permissions: str) -> AuditEvent:
    """Any event of the actor's tenant, for the report; raises as `employee`."""
    return _one(AuditEvent.objects.filter(business_unit_id=actor.business_unit_id, pk=event_id), actor, *permissions)


def scim_token(actor: Actor, token_id: uuid.UUID, *permissions: str) -> ScimToken:
    """A saved SCIM token of the actor's tenant; raises as `employee`."""
    found = ScimToken.objects.filter(
        business_unit_id=actor.business_unit_id, pk=token_id, deleted_at__isnull=True, saved_at__isnull=False
    )
    return _one(found.select_related("employee"), actor, *permissions)


def application(actor: Actor, application_id: uuid.UUID, *permissions: str) -> Application:
    """An application of the actor's tenant that is not gone; raises as `employee`."""
    return _one(queries.applications(actor.business_unit_id).filter(pk=application_id), actor, *permissions)


def notification(actor: Actor, notification_id: uuid.UUID) -> Notification:
    """One of the actor's own notifications; raises as `employee`."""
    return _one(Notification.objects.filter(employee=actor.employee_id, pk=notification_id), actor)


def bulk_upload(actor: Actor, upload_id: uuid.UUID) -> BulkUpload:
    """An upload of the actor's tenant, without its rows: of everybody's with the permission, else of one's own; raises as
    `employee`."""
    found = BulkUpload.objects.filter(business_unit_id=actor.business_unit_id, pk=upload_id).defer("rows")
    upload = _one(found, actor)
    if upload.submitted_by_id != actor.employee_id:
        actor.require("admin.bulk_upload.on")
    return upload
