"""What the control API says of itself (OpenAPI 3.1): each view carries its own description, and the document follows.

    @controls("GET", "POST")
    @describe("GET", tag="Things", answer=record(things=several(THING)), query=(text("q", "Words in the name."),))
    @describe("POST", tag="Things", summary="Make a thing", body=record(name=TEXT), answer=THING, status=201, refuses=(400,))
    def things(request): ...

Shapes and parameters are those of the REST API's descriptions (`accounts/api/described/shapes.py`). A test asks every address of
`control_urls.py` for a description of each of its methods, and holds the answers of the permission table's rows to it.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, UUIDConverter

import cxadmin
from accounts.api.described.shapes import FREE, TEXT, UUID, WHOLE, Parameter, Schema, record
from cxadmin.lab.control import answer as answered
from cxadmin.lab.control import controls

View = TypeVar("View", bound=Callable[..., HttpResponse])

BASE = "/_lab/"
NOT_HERE = "not-here"
PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
# Its media type is that of the body; bodies of other shapes are JSON.
YAML: Schema = {"type": "string", "contentMediaType": "application/yaml"}
PROBLEM: Schema = record(type=TEXT, title=TEXT, status=WHOLE, detail=TEXT)
REFUSALS: Mapping[int, str] = {
    400: "A parameter, a member or a value does not exist.",
    401: "The control key is missing or wrong.",
    404: "There is no such thing (any more).",
    409: "It cannot be done as things stand; nothing was.",
    413: "The body is too long.",
    422: "What was sent can be read, but a rule forbids it; nothing was changed.",
}
INTRODUCTION = """\
The control API of the lab: for scripts and test suites. It opens to the control key alone, as `Authorization: Bearer cxl_…`;
`cxadmin up` and `cxadmin credentials` print it. Refusals are problem documents (RFC 9457). What is not said here is in
docs/lab.md."""


@dataclass(frozen=True, slots=True)
class Described:
    """One call: a method at an address."""

    tag: str
    summary: str
    answer: Schema | None
    status: int
    query: tuple[Parameter, ...]
    body: Schema | None
    refuses: tuple[int, ...]


def describe(
    method: str = "GET",
    *,
    tag: str,
    summary: str = "",
    answer: Schema | None = None,
    status: int = 200,
    query: tuple[Parameter, ...] = (),
    body: Schema | None = None,
    refuses: tuple[int, ...] = (),
) -> Callable[[View], View]:
    """Say what a call of a view takes and answers.

    Args:
        tag: the group it stands in.
        summary: one line; without one the first sentence of the view's docstring.
        answer: the body when it is done; None for none.
        refuses: statuses besides 401 and, where a record is named, 404.
    """

    def noted(view: View) -> View:
        said = summary or re.split(r"(?<=\.)\s", inspect.getdoc(view) or "")[0]
        found = Described(tag, said.rstrip("."), answer, status, query, body, refuses)
        view.__dict__["described"] = {method: found} | view.__dict__.get("described", {})
        return view

    return noted


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the control API with the view behind it."""

    path: str
    name: str
    pattern: URLPattern
    view: Any

    @property
    def methods(self) -> tuple[str, ...]:
        """What the view answers."""
        return tuple(self.view.methods)

    @property
    def described(self) -> dict[str, Described]:
        """What it says of itself, by method."""
        found: dict[str, Described] = vars(self.view).get("described", {})
        return found


def addresses() -> list[Address]:
    """Every address of the control API but the one that answers to all others."""
    return [one for one in _addresses(get_resolver("cxadmin.lab.control_urls"), BASE) if one.name != NOT_HERE]


def _addresses(resolver: Any, start: str) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern, start + str(pattern.pattern))
        else:
            path = PLACE.sub(r"{\1}", start + str(pattern.pattern))
            yield Address(path, pattern.name or "", pattern, pattern.callback)


def document() -> dict[str, Any]:
    """The OpenAPI document of the control API."""
    found = addresses()
    paths: dict[str, Any] = {}
    for address in found:
        calls = {method.lower(): _call(address, method, one) for method, one in address.described.items()}
        paths[address.path] = calls
    tags = dict.fromkeys(one.tag for address in found for one in address.described.values())
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{settings.PRODUCT_NAME}: control API",
            "version": cxadmin.__version__,
            "description": INTRODUCTION,
        },
        "tags": [{"name": name} for name in tags],
        "security": [{"controlKey": []}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM},
            "securitySchemes": {
                "controlKey": {"type": "http", "scheme": "bearer", "description": "The control key of the instance."}
            },
        },
    }


def _call(address: Address, method: str, about: Described) -> dict[str, Any]:
    places = [
        {"name": name, "in": "path", "required": True, "schema": _schema_of(converter)}
        for name, converter in address.pattern.pattern.converters.items()
    ]
    query = [
        {
            "name": one.name,
            "in": "query",
            "required": one.required,
            "schema": one.schema,
            "description": one.description,
        }
        for one in about.query
    ]
    missing = {404} if places else set()
    refusals = {
        str(status): {
            "description": REFUSALS[status],
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in sorted({401, *missing, *about.refuses})
    }
    done: dict[str, Any] = {"description": "Done."}
    if about.answer is not None:
        done["content"] = _content(about.answer)
    call: dict[str, Any] = {
        "operationId": f"lab_{method.lower()}_{address.name.replace('-', '_')}",
        "summary": about.summary,
        "tags": [about.tag],
        "responses": {str(about.status): done, **refusals},
    }
    if places or query:
        call["parameters"] = places + query
    if about.body is not None:
        call["requestBody"] = {"content": _content(about.body)}
    return call


def _content(schema: Schema) -> dict[str, Any]:
    return {schema.get("contentMediaType", "application/json"): {"schema": schema}}


def _schema_of(converter: Any) -> Schema:
    return WHOLE if isinstance(converter, IntConverter) else UUID if isinstance(converter, UUIDConverter) else TEXT


@controls("GET")
@describe(tag="Instance", answer=FREE)
def openapi(request: HttpRequest) -> HttpResponse:
    """This document."""
    return answered(document())
