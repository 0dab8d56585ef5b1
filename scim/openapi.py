"""The OpenAPI document of the SCIM endpoints, generated from the attribute table: `python -m scim.reference` writes it.

It describes the profile `rfc` with all optional fields enabled. Pure.
"""

from typing import Any

from scim.attributes import GROUPS, USERS, Attribute, Table
from scim.documents import Document

MEDIA_TYPE = "application/scim+json"
MESSAGES = "urn:ietf:params:scim:api:messages:2.0"
TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
QUERY = {
    "filter": TEXT,
    "startIndex": WHOLE,
    "count": WHOLE,
    "cursor": TEXT,
    "sortBy": TEXT,
    "sortOrder": {"type": "string", "enum": ["ascending", "descending"]},
}
PROJECTION = {"attributes": TEXT, "excludedAttributes": TEXT}
TYPES = {"dateTime": {"type": "string", "format": "date-time"}, "boolean": {"type": "boolean"}}
ERRORS = {
    "400": "The request cannot be read, or a value cannot be stored.",
    "401": "The credential is missing, wrong, or for another address.",
    "403": "A permission is missing, or a rule forbids the act.",
    "404": "There is no such resource.",
    "405": "The address does not know the method.",
    "409": "A unique value is in use.",
    "412": "The resource is not in the state the client knows.",
    "413": "The body is too large.",
    "415": "The media type or charset is another one.",
    "429": "A rate limit of the instance is reached; Retry-After says in how many seconds it is not any more.",
}


def document() -> Document:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "cxadmin SCIM 2.0", "version": "2.0", "description": "See docs/scim.md."},
        "servers": [{"url": f"/{family}scim/v2"} for family in ("", "oauth/", "basic-auth/")],
        "security": [{"bearer": []}, {"basic": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic"},
            },
            "schemas": {
                "User": _resource(USERS),
                "Group": _resource(GROUPS),
                "WrittenUser": _written(USERS),
                "WrittenGroup": _written(GROUPS),
                "List": _message("ListResponse", {"totalResults": WHOLE, "Resources": {"type": "array"}}),
                "Error": _message("Error", {"status": TEXT, "scimType": TEXT, "detail": TEXT}, "status", "detail"),
                "Patch": _message("PatchOp", {"Operations": _many(_operation())}, "schemas", "Operations"),
                "Search": _message("SearchRequest", QUERY | {name: _many(TEXT) for name in PROJECTION}, "schemas"),
                "Bulk": _message(
                    "BulkRequest", {"failOnErrors": WHOLE, "Operations": _many(_bulk())}, "schemas", "Operations"
                ),
                "BulkAnswer": _message("BulkResponse", {"Operations": {"type": "array"}}, "schemas", "Operations"),
            },
        },
    }


def _paths() -> Document:
    paths: Document = {}
    for kind in ("User", "Group"):
        paths[f"/{kind}s"] = {
            "get": _call(f"List {kind.lower()}s", "List", parameters=QUERY | PROJECTION),
            "post": _call(f"Create a {kind.lower()}", kind, body=f"Written{kind}", status="201", parameters=PROJECTION),
        }
        paths[f"/{kind}s/.search"] = {"post": _call(f"Search {kind.lower()}s", "List", body="Search")}
        one = _one(kind, f"a {kind.lower()}")
        paths[f"/{kind}s/{{id}}"] = one | {"parameters": [_parameter("id", TEXT, "path")]}
    paths["/.search"] = {"post": _call("Search users and groups", "List", body="Search")}
    paths["/Me"] = _one("User", "the user who calls")
    paths["/Bulk"] = {"post": _call("Do several operations", "BulkAnswer", body="Bulk")}
    for name, thing in (("Schemas", "schema"), ("ResourceTypes", "resource type")):
        paths[f"/{name}"] = {"get": _call(f"List {thing}s", "List")}
        paths[f"/{name}/{{id}}"] = {
            "get": _call(f"Read a {thing}", None),
            "parameters": [_parameter("id", TEXT, "path")],
        }
    paths["/ServiceProviderConfig"] = {"get": _call("Read what the service can do", None) | {"security": []}}
    return paths


def _one(kind: str, called: str) -> Document:
    """What can be done with one resource."""
    return {
        "get": _call(f"Read {called}", kind, parameters=PROJECTION),
        "put": _call(f"Replace {called}", kind, body=f"Written{kind}", parameters=PROJECTION),
        "patch": _call(f"Change {called}", kind, body="Patch", parameters=PROJECTION),
        "delete": _named(f"Deactivate {called}" if kind == "User" else f"Delete {called}")
        | {"responses": {"204": {"description": "Done."}} | _refusals()},
    }


def _named(summary: str) -> Document:
    return {"operationId": f"scim_{summary.lower().replace(' ', '_')}", "summary": summary}


def _call(
    summary: str,
    answer: str | None,
    *,
    body: str | None = None,
    status: str = "200",
    parameters: Document | None = None,
) -> Document:
    schema = _reference(answer) if answer else {"type": "object"}
    done = {"description": "Done.", "content": {MEDIA_TYPE: {"schema": schema}}}
    call: Document = _named(summary) | {"responses": {status: done} | _refusals()}
    if body:
        call["requestBody"] = {"required": True, "content": {MEDIA_TYPE: {"schema": _reference(body)}}}
    if parameters:
        call["parameters"] = [_parameter(name, schema, "query") for name, schema in parameters.items()]
    return call


def _refusals() -> Document:
    content = {MEDIA_TYPE: {"schema": _reference("Error")}}
    return {status: {"description": why, "content": content} for status, why in ERRORS.items()}


def _parameter(name: str, schema: Document, place: str) -> Document:
    return {"name": name, "in": place, "required": place == "path", "schema": schema}


def _reference(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def _many(schema: Document) -> Document:
    return {"type": "array", "items": schema}


def _message(name: str, properties: Document, *required: str) -> Document:
    urns = {"type": "array", "items": {"type": "string", "const": f"{MESSAGES}:{name}"}, "minItems": 1, "maxItems": 1}
    return {"type": "object", "properties": {"schemas": urns} | properties, "required": [*required]}


def _operation() -> Document:
    op = {"type": "string", "enum": ["add", "remove", "replace"]}
    return {"type": "object", "properties": {"op": op, "path": TEXT, "value": {}}, "required": ["op"]}


def _bulk() -> Document:
    method = {"type": "string", "enum": ["POST", "PUT", "PATCH", "DELETE"]}
    properties = {"method": method, "path": TEXT, "bulkId": TEXT, "version": TEXT, "data": {"type": "object"}}
    return {"type": "object", "properties": properties, "required": ["method", "path"]}


def _resource(table: Table) -> Document:
    """One kind of resource as it is answered, where a projection may leave out what is required; extensions are objects
    under their URNs."""
    core = (*table.common, *table.schemas[table.core])
    properties: Document = {"schemas": _many(TEXT)} | {attribute.name: _schema(attribute) for attribute in core}
    for urn in table.extensions:
        inner = {attribute.name: _schema(attribute) for attribute in table.schemas[urn]}
        properties[urn] = {"type": "object", "properties": inner}
    return {"type": "object", "properties": properties, "required": ["schemas"]}


def _written(table: Table) -> Document:
    """One kind of resource as it is sent to be created or replaced."""
    core = (*table.common, *table.schemas[table.core])
    # An employee's role is required, but has a default.
    required = [attribute.name for attribute in core if attribute.required and attribute.option is None]
    return {"allOf": [_reference(table.resource), {"required": required}]}


def _schema(attribute: Attribute) -> Document:
    schema: Document = {"description": attribute.description}
    if attribute.subs:
        schema |= {"type": "object", "properties": {sub.name: _schema(sub) for sub in attribute.subs}}
        required = [sub.name for sub in attribute.subs if sub.required]
        schema |= {"required": required} if required else {}
    else:
        kind: Any = TYPES.get(attribute.type, TEXT)
        schema |= kind
    if attribute.multi_valued:
        schema = _many(schema)
    marks = {"readOnly": attribute.mutability == "readOnly", "writeOnly": attribute.returned == "never"}
    return schema | {name: True for name, holds in marks.items() if holds}
