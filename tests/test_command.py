"""`cxadmin up` and `cxadmin credentials`: a free port, and the address of the server that runs."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> dict[str, str]:
    """That of a newcomer, with a data folder of its own."""
    ours = ("DATABASE_URL", "PUBLIC_URL", "HOST", "PORT", "DEBUG")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {"DATA_DIR": str(tmp_path_factory.mktemp("instance")), "WEB_WORKERS": "1"}


def cxadmin(environment, *arguments, **more) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "cxadmin", *arguments],
        cwd=ROOT,
        env=environment | more,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def base_url(environment, **more) -> str:
    return json.loads(cxadmin(environment, "credentials", "--json", **more))["base_url"]


def test_up_takes_a_free_port_and_credentials_knows_it_while_it_runs(environment):
    server = subprocess.Popen(
        [sys.executable, "-m", "cxadmin", "up", "--port", "0"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    note = Path(environment["DATA_DIR"]) / "server.url"
    try:
        printed = []
        for line in server.stdout:
            printed.append(line)
            if line == "ready\n":
                break
        url = note.read_text()
        assert f"{url}/ is up; stop it with Ctrl-C.\n" in printed
        assert ":0/" not in "".join(printed)
        with urlopen(f"{url}/healthz", timeout=10) as answer:  # noqa: S310
            assert answer.status == 200
        assert base_url(environment) == url
        assert f"{url}/oauth/scim/v2" in cxadmin(environment, "credentials")
        assert base_url(environment, PUBLIC_URL="https://cx.example.com/") == "https://cx.example.com"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=20)
        server.stdout.close()
    assert not note.exists()
    assert base_url(environment) == "http://127.0.0.1:8000"
    assert base_url(environment, PORT="8123") == "http://127.0.0.1:8123"


def test_the_note_of_a_server_that_was_killed_is_not_believed(environment):
    (Path(environment["DATA_DIR"]) / "server.url").write_text("http://127.0.0.1:9")
    assert base_url(environment) == "http://127.0.0.1:8000"


def test_up_prints_one_line_of_json_for_scripts(environment):
    server = subprocess.Popen(
        [sys.executable, "-m", "cxadmin", "up", "--port", "0", "--json"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        said = json.loads(server.stdout.readline())
        with urlopen(f"{said['url']}/healthz", timeout=10) as answer:  # noqa: S310
            assert answer.status == 200
        assert [tenant["tenant"] for tenant in said["tenants"]] == ["demo", "bare", "gov"]
        assert said["tenants"][0]["scim_token"]["token"].startswith("cxs_")
        doctor = json.loads(cxadmin(environment, "doctor", "--json"))
        assert {one["check"]: one["status"] for one in doctor["checks"]}["Journal"] == "ok"
        assert doctor["is_well"] is True
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)
        server.stdout.close()
