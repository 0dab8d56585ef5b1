"""Reading a SCIM request: its body, its query parameters, its conditions."""

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from scim import projection
from scim.attributes import Table
from scim.errors import BadSyntax, BadValue, PreconditionFailed, ScimError, TooLarge
from scim.projection import Projection

if TYPE_CHECKING:
    from collections.abc import Mapping

# T14
MEDIA_TYPES = frozenset({"", "application/json", "application/scim+json", "text/json"})
CHARSETS = frozenset({"", "utf-8", "utf8", "us-ascii"})
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
LARGEST_INDEX = 2**31
DEEPEST = 100
MEMBER = re.compile(rb'"\s*:')


@dataclass(frozen=True, slots=True)
class Query:
    """What a client asks of a list (RFC 7644 §3.4.2).

    Attributes:
        scope: the kind of resource, or `*` for all.
        cursor: None pages by index; empty asks for the first page by cursor (RFC 9865 §2).
    """

    scope: str
    filter: str
    start: int
    count: int
    cursor: str | None
    sort_by: str
    descending: bool
    projection: Projection | None


def body(request: HttpRequest, limit: int | None = None) -> Any:
    """The JSON of a request.

    Args:
        limit: the most bytes, where it is less than the instance's own limit.

    Raises:
        ScimError: 415 for another media type or charset, 413 for a body over the limit.
        BadSyntax: the body is no JSON in UTF-8, is nested too deeply or names a member twice.
    """
    charset = (request.content_params or {}).get("charset", "")
    if request.content_type not in MEDIA_TYPES or charset.lower() not in CHARSETS:
        raise ScimError("Send application/scim+json or application/json in UTF-8.", status=415)
    try:
        raw = request.body
    except RequestDataTooBig as error:
        raise TooLarge(f"A body can have at most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes.") from error
    except ValueError as error:
        raise BadSyntax("Content-Length must be a number.") from error
    if limit is not None and len(raw) > limit:
        raise TooLarge(f"A body can have at most {limit} bytes here.")
    if not raw.strip():
        raise BadSyntax("The body is empty.")
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadSyntax(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
    if _members(document) != len(MEMBER.findall(raw)):
        # Either text that looks like a member, or a member given twice, of which the parser keeps one.
        json.loads(raw.decode(), object_pairs_hook=_distinct)
    return document


def _members(document: Any) -> int:
    """How many members all objects in a document have together.

    Raises:
        BadSyntax: it is nested deeper than anybody means.
    """
    count = depth = 0
    level = [document]
    while level:
        depth += 1
        if depth > DEEPEST:
            raise BadSyntax(f"The body is nested deeper than {DEEPEST} levels.")
        inner: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                count += len(value)
                inner += value.values()
            elif isinstance(value, list):
                inner += value
        level = inner
    return count


def _distinct(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise BadSyntax(f"The body has the member {twice[:100]} more than once in one object.")


def query_of_parameters(request: HttpRequest, table: Table, scope: str) -> Query:
    """The query in the address of a GET; parameters it does not know are ignored (T11)."""
    found = request.GET
    return Query(
        scope,
        found.get("filter", "").strip(),
        _start(found.get("startIndex"), found.get("cursor")),
        _number("count", found.get("count"), settings.SCIM_DEFAULT_COUNT, 0, settings.SCIM_MAX_COUNT),
        found.get("cursor"),
        found.get("sortBy", "").strip(),
        _descending(found.get("sortOrder")),
        projection_of(request, table),
    )


def query_of_body(document: Any, table: Table, scope: str) -> Query:
    """The query in the body of a `.search` (RFC 7644 §3.4.3).

    Raises:
        BadSyntax: the body is no SearchRequest.
    """
    if not isinstance(document, dict) or document.get("schemas") != [SEARCH]:
        raise BadSyntax(f"The body must be an object with schemas [{SEARCH}].")
    members: Mapping[str, Any] = {name.lower(): value for name, value in document.items() if value is not None}
    for name in ("filter", "sortby", "sortorder", "cursor"):
        if not isinstance(members.get(name, ""), str):
            raise BadValue(f"{name} must be text.")
    lists = {name: members.get(name) or [] for name in ("attributes", "excludedattributes")}
    if not all(isinstance(names, list) and all(isinstance(n, str) for n in names) for names in lists.values()):
        raise BadValue("attributes and excludedAttributes must be lists of names.")
    return Query(
        scope,
        members.get("filter", "").strip(),
        _start(members.get("startindex"), members.get("cursor")),
        _number("count", members.get("count"), settings.SCIM_DEFAULT_COUNT, 0, settings.SCIM_MAX_COUNT),
        members.get("cursor"),
        members.get("sortby", "").strip(),
        _descending(members.get("sortorder")),
        projection.read(lists["attributes"], lists["excludedattributes"], table),
    )


def projection_of(request: HttpRequest, table: Table) -> Projection | None:
    """The projection asked for in the address, on any operation that returns a resource."""
    if "ttributes" not in request.META.get("QUERY_STRING", ""):
        return None
    return projection.read(request.GET.getlist("attributes"), request.GET.getlist("excludedAttributes"), table)


def _number(name: str, given: Any, default: int, least: int, most: int) -> int:
    """A count or index, brought into its bounds (RFC 7644 §3.4.2.4).

    Raises:
        BadValue: it is no whole number.
    """
    if given is None or given == "":
        return default
    if isinstance(given, bool) or not re.fullmatch(r"[+-]?[0-9]{1,18}", str(given).strip()):
        raise BadValue(f"{name} must be a whole number.")
    return min(max(int(given), least), most)


def _start(given: Any, cursor: str | None) -> int:
    if cursor is not None and given is not None:
        raise BadValue("startIndex and cursor cannot be given together.")
    return _number("startIndex", given, 1, 1, LARGEST_INDEX)


def _descending(given: str | None) -> bool:
    order = (given or "ascending").lower()
    if order not in ("ascending", "descending"):
        raise BadValue("sortOrder must be ascending or descending.")
    return order == "descending"


def require_match(request: HttpRequest, version: str) -> None:
    """If-Match: go on only in a state the client knows (RFC 9110 §13.1.1, RFC 7644 §3.14).

    Raises:
        PreconditionFailed: the resource has another version.
    """
    tags = request.META.get("HTTP_IF_MATCH")
    if tags is not None and not _is_among(tags, version):
        raise PreconditionFailed("The resource was changed since it was read.")


def is_known(request: HttpRequest, version: str) -> bool:
    """If-None-Match: whether the client has this version already, or any (RFC 9110 §13.1.2)."""
    tags = request.META.get("HTTP_IF_NONE_MATCH")
    return tags is not None and _is_among(tags, version)


def _is_among(tags: str, version: str) -> bool:
    """Whether a list of entity tags has this one; compared weakly, because all of ours are weak (RFC 9110 §8.8.3.2)."""
    wanted = [tag.strip().removeprefix("W/") for tag in tags.split(",")]
    return "*" in wanted or version.removeprefix("W/") in wanted
