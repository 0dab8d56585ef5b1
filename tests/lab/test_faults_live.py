"""Fault rules and clocks against a running server: connections that really break, and processes that know of each other."""

import base64
import http.client
import itertools
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from tests.live import ROOT, Server
from tests.scim.conftest import fresh_database

THREADS = 8
REQUESTS = 80


@pytest.fixture(scope="module")
def instance(tmp_path_factory):
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        running = Server(tmp_path_factory.mktemp("faults"), workers=2)
        running.start()
        yield running
        running.stop()
        return
    with fresh_database(url) as own:
        running = Server(tmp_path_factory.mktemp("faults"), database_url=own, workers=2)
        running.start()
        yield running
        running.stop()


@pytest.fixture(scope="module")
def authorization(instance) -> str:
    return f"Bearer {instance.credentials()['scim_token']['token']}"


@pytest.fixture(autouse=True)
def cleared(instance):
    yield
    command(instance, "clear")


def command(instance, *arguments) -> list[dict]:
    done = subprocess.run(
        [sys.executable, "-m", "cxadmin", "faults", *arguments, "--json"],
        cwd=ROOT,
        env=instance.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["faults"]


def send(instance, authorization, method="GET", path="/oauth/scim/v2/Users?count=1", body=None) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=20)
    try:
        headers = {"Authorization": authorization, "Content-Type": "application/scim+json"}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def test_the_client_of_a_dropped_connection_gets_nothing_at_all(instance, authorization):
    command(instance, "add", "--drop", "--times", "40")
    paths = (
        "/oauth/scim/v2/Users",
        "/user-management/v1/users",
        "/.well-known/openid-configuration",
        "/auth/authorize",
    )
    for method, path in itertools.product(("GET", "HEAD"), paths * 5):
        with pytest.raises(http.client.RemoteDisconnected):
            send(instance, authorization, method, path)
    assert send(instance, authorization) == 200


def test_a_dropped_answer_of_a_request_that_was_carried_out(instance, authorization):
    command(instance, "add", "--drop", "--carried-out", "--method", "POST", "--times", "1")
    address = "lost@demo.example"
    body = json.dumps(
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": address,
            "name": {"givenName": "Lost", "familyName": "Answer"},
            "emails": [{"value": address, "type": "work", "primary": True}],
        }
    )
    with pytest.raises(http.client.RemoteDisconnected):
        send(instance, authorization, "POST", "/oauth/scim/v2/Users", body)
    assert send(instance, authorization, "POST", "/oauth/scim/v2/Users", body) == 409


def test_of_parallel_requests_to_two_processes_as_many_fail_as_the_rule_says(instance, authorization):
    command(instance, "add", "--status", "503", "--every", "3", "--times", "10")
    with ThreadPoolExecutor(THREADS) as pool:
        statuses = list(pool.map(lambda _: send(instance, authorization), range(REQUESTS)))
    assert (statuses.count(503), statuses.count(200)) == (10, REQUESTS - 10)
    (rule,) = command(instance, "list")
    assert (rule["fired"], rule["seen"], rule["spent"], rule["armed"]) == (10, 30, True, False)


def test_a_rule_made_elsewhere_counts_at_once_and_ends_at_once(instance, authorization):
    for _ in range(3):
        (rule,) = command(instance, "add")
        assert {send(instance, authorization) for _ in range(10)} == {503}
        command(instance, "remove", str(rule["id"]))
        assert {send(instance, authorization) for _ in range(10)} == {200}


def test_a_delay_is_a_delay(instance, authorization):
    command(instance, "add", "--delay", "400", "--times", "1")
    began = time.perf_counter()
    assert send(instance, authorization) == 200
    assert time.perf_counter() - began >= 0.4


def issued_at(instance, key) -> float:
    """When the tenant's clock says that an access token was issued."""
    body = json.dumps({"accessKeyId": key["id"], "accessKeySecret": key["secret"]})
    connection = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=20)
    connection.request("POST", "/authentication/v1/token/access-key", body, {"Content-Type": "application/json"})
    token = json.loads(connection.getresponse().read())["access_token"]
    connection.close()
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["iat"]


def test_a_clock_moved_by_the_command_counts_at_once_in_every_process(instance):
    key = instance.credentials()["access_key"]

    def clock(*arguments) -> None:
        subprocess.run(
            [sys.executable, "-m", "cxadmin", "clock", *arguments],
            cwd=ROOT,
            env=instance.environment,
            check=True,
            capture_output=True,
        )

    clock("set", "2031-01-02T03:04:05Z")
    clock("freeze")
    times = {issued_at(instance, key) for _ in range(10)}
    clock("reset")
    assert len(times) == 1
    assert 0 <= times.pop() - datetime(2031, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp() < 60
    assert all(abs(issued_at(instance, key) - time.time()) < 60 for _ in range(10))
