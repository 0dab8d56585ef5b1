"""An application of Acme, and what it does to get tokens."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import time_machine
from django.test import Client

from accounts import edits, signing
from accounts.actions import access_keys
from accounts.actors import system
from accounts.crypto import keyed_hash
from accounts.models import Application, BusinessUnit, Employee
from cxadmin import clock
from tests.world import PASSWORD, World

CALLBACK = "https://app.example/callback?from=cxadmin"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-1234"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


@dataclass
class App:
    """A registered application, as its own program sees it."""

    record: Application
    secret: str
    browser: Client = field(default_factory=Client)
    api: Client = field(default_factory=Client)

    @property
    def id(self) -> str:
        return self.record.client_id

    def address(self, **more: str | None) -> str:
        """The address of an authorization request."""
        asked = {
            "client_id": self.id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid",
            "state": "st/a te+1",
        } | more
        return f"/auth/authorize?{urlencode({name: value for name, value in asked.items() if value is not None})}"

    def sign_in(self, who: Employee, password: str = PASSWORD, **more: str | None):
        """Answer the sign-in pages; what comes after the last of them."""
        address = self.address(**more)
        assert self.browser.get(address).status_code == 200
        return self.browser.post(address, {"username": who.username, "password": password})

    def code(self, who: Employee, **more: str | None) -> str:
        """A fresh code, by a browser that is signed in."""
        self.browser.force_login(who)
        return answer_of(self.browser.get(self.address(**more)))["code"]

    def post(
        self, authorization: str = "", content_type: str = "application/x-www-form-urlencoded", **body: str | None
    ):
        """A request to the token endpoint."""
        sent = {name: value for name, value in body.items() if value is not None}
        headers = {"Authorization": authorization} if authorization else {}
        return self.api.generic("POST", "/auth/token", urlencode(sent), content_type=content_type, headers=headers)

    def exchange(self, code: str, **more: str | None):
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "client_id": self.id,
            "client_secret": self.secret,
        }
        return self.post(**(asked | more))

    def tokens(self, who: Employee, **more: str | None) -> dict:
        return self.exchange(self.code(who, **more)).json()

    def refresh(self, token: str, **more: str | None):
        asked = {
            "grant_type": "refresh_token",
            "refresh_token": token,
            "client_id": self.id,
            "client_secret": self.secret,
        }
        return self.post(**(asked | more))

    def scim(self, token: str, path: str = "/scim/v2/Users"):
        return self.api.get(path, headers={"Authorization": f"Bearer {token}"})


def register(unit: BusinessUnit, name: str = "Okta Integration", **values: object) -> App:
    secret = f"secret of {name} /+%=é"
    given = {
        "description": "SCIM",
        "type": "confidential",
        "status": "ENABLED",
        "redirect_uris": f"{CALLBACK}\nhttp://127.0.0.1:9999/cb",
        "allowed_origins": "https://app.example",
        "post_logout_redirect_uris": "https://app.example/bye",
        "requester_name": "Alice",
        "requester_email": "alice@acme.example",
        "tracking_number": f"T-{name}"[:20],
        "secret_hash": keyed_hash(secret),
    } | values
    record = Application(name=name, **given)
    edits.create(record, "Application", system(unit.pk), {"name": name})
    return App(record, secret)


def answer_of(response) -> dict[str, str]:
    """The parameters an application gets at its callback."""
    assert response.status_code == 302, response.content
    assert response.url.startswith("https://app.example/callback?from=cxadmin&"), response.url
    return dict(parse_qsl(urlsplit(response.url).query))


def claims_of(token: str) -> dict:
    """What a token says, unverified."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


@pytest.fixture(autouse=True)
def no_keys_of_other_tests():
    """A process keeps keys open; every test has a database of its own."""
    signing._opened.clear()


@pytest.fixture
def app(world: World) -> App:
    """A confidential application of Acme."""
    return register(world.acme)


@pytest.fixture
def public_app(world: World) -> App:
    return register(world.acme, "Browser application", type="public")


@pytest.fixture
def provisioner(world: World) -> Employee:
    """Bob with the permission SCIM."""
    world.bob_may("admin.scim.on")
    return world.bob


@pytest.fixture
def key(world: World) -> dict[str, str]:
    """An access key of Bob's, who may view employees."""
    world.bob_may("admin.employees.view")
    made, secret = access_keys.draft(world.bob, actor=world.actor)
    access_keys.save(world.bob, {made.pk: "on"}, actor=world.actor)
    return {"username": made.access_key_id, "password": secret}


@pytest.fixture
def later():
    with time_machine.travel(clock.now(), tick=False) as traveller:
        yield lambda **duration: traveller.shift(timedelta(**duration))
