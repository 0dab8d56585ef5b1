"""The encrypted attachment, opened with the script that docs/registration-file.md gives (R-APP-1)."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from django.test import Client

from accounts import registration_files
from accounts.crypto import matches
from accounts.models import OutboxMail
from tests.conftest import ROUNDS
from tests.world import CALLBACK

DOCUMENT = Path(__file__).parents[2] / "docs" / "registration-file.md"
SCRIPT = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)[1]
documented: dict = {"__name__": "documented"}
exec(SCRIPT, documented)  # noqa: S102  # the script of the documentation is what is tested
open_registration = documented["open_registration"]


def mailed() -> tuple[str, str]:
    """The newest file and its password."""
    file = OutboxMail.objects.filter(subject__startswith="Application").latest("created_at")
    password = OutboxMail.objects.filter(subject__startswith="Password").latest("created_at")
    return file.attachments[0]["content"], password.text


@pytest.mark.rule("R-APP-1", "R-APP-4", "R-APP-10")
@pytest.mark.parametrize("kind", ["confidential", "public"])
def test_the_documented_script_reads_everything_from_it(world, settings, kind):
    settings.PUBLIC_URL = "https://emulator.example"
    application = world.application(type=kind)
    found = open_registration(*mailed())
    assert matches(found.pop("client_secret"), application.secret_hash)
    assert found == {
        "application": "Okta CXone Integration",
        "client_id": str(application.pk),
        "authentication_method": "client_secret_post",
        "application_type": kind,
        "scopes": ["AdminAPI", "ReportingAPI"],
        "redirect_urls": [CALLBACK],
        "authorization_endpoint": "https://emulator.example/auth/authorize?scope=openid",
        "token_endpoint": "https://emulator.example/auth/token",
        "original_authorization_endpoint": "https://cxone.niceincontact.com/auth/authorize?scope=openid",
        "original_token_endpoint": "https://cxone.niceincontact.com/auth/token",
    }


def test_a_back_end_application_has_a_secret_and_no_authorization_endpoint(world):
    application = world.application(type="backend", redirects=[])
    found = open_registration(*mailed())
    assert matches(found["client_secret"], application.secret_hash)
    assert "authorization_endpoint" not in found
    assert "original_authorization_endpoint" not in found


@pytest.mark.rule("R-APP-11")
def test_fedramp_changes_the_original_addresses_only(world, settings):
    world.application(is_fedramp=True)
    found = open_registration(*mailed())
    assert found["original_token_endpoint"] == "https://cxone-gov.niceincontact.com/auth/token"
    assert found["token_endpoint"] == f"{settings.PUBLIC_URL}/auth/token"


def test_the_documented_script_runs_from_the_command_line(world, tmp_path):
    world.application()
    page, password = mailed()
    script, file = tmp_path / "open_registration.py", tmp_path / "registration.html"
    script.write_text(SCRIPT, encoding="utf-8")
    file.write_text(page, encoding="utf-8")
    run = subprocess.run([sys.executable, script, file, password], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout)["application"] == "Okta CXone Integration"


def test_a_wrong_password_or_a_changed_file_opens_nothing(world):
    world.application()
    page, password = mailed()
    with pytest.raises(InvalidTag):
        open_registration(page, password[:-1] + ("a" if password[-1] != "a" else "b"))
    ciphertext = re.search(r'"ciphertext": "(.*?)"', page)[1]
    changed = bytearray(base64.b64decode(ciphertext))
    changed[0] ^= 1
    with pytest.raises(InvalidTag):
        open_registration(page.replace(ciphertext, base64.b64encode(changed).decode()), password)


@pytest.mark.screen("14.2 mails")
def test_the_envelope_is_as_documented(world):
    world.application()
    page, _ = mailed()
    envelope = json.loads(re.search(r'id="registration-envelope">(.*?)</script>', page, re.DOTALL)[1])
    assert envelope["format"] == "cxadmin-registration/1"
    assert (envelope["iterations"], ROUNDS) == (registration_files.ROUNDS, 600_000)
    assert envelope["encryption"] == "AES-256-GCM"
    assert envelope["key_derivation"] == "PBKDF2-HMAC-SHA256"
    sizes = {name: len(base64.b64decode(envelope[name])) for name in ("salt", "nonce")}
    assert sizes == {"salt": 16, "nonce": 12}
    assert all(f"`{member}`" in DOCUMENT.read_text(encoding="utf-8") for member in envelope)


def test_no_two_files_share_key_or_password(world):
    world.application()
    first = mailed()
    world.application(name="Second")
    second = mailed()
    assert first[1] != second[1]
    assert {"salt", "nonce"} == {
        name
        for name in ("salt", "nonce")
        if re.findall(f'"{name}": .*', first[0]) != re.findall(f'"{name}": .*', second[0])
    }


def test_the_file_allows_nothing_but_its_own_script_and_style(world):
    world.application(name="</title><script>alert(1)</script>")
    page, _ = mailed()
    policy = re.search(r'http-equiv="Content-Security-Policy"\s+content="([^"]*)"', page)[1]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    for element in ("style", 'script type="module"'):
        text = re.search(rf"(?s)<{element}>(.*?)</{element.split()[0]}>", page)[1]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert not re.search(r'(src|href)="', page)
    assert "<script>alert" not in page


def test_nothing_secret_is_readable_in_the_file(world):
    application = world.application()
    page, password = mailed()
    found = open_registration(page, password)
    for value in (found["client_secret"], str(application.pk), password, application.secret_hash):
        assert value not in page


def test_the_developer_portal_opens_files_without_taking_them(world):
    page = world.bob_may().get("/developer/registration-file/")
    assert 'type="file"' in page.content.decode()
    assert Client().post("/developer/registration-file/", {}).status_code == 302
    assert world.bob_may().post("/developer/registration-file/", {}).status_code == 405
