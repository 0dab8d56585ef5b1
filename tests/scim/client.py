"""A SCIM client over Django's test client, and bodies as identity providers send them."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

from django.test import Client

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
NICE = "urn:ietf:params:scim:schemas:extension:nice:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"

TOKEN_BASE = "/oauth/scim/v2"
KEY_BASE = "/basic-auth/scim/v2"
NOBODY = "00000000-0000-7000-8000-000000000000"


class ScimClient:
    """One credential at one base address. Every answer is checked for what all SCIM answers have in common.

    Args:
        authorization: the content of the header; None sends none.
    """

    def __init__(self, authorization: str | None, base: str = TOKEN_BASE) -> None:
        self.authorization = authorization
        self.base = base
        self.http = Client(raise_request_exception=True)

    def call(self, method: str, path: str, body: object = None, *, media_type="application/scim+json", **headers):
        """Send a request; bytes and text as they are, everything else as JSON."""
        content = body if isinstance(body, bytes | str) or body is None else json.dumps(body)
        if self.authorization is not None:
            headers.setdefault("Authorization", self.authorization)
        sent = {"headers": headers}
        if content is not None:
            sent |= {"data": content, "content_type": media_type}
        response = self.http.generic(method, self.base + path, **sent)
        check(response)
        return response

    def get(self, path: str, *, headers: dict[str, str] | None = None, **query: object):
        address = f"{path}?{urlencode(query, doseq=True)}" if query else path
        return self.call("GET", address, **(headers or {}))

    def head(self, path: str):
        return self.call("HEAD", path)

    def post(self, path: str, body: object, **headers: str):
        return self.call("POST", path, body, **headers)

    def put(self, path: str, body: object, **headers: str):
        return self.call("PUT", path, body, **headers)

    def patch(self, path: str, *operations: dict[str, Any], **headers: str):
        return self.call("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)}, **headers)

    def delete(self, path: str, **headers: str):
        return self.call("DELETE", path, **headers)

    def user(self, name: str = "ada", /, **more: object) -> dict[str, Any]:
        """Create a user and answer it."""
        response = self.post("/Users", user(name, **more))
        assert response.status_code == 201, response.content
        return response.json()

    def group(self, name: str = "Staff", /, *members: str, **more: object) -> dict[str, Any]:
        """Create a group and answer it."""
        response = self.post("/Groups", group(name, *members, **more))
        assert response.status_code == 201, response.content
        return response.json()

    def read(self, resource: dict[str, Any], **query: object) -> dict[str, Any]:
        """A resource as it is now."""
        response = self.get(path_of(resource), **query)
        assert response.status_code == 200, response.content
        return response.json()

    def found(self, text: str, kind: str = "Users", **query: object) -> list[str]:
        """The user names, or group names, that a filter finds, sorted."""
        response = self.get(f"/{kind}", filter=text, **query)
        assert response.status_code == 200, response.content
        document = response.json()
        assert document["totalResults"] == len(document["Resources"])
        return sorted(resource.get("userName") or resource["displayName"] for resource in document["Resources"])


def check(response) -> None:
    """What every SCIM answer owes its client: its media type, and for an error the Error document (RFC 7644 §3.1, §3.12)."""
    status = response.status_code
    assert status != 500, response.content
    if response.content:
        assert response["Content-Type"] == "application/scim+json"
    if status >= 400 and response.request["REQUEST_METHOD"] != "HEAD":
        document = response.json()
        assert document["schemas"] == [ERROR]
        assert document["status"] == str(status)
        assert isinstance(document["detail"], str)
        assert document["detail"].strip()
        assert set(document) <= {"schemas", "status", "scimType", "detail"}


def refused(response, status: int, scim_type: str | None, *words: str) -> None:
    """The answer refuses with this status and type, and its sentence holds these words."""
    assert response.status_code == status, response.content
    document = response.json()
    assert document.get("scimType") == scim_type, document
    for word in words:
        assert word in document["detail"]


def bearer(token: str) -> str:
    return f"Bearer {token}"


def basic(key_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{key_id}:{secret}".encode()).decode()


def path_of(resource: dict[str, Any]) -> str:
    return f"/{resource['meta']['resourceType']}s/{resource['id']}"


def user(name: str = "ada", /, **more: object) -> dict[str, Any]:
    """A User that has what is required; a value of None leaves an attribute out."""
    address = f"{name}@acme.example"
    body: dict[str, Any] = {
        "schemas": [USER],
        "userName": address,
        "name": {"givenName": name.capitalize(), "familyName": "Lovelace"},
        "emails": [{"value": address, "type": "work", "primary": True}],
        "active": True,
    }
    return {key: value for key, value in (body | more).items() if value is not None}


def group(name: str = "Staff", /, *members: str, **more: object) -> dict[str, Any]:
    body = {"schemas": [GROUP], "displayName": name, "members": [{"value": member} for member in members]}
    return {key: value for key, value in (body | more).items() if value is not None}


def op(name: str, path: str | None = None, value: object = ...) -> dict[str, Any]:
    """One PATCH operation; path and value only if given."""
    return {"op": name} | ({"path": path} if path is not None else {}) | ({"value": value} if value is not ... else {})


def replace(path: str | None, value: object) -> dict[str, Any]:
    return op("replace", path, value)


def add(path: str | None, value: object) -> dict[str, Any]:
    return op("add", path, value)


def remove(path: str | None, value: object = ...) -> dict[str, Any]:
    return op("remove", path, value)
