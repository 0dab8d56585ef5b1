"""`cxadmin.testing` and the pytest plugin: the examples of docs/testing.md, and what goes wrong."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from cxadmin.testing import Emulator, EmulatorError, main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "testing.md").read_text()
PLUGIN = "cxadmin.pytest_plugin"


@pytest.fixture(scope="module")
def emulator():
    with Emulator() as running:
        yield running
    assert running.url == ""


def example(name: str, folder: Path) -> Path:
    """An example of the page as a file."""
    code = next(code for code in re.findall(r"```\w+\n(.*?)```", PAGE, re.DOTALL) if code.split(None, 2)[1] == name)
    file = folder / name
    file.write_text(code)
    return file


def run(*command, folder, **environment) -> subprocess.CompletedProcess:
    """A process that knows nothing of this suite."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "CXADMIN_"))}
    return subprocess.run(
        [*map(str, command)],
        cwd=folder,
        env=inherited | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def suite(file: Path, *options: str, **environment) -> subprocess.CompletedProcess:
    """Run pytest with the plugin and nothing of ours; warnings are errors there as well."""
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = (
        sys.executable,
        "-X",
        "dev",
        "-m",
        "pytest",
        "-p",
        PLUGIN,
        "-W",
        "error",
        "--strict-markers",
        "-q",
        "-c",
        "/dev/null",
    )
    return run(*command, *options, f"--rootdir={file.parent}", file, folder=file.parent, **alone, **environment)


def of(emulator) -> dict[str, str]:
    return {"CXADMIN_URL": emulator.url, "CXADMIN_CONTROL_KEY": emulator.control_key}


def tenants(emulator) -> list[str]:
    return [one["tenant"] for one in emulator.control("GET", "tenants")["tenants"]]


def test_the_plugin_is_what_pytest_finds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"cxadmin": PLUGIN}


def test_neither_imports_django():
    code = f"import cxadmin.testing, {PLUGIN}, sys; print([name for name in sys.modules if name.startswith('django')])"
    assert run(sys.executable, "-c", code, folder=ROOT).stdout == "[]\n"


def test_the_example_for_pytest(emulator, tmp_path):
    before = tenants(emulator)
    done = suite(example("test_people.py", tmp_path), **of(emulator))
    assert "7 passed" in done.stdout, done.stdout + done.stderr
    assert tenants(emulator) == before  # each test's tenant went with it


def test_the_workers_of_xdist_share_one_server_which_ends_with_them(tmp_path):
    file = tmp_path / "test_shared.py"
    file.write_text(
        "import pathlib, pytest\n"
        "@pytest.mark.parametrize('number', range(6))\n"
        "def test_it(cxadmin, number):\n"
        "    assert cxadmin.scim.request('GET', '/Users').status == 200\n"
        "    assert len(cxadmin.exchanges) == 1\n"
        "    pathlib.Path(f'{number}.url').write_text(cxadmin.emulator.url + ' ' + cxadmin.name)\n"
    )
    done = suite(file, "-p", "xdist", "-n", "2")
    assert "6 passed" in done.stdout, done.stdout + done.stderr
    seen = [note.read_text().split() for note in tmp_path.glob("*.url")]
    (url,) = {url for url, _ in seen}
    assert len({name for _, name in seen}) == 6
    with pytest.raises(EmulatorError, match="No emulator answers"):
        Emulator(url, "cxl_x").start()


def test_the_example_without_pytest(emulator, tmp_path):
    done = run(
        sys.executable,
        "-X",
        "dev",
        "-W",
        "error",
        example("several_tenants.py", tmp_path),
        folder=tmp_path,
        **of(emulator),
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_example_in_javascript(tmp_path):
    if not shutil.which("node"):
        pytest.skip("This example needs node, which is not installed here.")
    file = example("people.test.mjs", tmp_path)
    done = run(sys.executable, "-m", "cxadmin.testing", "node", "--test", file, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# pass 1" in done.stdout


def forgot(base: str, username: str) -> None:
    """Ask for a new password on the page for it."""
    cookies = CookieJar()
    browser = build_opener(HTTPCookieProcessor(cookies))
    browser.open(f"{base}/login/").close()
    (token,) = (cookie.value for cookie in cookies if "csrf" in cookie.name)
    form = urlencode({"username": username, "csrfmiddlewaretoken": token}).encode()
    browser.open(Request(f"{base}/login/forgot/", form)).close()  # noqa: S310  # our own server


def test_what_a_test_sees_of_its_tenant(emulator):
    tenant = emulator.tenant(lifetime="5m")
    assert tenant.rest.request("GET", "/user-management/v1/users").status == 200
    assert tenant.oauth.client_id == tenant.credentials["oauth_client"]["client_id"]
    person = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ada@people.example",
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"value": "ada@people.example"}],
    }
    made = tenant.scim.request("POST", "/Users", person).json()
    assert tenant.mail == []
    with pytest.raises(EmulatorError, match="no mail that matches"):
        tenant.wait_for_mail("ada@people.example", seconds=0)
    forgot(emulator.url, tenant.credentials["console"]["username"])
    (mail,) = tenant.mail
    assert mail == tenant.wait_for_mail(mail.to, "Reset your password")
    assert any("/reset/" in link for link in mail.links)
    assert [exchange["door"] for exchange in tenant.exchanges] == ["oauth", "rest", "scim"]
    tenant.reset()
    assert tenant.scim.request("GET", f"/Users/{made['id']}").status == 404
    tenant.delete()
    assert tenant.scim.request("GET", "/Users").status == 401


def test_a_bare_tenant_says_what_it_lacks(emulator):
    bare = emulator.tenant(seed="bare")
    for door in ("scim", "rest", "oauth"):
        with pytest.raises(EmulatorError, match="has no"):
            getattr(bare, door)


def test_what_goes_wrong_is_said(emulator, monkeypatch, capfd):
    with pytest.raises(EmulatorError, match="lower-case"):
        emulator.tenant("Not A Name")
    with pytest.raises(EmulatorError, match="control key"):
        Emulator(emulator.url).start()
    with pytest.raises(EmulatorError, match="401"):
        Emulator(emulator.url, "cxl_wrong").start()
    with pytest.raises(EmulatorError, match="WEB_WORKERS"):
        Emulator(settings={"WEB_WORKERS": "many"}).start()
    assert main([]) == 2
    monkeypatch.setenv("CXADMIN_URL", emulator.url)
    monkeypatch.setenv("CXADMIN_CONTROL_KEY", emulator.control_key)
    assert main([sys.executable, "-c", "raise SystemExit(3)"]) == 3
    assert main(["/nowhere/at/all"]) == 2
    assert "/nowhere/at/all" in capfd.readouterr().err
