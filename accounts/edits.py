"""One change to one record: the columns that differ, written once, and the audit entries that say so."""

import functools
from collections.abc import Callable
from typing import Any, cast

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from accounts import audit, rules, writes
from accounts.actors import Actor
from accounts.errors import ChangedMeanwhile, Invalid, Refused
from accounts.ids import new_number
from accounts.models.base import Record, Versioned, copies_of
from cxadmin import clock


class Edit:
    """Collects what changes on a record and writes it: one UPDATE of the changed columns, one audit event.

    The UPDATE asks for the version that was read, so of two edits of the same state the second is refused rather than lost.
    """

    def __init__(self, record: Versioned, entity: str, actor: Actor) -> None:
        self.record = record
        self.entity = entity
        self.actor = actor
        self.columns: set[str] = set()
        self.entries: list[audit.Change] = []

    def set(self, field: str, value: Any, *, attribute: str | None = None, masked: bool = False) -> bool:
        """Give a field its new value, if it has another; answers whether it had.

        Args:
            attribute: the name in the audit trail, `Entity.attribute`; derived from the field's name when left out.
            masked: the trail says that it changed, not what it is.
        """
        column = _column(self.record, field)
        previous = getattr(self.record, field)
        if previous == value:
            return False
        setattr(self.record, field, value)
        self.columns.add(column.attname)
        self.note(
            attribute or f"{self.entity}.{camel(field)}",
            audit.MASK if masked else _shown(column, previous),
            audit.MASK if masked else _shown(column, value),
        )
        return True

    def set_silently(self, **values: Any) -> None:
        """Give bookkeeping columns their values, without an audit entry."""
        for field, value in values.items():
            if getattr(self.record, field) != value:
                setattr(self.record, field, value)
                self.columns.add(_column(self.record, field).attname)

    def note(self, attribute: str, previous: str, changed: str) -> None:
        """Add an audit entry for something that is not a column of the record."""
        self.entries.append((attribute, previous, changed))

    @property
    def is_empty(self) -> bool:
        return not self.columns and not self.entries

    def write(self) -> None:
        """Store the change and its audit event, both or neither; nothing changed, nothing written.

        Raises:
            ChangedMeanwhile: somebody else saved the record since it was read.
            Refused: somebody else deleted it.
            django.db.IntegrityError: a unique constraint says no (see `violates`).
        """
        if self.is_empty:
            return
        record = self.record
        record.modified_at, record.modified_by = clock.now(), self.actor.name
        happened = audit.event(self.actor, self.entity, record.pk, str(record), self.entries)
        columns = {*self.columns, *copies_of(type(record), self.columns), "modified_at", "modified_by"}
        if not writes.update(record, columns, version=record.version, event=happened):
            by = type(record)._default_manager.filter(pk=record.pk).values_list("modified_by", flat=True).first()
            raise ChangedMeanwhile(by) if by is not None else Refused(_("This record has been deleted."), "GONE")
        record.version += 1


def bookkeep(record: models.Model, **values: Any) -> None:
    """Write columns that are nobody's edit (last sign-in, counters): no version, no audit entry."""
    for field, value in values.items():
        setattr(record, field, value)
    type(record)._default_manager.filter(pk=record.pk).update(**values)


def create(record: Record, entity: str, actor: Actor, attributes: dict[str, Any]) -> None:
    """Insert a new record with its audit event: one entry "created" and one per initial value.

    Raises:
        django.db.IntegrityError: a unique constraint says no (see `violates`).
    """
    now = clock.now()
    record.business_unit_id = actor.business_unit_id
    record.created_at = record.modified_at = now
    record.created_by = record.modified_by = actor.name
    initial = [(f"{entity}.{name}", "", shown) for name, value in attributes.items() if (shown := audit.text(value))]
    happened = audit.event(actor, entity, record.pk, str(record), [(entity, "", "created"), *initial])
    writes.insert(record, happened)


def store_numbered(record: Any, constraint: str, store: Callable[[], None]) -> None:
    """Store a new record whose `number` is drawn at random, all of it in one transaction; a number that another record
    has, or gets at the same moment, is drawn again.

    Args:
        constraint: the unique constraint on the number.
        store: inserts the record and what belongs to it.

    Raises:
        django.db.IntegrityError: another constraint says no.
    """
    while True:
        try:
            with transaction.atomic():
                store()
                return
        except IntegrityError as error:
            if not violates(error, type(record), constraint):
                raise
            record.number = new_number()


def violates(error: IntegrityError, model: type[models.Model], constraint: str) -> bool:
    """Whether this unique constraint of the model is behind the error.

    PostgreSQL names the constraint; SQLite lists its columns.
    """
    diagnostics = getattr(error.__cause__, "diag", None)
    if diagnostics is not None:
        return bool(diagnostics.constraint_name == constraint)
    fields = next(
        c.fields for c in model._meta.constraints if isinstance(c, models.UniqueConstraint) and c.name == constraint
    )
    columns = ", ".join(f"{model._meta.db_table}.{_column(model, field).column}" for field in fields)
    return str(error) == f"UNIQUE constraint failed: {columns}"


def name_in_use(error: IntegrityError, label: rules.Label, *constraints: tuple[type[models.Model], str]) -> Exception:
    """What to raise for a record that could not be stored: that its name is in use, if one of these unique constraints of a
    model says so, else the error itself.

    Args:
        label: what the field is called on screen.
    """
    taken = any(violates(error, model, constraint) for model, constraint in constraints)
    return Invalid([rules.in_use("name", label)]) if taken else error


def check_version(record: Versioned, expected: int | None) -> None:
    """Refuse to go on if the form was filled in from an older state of the record.

    Raises:
        ChangedMeanwhile: names who saved it.
    """
    if expected is not None and record.version != expected:
        raise ChangedMeanwhile(record.modified_by)


def _column(model: models.Model | type[models.Model], field: str) -> "models.Field[Any, Any]":
    return cast("models.Field[Any, Any]", model._meta.get_field(field))


@functools.cache
def camel(field: str) -> str:
    """`first_name` as `firstName`, the spelling of the audit trail (R-AUD-2)."""
    head, *rest = field.split("_")
    return head + "".join(word.title() for word in rest)


def _shown(column: "models.Field[Any, Any]", value: Any) -> str:
    return str(value) if column.choices and value is not None else audit.text(value)
