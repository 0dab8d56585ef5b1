"""Database expressions that mean the same on SQLite and PostgreSQL."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models import Func, Subquery
from django.db.models.sql.compiler import SQLCompiler

from accounts.ids import fold


class Folded(Func):
    """Text as `accounts.ids.fold` writes it, compared by code point."""

    arity = 1
    output_field = models.CharField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        return self.as_sql(compiler, connection, function="CXADMIN_FOLD")

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        # LOWER leaves what `casefold` spells out; of these letters, two are in people's names.
        template = "REPLACE(REPLACE(LOWER(%(expressions)s), 'ß', 'ss'), 'ς', 'σ') COLLATE \"C\""
        return self.as_sql(compiler, connection, template=template)


class Written(Func):
    """The beginning of a moment as text, `2026-05-02 13:45` and so on, in UTC: SQLite truncates moments ten times slower.

    Args:
        length: how many characters of it.
    """

    output_field = models.CharField()

    def __init__(self, moment: str, length: int) -> None:
        super().__init__(moment, models.Value(length))

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        return self.as_sql(compiler, connection, template="SUBSTR(%(expressions)s)", arg_joiner=", 1, ")

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="LEFT(TO_CHAR(%(expressions)s)", arg_joiner=", 'YYYY-MM-DD HH24:MI'), "
        )


class Joined(Subquery):
    """The values of a one-column queryset as one text, separated by commas; its column is named `part`."""

    output_field = models.TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        return self.as_sql(
            compiler, connection, template="(SELECT GROUP_CONCAT(part, ',') FROM (%(subquery)s) AS parts)"
        )

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        return self.as_sql(compiler, connection, template="(SELECT STRING_AGG(part, ',') FROM (%(subquery)s) AS parts)")


class Counted(Subquery):
    """How many rows a queryset has."""

    output_field = models.IntegerField()
    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"


class JsonPairs(Subquery):
    """The rows of a two-column queryset as a JSON array of pairs, read as text; its columns are named `first` and `second`."""

    output_field = models.TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        return self._pairs(compiler, connection, 'JSON_GROUP_ARRAY(JSON_ARRAY("first", "second"))')

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        return self._pairs(compiler, connection, 'JSON_AGG(JSON_BUILD_ARRAY("first", "second"))::text')

    def _pairs(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, aggregate: str) -> Any:
        return self.as_sql(compiler, connection, template=f"(SELECT {aggregate} FROM (%(subquery)s) AS pairs)")


def _teach_sqlite(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """SQLite folds ASCII letters only; give it the function the rest of the product uses."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("CXADMIN_FOLD", 1, _fold_or_none, deterministic=True)


def _fold_or_none(value: object) -> str | None:
    return None if value is None else fold(str(value))


def listen() -> None:
    """Prepare every database connection; called once when the app starts."""
    connection_created.connect(_teach_sqlite, dispatch_uid="accounts.expressions")
