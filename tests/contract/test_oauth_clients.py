"""Well-known OAuth and OpenID Connect clients complete the whole flow, unmodified."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.oauth.okta import Person

HERE = Path(__file__).parent
NICEPY = "NicePy==1.0.0"
OPENID_CLIENT = "openid-client@6.8.9"
# The library runs the flow of this script; the person in front of the browser is played from here.
SCRIPT = HERE / "openid_client.mjs"


def person_at_the_callback(address: str, client: dict) -> str:
    """Sign in at this address; the callback's address with its parameters. Nobody needs to listen there."""
    person = Person()
    with pytest.raises(requests.ConnectionError) as arrived:
        person.sign_in(address, client["username"], client["password"])
    return arrived.value.request.url


def test_authlib(server, client, monkeypatch):
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "true")  # http on loopback
    authlib = pytest.importorskip("authlib.integrations.requests_client", reason="Authlib is not installed")
    jwk = pytest.importorskip("joserfc.jwk", reason="joserfc is not installed")
    jwt = pytest.importorskip("joserfc.jwt", reason="joserfc is not installed")
    discovered = requests.get(f"{server.url}/.well-known/openid-configuration", timeout=20).json()
    redirect = client["redirect_uris"][1]
    session = authlib.OAuth2Session(
        client["client_id"],
        client["client_secret"],
        scope="openid",
        redirect_uri=redirect,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic",
        token_endpoint=discovered["token_endpoint"],
    )
    verifier = "v" * 64
    address, state = session.create_authorization_url(
        discovered["authorization_endpoint"], code_verifier=verifier, nonce="n-0S6"
    )
    callback = person_at_the_callback(address, client)
    token = session.fetch_token(
        discovered["token_endpoint"], authorization_response=callback, state=state, code_verifier=verifier
    )
    keys = jwk.KeySet.import_key_set(requests.get(discovered["jwks_uri"], timeout=20).json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
    claims = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": discovered["issuer"]},
        aud={"essential": True, "value": client["client_id"]},
        nonce={"essential": True, "value": "n-0S6"},
        exp={"essential": True},
    )
    claims.validate(decoded.claims)
    profile = session.get(discovered["userinfo_endpoint"]).json()
    assert profile["sub"] == decoded.claims["sub"]
    fresh = session.refresh_token(discovered["token_endpoint"], refresh_token=token["refresh_token"])
    assert {"access_token", "refresh_token", "id_token"} <= set(fresh)
    assert session.get(discovered["userinfo_endpoint"]).json() == profile


def test_requests_oauthlib(server, credentials, client, monkeypatch):
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # http on loopback
    library = pytest.importorskip("requests_oauthlib", reason="requests-oauthlib is not installed")
    session = library.OAuth2Session(
        client["client_id"], redirect_uri=client["redirect_uris"][1], scope=["openid"], pkce="S256"
    )
    address, _ = session.authorization_url(f"{server.url}/auth/authorize")
    callback = person_at_the_callback(address, client)
    token = session.fetch_token(
        client["token_url"], authorization_response=callback, client_secret=client["client_secret"]
    )
    assert session.get(f"{server.url}/auth/userinfo").json()["name"] == client["username"]
    assert session.get(f"{client['scim_base_url']}/Users").status_code == 200
    auth = (client["client_id"], client["client_secret"])
    assert token["token_type"] == "Bearer"
    assert session.refresh_token(client["token_url"], auth=auth)["token_type"] == "Bearer"


def test_nicepy(server, credentials, client, tmp_path):
    """NicePy has the original's host names in its code: they are mapped to the emulator, as /etc/hosts would."""
    installed = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--target", tmp_path / "lib", NICEPY],
        capture_output=True,
        text=True,
        check=False,
    )
    if installed.returncode:
        pytest.skip(f"pip cannot install {NICEPY} here: {installed.stderr.strip().splitlines()[-1]}")
    key = {"username": credentials["access_key"]["id"], "password": credentials["access_key"]["secret"]}
    config = {name: client[name] for name in ("client_id", "client_secret")} | key
    (tmp_path / "nicepy_config.json").write_text(json.dumps(config))
    done = subprocess.run(
        [sys.executable, HERE / "nicepy_client.py", server.url],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "lib"), "OAUTHLIB_INSECURE_TRANSPORT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["token"].count(".") == 2
    assert seen["tenant_id"] == credentials["tenant_id"]
    assert seen["api"] == f"{server.url}/incontactApi/"


def test_openid_client(server, client, tmp_path):
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("openid-client needs node and npm, which are not installed here.")
    (tmp_path / "package.json").write_text('{"private": true, "type": "module"}')
    installed = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", OPENID_CLIENT],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    if installed.returncode:
        pytest.skip(f"npm cannot install {OPENID_CLIENT} here: {installed.stderr.strip().splitlines()[-1]}")
    shutil.copy(SCRIPT, tmp_path)
    settings = {
        "issuer": server.url,
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
        "redirect_uri": client["redirect_uris"][1],
        "logout_uri": "http://127.0.0.1:8765/bye",
    }
    running = subprocess.Popen(
        [node, SCRIPT.name, json.dumps(settings)],
        cwd=tmp_path,
        env=os.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    address = running.stdout.readline().strip()
    assert address.startswith(server.url), running.communicate()[1]
    output, errors = running.communicate(person_at_the_callback(address, client) + "\n", timeout=60)
    assert running.returncode == 0, errors
    seen = json.loads(output)
    assert seen["id_token"]["sub"] == seen["userinfo"]["sub"] == seen["refreshed"]["sub"]
    assert seen["id_token"]["nonce"] == seen["nonce"]
    person = requests.get(seen["logout"], allow_redirects=False, timeout=20)
    assert person.headers["Location"] == "http://127.0.0.1:8765/bye?state=bye"
