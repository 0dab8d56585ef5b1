"""Fifty tests' worth of disposable tenants at the same time, against the product as people run it."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import pytest

from tests.live import Server

TENANTS, THREADS = 50, 10
USER = "urn:ietf:params:scim:schemas:core:2.0:User"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("instance"), workers=2)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def key(server) -> str:
    return server.credentials()["lab"]["control_key"]


def call(server, token, method, path, body=None, expected=200):
    """One request on a connection of its own."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept": "application/json"}
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status == expected, (method, path, answer.status, content)
    return json.loads(content) if content else None


def use(server, key, number) -> set[str]:
    """What a test does with a tenant of its own; answers the user names that it has seen in all."""
    made = call(server, key, "POST", "/_lab/tenants", {"seed": "demo"}, 201)
    name, token = made["tenant"], made["scim_token"]["token"]
    seen = set()
    for turn in range(2):
        # The same people in every tenant, and one who is in this alone.
        for user in ("ada@people.example", f"only-{number}@people.example"):
            person = {"givenName": "Ada", "familyName": "Lovelace"}
            body = {"schemas": [USER], "userName": user, "name": person, "emails": [{"value": user}], "active": True}
            call(server, token, "POST", "/oauth/scim/v2/Users", body, 201)
        found = call(server, token, "GET", "/oauth/scim/v2/Users?count=200")
        seen |= {one["userName"] for one in found["Resources"]}
        journal = call(server, key, "GET", f"/_lab/requests?tenant={name}&limit=1000")["requests"]
        assert {exchange["tenant"] for exchange in journal} <= {name}
        if not turn:
            call(server, key, "POST", f"/_lab/tenants/{name}/reset")
    call(server, key, "DELETE", f"/_lab/tenants/{name}", expected=204)
    call(server, token, "GET", "/oauth/scim/v2/Users", expected=401)
    own = {f"{who}@{name}.example" for who in ("admin", "scim", "okta")} | {"ada@people.example"}
    assert seen - own == {f"only-{number}@people.example"}
    return seen


def test_fifty_tenants_in_parallel_see_nothing_of_each_other(server, key):
    before = call(server, key, "GET", "/_lab/tenants")
    with ThreadPoolExecutor(THREADS) as pool:
        seen = list(pool.map(lambda number: use(server, key, number), range(TENANTS)))
    assert len(set.union(*seen)) == 1 + TENANTS + sum(len(names) for names in seen) - 2 * TENANTS
    assert call(server, key, "GET", "/_lab/tenants") == before


def test_the_worker_of_the_server_removes_what_has_expired(server, key):
    made = call(server, key, "POST", "/_lab/tenants", {"lifetime": "1s"}, 201)
    patience = time.monotonic() + 30
    while made["tenant"] in str(call(server, key, "GET", "/_lab/tenants")):
        assert time.monotonic() < patience
        time.sleep(0.2)
