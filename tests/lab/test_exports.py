"""An exported exchange runs again elsewhere, and holds no secret."""

import json
import os
import subprocess
import sys

import pytest
from django.test import Client

from accounts.models import Employee
from cxadmin.lab import exports, seeds
from cxadmin.lab.models import Exchange
from tests.scim.client import ScimClient, bearer, user
from tests.scim.conftest import acme, scim  # noqa: F401  # fixtures

TOKEN = "cxs_something-known-to-me"
BODY = {"displayName": 'It\'s "quoted" `cmd` $HOME \\ ü', "password": "Hush-Hush-1"}


@pytest.fixture
def created(journal, acme):  # noqa: F811
    acme.by_token().post("/Users", user("ada", **BODY))
    return journal.last()


@pytest.mark.parametrize("kind", exports.FORMATS)
def test_no_export_holds_a_secret(created, acme, kind):  # noqa: F811
    Employee.objects.filter(pk=acme.robot.pk).update(is_lab_operator=True)
    browser = Client()
    browser.force_login(acme.robot)
    answer = browser.get(f"/lab/requests/{created.pk}/export/{kind}/")
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    text = answer.content.decode()
    assert acme.seed.secrets.scim_token not in text
    assert "Hush-Hush-1" not in text
    assert "/oauth/scim/v2/Users" in text
    assert browser.get(f"/lab/requests/{created.pk}/export/exe/").status_code == 404
    assert browser.get(f"/lab/requests/999999/export/{kind}/").status_code == 404


def test_the_command_says_to_a_shell_what_the_client_sent(created, tmp_path):
    (tmp_path / "curl").write_text("#!/bin/sh\nfor word; do printf '%s\\0' \"$word\"; done\n")
    (tmp_path / "curl").chmod(0o755)
    run = subprocess.run(
        ["/bin/sh", "-c", exports.curl(created)],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "CXADMIN_SCIM_TOKEN": TOKEN},
        capture_output=True,
        text=True,
        check=True,
    )
    words = run.stdout.split("\0")
    assert f"Authorization: Bearer {TOKEN}" in words
    assert words[words.index("-X") + 1] == "POST"
    sent = json.loads(words[words.index("--data-raw") + 1])
    assert sent["displayName"] == BODY["displayName"]


def test_what_a_stranger_sends_runs_nothing_in_an_export(journal, client, db, tmp_path):
    client.generic("GET", '/scim/v2/Users"""%0Aimport pathlib; pathlib.Path("ran").touch()%0A"""')
    (exchange,) = journal.all()
    Exchange.objects.update(method="`>ran`")  # a method may hold any of these letters (RFC 9110 §5.6.2)
    exchange.refresh_from_db()
    assert "\n" in exchange.path
    (tmp_path / "curl").write_text("#!/bin/sh\n")
    (tmp_path / "curl").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["/bin/sh", "-c", exports.curl(exchange)], cwd=tmp_path, env=environment, check=True)
    exec(compile(exports.pytest_file(exchange), "test_it.py", "exec"), {})  # noqa: S102
    assert not (tmp_path / "ran").exists()
    assert not os.path.exists("ran")  # noqa: PTH110
    assert len(exports.http_file(exchange).splitlines()) == len(exports.headers(exchange, "")) + 6


def test_a_basic_credential_has_its_own_variable(journal, acme):  # noqa: F811
    acme.by_key().get("/Users", filter='userName eq "it\'s"')
    assert '"Authorization: Basic $CXADMIN_BASIC"' in exports.curl(journal.last())


def test_the_archive_is_one(created):
    log = json.loads(exports.har(created))["log"]
    (entry,) = log["entries"]
    assert (log["version"], entry["request"]["method"], entry["response"]["status"]) == ("1.2", "POST", 201)
    assert json.loads(entry["request"]["postData"]["text"])["userName"] == "ada@acme.example"


def test_the_http_file_names_its_variable(created):
    text = exports.http_file(created)
    assert "@credential = {{$processEnv CXADMIN_SCIM_TOKEN}}" in text
    assert "Authorization: Bearer {{credential}}" in text


def test_the_test_passes_where_the_answer_is_the_same_and_fails_otherwise(live_server, journal, tmp_path):
    seed = seeds.SEEDS[0]
    seeds.plant(seed)
    ScimClient(bearer(seed.secrets.scim_token)).get("/Users", count=1)
    file = tmp_path / "test_it.py"
    file.write_text(exports.pytest_file(journal.last()))

    def outcome(secret: str) -> int:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-p", "no:cacheprovider", str(file)],
            cwd=tmp_path,
            env=os.environ | {"CXADMIN_URL": live_server.url, "CXADMIN_SCIM_TOKEN": secret},
            capture_output=True,
            check=False,
        ).returncode

    assert outcome(seed.secrets.scim_token) == 0
    assert outcome("cxs_wrong") == 1


HOSTILE = [
    ("### GET http://x.example/\n\nGET http://x.example/", None),
    ('{"a": 1}\n###\nDELETE http://x.example/', None),
    ("< /etc/passwd", None),
    ("> {% client.exec() %}", None),
    ("{{$processEnv HOME}}", None),
    ("a={{$processEnv HOME}}", None),
    ('{"a":\n"###\\n{{$processEnv HOME}}"}', '{"a":"###\\n\\u007b{$processEnv HOME}}"}'),
    ("grant_type=refresh_token&code=%7B", "grant_type=refresh_token&code=%7B"),
    ("", ""),
]


@pytest.mark.parametrize(("body", "written"), HOSTILE)
def test_an_http_file_holds_one_request_whatever_the_body_is(created, body, written):
    created.request_body = body
    text = exports.http_file(created)
    assert sum(line.startswith("###") for line in text.splitlines()) == 1
    assert not [line for line in text.splitlines() if line.startswith(("<", ">"))]
    assert text.count("{{") == text.count("{{credential}}") + text.count("{{$processEnv CXADMIN_SCIM_TOKEN}}")
    assert ("The body is left out" in text) == (written is None)
    if written is not None:
        assert text.splitlines()[-1] == written
        if body.startswith("{"):
            assert json.loads(written) == json.loads(body)
