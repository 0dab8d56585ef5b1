"""What a filter can compare: operands over database expressions that mean the same on SQLite and PostgreSQL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, Expression, ExpressionWrapper, F, Func, Q, Value, When
from django.db.models.expressions import BaseExpression, Combinable
from django.db.models.functions import Coalesce, Length, NullIf, Right, StrIndex, Substr
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual
from django.db.models.sql.compiler import SQLCompiler

from accounts.expressions import Folded
from accounts.ids import as_uuid, fold
from scim import grammar
from scim.errors import BadFilter

Condition: TypeAlias = Q | BaseExpression

ORDERINGS: Mapping[str, Callable[[Any, Any], Any]] = {
    "gt": GreaterThan,
    "ge": GreaterThanOrEqual,
    "lt": LessThan,
    "le": LessThanOrEqual,
}
TRUE = Q(pk__isnull=False)
FALSE = Q(pk__isnull=True)


@dataclass(frozen=True, slots=True)
class Sorted:
    """What resources are sorted by; where it is NULL they have no value."""

    expression: Any
    may_be_missing: bool = False


class Text:
    """Something textual: an expression, and whether its case matters.

    `folded` says that the expression is a folded column already, which an index serves.
    """

    def __init__(self, expression: Combinable | str, *, case_exact: bool = False, folded: bool = False) -> None:
        self.raw = F(expression) if isinstance(expression, str) else expression
        self.case_exact = case_exact
        self.folded = folded
        self.expression = self.raw if case_exact or folded else Folded(self.raw)

    def present(self) -> Condition:
        return GreaterThan(Length(self.raw), 0)

    def sorted(self) -> Sorted:
        return (
            Sorted(self.expression) if self.folded else Sorted(NullIf(self.expression, Value("")), may_be_missing=True)
        )

    def compare(self, operator: str, value: grammar.Value) -> Condition:
        if not isinstance(value, str) or "\x00" in value:
            raise BadFilter(f"{value!r} is not text that could be compared.")
        wanted = self._wanted(value)
        if operator in ORDERINGS:
            # A column says "no value" with an empty text, which would come before every other.
            return Q(ORDERINGS[operator](self.expression, wanted)) & Q(self.present())
        if not value:
            return FALSE if operator == "eq" else self.present()
        if operator == "eq":
            return Exact(self.expression, wanted)
        # Not LIKE: its case rules differ between the databases, and % and _ would need escapes.
        if operator == "co":
            return GreaterThan(StrIndex(self.expression, wanted), 0)
        length = Length(wanted)
        return Exact(Substr(self.expression, 1, length) if operator == "sw" else Right(self.expression, length), wanted)

    def _wanted(self, value: str) -> Any:
        """The value in the form of the expression; folded where that is: PostgreSQL leaves "ß" as it is, `fold` does not."""
        if self.folded:
            return Value(fold(value))
        return Value(value) if self.case_exact else Folded(Value(value))


class Truth:
    """Something that is true or false: a condition."""

    def __init__(self, holds: Condition, present: Condition = TRUE) -> None:
        self.holds = holds
        self._present = present

    def present(self) -> Condition:
        return self._present

    def sorted(self) -> Sorted:
        return Sorted(Case(When(Q(self.holds), then=Value(1)), default=Value(0)))

    def compare(self, operator: str, value: grammar.Value) -> Condition:
        # Entra writes booleans as the strings "True" and "False" (T2).
        wanted = {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else value
        if not isinstance(wanted, bool):
            raise BadFilter(f"{value!r} is neither true nor false.")
        if operator != "eq":
            raise BadFilter(f"The operator '{operator}' does not apply to true and false.")
        return self.holds if wanted else negated(self.holds) & Q(self._present)


class Instant:
    """A point in time, in a column."""

    LOOKUPS: Mapping[str, str] = {"eq": "exact", "gt": "gt", "ge": "gte", "lt": "lt", "le": "lte"}

    def __init__(self, column: str) -> None:
        self.column = column

    def present(self) -> Condition:
        return Q((f"{self.column}__isnull", False))

    def sorted(self) -> Sorted:
        return Sorted(F(self.column))

    def compare(self, operator: str, value: grammar.Value) -> Condition:
        if operator not in self.LOOKUPS:
            raise BadFilter(f"The operator '{operator}' does not apply to a point in time.")
        try:
            found = datetime.fromisoformat(value if isinstance(value, str) else "")
            moment = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        except (ValueError, OverflowError) as error:
            raise BadFilter(f"{value!r} is not a date and time such as 2026-01-31T12:00:00Z.") from error
        return Q((f"{self.column}__{self.LOOKUPS[operator]}", moment))


class Identifier:
    """The id of a record, in a column; a value that is no UUID matches nothing."""

    def __init__(self, column: str) -> None:
        self.column = column

    def present(self) -> Condition:
        return Q((f"{self.column}__isnull", False))

    def sorted(self) -> Sorted:
        return Sorted(F(self.column), may_be_missing=self.column not in ("id", "pk"))

    def compare(self, operator: str, value: grammar.Value) -> Condition:
        if operator != "eq":
            raise BadFilter(f"The operator '{operator}' does not apply to an id.")
        found = as_uuid(value)
        return Q((self.column, found)) if found else FALSE


Operand: TypeAlias = Text | Truth | Instant | Identifier


def negated(condition: Condition) -> Q:
    """Whatever does not meet the condition, what it says nothing about included: SQL's NULL counts as false."""
    return ~Q(Coalesce(ExpressionWrapper(Q(condition), models.BooleanField()), Value(False)))


def compare(operand: Operand, expression: grammar.Compare | grammar.Present) -> Condition:
    """One comparison. `eq null` means "has no value"; `ne` also finds what has none (RFC 7644 §3.4.2.2)."""
    if isinstance(expression, grammar.Present):
        return operand.present()
    if expression.value is None and expression.operator in ("eq", "ne"):
        return operand.present() if expression.operator == "ne" else negated(operand.present())
    if expression.operator == "ne":
        return negated(operand.compare("eq", expression.value))
    return operand.compare(expression.operator, expression.value)


class AnyElement(Expression):
    """Whether some element of a JSON array meets a condition, in which `Element` reads members of the element."""

    conditional = True
    output_field = models.BooleanField()

    def __init__(self, array: Combinable, wanted: Condition) -> None:
        super().__init__()
        self.array: Any = array
        self.wanted: Any = Q(wanted)

    def get_source_expressions(self) -> list[Any]:
        return [self.array, self.wanted]

    def set_source_expressions(self, exprs: Any) -> None:
        self.array, self.wanted = exprs

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        return self._exists(compiler, "JSON_EACH")

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        return self._exists(compiler, "JSONB_ARRAY_ELEMENTS")

    def _exists(self, compiler: SQLCompiler, function: str) -> Any:
        array, array_params = compiler.compile(self.array)
        wanted, wanted_params = compiler.compile(self.wanted)
        return f"EXISTS(SELECT 1 FROM {function}({array}) AS element WHERE {wanted})", (*array_params, *wanted_params)


class Element(Func):
    """A member of the element that `AnyElement` looks at, as text; `name` comes from the attribute table."""

    output_field = models.TextField()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        return f"JSON_EXTRACT(element.value, '$.\"{self.name}\"')", ()

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        return f"(element.value ->> '{self.name}')", ()


class ElementIsTrue(Func):
    """Whether a member of the element that `AnyElement` looks at is true."""

    conditional = True
    output_field = models.BooleanField()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        return f"COALESCE(JSON_EXTRACT(element.value, '$.\"{self.name}\"'), 0) = 1", ()

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        return f"COALESCE(element.value ->> '{self.name}', 'false') = 'true'", ()
