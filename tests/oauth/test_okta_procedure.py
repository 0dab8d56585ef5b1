"""The Okta procedure (spec §12.1) from the registered application on: real HTTP against a running server."""

import json
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
import requests

from tests.live import ROOT, Server
from tests.oauth.okta import Okta, Person, callback

ADMIN = ("admin@bare.example", "Rehearsal-1")
LIFETIME = 5

REGISTER = """
import json
from accounts import edits
from accounts.actors import system
from accounts.crypto import keyed_hash, new_client_secret
from accounts.models import Application, BusinessUnit
unit, secret = BusinessUnit.objects.get(tenant_name="bare"), new_client_secret()
application = Application(name="Okta {name}", description="SCIM for Okta", type="{type}", status="ENABLED",
    redirect_uris="{redirect}", secret_hash=keyed_hash(secret), tracking_number="{name}", requester_name="A",
    requester_email="a@bare.example")
edits.create(application, "Application", system(unit.pk), {{}})
print(json.dumps([application.client_id, secret]))
"""
SCIM_ON = """
from accounts.actions import roles
from accounts.actors import system
from accounts.models import Role
role = Role.objects.get(business_unit__tenant_name="bare", name="Administrator")
codes = set(role.permissions.values_list("code", flat=True))
roles.update(role, {}, codes | {"admin.scim.on"}, actor=system(role.business_unit_id))
"""
AGENT = """
from accounts.actions import roles
from accounts.actors import system
from accounts.models import BusinessUnit
roles.create({"name": "Agent"}, actor=system(BusinessUnit.objects.get(tenant_name="bare").pk), activate=True)
"""
HISTORY = """
import json
from accounts.models import AuditEvent, Employee
person = Employee.objects.get(username_key="{username}")
event = AuditEvent.objects.filter(entity_id=person.pk).order_by("at", "pk").first()
print(json.dumps({{"by": event.triggered_by_name, "channel": event.channel, "credential": event.credential,
    "role": person.primary_role.name, "status": person.status, "managed": person.scim_managed}}))
"""
SWITCH = "from accounts.models import Application; Application.objects.filter(pk='{id}').update(status='{status}')"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("okta"))
    running.environment |= {"ACCESS_TOKEN_TTL": f"{LIFETIME}s"}
    running.start()
    yield running
    running.stop()


@pytest.fixture
def okta(server):
    """Registers an application of a type, and answers the integration configured with it."""
    with callback() as listening:

        def registered(name: str, kind: str) -> Okta:
            code = REGISTER.format(name=name, type=kind, redirect=listening.url)
            client_id, secret = json.loads(server.run(code))
            return Okta(
                f"{server.url}/scim/v2",
                f"{server.url}/auth/authorize?scope=openid",
                f"{server.url}/auth/token",
                client_id,
                secret,
                listening,
            )

        yield registered


@pytest.mark.rule("R-APP-1", "R-SCIM-4", "R-SCIM-9", "R-AUD-3")
def test_the_procedure_from_authenticate_to_deactivation(server, okta):
    integration = okta("Confidential", "confidential")
    last = integration.authenticate(*ADMIN)
    assert last.text == "connected"
    assert list(integration.tokens) == ["access_token", "token_type", "expires_in", "refresh_token", "id_token"]

    # N1: the permission SCIM is off, for Administrator too
    refused = integration.test_connection()
    assert refused.status_code == 403
    assert "SCIM" in refused.json()["detail"]
    server.run(SCIM_ON)
    listed = integration.test_connection()
    assert listed.status_code == 200
    assert {type(listed.json()[name]) for name in ("totalResults", "startIndex", "itemsPerPage")} == {int}
    groups = integration.call("GET", "/Groups?startIndex=1&count=100")  # O2
    assert (groups.status_code, groups.json()["Resources"]) == (200, [])
    gone = integration.call("GET", f"/Users/{uuid.uuid4()}")  # O7
    assert (gone.status_code, gone.json()["status"]) == (404, "404")

    # N2: there is no role Agent
    refused = integration.assign("one@bare.example", "Test", "One")
    assert refused.status_code == 400
    assert "No active role named Agent exists" in refused.json()["detail"]
    assert integration.find("one@bare.example") == []
    server.run(AGENT)

    # 15 to 18
    created = integration.assign("one@bare.example", "Test", "One")
    assert created.status_code == 201, created.text
    user_id = created.json()["id"]
    kept = json.loads(server.run(HISTORY.format(username="one@bare.example")))
    assert kept == {
        "by": "Bare Administrator",
        "channel": "SCIM",
        "credential": "application Okta Confidential",
        "role": "Agent",
        "status": "UNREGISTERED",
        "managed": True,
    }
    changed = integration.change(user_id, name={"givenName": "Test", "familyName": "Two"})
    assert (changed.status_code, changed.json()["name"]["familyName"]) == (200, "Two")
    assert integration.deactivate(user_id).json()["active"] is False
    assert integration.change(user_id, active=True).json()["active"] is True
    assert integration.change(user_id, active=False).json()["active"] is False

    # N5: somebody who exists already is taken over without a POST
    again = integration.assign("one@bare.example", "Test", "Three")
    assert (again.status_code, again.json()["id"], again.json()["active"]) == (200, user_id, True)

    # 19: the token expires, is refreshed, and the request repeated
    time.sleep(LIFETIME + 1)
    expired = integration.call_once("GET", "/Users?startIndex=1&count=2")
    assert (expired.status_code, expired.json()["detail"]) == (401, "The access token has expired.")
    before = integration.refreshes
    assert integration.test_connection().status_code == 200
    assert integration.refreshes == before + 1

    # N4: the application is disabled
    server.run(SWITCH.format(id=integration.client_id, status="DISABLED"))
    assert integration.call_once("GET", "/Users").status_code == 401
    ended = integration.refresh()
    assert (ended.status_code, ended.json()["error"]) == (400, "invalid_client")


@pytest.mark.rule("R-APP-4")
def test_a_public_application_works_with_id_and_secret_too(server, okta):
    integration = okta("Public", "public")
    integration.authenticate(*ADMIN)
    assert integration.refresh().status_code == 200


@pytest.mark.rule("R-APP-3")
def test_a_back_end_application_ends_on_an_error_page(server, okta):
    integration = okta("Backend", "backend")
    page = requests.get(
        f"{integration.authorize_url}&response_type=code&client_id={integration.client_id}"
        f"&redirect_uri={integration.callback.url}&state=x",
        allow_redirects=False,
        timeout=20,
    )
    assert page.status_code == 400
    assert "This application cannot sign in users (unauthorized_client)." in page.text


def test_of_eight_exchanges_at_once_one_wins(server, okta):
    integration = okta("Parallel", "confidential")
    state = {"client_id": integration.client_id, "redirect_uri": integration.callback.url, "response_type": "code"}
    Person().sign_in(f"{integration.authorize_url}&{urlencode(state)}", *ADMIN)
    body = {
        "grant_type": "authorization_code",
        "code": integration.callback.arrived.pop()["code"],
        "redirect_uri": integration.callback.url,
        "client_id": integration.client_id,
        "client_secret": integration.client_secret,
    }
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: requests.post(integration.token_url, data=body, timeout=60), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    assert {answer.json().get("error") for answer in answers} == {None, "invalid_grant"}


def test_the_seeded_application_is_ready_to_use(server):
    client = server.credentials()["oauth_client"]
    assert client["redirect_uris"][0].startswith("https://system-admin.okta.com/")
    loopback = client["redirect_uris"][1]
    asked = (
        f"{client['authorize_url']}&response_type=code&client_id={client['client_id']}&redirect_uri={loopback}&state=s"
    )
    person = Person()
    with pytest.raises(requests.ConnectionError) as unanswered:  # nobody listens at the fixed loopback address here
        person.sign_in(asked, client["username"], client["password"])
    code = unanswered.value.request.url.split("code=")[1].split("&")[0]
    tokens = requests.post(
        client["token_url"],
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": loopback,
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
        },
        timeout=20,
    ).json()
    listed = requests.get(
        f"{client['scim_base_url']}/Users", headers={"Authorization": f"Bearer {tokens['access_token']}"}, timeout=20
    )
    assert listed.status_code == 200


def test_keys_are_rotated_while_the_server_runs(server, okta):
    integration = okta("Rotation", "confidential")
    integration.authenticate(*ADMIN)
    assert "from now on" in run_command(server, "rotate-keys")
    assert integration.refresh().status_code == 200
    keys = requests.get(f"{server.url}/auth/jwks", timeout=20).json()["keys"]
    assert len(keys) == 2
    assert integration.refresh().status_code == 200


def run_command(server: Server, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "cxadmin", *command],
        cwd=ROOT,
        env=server.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
