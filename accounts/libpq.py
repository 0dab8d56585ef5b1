"""Compiled statements on PostgreSQL, through psycopg's own interface to libpq.

psycopg's cursor takes several times as long for a statement that was prepared as libpq does, and makes objects of ids and
times that are written out as text again. Here a statement is prepared once per connection, and its rows hold what SQLite's
would: ids and times as text (`accounts.statements.identifier`, `moment`, `instant` read either), numbers and truth values.
"""

import functools
import itertools
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import psycopg
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, TransactionStatus

Row = tuple[Any, ...]
Columns: TypeAlias = list[tuple[int, Callable[[bytes], Any]]]
"""The columns of a result: where each is, and what reads its values."""
Executed: TypeAlias = tuple[Any, Columns]
"""The result of libpq and its columns."""

MOST_PREPARED = 300
PLACEHOLDER = re.compile("%[s%]")
# Numbers: to look a member of an enumeration up takes longer than to compare it.
IDLE, IN_TRANSACTION = int(TransactionStatus.IDLE), int(TransactionStatus.INTRANS)
GOOD = frozenset({int(ExecStatus.TUPLES_OK), int(ExecStatus.COMMAND_OK)})
FORGOTTEN = b"26000"
NUMBERS = itertools.count()
TYPES: dict[type, str] = {bool: "bool", int: "int8"}

# The name of each prepared statement, and the columns of its results: they stay what they are.
_prepared: "WeakKeyDictionary[psycopg.Connection[Any], dict[str, tuple[bytes, Columns | None]]]" = WeakKeyDictionary()


def serves(connection: "psycopg.Connection[Any]") -> bool:
    """Whether a statement can be run now: psycopg begins a transaction with its first statement, so that has to be its own."""
    status = connection.pgconn.transaction_status
    return status == IN_TRANSACTION or (status == IDLE and connection.autocommit)


def execute(connection: "psycopg.Connection[Any]", sql: str, params: Sequence[Any]) -> Executed:
    """Run a statement.

    Returns:
        What came of it, for `rows` or `count`.

    Raises:
        psycopg.Error: the database says no.
    """
    pgconn, values, columns = connection.pgconn, _texts(params), None
    if pgconn.transaction_status == IDLE:
        result, columns = _execute_prepared(connection, sql, params, values)
    else:
        result = pgconn.exec_params(_numbered(sql), values, _types(params))
    if result.status not in GOOD:
        if pgconn.status != ConnStatus.OK:
            raise psycopg.OperationalError(result.get_error_message())
        raise psycopg.errors.error_from_result(result, encoding="utf-8")
    return result, columns or _columns(result)


def _execute_prepared(
    connection: "psycopg.Connection[Any]", sql: str, params: Sequence[Any], values: list[Any]
) -> tuple[Any, Columns | None]:
    """psycopg forgets every prepared statement after some errors, ours too. Outside a transaction that costs another try;
    inside it would be its end, so nothing is prepared there."""
    pgconn, known = connection.pgconn, _prepared.setdefault(connection, {})
    if (prepared := known.get(sql)) is not None:
        name, columns = prepared
        result = pgconn.exec_prepared(name, values)
        if result.status in GOOD or result.error_field(DiagnosticField.SQLSTATE) != FORGOTTEN:
            return result, columns
        known.clear()
    if len(known) >= MOST_PREPARED:
        return pgconn.exec_params(_numbered(sql), values, _types(params)), None
    name = b"cxadmin_%d" % next(NUMBERS)
    result = pgconn.prepare(name, _numbered(sql), _types(params))
    if result.status not in GOOD:
        return result, None
    result = pgconn.exec_prepared(name, values)
    known[sql] = name, _columns(result) if result.status in GOOD else None
    return result, None


def _columns(result: Any) -> Columns:
    return [(at, READERS.get(result.ftype(at), bytes.decode)) for at in range(result.nfields)]


def rows(executed: Executed) -> list[Row]:
    """The rows that were found."""
    result, columns = executed
    value = result.get_value
    return [
        tuple([None if (raw := value(at, column)) is None else read(raw) for column, read in columns])
        for at in range(result.ntuples)
    ]


def count(executed: Executed) -> int:
    """How many rows a change was about."""
    return executed[0].command_tuples or 0


@functools.lru_cache(maxsize=4096)
def _numbered(sql: str) -> bytes:
    """The statement with the placeholders of PostgreSQL."""
    numbers = iter(range(1, sql.count("%") + 1))
    return PLACEHOLDER.sub(lambda mark: f"${next(numbers)}" if mark[0] == "%s" else "%", sql).encode()


def _types(params: Sequence[Any]) -> list[int]:
    """The types to tell PostgreSQL where it could not see them from the statement; it knows those of texts best."""
    registry = psycopg.adapters.types
    return [registry[TYPES[type(value)]].oid if type(value) in TYPES else 0 for value in params]


def _texts(params: Sequence[Any]) -> list[bytes | None]:
    """The parameters as text.

    Raises:
        psycopg.DataError: one holds NUL, where libpq would end it.
    """
    values = [None if value is None else str(value).encode() for value in params]
    if b"\x00" in b"".join(filter(None, values)):
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return values


def _moment(raw: bytes) -> str:
    """Connections are in UTC, so the offset says nothing."""
    return raw.decode().removesuffix("+00")


READERS: dict[int, Callable[[bytes], Any]] = {
    psycopg.adapters.types["bool"].oid: b"t".__eq__,
    psycopg.adapters.types["timestamptz"].oid: _moment,
    **{psycopg.adapters.types[name].oid: int for name in ("int2", "int4", "int8")},
}
