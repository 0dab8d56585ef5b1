"""Writes that are compiled once: a record's INSERT or UPDATE together with the audit event that tells of it.

Django assembles these statements anew for every write, at a cost above that of running them. Here each is built once from
the model, and on PostgreSQL the record and its event are one statement, so that a provisioning write is one round trip.
Both are stored or neither is, inside a transaction of the caller's or without one.
"""

import functools
import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.models.base import ModelState

from accounts.models import AuditEvent
from accounts.models.base import FoldedField
from accounts.statements import change, vendor

Model: TypeAlias = type[models.Model]
M = TypeVar("M", bound=models.Model)
Statement: TypeAlias = tuple[str, Sequence[Any]]
"""A statement and its parameters."""


def fresh(model: type[M], values: Mapping[str, Any]) -> M:
    """A new record, as `model(**values)` makes it, without its way through `__init__`, field by field.

    Raises:
        TypeError: the model has no field of such a name.
    """
    constant, made, columns, relations = _defaults(model)
    record = model.__new__(model)
    record._state = ModelState()
    held = record.__dict__
    held.update(constant)
    for name, make in made:
        if name not in values:
            held[name] = make()
    for name, value in values.items():
        if name in columns:
            held[name] = value
        elif name in relations:
            held[relations[name].attname] = value.pk if value is not None else None
            relations[name].set_cached_value(record, value)
        else:
            raise TypeError(f"{model.__name__} has no {name}.")
    return record


class Defaults(NamedTuple):
    """What the columns of a new record start with.

    Attributes:
        constant: the values of those that always start alike.
        made: what makes the value of the others.
        columns: their names.
        relations: the fields that lead to another record, by name.
    """

    constant: dict[str, Any]
    made: list[tuple[str, Callable[[], Any]]]
    columns: frozenset[str]
    relations: dict[str, Any]


@functools.cache
def _defaults(model: Model) -> Defaults:
    fields = model._meta.concrete_fields
    made = [(field.attname, field.default) for field in fields if field.has_default() and callable(field.default)]
    columns = frozenset(field.attname for field in fields)
    constant = {field.attname: field.get_default() for field in fields if field.attname not in dict(made)}
    return Defaults(constant, made, columns, {field.name: field for field in fields if field.is_relation})


def together() -> AbstractContextManager[Any]:
    """Around one `insert` or `update` that may be refused by a constraint: afterwards all is as before, inside a transaction,
    too."""
    return transaction.atomic() if connections[DEFAULT_DB_ALIAS].in_atomic_block else nullcontext()


def _at_once(record: Statement, event: Statement) -> bool:
    """Store a record and, if it was stored, its event; outside a transaction the two get one that Django need not know of."""
    database = connections[DEFAULT_DB_ALIAS]
    if database.in_atomic_block:
        return change(*record, database) == 1 and change(*event, database) == 1
    change("BEGIN IMMEDIATE", (), database)
    try:
        is_stored = change(*record, database) == 1 and change(*event, database) == 1
        change("COMMIT", (), database)
    except BaseException:
        change("ROLLBACK", (), database)
        raise
    return is_stored


def insert(record: models.Model, event: AuditEvent | None = None) -> None:
    """Store a new record, and its event with it.

    Raises:
        django.db.IntegrityError: a constraint of the record says no; neither is stored.
    """
    sql, values = _insert_sql(type(record)), _prepared(record)
    if event is None:
        change(sql, values)
    elif vendor() == "postgresql":
        change(f"WITH stored AS ({sql}) {_insert_sql(AuditEvent)}", values + _prepared(event))
    else:
        _at_once((sql, values), (_insert_sql(AuditEvent), _prepared(event)))
    record._state.adding, record._state.db = False, DEFAULT_DB_ALIAS


def update(record: models.Model, columns: Iterable[str], *, version: int, event: AuditEvent | None = None) -> bool:
    """Store these columns of a versioned record if it still has this version, and its event with it.

    Returns:
        Whether it had; if not, nothing is stored.

    Raises:
        django.db.IntegrityError: a constraint of the record says no; nothing is stored.
    """
    names = tuple(sorted(columns))
    values = [*_prepared(record, (*names, "pk")), version]
    sql = _update_sql(type(record), names)
    if event is None:
        return change(sql, values) == 1
    told = _prepared(event)
    if vendor() == "postgresql":
        return change(f"WITH changed AS ({sql} RETURNING 1) {_insert_sql(AuditEvent, 'changed')}", values + told) == 1
    return _at_once((sql, values), (_insert_sql(AuditEvent), told))


class Column(NamedTuple):
    """How the value of a field becomes a parameter.

    Attributes:
        is_computed: the field makes its value when the record is stored.
        plain: values of this very type are taken as they are.
        prepare: what makes a parameter of another value; None leaves that to Django.
    """

    field: "models.Field[Any, Any]"
    name: str
    is_computed: bool
    plain: type | None
    prepare: Callable[[Any], Any] | None


def _prepared(record: models.Model, names: tuple[str, ...] | None = None) -> list[Any]:
    """The values of these columns, or of all, as the database driver takes them: what Django's fields make of them."""
    adding = record._state.adding
    values: list[Any] = []
    for field, name, is_computed, plain, prepare in _columns(type(record), names):
        value = field.pre_save(record, adding) if is_computed else getattr(record, name)
        if value is not None and type(value) is not plain:
            value = prepare(value) if prepare else field.get_db_prep_save(value, connections[DEFAULT_DB_ALIAS])
        values.append(value)
    return values


@functools.lru_cache(maxsize=1024)
def _columns(model: Model, names: tuple[str, ...] | None) -> list[Column]:
    fields: Any = model._meta.concrete_fields if names is None else [_field(model, name) for name in names]
    return [_column(field) for field in fields]


def _column(field: "models.Field[Any, Any]") -> Column:
    target = getattr(field, "target_field", field)
    is_computed = type(field).pre_save is not models.Field.pre_save and not isinstance(target, models.DateTimeField)
    if isinstance(field, models.DateTimeField) and (field.auto_now or field.auto_now_add):
        is_computed = True
    kind = type(target)
    if kind is models.UUIDField:
        return Column(field, field.attname, is_computed, *((None, _hex) if vendor() == "sqlite" else (uuid.UUID, None)))
    if kind is models.DateTimeField:
        return Column(
            field, field.attname, is_computed, *((None, _naive) if vendor() == "sqlite" else (datetime, None))
        )
    if kind is models.JSONField:
        return Column(field, field.attname, is_computed, None, json.dumps)
    plain = next((t for kinds, t in PLAIN.items() if kind in kinds), None)
    # A text of another type is the member of an enumeration.
    return Column(field, field.attname, is_computed, plain, str if plain is str else None)


# Exactly these: what inherits from them may make something else of a value.
PLAIN: Mapping[tuple[type, ...], type] = {
    (models.CharField, models.TextField, FoldedField): str,
    (models.IntegerField, models.BigIntegerField, models.PositiveIntegerField, models.PositiveSmallIntegerField): int,
    (models.BooleanField,): bool,
}


def _hex(value: uuid.UUID | str) -> str:
    return (value if isinstance(value, uuid.UUID) else uuid.UUID(value)).hex


def _naive(value: datetime) -> str:
    return str(value.astimezone(UTC).replace(tzinfo=None))


@functools.cache
def _insert_sql(model: Model, source: str = "") -> str:
    """INSERT of all columns; with a `source`, one row for each row of it."""
    fields = model._meta.concrete_fields
    columns = ", ".join(_quoted(field.column) for field in fields)
    if source:
        # In a SELECT, unlike in VALUES, PostgreSQL does not see which column a parameter is for.
        values = ", ".join(f"%s::{field.db_type(connection)}" for field in fields)
        return f"INSERT INTO {_table(model)} ({columns}) SELECT {values} FROM {source}"
    return f"INSERT INTO {_table(model)} ({columns}) VALUES ({', '.join(['%s'] * len(fields))})"


@functools.lru_cache(maxsize=1024)
def _update_sql(model: Model, names: tuple[str, ...]) -> str:
    """UPDATE of these columns and the version, of one record in one version."""
    columns = [_quoted(_field(model, name).column) for name in names]
    key = _quoted(_field(model, "pk").column)
    assignments = ", ".join([f"{column} = %s" for column in columns] + ['"version" = "version" + 1'])
    return f'UPDATE {_table(model)} SET {assignments} WHERE {key} = %s AND "version" = %s'


def _field(model: Model, name: str) -> "models.Field[Any, Any]":
    return cast("models.Field[Any, Any]", model._meta.pk if name == "pk" else model._meta.get_field(name))


def _table(model: Model) -> str:
    return _quoted(model._meta.db_table)


def _quoted(name: str | None) -> str:
    return str(connection.ops.quote_name(name or ""))
