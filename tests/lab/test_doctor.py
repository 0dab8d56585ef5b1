"""`cxadmin doctor`: each thing that is wrong is found, with a sentence what to do."""

import json
import os
import socket
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts import workers
from accounts.models import BusinessUnit
from cxadmin.lab import doctor as doctors
from cxadmin.lab.doctor import Doctor

ROOT = Path(__file__).parents[2]


@pytest.fixture
def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def instance(settings, tmp_path, free_port, db):
    """An instance that does not run, with a data folder of its own."""
    settings.DATA_DIR, settings.HOST, settings.PORT = tmp_path, "127.0.0.1", free_port
    settings.STATIC_ROOT = tmp_path / "static"
    settings.PUBLIC_URL = f"http://127.0.0.1:{free_port}"
    return settings


@pytest.fixture
def runs(instance, monkeypatch):
    monkeypatch.setattr(doctors, "_version_at", lambda url: doctors.cxadmin.__version__)


def findings() -> dict:
    return {one.check: one for one in Doctor().findings()}


def test_an_instance_that_could_run_is_well(world, instance):
    found = findings()
    assert {one.status for one in found.values()} <= {"ok", "warning", "skipped"}
    assert "does not run" in found["Port"].detail
    assert found["Static files"].status == "warning"
    assert found["Worker"].status == found["Journal"].status == "skipped"
    assert found["Tenants"].detail.startswith("2, acme")
    for one in found.values():
        assert (one.status in ("warning", "failed")) == bool(one.fix), one


def test_it_prints_for_people_and_for_scripts(world, instance):
    out = StringIO()
    call_command("doctor", stdout=out)
    assert "ok  Database" in out.getvalue()
    assert "cxadmin up" in out.getvalue()
    out = StringIO()
    call_command("doctor", json=True, stdout=out)
    said = json.loads(out.getvalue())
    assert said["is_well"] is True
    assert said["checks"][0]["check"] == "Python"


def test_an_empty_database_is_told(instance):
    assert "seeds" in findings()["Tenants"].fix
    assert not BusinessUnit.objects.exists()


def test_a_port_that_somebody_else_holds(world, instance):
    with socket.create_server(("127.0.0.1", instance.PORT)):
        instance.PUBLIC_URL = "http://127.0.0.1"
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(doctors, "PATIENCE", 0.2)
            found = findings()
            assert found["Port"].status == "failed"
            assert "--port 0" in found["Port"].fix
            with pytest.raises(SystemExit) as ended:
                call_command("doctor", stdout=StringIO())
    assert ended.value.code == 1


def test_a_server_without_worker_and_styles_is_not_well(world, instance, runs):
    found = findings()
    assert found["Worker"].status == "failed"
    assert found["Static files"].status == "failed"
    workers.beat("one")
    (instance.STATIC_ROOT / "css").mkdir(parents=True)
    (instance.STATIC_ROOT / "css" / "base.1.css").touch()
    manifest = instance.STATIC_ROOT / "staticfiles.json"
    manifest.write_text(json.dumps({"paths": {"css/base.css": "css/base.1.css"}}))
    found = findings()
    assert found["Worker"].status == found["Static files"].status == "ok"
    manifest.write_text(json.dumps({"paths": {"css/base.css": "css/base.2.css"}}))
    assert findings()["Static files"].status == "failed"
    manifest.write_text("{")
    assert findings()["Static files"].status == "failed"


def test_a_journal_that_records_nothing_is_found(world, instance, runs, monkeypatch):
    assert findings()["Journal"].status == "skipped"
    instance.JOURNAL_ENTRIES = 10
    monkeypatch.setattr(doctors, "JOURNAL_PATIENCE", 0.0)
    monkeypatch.setattr(doctors, "urlopen", lambda *_, **__: StringIO())
    assert findings()["Journal"].status == "failed"


@pytest.mark.parametrize(
    ("url", "host", "status"),
    [
        ("http://localhost:8000", "127.0.0.1", "ok"),
        ("http://localhost:8000", "0.0.0.0", "warning"),  # noqa: S104
        ("https://cx.example.com/path", "127.0.0.1", "failed"),
        ("cx.example.com", "127.0.0.1", "failed"),
        ("https://cx.example.com", "127.0.0.1", "ok"),
    ],
)
def test_the_public_address_has_to_lead_here(world, instance, url, host, status):
    instance.PUBLIC_URL, instance.HOST = url, host
    assert Doctor().public_url().status == status


def test_a_public_address_without_encryption_is_warned_of(instance):
    instance.PUBLIC_URL = "http://cx.example.com"
    assert Doctor().tls().status == "warning"
    instance.PUBLIC_URL = "https://localhost:1"
    assert Doctor().tls().status == "failed"


def test_a_folder_that_is_none(instance, tmp_path):
    (tmp_path / "file").touch()
    instance.DATA_DIR = tmp_path / "file"
    assert findings()["Data folder"].status == "failed"


def command(*arguments, **more) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "cxadmin", *arguments],
        cwd=ROOT,
        env=os.environ | more,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_wrong_setting_is_a_sentence_and_no_traceback(tmp_path):
    done = command("doctor", "--json", "--data-dir", str(tmp_path), LAB="perhaps")
    said = json.loads(done.stdout)
    assert (done.returncode, said["is_well"]) == (1, False)
    assert "LAB must be true or false" in said["checks"][0]["detail"]
    done = command("credentials", "--data-dir", str(tmp_path), LAB="perhaps")
    assert done.returncode == 1
    assert "LAB must be true or false" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_new_folder_is_told_to_start_the_server(tmp_path):
    done = command("doctor", "--json", "--data-dir", str(tmp_path / "new"), DATABASE_URL="", PORT="0")
    found = {one["check"]: one for one in json.loads(done.stdout)["checks"]}
    assert "cxadmin up" in found["Database"]["fix"]
    assert done.returncode == 0
    assert not list((tmp_path / "new").glob("*.sqlite3"))


def test_the_help_lists_every_command_in_its_group():
    said = command("--help").stdout
    for name in ("up", "doctor", "credentials", "tail", "replay", "mail", "generate"):
        assert f"  {name} " in said
    assert "see what happens:" in said
    assert "--wait S" in command("mail", "--help").stdout
