"""A short notation for what documents say of bodies, parameters and answers. Pure: JSON Schema as dictionaries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from accounts.api.reading import Body

Schema: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Named:
    """A shape with a name of its own among the document's components."""

    name: str
    schema: Schema


Shape: TypeAlias = Schema | Named | type[Body]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
WHOLE_OR_NULL: Schema = {"type": ["integer", "null"]}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
DAY: Schema = {"type": "string", "format": "date"}
UUID: Schema = {"type": "string", "format": "uuid"}
ADDRESS_OR_NULL: Schema = {"type": ["string", "null"]}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
FREE: Schema = {"type": "object"}
NOTHING: Schema = {"type": "null"}


def record(**members: Shape) -> Schema:
    """An object with these members, any of which may be missing."""
    return {"type": "object", "properties": members}


def several(shape: Shape) -> Schema:
    """A list."""
    return {"type": "array", "items": shape}


def words(*known: str) -> Schema:
    """One of these words."""
    return {"type": "string", "enum": list(known)}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query."""

    name: str
    schema: Schema
    description: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class About:
    """What the document says of an operation beyond its address and permissions.

    Attributes:
        answer: what it answers when it is done; None for no body.
        status: with which status.
        also: further answers that are no refusals, by status.
        query: the parameters it reads.
        body: what it takes.
        refuses: statuses of refusals besides those that follow from the kind of operation.
        summary: one line; without one the first sentence of the function's docstring.
    """

    answer: Shape | None = None
    status: int = 200
    also: Mapping[int, Shape | None] = field(default_factory=dict)
    query: tuple[Parameter, ...] = ()
    body: Shape | None = None
    refuses: tuple[int, ...] = ()
    summary: str = ""


def text(name: str, description: str, *, required: bool = False) -> Parameter:
    return Parameter(name, TEXT, description, required)


def whole(name: str, description: str) -> Parameter:
    return Parameter(name, {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}, description)


def flag(name: str, description: str) -> Parameter:
    return Parameter(name, FLAG, description)


def moment(name: str, description: str, *, required: bool = False) -> Parameter:
    return Parameter(name, TIME, description, required)


SKIP = whole("skip", "How many records to leave out at the beginning.")
TOP = whole("top", "How many records a page holds at most.")
ORDER = text("orderBy", "The member to order by, with `asc` or `desc` behind it; several are separated by commas.")
FIELDS = text("fields", "The members to answer, separated by commas; all of them if none is named.")
WORDS = text("searchString", "Only records that contain this text.")
SINCE = moment("updateSince", "Only records saved since this time; `updatedSince` is the same.")
ACTIVE = flag("isActive", "Only active records, or only the others.")
PAGE = (SKIP, TOP, ORDER, FIELDS)
LINKS = Named("Links", record(self=TEXT, next=ADDRESS_OR_NULL, previous=ADDRESS_OR_NULL))
