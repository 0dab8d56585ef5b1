"""The error shapes of the original (apis.md §6), each where its documents have it: one function a shape.

E7 is SCIM's own (`scim/errors.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from cxadmin import clock


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong with a request, before any dialect writes it."""

    status: int
    message: str
    code: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    """What is wrong with which member of the body or parameter."""
    path: str = ""
    host: str = ""

    @property
    def name(self) -> str:
        """The status as a constant, as `NOT_FOUND`."""
        return HTTPStatus(self.status).phrase.upper().replace(" ", "_").replace("-", "_")


Shape = Callable[[Trouble], dict[str, Any]]


def oauth(trouble: Trouble) -> dict[str, Any]:
    """E1, the classic API."""
    names = {400: "InvalidParameter", 401: "InvalidToken", 403: "AccessDenied", 404: "NotFound", 409: "Conflict"}
    return {"error": names.get(trouble.status, trouble.name), "error_description": trouble.message}


def camel_oauth(trouble: Trouble) -> dict[str, Any]:
    """E1 as security profiles spell it."""
    return {"error": oauth(trouble)["error"], "errorDescription": trouble.message}


def service(trouble: Trouble) -> dict[str, Any]:
    """E2, the services of the User Hub."""
    return {
        "code": trouble.code or trouble.name,
        "details": trouble.message,
        "entityType": "",
        "errors": dict(trouble.fields),
        "hostname": trouble.host,
    }


def service_v1(trouble: Trouble) -> dict[str, Any]:
    """E2 as the first version of users spells it."""
    written = service(trouble)
    return written | {"hostName": written.pop("hostname")}


def spring(trouble: Trouble) -> dict[str, Any]:
    """E3, the 401 of those services."""
    return {
        "timestamp": now(),
        "status": trouble.status,
        "error": HTTPStatus(trouble.status).phrase,
        "message": trouble.message,
        "path": trouble.path,
    }


def coded(trouble: Trouble) -> dict[str, Any]:
    """E4, the newer services of the ACD."""
    return {
        "errorCode": trouble.code or trouble.name,
        "errorMessage": trouble.message,
        "path": trouble.path,
        "timestamp": now(),
    }


def gateway(trouble: Trouble) -> dict[str, Any]:
    """E5, the gateway before agent profiles."""
    return {"message": trouble.message}


def digital(trouble: Trouble) -> dict[str, Any]:
    """E6, the digital API."""
    entry = {"message": trouble.message, "errorCode": trouble.code or trouble.name, "field": "", "parameters": {}}
    named = [entry | {"message": text, "field": name} for name, text in trouble.fields.items()]
    return {"errors": named or [entry], "uid": ""}


def now() -> str:
    """The time as these services write it."""
    return clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
