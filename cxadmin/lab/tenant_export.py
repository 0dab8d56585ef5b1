"""A tenant as the content of a tenant file."""

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.db import models, transaction
from django.db.models.functions import Cast

from accounts.ids import fold
from accounts.models import AccountSettings, BusinessUnit, Role, RoleNameReservation, ScimToken
from accounts.models.credentials import AccessKey
from cxadmin.lab.tenant_format import MEMBER, PASSWORD, SEALED, SECTIONS, SETTINGS, UNIT, VERSION, Records

Content = dict[str, Any]
Names = Mapping[str, Mapping[Any, str]]
"""What records are called, by section and primary key."""


@transaction.atomic
def content_of(unit: BusinessUnit) -> Content:
    """Everything a file says of this tenant."""
    names = {section: _names(records, unit) for section, records in SECTIONS.items()}
    of_settings = AccountSettings.objects.filter(pk=unit.pk)
    found: Content = {
        MEMBER: VERSION,
        "tenant": _rows(UNIT, BusinessUnit.objects.filter(pk=unit.pk), names)[unit.pk],
        "settings": _rows(SETTINGS, of_settings, names)[unit.pk],
    }
    for section, records in SECTIONS.items():
        rows = _rows(records, _of(records, unit), names)
        for member, child in records.children.items():
            _add_children(rows, member, child, unit, names)
        found[section] = in_order(records, list(rows.values()))
    return found


def in_order(records: Records, found: list[Content]) -> list[Content]:
    """Records in the order in which files have them: by what names them."""
    return sorted(found, key=lambda record: order(records, record))


def order(records: Records, record: Content | str) -> tuple[str, ...]:
    """What sorts a record, and tells it from the others."""
    if isinstance(record, str):
        return (record,)
    if not records.key:
        return (str(record["token"]["hash"]),)
    return tuple(fold(str(record[records.member(column)])) for column in records.key)


def _names(records: Records, unit: BusinessUnit) -> dict[Any, str]:
    return dict(_of(records, unit).values_list("pk", records.key[-1]))


def _of(records: Records, unit: BusinessUnit) -> "models.QuerySet[Any]":
    return records.model._base_manager.filter(business_unit=unit.pk)


def _rows(records: Records, rows: "models.QuerySet[Any]", names: Names) -> dict[Any, Content]:
    """The records by primary key, their children still missing."""
    columns = [column for column in records.columns if column not in records.links]
    sealed = [column for column, kind in records.secrets.items() if kind == SEALED]
    # As they are stored: what is sealed is written sealed.
    raw = {f"raw_{column}": Cast(column, models.TextField()) for column in sealed}
    found = {}
    for row in rows.annotate(**raw).values("pk", *(c for c in columns if c not in sealed), *raw):
        found[row["pk"]] = {
            column: _written(records, column, row[f"raw_{column}" if column in sealed else column], names)
            for column in columns
        }
    for link in records.links:
        for pk, chosen in _links(records, link, rows, names).items():
            found[pk][link] = sorted(chosen, key=fold)
    return {pk: trimmed(records, record) for pk, record in found.items()}


def _links(records: Records, link: str, rows: "models.QuerySet[Any]", names: Names) -> dict[Any, list[str]]:
    many: Any = records.column(link)
    source, target = many.m2m_field_name(), many.m2m_reverse_field_name()
    chosen: dict[Any, list[str]] = {}
    pairs = many.remote_field.through._base_manager.filter(**{f"{source}__in": rows.values("pk")})
    for pk, other in pairs.values_list(f"{source}_id", f"{target}_id"):
        chosen.setdefault(pk, []).append(names[records.refs[link].section][other])
    return chosen


def trimmed(records: Records, record: Content) -> Content:
    """A record by its members, in their order, without those that hold their default."""
    found = {}
    for column in records.columns:
        value = record.get(column, records.default(column))
        is_default = value == records.default(column) and type(value) is type(records.default(column))
        if column in records.key or column in records.always or not is_default:
            found[records.member(column)] = value
    return found


def _written(records: Records, column: str, value: Any, names: Names) -> Any:
    kind = records.secrets.get(column)
    if kind is not None:
        if not value or (kind == PASSWORD and value.startswith("!")):
            return records.default(column) if kind == SEALED else None
        return {"sealed" if kind == SEALED else "hash": value}
    if column in records.refs:
        return names[records.refs[column].section][value] if value is not None else None
    return plain_value(value)


def plain_value(value: Any) -> Any:
    """A value of a column as YAML has it."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case uuid.UUID():
            return str(value)
        case str():
            return str(value)
    return value


def _add_children(rows: dict[Any, Content], member: str, child: Records, unit: BusinessUnit, names: Names) -> None:
    found: dict[Any, list[Any]] = {}
    records = child.model._base_manager.filter(**{f"{child.parent}__business_unit": unit.pk})
    if child.model is AccessKey:
        records = records.filter(saved_at__isnull=False)
    if child.model is ScimToken:
        records = records.filter(saved_at__isnull=False, deleted_at__isnull=True)
    if child.is_plain:
        for parent, text in records.values_list(f"{child.parent}_id", child.key[0]):
            found.setdefault(parent, []).append(text)
    else:
        parents = dict(records.values_list("pk", f"{child.parent}_id"))
        for pk, record in _rows(child, records, names).items():
            found.setdefault(parents[pk], []).append(record)
    if child.model is RoleNameReservation:
        own = {pk: fold(name) for pk, name in Role.objects.filter(business_unit=unit.pk).values_list("pk", "name")}
        found = {pk: [name for name in used if name != own[pk]] for pk, used in found.items()}
    for parent, records_of_parent in found.items():
        if records_of_parent:
            rows[parent][member] = sorted(records_of_parent, key=lambda record: order(child, record))
