"""The simulator against the running product: its whole Okta run, repeated, interrupted, refused."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
import requests

from tests.live import ROOT, Server, fresh_database

PEOPLE = 60


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    url = os.environ.get("DATABASE_URL", "")
    with fresh_database(url) if url else nullcontext("") as own:
        running = Server(tmp_path_factory.mktemp("simulated"), database_url=own)
        running.start()
        yield running
        running.stop()


def command(server, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "cxadmin", "simulate", *arguments, "--json"],
        cwd=ROOT,
        env=server.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def simulate(server, *arguments: str) -> tuple[dict, int]:
    running = command(server, *arguments)
    out, err = running.communicate(timeout=240)
    assert out, err
    return json.loads(out), running.returncode


def users(server, query: str = "") -> dict:
    credentials = server.credentials()["scim_token"]
    answer = requests.get(
        f"{credentials['base_url']}/Users{query}",
        headers={"Authorization": f"Bearer {credentials['token']}"},
        timeout=20,
    )
    return answer.json()


def journal(server, **query) -> list[dict]:
    lab = server.credentials()["lab"]
    time.sleep(0.5)  # the journal is written a moment later
    answer = requests.get(
        f"{lab['control_url']}requests", query, headers={"Authorization": f"Bearer {lab['control_key']}"}, timeout=20
    )
    return answer.json()["requests"]


def test_a_whole_okta_run_ends_with_the_expected_employees_and_repeated_changes_nobody(server):
    before = users(server, "?count=0")["totalResults"]
    report, code = simulate(server, "okta", f"--people={PEOPLE}")
    assert code == 0, report
    assert [step["step"] for step in report["steps"]] == [
        "connect", "import", "create", "update", "deactivate", "reactivate", "groups", "check",
    ]  # fmt: skip
    assert report["credential"] == "oauth"
    assert report["employees"] == {"expected": PEOPLE, "as_expected": PEOPLE}
    assert report["steps"][2]["outcomes"] == {"created": PEOPLE}
    assert report["steps"][2]["requests"] == 2 * PEOPLE
    assert users(server, "?count=0")["totalResults"] == before + PEOPLE
    seen = journal(server, client="Okta", limit=1000)
    assert {one["username"] for one in seen if one["door"] == "scim"} == {"okta@demo.example"}
    assert all(one["status"] < 300 for one in seen if one["door"] == "scim")
    again, code = simulate(server, "okta", f"--people={PEOPLE}")
    assert code == 0
    assert again["steps"][2]["outcomes"] == {"updated": PEOPLE}
    assert users(server, "?count=0")["totalResults"] == before + PEOPLE


def test_interrupted_and_repeated_it_converges(server):
    before = users(server, "?count=0")["totalResults"]
    arguments = ("okta", f"--people={PEOPLE}", "--seed=5", "--steps=connect,create,check")
    running = command(server, *arguments, "--rate=20")
    until = time.monotonic() + 60
    while users(server, "?count=0")["totalResults"] < before + 5:
        assert time.monotonic() < until
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    report = json.loads(running.communicate(timeout=30)[0])
    assert (running.returncode, report["state"]) == (130, "stopped")
    made = users(server, "?count=0")["totalResults"] - before
    assert 5 <= made < PEOPLE
    report, code = simulate(server, *arguments)
    assert code == 0
    assert report["steps"][1]["outcomes"] == {"created": PEOPLE - made, "updated": made}
    assert report["employees"] == {"expected": PEOPLE, "as_expected": PEOPLE}
    assert users(server, "?count=0")["totalResults"] == before + PEOPLE


@pytest.mark.parametrize("style", ["plain", "flag"])
def test_entra(server, style):
    report, code = simulate(server, "entra", f"--style={style}", "--people=6", f"--seed={len(style)}00")
    assert code == 0, report
    assert report["employees"] == {"expected": 6, "as_expected": 6}
    assert report["credential"] == "token"
    assert report["first_request_id"]


@pytest.mark.parametrize("credential", ["token", "key"])
def test_okta_with_another_credential(server, credential):
    report, code = simulate(
        server, "okta", f"--credential={credential}", "--style=catalogue", "--people=3", "--seed=77"
    )
    assert code == 0, report
    assert report["credential"] == credential


def test_a_wrong_password_is_told_in_the_sign_in_page_s_words(server):
    report, code = simulate(server, "okta", "--password=wrong")
    assert (code, report["state"]) == (1, "failed")
    assert "Signing in as okta@demo.example: " in report["reason"]
    assert "password" in report["reason"].lower()


def test_a_wrong_client_secret_and_a_strange_callback(server):
    report, code = simulate(server, "okta", "--client-secret=wrong")
    assert code == 1
    assert report["reason"].startswith("POST /auth/token: 40")
    report, code = simulate(server, "okta", "--redirect-uri=http://127.0.0.1:1/other")
    assert code == 1
    assert "redirect URL" in report["reason"]


def test_somebody_without_the_scim_permission_is_refused_at_the_connection_test(server):
    """N1 of the walk-through."""
    credentials = server.credentials()["console"]
    report, code = simulate(
        server, "okta", f"--username={credentials['username']}", f"--password={credentials['password']}"
    )
    assert (code, report["state"]) == (1, "failed")
    refusal = report["steps"][0]["refusals"][0]
    assert refusal["status"] == 403
    assert "SCIM" in refusal["said"]


def test_the_secrets_of_a_bare_tenant_are_asked_for(server):
    running = command(server, "okta", "--tenant=bare")
    _, err = running.communicate(timeout=60)
    assert running.returncode == 2
    assert "Give: client_id, client_secret" in err


def test_a_token_that_ends_on_the_way_is_refreshed(server):
    """Step 19 of the walk-through, with the sessions' tokens made short."""
    environment = server.environment | {"ACCESS_TOKEN_TTL": "1s"}
    short = Server(server.data_dir, database_url=server.environment["DATABASE_URL"])
    short.environment |= {"ACCESS_TOKEN_TTL": environment["ACCESS_TOKEN_TTL"]}
    short.start()
    try:
        report, code = simulate(
            short, "okta", "--people=8", "--seed=41", "--rate=8", "--connections=1", "--steps=connect,create,check"
        )
    finally:
        short.stop()
    assert code == 0, report
    assert report["employees"] == {"expected": 8, "as_expected": 8}
    assert report["requests"] > 5 + 16 + 8 + 2


def control(server, path: str = "", method: str = "get", body: dict | None = None) -> dict:
    lab = server.credentials()["lab"]
    answer = requests.request(
        method,
        f"{lab['control_url']}simulations{path}",
        json=body,
        headers={"Authorization": f"Bearer {lab['control_key']}"},
        timeout=20,
    )
    assert answer.ok, answer.text
    return answer.json()


def until(server, simulation: dict, *states: str) -> dict:
    end = time.monotonic() + 90
    while (found := control(server, f"/{simulation['id']}"))["status"] not in states:
        assert time.monotonic() < end, found
        time.sleep(0.2)
    return found


def test_the_worker_plays_what_the_control_api_takes_in(server):
    made = control(server, "", "post", {"provider": "okta", "people": 12, "seed": 9})
    found = until(server, made, "complete", "failed")
    assert found["status"] == "complete", found
    assert found["report"]["employees"] == {"expected": 12, "as_expected": 12}
    assert found["finished_at"]


def test_a_simulation_is_stopped_and_taken_up_by_the_next_worker(server):
    slow = {"provider": "entra", "people": 500, "seed": 12, "rate": 20, "steps": ["connect", "create"]}
    made = control(server, "", "post", slow)
    until(server, made, "playing")
    time.sleep(1.5)
    server.stop()
    server.start()
    end = time.monotonic() + 60
    while control(server, f"/{made['id']}")["status"] != "playing":
        assert time.monotonic() < end
        time.sleep(0.2)
    control(server, f"/{made['id']}/stop", "post")
    found = until(server, made, "stopped")
    assert found["report"]["state"] == "stopped"
    assert users(server, "?count=0")["totalResults"] > 0
