"""The discovery documents, generated from the attribute table (RFC 7643 §5–7)."""

import functools
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from accounts import queries
from accounts.rules import time_zones
from scim import bulk
from scim.attributes import DOCUMENTED_USERS, ENTERPRISE, GROUP, GROUPS, NICE, USER, USERS, Attribute, Table, for_fields
from scim.auth import Session
from scim.documents import Document

SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema"
RESOURCE_TYPE = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
CONFIG = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"

NAMES = {
    USER: ("User", "An employee."),
    ENTERPRISE: ("EnterpriseUser", "Enterprise attributes; kept beside the employee and returned as they were sent."),
    NICE: ("NiceUser", "The employee's Team and Login Authenticator."),
    GROUP: ("Group", "A group of employees; it grants nothing."),
}

AUTHENTICATION_SCHEMES = (
    ("oauth2", "OAuth 2.0 access token", "An access token from /auth/token; accepted under /scim/v2.", "rfc6749", True),
    (
        "oauthbearertoken",
        "SCIM token",
        "A SCIM token generated in Account Settings; accepted under /oauth/scim/v2.",
        "rfc6750",
        False,
    ),
    (
        "httpbasic",
        "Access key",
        "Access Key ID and Secret Access Key; accepted under /basic-auth/scim/v2.",
        "rfc7617",
        False,
    ),
)


def schemas(session: Session) -> list[Document]:
    """The schemas as this tenant publishes them: optional fields that are not enabled are read-only (spec §9.3)."""
    enabled = session.settings.fields
    suggested = _suggestions(session)
    own = [
        _schema(urn, _published(found, suggested), session.base_url)
        for table in (USERS, GROUPS)
        for urn, found in for_fields(table, enabled).schemas.items()
    ]
    return own + [_about(document, session.base_url) for document in _meta_schemas()]


def _suggestions(session: Session) -> Mapping[str, tuple[str, str]]:
    """The id and name to suggest for each reference: what an employee gets by default (RFC 7643 §7, canonicalValues)."""
    unit = session.actor.business_unit_id
    role = queries.active_roles(unit)
    role = (
        role.filter(pk=session.settings.default_role_id)
        if session.settings.default_role_id
        else role.filter(name_key="agent")
    )
    found = {
        "roles": role.first(),
        "team": queries.active_teams(unit).filter(is_default=True).first(),
        "loginAuthenticator": queries.active_authenticators(unit).filter(is_default=True).first(),
        "employeeTemplate": queries.active_templates(unit).first(),
    }
    return {name: (str(record.pk), record.name) for name, record in found.items() if record is not None}


def _published(attributes: tuple[Attribute, ...], suggested: Mapping[str, tuple[str, str]]) -> list[Document]:
    """The attributes that can be read or written: a template only where there is one to name."""
    return [
        _attribute(attribute, suggested.get(attribute.name))
        for attribute in attributes
        if attribute.name != "employeeTemplate" or (attribute.mutability != "readOnly" and attribute.name in suggested)
    ]


def _attribute(attribute: Attribute, suggestion: tuple[str, str] | None = None) -> Document:
    """One attribute as RFC 7643 §7 describes it."""
    document: Document = {
        "name": attribute.name,
        "type": attribute.type,
        "multiValued": attribute.multi_valued,
        "description": attribute.description,
        "required": attribute.required,
        "caseExact": attribute.case_exact,
        "mutability": attribute.mutability,
        "returned": attribute.returned,
        "uniqueness": attribute.uniqueness,
    }
    canonical = sorted(time_zones()) if attribute.name == "timezone" else list(attribute.canonical)
    if canonical:
        document["canonicalValues"] = canonical
    if attribute.references:
        document["referenceTypes"] = list(attribute.references)
    if attribute.subs:
        document["subAttributes"] = [_attribute(sub) for sub in attribute.subs]
    for sub in document["subAttributes"] if suggestion else ():
        if suggestion and sub["name"] in ("value", "display"):
            sub["canonicalValues"] = [suggestion[sub["name"] == "display"]]
    return document


def _schema(urn: str, attributes: list[Document], base_url: str) -> Document:
    name, description = NAMES[urn]
    return _about({"id": urn, "name": name, "description": description, "attributes": attributes}, base_url)


def _about(document: Document, base_url: str) -> Document:
    meta = {"resourceType": "Schema", "location": f"{base_url}/Schemas/{document['id']}"}
    return {"schemas": [SCHEMA], **document, "meta": meta}


def documented_schemas(session: Session) -> list[Document]:
    """The schemas in the profile `documented`: what the vendor's document shows of an attribute, without its parts."""
    shown = (
        "name",
        "type",
        "multiValued",
        "description",
        "required",
        "caseExact",
        "mutability",
        "returned",
        "uniqueness",
    )
    suggested = _suggestions(session)
    return [
        _schema(
            urn,
            [{part: attribute[part] for part in shown} for attribute in _published(found, suggested)],
            session.base_url,
        )
        for urn, found in for_fields(DOCUMENTED_USERS, session.settings.fields).schemas.items()
    ]


def resource_types(base_url: str) -> list[Document]:
    """Users and Groups; `endpoint` is relative to the base address (RFC 7643 §6)."""
    kinds: tuple[tuple[Table, str, list[Document]], ...] = (
        (USERS, "/Users", [{"schema": ENTERPRISE, "required": False}, {"schema": NICE, "required": False}]),
        (GROUPS, "/Groups", []),
    )
    return [
        {
            "schemas": [RESOURCE_TYPE],
            "id": table.resource,
            "name": table.resource,
            "endpoint": endpoint,
            "description": table.description,
            "schema": table.core,
            "schemaExtensions": extensions,
            "meta": {"resourceType": "ResourceType", "location": f"{base_url}/ResourceTypes/{table.resource}"},
        }
        for table, endpoint, extensions in kinds
    ]


def service_provider_config(base_url: str) -> Document:
    """What the service offers (RFC 7643 §5)."""
    return {
        "schemas": [CONFIG],
        "patch": {"supported": True},
        "bulk": {"supported": True, "maxOperations": bulk.MOST_OPERATIONS, "maxPayloadSize": bulk.MOST_BYTES},
        "filter": {"supported": True, "maxResults": settings.SCIM_MAX_COUNT},
        "changePassword": {"supported": False},
        "sort": {"supported": True},
        "etag": {"supported": True},
        "pagination": {
            "cursor": True,
            "index": True,
            "defaultPaginationMethod": "index",
            "defaultPageSize": settings.SCIM_DEFAULT_COUNT,
            "maxPageSize": settings.SCIM_MAX_COUNT,
        },
        "authenticationSchemes": [
            {
                "type": kind,
                "name": name,
                "description": description,
                "specUri": f"https://www.rfc-editor.org/info/{rfc}",
                "primary": primary,
            }
            for kind, name, description, rfc, primary in AUTHENTICATION_SCHEMES
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{base_url}/ServiceProviderConfig"},
    }


def _read_only(name: str, description: str, **more: Any) -> Attribute:
    return Attribute(name, description, mutability="readOnly", **more)


@functools.cache
def _meta_schemas() -> tuple[Document, ...]:
    """The schemas of the discovery documents themselves (RFC 7643 §8.7.2)."""

    def supported(name: str, description: str, *more: Attribute) -> Attribute:
        flag = _read_only("supported", "Whether it is supported.", type="boolean", required=True)
        return _read_only(name, description, type="complex", required=True, subs=(flag, *more))

    number = functools.partial(_read_only, type="integer", required=True)
    config = (
        _read_only("documentationUri", "Help for people.", type="reference", references=("external",)),
        supported("patch", "PATCH."),
        supported(
            "bulk",
            "Bulk.",
            number("maxOperations", "The most operations."),
            number("maxPayloadSize", "The largest body."),
        ),
        supported("filter", "Filters.", number("maxResults", "The most resources in an answer.")),
        supported("changePassword", "Changing passwords."),
        supported("sort", "Sorting."),
        supported("etag", "Entity tags."),
        _read_only(
            "pagination",
            "Pages of lists (RFC 9865).",
            type="complex",
            subs=(
                _read_only("cursor", "Whether lists can be paged by cursor.", type="boolean", required=True),
                _read_only("index", "Whether lists can be paged by index.", type="boolean", required=True),
                _read_only(
                    "defaultPaginationMethod", "What a query without either gets.", canonical=("cursor", "index")
                ),
                _read_only("defaultPageSize", "How many resources a page has unless asked.", type="integer"),
                _read_only("maxPageSize", "The most resources of a page.", type="integer"),
                _read_only("cursorTimeout", "How many seconds a cursor is valid; no value: always.", type="integer"),
            ),
        ),
        _read_only(
            "authenticationSchemes",
            "How clients authenticate.",
            type="complex",
            multi_valued=True,
            required=True,
            subs=(
                _read_only("type", "The kind.", required=True),
                _read_only("name", "The name.", required=True),
                _read_only("description", "What it is.", required=True),
                _read_only("specUri", "Its specification.", type="reference", references=("external",)),
                _read_only("documentationUri", "Help for people.", type="reference", references=("external",)),
                _read_only("primary", "Whether it is preferred.", type="boolean"),
            ),
        ),
    )
    resource_type = (
        _read_only("id", "The id."),
        _read_only("name", "The name.", required=True),
        _read_only("description", "What it is."),
        _read_only(
            "endpoint",
            "The address, relative to the base address.",
            type="reference",
            references=("uri",),
            required=True,
        ),
        _read_only("schema", "The core schema.", type="reference", references=("uri",), required=True, case_exact=True),
        _read_only(
            "schemaExtensions",
            "The extensions.",
            type="complex",
            multi_valued=True,
            subs=(
                _read_only("schema", "The URN.", type="reference", references=("uri",), required=True, case_exact=True),
                _read_only("required", "Whether a resource must have it.", type="boolean", required=True),
            ),
        ),
    )
    return tuple(
        {"id": urn, "name": name, "description": description, "attributes": [_attribute(a) for a in attributes]}
        for urn, name, description, attributes in (
            (CONFIG, "ServiceProviderConfig", "What the service offers.", config),
            (RESOURCE_TYPE, "ResourceType", "A kind of resource.", resource_type),
            (SCHEMA, "Schema", "The attributes of a kind of resource.", _schema_of_schemas()),
        )
    )


def _schema_of_schemas() -> tuple[Attribute, ...]:
    text = functools.partial(_read_only, required=False)
    parts = (
        text("name", "The name.", required=True, case_exact=True),
        text(
            "type",
            "The data type.",
            required=True,
            canonical=("string", "complex", "boolean", "decimal", "integer", "dateTime", "reference"),
        ),
        text("multiValued", "Whether there may be several values.", type="boolean", required=True),
        text("description", "What it is."),
        text("required", "Whether a resource must have it.", type="boolean"),
        text("canonicalValues", "Suggested values.", multi_valued=True, case_exact=True),
        text("caseExact", "Whether case matters.", type="boolean"),
        text(
            "mutability",
            "Whether clients may change it.",
            canonical=("readOnly", "readWrite", "immutable", "writeOnly"),
        ),
        text("returned", "When it is returned.", canonical=("always", "never", "default", "request")),
        text("uniqueness", "Whether values are unique.", canonical=("none", "server", "global")),
        text("referenceTypes", "What a reference may point at.", multi_valued=True, case_exact=True),
    )
    subs = _read_only("subAttributes", "The sub-attributes.", type="complex", multi_valued=True, subs=parts)
    attributes = _read_only(
        "attributes", "The attributes.", type="complex", multi_valued=True, required=True, subs=(*parts, subs)
    )
    return (
        text("id", "The URN.", required=True),
        text("name", "The name.", required=True),
        text("description", "What it is."),
        attributes,
    )
