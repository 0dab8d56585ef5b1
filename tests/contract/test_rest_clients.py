"""Clients of the original's admin API, unmodified, against a running server."""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from tests.contract import hosts
from tests.contract.test_oauth_clients import NICEPY
from tests.live import Server

HERE = Path(__file__).parent
SCRIPT = HERE / "nicepy_agents.py"
FLOOD_WEBCHAT = "@defra/flood-webchat@1.0.3"
# An access key of the administrator, who has a skill.
PREPARE = """
import json
from accounts.actions import access_keys, contact_centre
from accounts.actors import system
from accounts.models import CatalogueEntry, Employee
admin = Employee.objects.get(username="admin@demo.example")
actor = system(admin.business_unit_id)
skill = CatalogueEntry.objects.get(business_unit=admin.business_unit, kind="skill", number=101)
contact_centre.set_skills(admin, {skill: contact_centre.Held(1)}, actor=actor)
key, secret = access_keys.create(admin, actor=actor)
print(json.dumps({"username": key.access_key_id, "password": secret, "agent_id": admin.agent_id}))
"""


def test_nicepy_reads_agents_states_skills_and_dispositions(server, client, tmp_path):
    installed = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--target", tmp_path / "lib", NICEPY],
        capture_output=True,
        text=True,
        check=False,
    )
    if installed.returncode:
        pytest.skip(f"pip cannot install {NICEPY} here: {installed.stderr.strip().splitlines()[-1]}")
    key = json.loads(server.run(PREPARE))
    config = {name: client[name] for name in ("client_id", "client_secret")} | key
    (tmp_path / "nicepy_config.json").write_text(json.dumps(config))
    done = subprocess.run(
        [sys.executable, SCRIPT, server.url],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "lib"), "OAUTHLIB_INSECURE_TRANSPORT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert "admin@demo.example" in {agent["userName"] for agent in seen["agents"]}
    assert {tuple(agent) for agent in seen["names"]} == {("userName",)}
    assert seen["inactive"] == []
    assert seen["states"] == []  # those who are logged out are left out by the client
    (skill,) = seen["skills"]
    assert (skill["skillName"], skill["agentIds"]) == ("Inbound Phone", [key["agent_id"]])
    assert {disposition["dispositionName"] for disposition in seen["dispositions"]} >= {"Resolved"}


@pytest.fixture
def webchat(tmp_path) -> Path:
    """A folder with the library in it."""
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        pytest.skip("flood-webchat needs node and npm, which are not installed here.")
    (tmp_path / "package.json").write_text('{"private": true}')
    installed = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", FLOOD_WEBCHAT],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    if installed.returncode:
        pytest.skip(f"npm cannot install {FLOOD_WEBCHAT} here: {installed.stderr.strip().splitlines()[-1]}")
    shutil.copy(HERE / "flood_webchat.cjs", tmp_path)
    return tmp_path


def test_flood_webchat_sees_when_an_agent_is_available(tmp_path_factory, webchat):
    """Every call goes to the original's hosts over TLS, as its code has them, and ends at the emulator."""
    server = Server(tmp_path_factory.mktemp("webchat"))
    with hosts.mapped(server.url) as environment:
        server.environment["PUBLIC_URL"] = f"https://localhost:{environment['EMULATOR_TLS_PORT']}"
        server.start()
        try:
            found = _availabilities(server, webchat, environment)
        finally:
            server.stop()
    assert found == ["UNAVAILABLE", "AVAILABLE", "EXISTING", "UNAVAILABLE"]


def _availabilities(server: Server, folder: Path, environment: dict[str, str]) -> list[str]:
    """Before an agent is available, then, with no room in the queue, and after he has logged out."""
    key, client = json.loads(server.run(PREPARE)), server.credentials()["oauth_client"]
    pair = {"accessKeyId": key["username"], "accessKeySecret": key["password"]}
    token = requests.post(f"{server.url}/authentication/v1/token/access-key", json=pair, timeout=20).json()
    classic = "/inContactAPI/services/v20.0"
    agent = f"{server.url}{classic}/agents/{key['agent_id']}"
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    options = {
        "clientId": client["client_id"],
        "clientSecret": client["client_secret"],
        "accessKey": key["username"],
        "accessSecret": key["password"],
        "skillEndpoint": f"{classic}/skills/101/activity",
        "hoursEndpoint": f"{classic}/hours-of-operation/1",
        "maxQueueCount": 5,
    }
    # The library takes a day that ends at 23:59 to end at 23:00, local time.
    zone = "UTC" if datetime.now(UTC).hour < 22 else "Etc/GMT-6"

    def asked(**more: object) -> str:
        done = subprocess.run(
            ["node", "flood_webchat.cjs", json.dumps(options | more)],
            cwd=folder,
            env=os.environ | environment | {"TZ": zone},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["availability"]

    found = [asked()]
    assert requests.post(f"{agent}/state", params={"state": "Available"}, headers=headers, timeout=20).ok
    found += [asked(), asked(maxQueueCount=0)]
    assert requests.post(f"{agent}/logout", headers=headers, timeout=20).ok
    return [*found, asked()]
