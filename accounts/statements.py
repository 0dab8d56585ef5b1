"""Queries that are compiled once.

Turning one ORM query into SQL costs as much as running it. On the hottest paths (SCIM, credentials) the SQL never changes,
so it is built once from the same querysets the rest of the product uses and then only executed. Nothing else writes SQL by
hand, but for the mass inserts of `cxadmin generate`.
"""

import functools
import operator
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

import orjson
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX
from django.db.models import Model, QuerySet, Subquery
from django.db.models.base import ModelState

from accounts import libpq

Row = tuple[Any, ...]

# Ids: most of a request are those of the tenant, its roles, its teams and who calls, and the same again the next time.
MOST_REMEMBERED = 4_096


@functools.cache
def vendor() -> str:
    """The kind of database there is: `sqlite` or `postgresql`. It stays what it is, and to ask Django costs as much as a line
    of work."""
    return str(connection.vendor)


def fetch(sql: str, params: Sequence[Any]) -> list[Row]:
    """All rows of a SELECT."""
    found: list[Row] = _execute(sql, params, libpq.rows, operator.methodcaller("fetchall"))
    return found


def change(sql: str, params: Sequence[Any], database: Any = None) -> int:
    """Execute an INSERT or UPDATE; how many rows it was about.

    Args:
        database: the connection, for who has looked it up already.
    """
    count: int = _execute(sql, params, libpq.count, operator.attrgetter("rowcount"), database)
    return count


def _execute(
    sql: str,
    params: Sequence[Any],
    of_libpq: Callable[[Any], Any],
    of_cursor: Callable[[Any], Any],
    database: Any = None,
) -> Any:
    """Django's cursor rewrites the placeholders of a statement for SQLite on every execution, and wraps every call of the
    driver's; on the hot paths the driver's own is used, on PostgreSQL what is below it (`accounts.libpq`), unless somebody
    listens to what is executed."""
    if database is None:
        database = connections[DEFAULT_DB_ALIAS]
    if database.queries_logged or database.execute_wrappers:
        with database.cursor() as cursor:
            cursor.execute(sql, params)
            return of_cursor(cursor)
    if database.connection is None:
        database.ensure_connection()
    database.validate_no_broken_transaction()
    driver = database.connection
    try:
        if vendor() == "sqlite":
            return of_cursor(driver.execute(_of_driver(sql), params))
        if libpq.serves(driver):
            return of_libpq(libpq.execute(driver, sql, params))
        return of_cursor(driver.execute(sql, params))
    except database.Database.Error:
        with database.wrap_database_errors:  # entered only now: in the good case it would cost as much as the rest
            raise


@functools.lru_cache(maxsize=4096)
def _of_driver(sql: str) -> str:
    """The statement with the placeholders of SQLite's driver."""
    return FORMAT_QMARK_REGEX.sub("?", sql).replace("%%", "%")


class Statement:
    """A SELECT with parameters.

    Args:
        build: makes the queryset, a `values_list`, from one value per parameter.
        samples: a value of the right type per parameter, each different, to find its places in the compiled SQL; the number of
            a LIMIT or OFFSET should be a large one.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], *samples: str | int | uuid.UUID) -> None:
        self.build = build
        self.samples = samples
        self.compiled: tuple[str, list[Any], dict[int, int]] | None = None

    def rows(self, *values: Any) -> Sequence[Row]:
        """Execute with these values.

        Returns:
            The rows as the database driver gives them: `identifier` and `moment` read ids and times on either database.
        """
        kind = vendor()
        if self.compiled is None:
            self.compiled = self._compile()
        sql, constants, places = self.compiled
        params = constants.copy()
        for at, which in places.items():
            params[at] = _adapted(values[which], kind)
        return fetch(sql, params)

    def row(self, *values: Any) -> Row | None:
        """The first row, if there is one."""
        found = self.rows(*values)
        return found[0] if found else None

    def _compile(self) -> tuple[str, list[Any], dict[int, int]]:
        sql, params = self._text()
        for sample in self.samples:
            if isinstance(sample, int) and (at := sql.find(str(sample))) >= 0:
                # Django writes LIMIT and OFFSET into the text.
                params.insert(sql.count("%s", 0, at), sample)
                sql = sql.replace(str(sample), "%s", 1)
        stand_ins = {_adapted(sample, vendor()): which for which, sample in enumerate(self.samples)}
        places = {at: stand_ins[param] for at, param in enumerate(params) if _hashable(param) and param in stand_ins}
        if set(places.values()) != set(range(len(self.samples))):
            raise RuntimeError("A parameter of the statement is not in its SQL.")
        return sql, params, places

    def _text(self) -> tuple[str, list[Any]]:
        sql, params = self.build(*self.samples).query.sql_with_params()
        return sql, list(params)


class Question:
    """A SELECT about a business unit or one record of it, to be asked alone or together with who asks.

    Args:
        build: makes the queryset from the business unit, an id or an expression, and what names the record.
        samples: a value of the right type, if a record has to be named.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], *samples: str | uuid.UUID) -> None:
        self.build = build
        self.samples = samples
        self.alone = Statement(build, uuid.UUID(int=1), *samples)

    def row(self, business_unit_id: uuid.UUID, *named: Any) -> Row | None:
        """The record's row, if there is such a record."""
        return self.alone.row(business_unit_id, *named)


About: TypeAlias = tuple[Question] | tuple[Question, Any]
"""A question, and the value that names the record if it is about one."""


class TwoInOne(Statement):
    """A SELECT with one parameter, and in the same round trip a question about the business unit it leads to.

    A row is that of the first, followed by that of the question, which is all None if there is no such record.

    Args:
        first: the SELECT.
        unit: a queryset of the business unit's id, from the same parameter.
    """

    def __init__(self, first: Statement, unit: Callable[[Any], QuerySet[Any, Any]], question: Question) -> None:
        super().__init__(first.build, *first.samples, *question.samples)
        self.unit = unit
        self.question = question

    def _text(self) -> tuple[str, list[Any]]:
        asked, *named = self.samples
        first, params = self.build(asked).query.sql_with_params()
        second, more = self.question.build(Subquery(self.unit(asked)), *named).query.sql_with_params()
        return f"SELECT * FROM ({first}) AS found LEFT JOIN ({second}) AS about ON 1 = 1", [*params, *more]


class RecordQuestion(Question):
    """A SELECT of a whole record, with its related records and annotations: what the queryset itself would load."""

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], *samples: str | uuid.UUID) -> None:
        super().__init__(build, *samples)
        self.loader: Callable[[list[Any]], Any] | None = None

    def load(self, row: Row) -> Any:
        """The record of a row."""
        if self.loader is None:
            self.loader = self._loader()
        return self.loader(list(row))

    def _loader(self) -> Callable[[list[Any]], Any]:
        """How Django's own iterator makes a record of a row, with everything about the query looked up once; columns the
        queryset leaves out are read when they are asked for, as there."""
        compiler = self.build(*self.alone.samples).query.get_compiler(connection=connection)
        compiler.as_sql()
        described, select = compiler.klass_info, compiler.select
        expressions = [column[0] for column in select]
        converters = compiler.get_converters(expressions)
        quick = {
            at: QUICK[kind] for at, e in enumerate(expressions) if (kind := e.output_field.get_internal_type()) in QUICK
        }
        converters = {at: found for at, found in converters.items() if at not in quick}
        names, places = _columns(described, select)
        related = [
            (one["model"], one["local_setter"], *_columns(one, select))
            for one in described.get("related_klass_infos", ())
        ]
        annotations = compiler.annotation_col_map or {}

        def load(row: list[Any]) -> Any:
            for at, read in quick.items():
                if row[at] is not None:
                    row[at] = read(row[at])
            for at, (functions, expression) in converters.items():
                for function in functions:
                    row[at] = function(row[at], expression, connection)
            record = made(described["model"], names, [row[at] for at in places])
            for model, attach, columns, ats in related:
                # The first column of a related record is its key: without one there is no record.
                attach(record, made(model, columns, [row[at] for at in ats]) if row[ats[0]] is not None else None)
            for name, at in annotations.items():
                setattr(record, name, row[at])
            return record

        return load


def _columns(described: Any, select: Sequence[Any]) -> tuple[list[str], list[int]]:
    """The columns of one of the models of a query, and where they are in its rows."""
    places = list(described["select_fields"])
    return [select[at][0].target.attname for at in places], places


def made(model: type[Model], names: Sequence[str], values: Sequence[Any]) -> Any:
    """A stored record with these columns, the others being read when they are asked for: what `from_db` makes, without its
    way through `__init__`, field by field."""
    record = model.__new__(model)
    state = record._state = ModelState()
    state.adding, state.db = False, DEFAULT_DB_ALIAS
    record.__dict__.update(zip(names, values, strict=True))
    return record


def _adapted(value: Any, kind: str) -> Any:
    return value.hex if isinstance(value, uuid.UUID) and kind == "sqlite" else value


def _hashable(value: Any) -> bool:
    return value.__hash__ is not None


@functools.lru_cache(maxsize=MOST_REMEMBERED)
def identifier(value: uuid.UUID | str) -> str:
    """An id of a row, as a driver gives it, as text with dashes."""
    if isinstance(value, str) and len(value) == 32:
        return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"
    return str(value)


def moment(value: Any) -> datetime:
    """A time of a row as an aware datetime."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@functools.lru_cache(maxsize=MOST_REMEMBERED)
def as_id(value: uuid.UUID | str) -> uuid.UUID:
    """An id of a row, as a driver gives it, as a UUID."""
    return uuid.UUID(value) if isinstance(value, str) else value


def _json(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value


QUICK: dict[str, Callable[[Any], Any]] = {
    "UUIDField": as_id,
    "ForeignKey": as_id,
    "DateTimeField": moment,
    "BooleanField": bool,
    "JSONField": _json,
}
"""How the columns of a record are read, by the type of their field; others as Django reads them."""


def instant(value: Any) -> str:
    """A time of a row, or an aware datetime in UTC, as RFC 3339 writes it."""
    if isinstance(value, str):
        # PostgreSQL names the offset of the connection, which is in UTC, and leaves out zeros at the end.
        second, _, fraction = value.removesuffix("+00").replace(" ", "T", 1).partition(".")
        return f"{second}.{fraction:0<6}Z" if fraction else f"{second}Z"
    return f"{value.replace(tzinfo=None).isoformat()}Z"
