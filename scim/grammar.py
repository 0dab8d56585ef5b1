"""The SCIM filter and path grammar (RFC 7644 §3.4.2.2, §3.5.2): text to syntax tree, knowing nothing of Django.

The parser that comes with django-scim2 gives `or` and `and` the same rank and cannot read numbers, escapes or URNs in
every place (docs/differences.md); this one follows the RFC's table. Kindly read as well: operators and literals in any
case, and values without quotes, because identity providers send them (T10).
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import orjson

LONGEST = 8_000
DEEPEST = 60
MOST_EXPRESSIONS = 200  # SQLite refuses expressions deeper than 1,000, and each of ours becomes a few of its own
COMPARISONS = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"})

TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w$:.-]))
      | (?P<word>[^\s()\[\]"]+)
      | (?P<mark>[()\[\]])
    )""",
    re.VERBOSE,
)
NAME = re.compile(r"[A-Za-z$][\w$-]*")

Value: TypeAlias = str | int | float | bool | None


class GrammarError(ValueError):
    """The text is not in the grammar; the message says where."""


@dataclass(frozen=True, slots=True)
class Path:
    """An attribute, perhaps of a named schema, perhaps one of its sub-attributes. Without a name: a whole extension."""

    urn: str | None
    name: str
    sub: str | None = None

    def __str__(self) -> str:
        return (f"{self.urn}:" if self.urn else "") + self.name + (f".{self.sub}" if self.sub else "")


@dataclass(frozen=True, slots=True)
class Compare:
    """`path operator value`."""

    path: Path
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Present:
    """`path pr`."""

    path: Path


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Filter"


@dataclass(frozen=True, slots=True)
class ValuePath:
    """`path[filter]`: one value of a multi-valued attribute that meets the filter."""

    path: Path
    part: "Filter"


Filter: TypeAlias = Compare | Present | And | Or | Not | ValuePath


@dataclass(frozen=True, slots=True)
class Target:
    """What a PATCH path points at: an attribute, or the values of it that meet a filter, or a sub-attribute of these."""

    path: Path
    part: Filter | None = None
    sub: str | None = None


@functools.lru_cache(maxsize=512)
def parse_filter(text: str) -> Filter:
    """The tree of a filter.

    Raises:
        GrammarError: the text is no filter, is longer than 8,000 characters or nested deeper than 60.
    """
    parser = _Parser(text)
    tree = parser.either(0)
    parser.expect_end()
    return tree


@functools.lru_cache(maxsize=512)
def parse_target(text: str) -> Target:
    """The tree of a PATCH path: `attrPath` or `valuePath [subAttr]`.

    Raises:
        GrammarError: the text is no path.
    """
    parser = _Parser(text)
    path = parser.path()
    part = sub = None
    if parser.take_mark("["):
        part = parser.either(0)
        parser.need_mark("]")
        sub = parser.suffix()
    parser.expect_end()
    return Target(path, part, sub)


class _Parser:
    """Recursive descent; `not` binds tighter than `and`, `and` tighter than `or`."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise GrammarError(f"longer than {LONGEST} characters")
        self.tokens = list(_tokens(text))
        self.at = 0
        self.expressions = 0

    def either(self, depth: int) -> Filter:
        parts = [self.both(depth)]
        while self.take_word("or"):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self, depth: int) -> Filter:
        parts = [self.one(depth)]
        while self.take_word("and"):
            parts.append(self.one(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def one(self, depth: int) -> Filter:
        if depth > DEEPEST:
            raise GrammarError(f"nested deeper than {DEEPEST}")
        if self.next_is("word", "not") and self.tokens[self.at + 1 : self.at + 2] == [("mark", "(")]:
            self.at += 1
            return Not(self.one(depth + 1))
        if self.take_mark("("):
            inner = self.either(depth + 1)
            self.need_mark(")")
            return inner
        path = self.path()
        if not self.take_mark("["):
            return self.expression(path)
        part = self.either(depth + 1)
        self.need_mark("]")
        sub = self.suffix()
        # Entra's `emails[type eq "work"].value eq "x"` asks for one value that meets both.
        return ValuePath(path, And((part, self.expression(Path(None, sub)))) if sub else part)

    def expression(self, path: Path) -> Filter:
        self.expressions += 1
        if self.expressions > MOST_EXPRESSIONS:
            raise GrammarError(f"more than {MOST_EXPRESSIONS} expressions")
        operator = self.take("word", "an operator").lower()
        if operator == "pr":
            return Present(path)
        if operator not in COMPARISONS:
            raise GrammarError(f"the operator '{operator}' is not supported")
        return Compare(path, operator, self.value())

    def value(self) -> Value:
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")
        if kind not in ("string", "number", "word"):
            raise GrammarError("a value is missing")
        self.at += 1
        if kind == "word":
            return {"true": True, "false": False, "null": None}.get(text.lower(), text)
        try:
            found: Value = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise GrammarError(f"{text} is not a JSON value") from error
        return found

    def path(self) -> Path:
        return split_path(self.take("word", "an attribute"))

    def suffix(self) -> str | None:
        """The `.subAttr` behind a closing bracket."""
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "word" and self.tokens[self.at][1].startswith("."):
            name = self.take("word", "a sub-attribute")[1:]
            if not NAME.fullmatch(name):
                raise GrammarError(f"'{name}' is not an attribute name")
            return name
        return None

    def take(self, kind: str, what: str) -> str:
        if self.at >= len(self.tokens) or self.tokens[self.at][0] != kind:
            raise GrammarError(f"{what} is missing")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def next_is(self, kind: str, text: str) -> bool:
        return (
            self.at < len(self.tokens) and self.tokens[self.at][0] == kind and self.tokens[self.at][1].lower() == text
        )

    def take_word(self, word: str) -> bool:
        found = self.next_is("word", word)
        self.at += found
        return found

    def take_mark(self, mark: str) -> bool:
        found = self.next_is("mark", mark)
        self.at += found
        return found

    def need_mark(self, mark: str) -> None:
        if not self.take_mark(mark):
            raise GrammarError(f"'{mark}' is missing")

    def expect_end(self) -> None:
        if self.at != len(self.tokens):
            raise GrammarError(f"'{self.tokens[self.at][1]}' is one too many")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position, end = 0, len(text.rstrip())
    while position < end:
        found = TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            raise GrammarError(f"unreadable at '{text[position : position + 20].strip()}'")
        yield found.lastgroup, found[found.lastgroup]
        position = found.end()


def split_path(word: str) -> Path:
    """`urn:…:2.0:User:name.familyName` as its parts (RFC 7644 §3.10).

    Raises:
        GrammarError: a part is not a name.
    """
    urn, _, rest = word.rpartition(":")
    name, dot, sub = rest.partition(".")
    if urn and not urn.lower().startswith("urn:"):
        raise GrammarError(f"'{word}' is not an attribute name")
    # The URN of an extension alone: what looks like its last name is the end of the URN.
    if not NAME.fullmatch(name) or (dot and not NAME.fullmatch(sub)):
        raise GrammarError(f"'{word}' is not an attribute name")
    return Path(urn or None, name, sub or None)
