"""Operations as data: method, address, permission and the function that answers. `urls.py` serves them, tests walk them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.api import problems
from accounts.models import BusinessUnit, Employee

PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of one operation."""

    request: Request
    actor: Actor
    employee: Employee

    @property
    def unit(self) -> BusinessUnit:
        """The caller's tenant."""
        return self.employee.business_unit


Answer: TypeAlias = dict[str, Any] | list[Any] | Response
Handler: TypeAlias = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API.

    `path` is written as the original's documents do, with `{name}` for what varies; `permissions` are what the caller's
    roles must hold. An operation without them decides by the object it is about.
    """

    method: str
    path: str
    handler: Handler
    permissions: tuple[str, ...] = ()
    status_of_limit: int = 429
    """What a caller who has reached a rate limit is answered."""


@dataclass(frozen=True, slots=True)
class Service:
    """Operations that share an address prefix and a way to say no.

    `shapes` holds the error shape by status; 0 stands for every other status.
    """

    prefix: str
    operations: tuple[Operation, ...]
    shapes: Mapping[int, problems.Shape] = field(default_factory=lambda: {0: problems.service, 401: problems.spring})
    is_classic: bool = False

    def shape(self, status: int) -> problems.Shape:
        return self.shapes.get(status, self.shapes[0])

    def by_path(self) -> dict[str, dict[str, Operation]]:
        """The operations of each address by method; fixed addresses before those with placeholders."""
        found: dict[str, dict[str, Operation]] = {}
        for operation in sorted(self.operations, key=_generality):
            found.setdefault(operation.path, {})[operation.method] = operation
        return found


def _generality(operation: Operation) -> list[int]:
    return [segment.startswith("{") + segment.endswith("}") for segment in operation.path.split("/")]


def pattern(path: str, *, slashes: str) -> str:
    """The regular expression of an address.

    Args:
        slashes: what stands between two segments: `/` or, where doubled ones are tolerated, `/+`.
    """
    segments = [PLACEHOLDER.sub(r"(?P<\1>[^/]+)", segment) for segment in path.strip("/").split("/")]
    return slashes.join(segments)


def get(path: str, handler: Handler, *permissions: str) -> Operation:
    return Operation("GET", path, handler, permissions)


def post(path: str, handler: Handler, *permissions: str) -> Operation:
    return Operation("POST", path, handler, permissions)


def put(path: str, handler: Handler, *permissions: str) -> Operation:
    return Operation("PUT", path, handler, permissions)


def patch(path: str, handler: Handler, *permissions: str) -> Operation:
    return Operation("PATCH", path, handler, permissions)


def delete(path: str, handler: Handler, *permissions: str) -> Operation:
    return Operation("DELETE", path, handler, permissions)
