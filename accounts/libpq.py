"""Compiled statements on PostgreSQL, through psycopg's own interface to libpq.

psycopg's cursor takes several times as long for a statement that was prepared as libpq does, and makes objects of ids and
times that are written out as text again. Here a statement is prepared once per connection, and its rows hold what SQLite's
would: ids and times as text (`accounts.statements.identifier`, `moment`, `instant` read either), numbers and truth values.
"""

import functools
import itertools
import re
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, TransactionStatus

Row = tuple[Any, ...]

MOST_PREPARED = 300
PLACEHOLDER = re.compile("%[s%]")
GOOD = frozenset({ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK})
FORGOTTEN = b"26000"
NUMBERS = itertools.count()
TYPES: dict[type, str] = {bool: "bool", int: "int8"}

_prepared: "WeakKeyDictionary[psycopg.Connection[Any], dict[str, bytes]]" = WeakKeyDictionary()


def serves(connection: "psycopg.Connection[Any]") -> bool:
    """Whether a statement can be run now: psycopg begins a transaction with its first statement, so that has to be its own."""
    status = connection.pgconn.transaction_status
    return status == TransactionStatus.INTRANS or (status == TransactionStatus.IDLE and connection.autocommit)


def execute(connection: "psycopg.Connection[Any]", sql: str, params: Sequence[Any]) -> Any:
    """Run a statement.

    Returns:
        The result of libpq, for `rows` or `count`.

    Raises:
        psycopg.Error: the database says no.
    """
    pgconn = connection.pgconn
    values = [_text(value) for value in params]
    if pgconn.transaction_status == TransactionStatus.IDLE:
        result = _execute_prepared(connection, sql, params, values)
    else:
        result = pgconn.exec_params(_numbered(sql), values, _types(params))
    if result.status not in GOOD:
        if pgconn.status != ConnStatus.OK:
            raise psycopg.OperationalError(result.get_error_message())
        raise psycopg.errors.error_from_result(result, encoding="utf-8")
    return result


def _execute_prepared(connection: "psycopg.Connection[Any]", sql: str, params: Sequence[Any], values: list[Any]) -> Any:
    """psycopg forgets every prepared statement after some errors, ours too. Outside a transaction that costs another try;
    inside it would be its end, so nothing is prepared there."""
    pgconn, known = connection.pgconn, _prepared.setdefault(connection, {})
    if (name := known.get(sql)) is not None:
        result = pgconn.exec_prepared(name, values)
        if result.status in GOOD or result.error_field(DiagnosticField.SQLSTATE) != FORGOTTEN:
            return result
        known.clear()
    if len(known) >= MOST_PREPARED:
        return pgconn.exec_params(_numbered(sql), values, _types(params))
    name = b"cxadmin_%d" % next(NUMBERS)
    result = pgconn.prepare(name, _numbered(sql), _types(params))
    if result.status not in GOOD:
        return result
    known[sql] = name
    return pgconn.exec_prepared(name, values)


def rows(result: Any) -> list[Row]:
    """The rows of a result."""
    readers = [READERS.get(result.ftype(at), _string) for at in range(result.nfields)]
    columns = list(enumerate(readers))
    value = result.get_value
    return [
        tuple([None if (raw := value(at, column)) is None else read(raw) for column, read in columns])
        for at in range(result.ntuples)
    ]


def count(result: Any) -> int:
    """How many rows a change was about."""
    return result.command_tuples or 0


@functools.lru_cache(maxsize=4096)
def _numbered(sql: str) -> bytes:
    """The statement with the placeholders of PostgreSQL."""
    numbers = iter(range(1, sql.count("%") + 1))
    return PLACEHOLDER.sub(lambda mark: f"${next(numbers)}" if mark[0] == "%s" else "%", sql).encode()


def _types(params: Sequence[Any]) -> list[int]:
    """The types to tell PostgreSQL where it could not see them from the statement; it knows those of texts best."""
    registry = psycopg.adapters.types
    return [registry[TYPES[type(value)]].oid if type(value) in TYPES else 0 for value in params]


def _text(value: Any) -> Any:
    """A parameter as text.

    Raises:
        psycopg.DataError: it holds NUL, where libpq would end it.
    """
    if value is None:
        return None
    raw = str(value).encode()
    if b"\x00" in raw:
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return raw


def _string(raw: bytes) -> str:
    return raw.decode()


def _truth(raw: bytes) -> bool:
    return raw == b"t"


def _moment(raw: bytes) -> str:
    """Connections are in UTC, so the offset says nothing."""
    return raw.decode().removesuffix("+00")


READERS: dict[int, Callable[[bytes], Any]] = {
    psycopg.adapters.types["bool"].oid: _truth,
    psycopg.adapters.types["timestamptz"].oid: _moment,
    **{psycopg.adapters.types[name].oid: int for name in ("int2", "int4", "int8")},
}
