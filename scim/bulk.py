"""Bulk requests: reading them, and doing their operations in an order in which every `bulkId` is known (RFC 7644 §3.7).

Pure: how one operation is done comes from outside.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

import orjson

from scim.documents import Document
from scim.errors import BadSyntax, BadValue, ScimError, TooLarge

REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
MOST_OPERATIONS = 1_000
MOST_BYTES = 1_048_576
METHODS = ("POST", "PUT", "PATCH", "DELETE")

ADDRESS = re.compile(r"/(?P<endpoint>[^/?#]+)(?:/(?P<uuid>[^/?#]+))?/?")
MARK = "bulkId:"
# A reference inside the filter of a PATCH path: members[value eq "bulkId:x"].
QUOTED = re.compile(r'"bulkId:([^"]+)"')


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a bulk request.

    Attributes:
        endpoint: the kind of resource in the path, `Users` or `Groups`.
        uuid: the id in the path; until it is known, `bulkId:x`.
        fault: what is wrong with the operation itself; it is then not done.
    """

    method: str
    bulk_id: str | None = None
    path: str = ""
    endpoint: str = ""
    uuid: str | None = None
    data: Any = None
    version: str | None = None
    fault: ScimError | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A bulk request.

    Attributes:
        most_errors: how many errors end it; None lets it run to its end (`failOnErrors`).
    """

    operations: tuple[Operation, ...]
    most_errors: int | None


@dataclass(frozen=True, slots=True)
class Result:
    """How one operation ended; `content` is the body of its answer, JSON or nothing."""

    status: int
    location: str | None
    version: str | None
    content: bytes

    @property
    def is_error(self) -> bool:
        return self.status >= HTTPStatus.BAD_REQUEST


def read(body: object) -> Job:
    """The job a bulk request asks for.

    Raises:
        BadSyntax: the body is no BulkRequest.
        BadValue: failOnErrors is no positive number, or two operations share a bulkId.
        TooLarge: it has too many operations.
    """
    if not isinstance(body, dict):
        raise BadSyntax("The body must be a JSON object.")
    members = {name.lower(): value for name, value in body.items()}
    schemas = members.get("schemas")
    if not isinstance(schemas, list) or REQUEST not in schemas:
        raise BadSyntax(f"schemas must have {REQUEST}.")
    listed = members.get("operations")
    if not isinstance(listed, list) or not listed:
        raise BadSyntax("The body must have a list Operations with at least one operation.")
    if len(listed) > MOST_OPERATIONS:
        raise TooLarge(f"A bulk request can have at most {MOST_OPERATIONS} operations.")
    most_errors = members.get("failonerrors")
    if most_errors is not None and (type(most_errors) is not int or most_errors < 1):
        raise BadValue("failOnErrors must be a whole number from 1 on.")
    operations = tuple(_operation(entry) for entry in listed)
    defined = Counter(operation.bulk_id for operation in operations if operation.bulk_id is not None)
    bulk_id, uses = next(iter(defined.most_common(1)), ("", 0))
    if uses > 1:
        raise BadValue(f"The bulkId {bulk_id[:100]} is given to more than one operation.")
    return Job(operations, most_errors)


def _operation(entry: object) -> Operation:
    if not isinstance(entry, dict):
        raise BadSyntax("Each operation must be an object.")
    members = {name.lower(): value for name, value in entry.items()}
    for name in ("method", "path", "bulkid", "version"):
        if members.get(name) is not None and not isinstance(members[name], str):
            raise BadSyntax(f"The {name} of an operation must be text.")
    method = (members.get("method") or "").upper()
    path = members.get("path") or ""
    address = ADDRESS.fullmatch(path)
    bulk_id, version = members.get("bulkid"), members.get("version")
    if method not in METHODS:
        fault = BadSyntax(f"method must be one of {', '.join(METHODS)}.")
    elif address is None:
        fault = BadSyntax('path must be the address of a resource below the base address, such as "/Users".')
    elif method == "POST" and not bulk_id:
        fault = BadSyntax("A POST needs a bulkId.")
    else:
        return Operation(method, bulk_id, path, address["endpoint"], address["uuid"], members.get("data"), version)
    return Operation(method[:20], bulk_id, path, fault=fault)


def run(job: Job, do: Callable[[Operation], Result]) -> Document:
    """Do the operations, each as soon as what it refers to exists, and answer the BulkResponse in the order asked for.

    Args:
        do: does one operation whose references are resolved.
    """
    results: dict[int, Document] = {}
    ids: dict[str, str | None] = {op.bulk_id: "" for op in job.operations if op.bulk_id and op.method == "POST"}
    waiting = [(at, operation, frozenset(references(operation))) for at, operation in enumerate(job.operations)]
    errors = 0
    while waiting:
        ready = [entry for entry in waiting if all(ids.get(name) != "" for name in entry[2])]
        # Those that wait for one another can never be done.
        stuck = not ready
        for at, operation, needs in ready or waiting:
            if errors == job.most_errors:
                break
            result = _stuck(operation) if stuck else _done(operation, needs, ids, do)
            results[at] = _shown(operation, result)
            errors += result.is_error
            if operation.method == "POST" and operation.bulk_id:
                ids[operation.bulk_id] = None if result.is_error else (result.location or "").rpartition("/")[2]
        if errors == job.most_errors:
            break
        waiting = [] if stuck else [entry for entry in waiting if entry[0] not in results]
    return {"schemas": [RESPONSE], "Operations": [results[at] for at in sorted(results)]}


def _done(
    operation: Operation, needs: frozenset[str], ids: Mapping[str, str | None], do: Callable[[Operation], Result]
) -> Result:
    if operation.fault is not None:
        return _failed(operation.fault)
    unknown = sorted(needs - ids.keys())
    if unknown:
        return _failed(BadValue(f"No operation of this request has the bulkId {unknown[0][:100]}."))
    lost = sorted(name for name in needs if ids[name] is None)
    if lost:
        return _failed(ScimError(f"The resource with the bulkId {lost[0][:100]} was not created.", status=409))
    return do(_resolved(operation, {name: ids[name] or "" for name in needs}))


def _stuck(operation: Operation) -> Result:
    return _failed(ScimError("The operation refers to resources that refer back to it.", status=409))


def _failed(error: ScimError) -> Result:
    return Result(error.status, None, None, orjson.dumps(error.to_dict()))


def _shown(operation: Operation, result: Result) -> Document:
    """One entry of the answer; `response` only says what went wrong (RFC 7644 §3.7)."""
    entry: Document = {"method": operation.method}
    if operation.bulk_id is not None:
        entry["bulkId"] = operation.bulk_id
    if result.version is not None and not result.is_error:
        entry["version"] = result.version
    if result.location is not None:
        entry["location"] = result.location
    entry["status"] = str(result.status)
    if result.is_error:
        entry["response"] = orjson.Fragment(result.content)
    return entry


def references(operation: Operation) -> Iterator[str]:
    """The bulkIds an operation needs, in its path and its data."""
    if operation.uuid is not None and operation.uuid.startswith(MARK):
        yield operation.uuid.removeprefix(MARK)
    yield from _references(operation.data)


def _references(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if value.startswith(MARK):
            yield value.removeprefix(MARK)
        else:
            yield from QUOTED.findall(value)
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _references(inner)


def _resolved(operation: Operation, ids: Mapping[str, str]) -> Operation:
    if not ids:
        return operation
    uuid = operation.uuid
    if uuid is not None and uuid.startswith(MARK):
        uuid = ids[uuid.removeprefix(MARK)]
    path = f"/{operation.endpoint}/{uuid}" if uuid is not None else operation.path
    return replace(operation, path=path, uuid=uuid, data=_replaced(operation.data, ids))


def _replaced(value: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        if value.startswith(MARK):
            return ids[value.removeprefix(MARK)]
        return QUOTED.sub(lambda found: f'"{ids[found[1]]}"', value)
    if isinstance(value, dict):
        return {name: _replaced(inner, ids) for name, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, ids) for inner in value]
    return value
