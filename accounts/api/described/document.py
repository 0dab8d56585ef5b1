"""The OpenAPI paths of the REST API: drf-spectacular, told by our tables what it could only guess from views.

drf-spectacular reads bodies (serializers) and authentication; addresses, parameters, answers and refusals come from the
operations and from `hub.py` and `classic.py`. Needed to write docs/openapi.json only (`python -m cxadmin.openapi`).
"""

import re
from collections.abc import Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.settings import patched_settings
from rest_framework.serializers import BaseSerializer

from accounts.api import problems
from accounts.api.described.classic import CLASSIC
from accounts.api.described.hub import HUB
from accounts.api.described.shapes import FREE, TEXT, TIME, WHOLE, About, Named, Shape, record
from accounts.api.endpoints import Endpoint
from accounts.api.operations import PLACEHOLDER, Operation, Service
from accounts.api.services import SERVICES

CLASSIC_PREFIX = "/inContactAPI/services/v34.0"
JSON = "application/json"
LETTERS = re.compile(r"[\w-]+")
HYPHEN = re.compile(r"-(\w)")
REFUSALS: Mapping[int, str] = {
    400: "The body or a parameter is wrong, or a rule forbids the act.",
    401: "The access token is missing, wrong or expired.",
    403: "A permission is missing.",
    404: "There is no such record here.",
    409: "A rule forbids the act, a value is in use, or somebody else has changed the record meanwhile.",
    413: "The body is too long.",
    429: "A rate limit of the instance is reached; `Retry-After` says in how many seconds it is not any more.",
    503: "A rate limit of the instance is reached; `Retry-After` says in how many seconds it is not any more.",
}
E2 = {"code": TEXT, "details": TEXT, "entityType": TEXT, "errors": FREE}
SHAPES: Mapping[problems.Shape, Named] = {
    problems.oauth: Named("ClassicError", record(error=TEXT, error_description=TEXT)),
    problems.camel_oauth: Named("ProfileError", record(error=TEXT, errorDescription=TEXT)),
    problems.service: Named("ServiceError", record(**E2, hostname=TEXT)),
    problems.service_v1: Named("ServiceErrorV1", record(**E2, hostName=TEXT)),
    problems.spring: Named(
        "UnauthorizedError", record(timestamp=TIME, status=WHOLE, error=TEXT, message=TEXT, path=TEXT)
    ),
    problems.coded: Named("CodedError", record(errorCode=TEXT, errorMessage=TEXT, path=TEXT, timestamp=TIME)),
}
TAGS: Mapping[str, str] = {
    "hub.users": "Users",
    "hub.teams": "Teams",
    "hub.roles": "Roles",
    "hub.access_keys": "Access keys",
    "hub.applications": "Applications",
    "hub.tenants": "Tenant",
    "classic.agents": "Agents (classic)",
    "classic.skills": "Skills (classic)",
    "classic.groups": "Groups (classic)",
    "classic.teams": "Teams (classic)",
    "classic.unavailable_codes": "Unavailable codes (classic)",
    "classic.profiles": "Security profiles and permissions (classic)",
    "classic.access_keys": "Access keys (classic)",
    "classic.general": "Business unit and lists (classic)",
    "classic.countries": "Business unit and lists (classic)",
    "classic.catalogue": "Catalogue (classic)",
    "classic.telephony": "Live telephony (classic): empty answers",
}
PLACEHOLDERS: Mapping[str, str] = {
    "user_id": "The UUID of a user.",
    "agent_id": "The number or UUID of an agent.",
    "team_id": "The number or UUID of a team.",
    "group_id": "The number or UUID of a group.",
    "profile_id": "The number or UUID of a role.",
    "application_id": "The client ID of an application.",
    "access_key_id": "The ID of an access key.",
    "billing_code": "A number.",
}


def rows() -> list[tuple[Service, Operation, About, str]]:
    """Every operation with its service, its row of the tables and its whole address.

    Raises:
        KeyError: an operation has no row.
    """
    found = []
    for service in SERVICES:
        table, prefix = (CLASSIC, CLASSIC_PREFIX) if service.is_classic else (HUB, "")
        for operation in service.operations:
            about = table[f"{operation.method} {operation.path}"]
            found.append((service, operation, about, prefix + operation.path))
    return found


class Authentication(OpenApiAuthenticationExtension):
    """An access token, however it was got."""

    target_class = "accounts.api.authentication.AccessToken"
    name = "accessToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An access token, from an access key (`POST /authentication/v1/token/access-key`) or from the "
            "sign-in of a registered application.",
        }


class OperationSchema(AutoSchema):
    """One operation, from its row."""

    view: "DescribedEndpoint"

    def get_operation_id(self) -> str:
        return operation_id(self.method, self.path)

    def get_summary(self) -> str:
        return self.view.about.summary or sentence(self.view.operation)

    def get_description(self) -> str:
        codes = self.view.operation.permissions
        return (
            f"Takes the permission{'s' * (len(codes) > 1)} {', '.join(f'`{code}`' for code in codes)}." if codes else ""
        )

    def get_tags(self) -> list[str]:
        return [TAGS[self.view.operation.handler.__module__.removeprefix("accounts.api.")]]

    def _get_parameters(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = [
            {
                "in": "path",
                "name": name,
                "required": True,
                "schema": dict(TEXT),
                "description": PLACEHOLDERS.get(name, "A number."),
            }
            for name in PLACEHOLDER.findall(self.path)
        ]
        for parameter in self.view.about.query:
            said = {"in": "query", "name": parameter.name, "schema": dict(parameter.schema)}
            found.append(
                said | {"description": parameter.description} | ({"required": True} if parameter.required else {})
            )
        return found

    def _get_request_body(self, direction: str = "request") -> dict[str, Any] | None:
        shape = self.view.about.body
        if shape is None:
            return None
        schema = self.resolved(shape)
        found = {"content": {JSON: {"schema": schema}}}
        is_needed = shape.get("required") if isinstance(shape, dict) else self.requires(shape)
        return found | ({"required": True} if is_needed else {})

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        about, service = self.view.about, self.view.service
        answers: dict[int, dict[str, Any]] = {}
        if is_ever_done(self.view.operation, about):
            answers = {about.status: self.said("Done.", about.answer)}
        for status, shape in about.also.items():
            answers[status] = self.said(ALSO[status], shape)
        for status in refusals(self.view.operation, about, service):
            answers[status] = self.said(REFUSALS[status], SHAPES[service.shape(status)])
        return {str(status): answers[status] for status in sorted(answers)}

    def requires(self, shape: Shape) -> bool:
        """Whether a serializer needs any member at all."""
        return isinstance(shape, type) and any(field.required for field in shape().fields.values())

    def said(self, description: str, shape: Shape | None) -> dict[str, Any]:
        """One answer."""
        content = {} if shape is None else {"content": {JSON: {"schema": self.resolved(shape)}}}
        return {"description": description, **content}

    def resolved(self, shape: Shape | Any) -> Any:
        """A shape with the names in it turned into references to components."""
        if isinstance(shape, Named):
            component = ResolvedComponent(shape.name, ResolvedComponent.SCHEMA, self.resolved(shape.schema), shape.name)
            self.registry.register_on_missing(component)
            return component.ref
        if isinstance(shape, type) and issubclass(shape, BaseSerializer):
            return self.resolve_serializer(shape(), "request").ref
        if isinstance(shape, Mapping):
            return {name: self.resolved(value) for name, value in shape.items()}
        return shape

    def get_serializer_name(self, serializer: BaseSerializer[Any], direction: str) -> str:
        kind = type(serializer)
        return f"{'Classic' if '.classic.' in kind.__module__ else ''}{kind.__name__}Body".replace("BodyBody", "Body")

    def _map_basic_serializer(self, serializer: BaseSerializer[Any], direction: str) -> dict[str, Any]:
        """Bodies refuse members they do not know."""
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)
        schema.pop("description", None)
        return schema | {"additionalProperties": False}


class DescribedEndpoint(Endpoint):
    """The view of one operation, as drf-spectacular looks at it."""

    schema = OperationSchema()
    operation: Operation
    about: About


class Generator(SchemaGenerator):
    """All operations, by the tables instead of by the URLconf, whose expressions take more spellings than one should use."""

    def _initialise_endpoints(self) -> None:
        """Nothing to collect."""

    def _get_paths_and_endpoints(self) -> list[tuple[str, str, str, DescribedEndpoint]]:
        found = []
        for service, operation, about, path in rows():
            view = DescribedEndpoint(service=service, operations={operation.method: operation})
            view.operation, view.about = operation, about
            view.kwargs, view.args, view.format_kwarg, view.request = {}, (), None, None
            self._set_schema_to_view(view, OperationSchema())
            view.schema.view = view
            found.append((path, path, operation.method, view))
        return found


ALSO = {204: "There is nothing.", 206: "At least one of the items failed; each says how it went."}


def operation_id(method: str, path: str) -> str:
    """A name made of method and address."""
    name = "_".join(
        HYPHEN.sub(lambda found: found[1].upper(), part) for part in LETTERS.findall(path.removeprefix(CLASSIC_PREFIX))
    )
    return f"{'classic_' if path.startswith(CLASSIC_PREFIX) else ''}{method.lower()}_{name}"


def sentence(operation: Operation) -> str:
    """The first sentence of the function's docstring."""
    return (operation.handler.__doc__ or "").partition(".")[0].partition("\n")[0]


def is_ever_done(operation: Operation, about: About) -> bool:
    """Whether the operation can succeed: some are refused whatever is asked."""
    return not about.summary.startswith("Refused") and operation.handler.__name__ != "no_such"


def refusals(operation: Operation, about: About, service: Service) -> set[int]:
    """The statuses an operation says no with."""
    found = {401, operation.status_of_limit, *about.refuses}
    writes = operation.method != "GET"
    if operation.permissions:
        found.add(403)
    if PLACEHOLDER.search(operation.path):
        found |= {403, 404}
    if about.query or about.body is not None:
        found.add(400)
    if about.body is not None:
        found.add(413)
    if writes:
        found |= {403, 409}
    return found


def paths_and_components() -> tuple[dict[str, Any], dict[str, Any]]:
    """The two parts of the document that belong to the REST API."""
    with patched_settings({"OAS_VERSION": "3.1.0", "POSTPROCESSING_HOOKS": []}):
        generated = Generator().get_schema(request=None, public=True)
    return generated["paths"], generated["components"]
