"""The search body of the User Hub: filter, operations, orderBy, skip, top and fields (apis.md §3.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from django.db.models import F, Model, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers

from accounts.api import paging, reading
from accounts.expressions import Folded
from accounts.ids import as_uuid, fold

M = TypeVar("M", bound=Model)

OPERATIONS = ("LIKE", "BETWEEN", "NOT", "OR", "IN", "EQ")
MOST_VALUES = 1_000
MOST_PARTS = 100
Kind = Literal["text", "exact", "choice", "uuid", "number", "time", "boolean"]


@dataclass(frozen=True, slots=True)
class Column:
    """What a member of a filter means in the database.

    `path` of a text is its folded copy; a text without one is folded by the database (`is_plain`). An `exact` text is compared
    as it is.

    Attributes:
        among: the related records that `path` leads through; those that match are found first.
        through: the model that ties records to others, whose column `path` is then; it has a column `employee`.
        joined: the same as a relation of the record.
        instead: the folded copy that is shown where a plain text is empty.
        prefix, suffix: a folded copy that begins or ends with a plain text, apart by a space, and has an index.
    """

    path: str
    kind: Kind = "text"
    is_plain: bool = False
    among: QuerySet[Any] | None = None
    through: type[Model] | None = None
    joined: str = ""
    instead: str = ""
    prefix: str = ""
    suffix: str = ""


Columns = Mapping[str, Column]


class SearchBody(reading.Body):
    """The body every search shares."""

    filter = serializers.DictField(required=False, default=dict, allow_null=True)
    operations = serializers.DictField(
        child=serializers.CharField(max_length=10), required=False, default=dict, allow_null=True
    )
    orderBy = serializers.DictField(  # noqa: N815
        child=serializers.CharField(max_length=10), required=False, default=dict, allow_null=True
    )
    fields_wanted = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, default=list, allow_null=True
    )
    skip = serializers.IntegerField(min_value=0, max_value=reading.LARGEST, required=False, default=0)
    top = serializers.IntegerField(min_value=0, max_value=reading.LARGEST, required=False, default=50)

    def get_fields(self) -> dict[str, Any]:
        """`fields` is a name that serializers use themselves."""
        found = dict(super().get_fields())
        found["fields"] = found.pop("fields_wanted")
        return found


def apply(found: QuerySet[M], given: Mapping[str, Any], columns: Columns, default_order: str) -> QuerySet[M]:
    """The records that a search asks for, in its order.

    Raises:
        ValidationError: an unknown member or operation, or a value of the wrong type.
    """
    operations = {name: str(word).upper() for name, word in (given["operations"] or {}).items()}
    for name, word in operations.items():
        if word not in OPERATIONS:
            raise reading.wrong(f"operations.{name}", _("Give one of %(words)s.") % {"words": ", ".join(OPERATIONS)})
    for name in given["filter"] or {}:
        if name not in columns:
            raise reading.wrong(f"filter.{name[:80]}", _("Filter by one of %(names)s.") % {"names": ", ".join(columns)})
    found = _with_folded(found, given, columns)
    either = Q()
    for name, values in (given["filter"] or {}).items():
        given_values = values if isinstance(values, list) else [values]
        condition = _condition(f"filter.{name}", columns[name], given_values, operations.get(name, "IN"))
        if operations.get(name) == "OR":
            either |= condition
        else:
            found = found.filter(condition)
    order = ",".join(f"{name} {direction}" for name, direction in (given["orderBy"] or {}).items())
    names = {name: _path(column) for name, column in columns.items() if column.through is None}
    return paging.ordered(found.filter(either), order, names, default_order)


def _path(column: Column) -> str:
    return f"folded_{column.path}" if column.is_plain else column.path


def _with_folded(found: QuerySet[M], given: Mapping[str, Any], columns: Columns) -> QuerySet[M]:
    """With the folded form of the plain texts that the search names."""
    wanted = {name.lower() for name in (*(given["filter"] or {}), *(given["orderBy"] or {}))}
    plain = {column.path for name, column in columns.items() if column.is_plain and name.lower() in wanted}
    return found.annotate(**{f"folded_{path}": Folded(F(path)) for path in plain}) if plain else found


def _condition(name: str, column: Column, values: list[Any], operation: str) -> Q:
    most = MOST_PARTS if operation == "LIKE" else MOST_VALUES
    if len(values) > most:
        raise reading.wrong(name, _("Give at most %(n)d values.") % {"n": most})
    read = [_value(name, column, value) for value in values]
    chosen = _chosen(name, column, read, operation)
    return ~chosen if operation == "NOT" else chosen


def _chosen(name: str, column: Column, read: list[Any], operation: str) -> Q:
    if column.through is not None:
        if len(read) == 1 and operation in ("IN", "EQ"):
            # Nobody is tied to the same one twice; SQLite begins such a join at its rarer end.
            return Q(**{column.joined: read[0]})
        ties = column.through._default_manager.filter(_compared(name, column, column.path, read, operation))
        return Q(pk__in=ties.values("employee"))
    relation, _apart, path = column.path.partition("__")
    if column.among is not None:
        # A statement of its own: they are few, and with their ids the database sees that the relation's index is good.
        found = column.among.filter(_compared(name, column, path, read, operation)).values_list("pk", flat=True)
        return Q(**{f"{relation}__in": list(found)})
    return _compared(name, column, _path(column), read, operation)


def _compared(name: str, column: Column, path: str, read: list[Any], operation: str) -> Q:
    if operation == "BETWEEN":
        if len(read) != 2:
            raise reading.wrong(name, _("BETWEEN takes two values."))
        return Q(**{f"{path}__gte": read[0], f"{path}__lte": read[1]})
    if operation == "LIKE":
        if column.kind not in ("text", "exact"):
            raise reading.wrong(name, _("LIKE compares texts only."))
        parts = [value.strip("%") for value in read]
        chosen = _any(Q(**{f"{path}__contains": part}) for part in parts)
        if column.instead:
            chosen |= _empty(column) & _any(Q(**{f"{column.instead}__contains": part}) for part in parts)
        return chosen if column.is_plain else chosen & _indexed(path)
    chosen = Q(**{f"{path}__in": read})
    if column.instead:
        chosen |= _empty(column) & Q(**{f"{column.instead}__in": read})
    if len(read) > MOST_PARTS:
        return chosen
    if column.prefix:
        # A space is followed by "!": everything between begins with the text and a space.
        chosen &= _any(Q(**{f"{column.prefix}__gte": f"{text} ", f"{column.prefix}__lt": f"{text}!"}) for text in read)
    if column.suffix:
        chosen &= _indexed(column.suffix) & _any(Q(**{f"{column.suffix}__endswith": f" {text}"}) for text in read)
    return chosen


def _indexed(path: str) -> Q:
    """True for every text; has the database look for a part of the text in the column's index rather than in the records."""
    return Q(**{f"{path}__gt": ""})


def _empty(column: Column) -> Q:
    return Q(**{column.path: ""})


def _any(conditions: Any) -> Q:
    found = Q(pk__in=[])
    for condition in conditions:
        found |= condition
    return found


def _value(name: str, column: Column, value: Any) -> Any:
    read: Any = None
    match column.kind:
        case "text" | "exact" | "choice":
            if isinstance(value, str) and "\x00" not in value:
                read = fold(value) if column.kind == "text" else value.upper() if column.kind == "choice" else value
        case "uuid":
            read = as_uuid(value)
        case "number":
            read = reading.as_number(value)
        case "time":
            read = reading.as_moment(value) if isinstance(value, str) else None
        case "boolean":
            word = str(value).lower()
            read = word in reading.TRUE if word in reading.TRUE | reading.FALSE else None
    if read is None:
        kinds = {
            "text": _("a text"),
            "exact": _("a text"),
            "choice": _("a word"),
            "uuid": _("a UUID"),
            "number": _("a whole number"),
        }
        kinds |= {"time": _("a time in ISO 8601"), "boolean": _("true or false")}
        raise reading.wrong(name, _("Give %(kind)s.") % {"kind": kinds[column.kind]})
    return read
