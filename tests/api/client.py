"""A program that calls the REST API with an access token."""

import json
from typing import Any

from django.test import Client

from accounts import queries
from accounts.actions import access_keys
from accounts.models import Employee
from tests.world import actor_of

CLASSIC = "/inContactAPI/services/v34.0"


def token_of(employee: Employee) -> str:
    """An access token as a program gets one, for an access key made for the occasion."""
    actor = actor_of(employee, queries.effective_permissions(employee))
    key, secret = access_keys.create(employee, actor=actor)
    pair = {"accessKeyId": key.access_key_id, "accessKeySecret": secret}
    answer = Client().post("/authentication/v1/token/access-key", pair, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return answer.json()["access_token"]


class ApiClient:
    """Calls as this employee; answers are Django's, with `.json()`."""

    def __init__(self, employee: Employee | None, **headers: str) -> None:
        self.client = Client(raise_request_exception=True)
        self.headers = {"Accept": "*/*"} | headers
        if employee is not None:
            self.headers["Authorization"] = f"Bearer {token_of(employee)}"

    def call(self, method: str, path: str, body: Any = None, **query: object) -> Any:
        if query:
            written = "&".join(f"{name}={value}" for name, value in query.items())
            path = f"{path}?{written}"
        data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return self.client.generic(method.upper(), path, headers=self.headers, **data)

    def get(self, path: str, **query: object) -> Any:
        return self.call("get", path, None, **query)

    def post(self, path: str, body: Any = None, **query: object) -> Any:
        return self.call("post", path, body, **query)

    def put(self, path: str, body: Any = None, **query: object) -> Any:
        return self.call("put", path, body, **query)

    def patch(self, path: str, body: Any = None, **query: object) -> Any:
        return self.call("patch", path, body, **query)

    def delete(self, path: str, body: Any = None, **query: object) -> Any:
        return self.call("delete", path, body, **query)
