"""Removing a tenant with everything that belongs to it, from every table.

The tables are found in the models, so one that is added later is emptied as well. Rows go by one statement a table; what
refers to others goes first, and foreign keys are checked at the end of the transaction.
"""

import functools
import uuid
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.exceptions import FieldDoesNotExist
from django.db import models, router, transaction
from django_tasks_db.models import DBTaskResult

from accounts.models import BulkUpload, BusinessUnit, Employee, RateCount

AT_ONCE = 500


@transaction.atomic
def erase(business_unit_id: uuid.UUID) -> None:
    """Remove a tenant, and what its people left elsewhere: web sessions, counts of requests and tasks.

    The request journal is another matter (`forget_of_lab`): it belongs to the instance, and a reset keeps it.
    """
    # On PostgreSQL whoever is about to add something to the tenant waits, and then finds that it is gone.
    BusinessUnit.objects.select_for_update().filter(pk=business_unit_id).first()
    _end_sessions(business_unit_id)
    _forget_counts(business_unit_id)
    _forget_tasks(business_unit_id)
    for model, paths in _tables():
        for path in paths:
            _delete(model._base_manager.filter(**{path: business_unit_id}))
    _delete(BusinessUnit.objects.filter(pk=business_unit_id))


def forget_of_lab(business_unit_id: uuid.UUID) -> None:
    """Remove what the lab's own tables hold of a tenant."""
    for model in _of_the_lab():
        _delete(model._base_manager.filter(business_unit_id=business_unit_id))


def forget_strays() -> None:
    """Remove what was written down of tenants that were gone by then: the journal writes behind the requests."""
    present = set(BusinessUnit.objects.values_list("pk", flat=True))
    for model in _of_the_lab():
        named = model._base_manager.filter(business_unit_id__isnull=False)
        for known in set(named.values_list("business_unit_id", flat=True).distinct()) - present:
            _delete(model._base_manager.filter(business_unit_id=known))


def _delete(rows: "models.QuerySet[Any]") -> None:
    """One DELETE, without loading what it deletes: `delete` would stop at rows that are protected by others that go, too."""
    rows._raw_delete(router.db_for_write(rows.model))


@functools.cache
def _tables() -> tuple[tuple[type[models.Model], tuple[str, ...]], ...]:
    """The tables of `accounts` that hold rows of tenants, each with the look-ups that lead to the tenant, those farthest from
    it first: their way goes through rows of the others."""
    paths: dict[type[models.Model], tuple[str, ...]] = {BusinessUnit: ("pk",)}
    remaining = set(apps.get_app_config("accounts").get_models(include_auto_created=True)) - {BusinessUnit}
    order: list[type[models.Model]] = []
    while found := {model: ways for model in remaining if (ways := tuple(_ways(model, paths)))}:
        paths |= found
        order += found
        remaining -= set(found)
    return tuple((model, paths[model]) for model in reversed(order))


def _ways(model: type[models.Model], paths: dict[type[models.Model], tuple[str, ...]]) -> Iterator[str]:
    """The look-ups that lead from a table to the tenant, by tables whose ways are known. A reference that is emptied when
    what it names goes (SET_NULL) makes no row the tenant's."""
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is not models.SET_NULL:
            target = field.related_model
            if target is BusinessUnit:
                yield field.attname
            elif isinstance(target, type):
                yield from (f"{field.name}__{path}" for path in paths.get(target, ()))


@functools.cache
def _of_the_lab() -> tuple[type[models.Model], ...]:
    """The lab's tables that name a tenant."""
    found = []
    for model in apps.get_app_config("lab").get_models():
        try:
            model._meta.get_field("business_unit_id")
        except FieldDoesNotExist:
            continue
        found.append(model)
    return tuple(found)


def _end_sessions(business_unit_id: uuid.UUID) -> None:
    people = Employee.objects.filter(business_unit_id=business_unit_id, last_login__isnull=False)
    signed_in = {str(pk) for pk in people.values_list("pk", flat=True)}
    if signed_in:
        ended = [
            session.pk
            for session in Session.objects.iterator()
            if session.get_decoded().get("_auth_user_id") in signed_in
        ]
        for start in range(0, len(ended), AT_ONCE):
            Session.objects.filter(pk__in=ended[start : start + AT_ONCE]).delete()


def _forget_counts(business_unit_id: uuid.UUID) -> None:
    """Counts name the tenant, or an employee and the credential."""
    by_holder: dict[str, list[str]] = {}
    for key in RateCount.objects.values_list("key", flat=True):
        by_holder.setdefault(key[:36], []).append(key)
    holders = list(by_holder)
    gone = by_holder.get(str(business_unit_id), [])
    for start in range(0, len(holders), AT_ONCE):
        people = Employee.objects.filter(business_unit_id=business_unit_id, pk__in=holders[start : start + AT_ONCE])
        gone += [key for pk in people.values_list("pk", flat=True) for key in by_holder[str(pk)]]
    for start in range(0, len(gone), AT_ONCE):
        RateCount.objects.filter(pk__in=gone[start : start + AT_ONCE]).delete()


def _forget_tasks(business_unit_id: uuid.UUID) -> None:
    for upload in BulkUpload.objects.filter(business_unit_id=business_unit_id).values_list("pk", flat=True):
        DBTaskResult.objects.filter(args_kwargs__icontains=str(upload)).delete()
