"""Many clients at once, against a running server of two processes: races are decided, and no update is lost."""

import http.client
import json
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.scim.client import ENTERPRISE, PATCH, group, user

CLIENTS = 16


@pytest.fixture
def call(server, demo) -> Callable:
    """A request over a connection of its own, with the token of `demo`: status and document."""

    def send(method: str, path: str, body: object = None) -> tuple[int, dict]:
        address = urlsplit(demo["scim_token"]["base_url"])
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        headers = {
            "Authorization": f"Bearer {demo['scim_token']['token']}",
            "Content-Type": "application/scim+json",
        }
        connection.request(method, address.path + path, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response.status, json.loads(content) if content else {}

    return send


def at_once(count: int, act: Callable[[int], object]) -> list:
    """What `act` answers for each number, all started together."""
    gate = threading.Barrier(count)

    def one(number: int) -> object:
        gate.wait(timeout=30)
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def name() -> str:
    return f"u{uuid.uuid4().hex[:12]}"


def operations(*found: dict) -> dict:
    return {"schemas": [PATCH], "Operations": list(found)}


@pytest.mark.rule("R-SCIM-10")
@pytest.mark.parametrize("in_other_case", [False, True])
def test_of_eight_creates_of_one_user_name_one_wins(call, in_other_case):
    wanted = name()
    bodies = [
        user(wanted, userName=f"{wanted.upper() if in_other_case and n % 2 else wanted}@acme.example") for n in range(8)
    ]
    answers = at_once(8, lambda number: call("POST", "/Users", bodies[number]))
    assert Counter(status for status, _ in answers) == {201: 1, 409: 7}
    assert {document["scimType"] for status, document in answers if status == 409} == {"uniqueness"}


def test_of_eight_creates_of_one_group_one_wins(call):
    wanted = name()
    answers = at_once(8, lambda number: call("POST", "/Groups", group(wanted)))
    assert Counter(status for status, _ in answers) == {201: 1, 409: 7}


@pytest.mark.rule("R-SCIM-12")
def test_of_eight_revivals_of_one_user_one_wins(call):
    wanted = name()
    _, created = call("POST", "/Users", user(wanted))
    assert call("DELETE", f"/Users/{created['id']}")[0] == 204
    answers = at_once(8, lambda number: call("POST", "/Users", user(wanted)))
    assert Counter(status for status, _ in answers) == {201: 1, 409: 7}
    assert next(document["id"] for status, document in answers if status == 201) == created["id"]


def test_parallel_patches_of_one_user_all_hold(call):
    _, created = call("POST", "/Users", user(name()))
    paths = [
        "title",
        "nickName",
        "displayName",
        "userType",
        "externalId",
        "name.middleName",
        f"{ENTERPRISE}:department",
        f"{ENTERPRISE}:costCenter",
    ]
    answers = at_once(
        8,
        lambda number: call(
            "PATCH",
            f"/Users/{created['id']}",
            operations({"op": "replace", "path": paths[number], "value": f"v{number}"}),
        ),
    )
    assert [status for status, _ in answers] == [200] * 8
    _, now = call("GET", f"/Users/{created['id']}")
    assert [now["title"], now["nickName"], now["displayName"], now["userType"], now["externalId"]] == [
        f"v{n}" for n in range(5)
    ]
    assert now["name"]["middleName"] == "v5"
    assert now[ENTERPRISE] == {"department": "v6", "costCenter": "v7"}
    assert now["meta"]["version"] == 'W/"9"'


def test_parallel_patches_of_one_group_all_hold(call):
    people = [call("POST", "/Users", user(name()))[1]["id"] for _ in range(8)]
    _, created = call("POST", "/Groups", group(name()))
    path = f"/Groups/{created['id']}"

    def add(number: int) -> int:
        return call("PATCH", path, operations({"op": "add", "path": "members", "value": [{"value": people[number]}]}))[
            0
        ]

    def remove(number: int) -> int:
        return call("PATCH", path, operations({"op": "remove", "path": f'members[value eq "{people[number]}"]'}))[0]

    assert at_once(8, add) == [200] * 8
    assert {member["value"] for member in call("GET", path)[1]["members"]} == set(people)
    assert at_once(8, lambda number: remove(number) if number < 4 else add(number)) == [200] * 8
    assert {member["value"] for member in call("GET", path)[1]["members"]} == set(people[4:])
    assert at_once(8, lambda number: add(0)) == [200] * 8
    assert len(call("GET", path)[1]["members"]) == 5


def test_parallel_put_patch_and_delete_leave_a_whole_record(call):
    wanted = name()
    _, created = call("POST", "/Users", user(wanted))
    path = f"/Users/{created['id']}"
    acts = [
        lambda: call("PUT", path, user(wanted, title="put")),
        lambda: call("PATCH", path, operations({"op": "replace", "path": "title", "value": "patch"})),
        lambda: call("DELETE", path),
        lambda: call("GET", path),
    ]
    answers = at_once(8, lambda number: acts[number % 4]())
    assert {status for status, _ in answers} <= {200, 204, 404}
    assert [status for status, _ in answers].count(204) == 1
    assert call("GET", path)[0] == 404


def test_sixteen_clients_work_side_by_side(call, server):
    """The whole life of a user and a group each; nobody meets a locked database."""

    def life(number: int) -> list[int]:
        wanted, statuses = name(), []

        def note(answer: tuple[int, dict]) -> dict:
            statuses.append(answer[0])
            return answer[1]

        person = note(call("POST", "/Users", user(wanted)))["id"]
        for _ in range(3):
            note(call("GET", f"/Users?filter=userName%20eq%20%22{wanted}@acme.example%22"))
            note(call("PATCH", f"/Users/{person}", operations({"op": "replace", "path": "title", "value": name()})))
            note(call("PUT", f"/Users/{person}", user(wanted, active=False)))
        staff = note(call("POST", "/Groups", group(wanted, person)))["id"]
        note(call("PATCH", f"/Groups/{staff}", operations({"op": "remove", "path": "members"})))
        note(call("DELETE", f"/Groups/{staff}"))
        note(call("DELETE", f"/Users/{person}"))
        return statuses

    expected = [201, *[200, 200, 200] * 3, 201, 200, 204, 204]
    assert at_once(CLIENTS, life) == [expected] * CLIENTS
    assert "locked" not in server.log.read_text()
