"""A small client that does over HTTP what Okta does: a person in a browser, a callback, a code for tokens, and SCIM calls."""

import html
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

import requests

U = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations": [{"op": "replace", "value": {"active": False}}],
}


class Callback:
    """The application's redirect address on loopback: keeps what browsers bring."""

    def __init__(self) -> None:
        arrived = self.arrived = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                if brought := parse_qsl(urlsplit(self.path).query):  # browsers ask for an icon too
                    arrived.append(dict(brought))
                self.send_response(200)
                self.send_header("Content-Type", "text/plain")
                self.end_headers()
                self.wfile.write(b"connected")

            def log_message(self, *args):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/admin/app/cpc/cxone/oauth/callback"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def callback() -> Iterator[Callback]:
    listening = Callback()
    yield listening
    listening.close()


def forms(page: str) -> list[tuple[str, dict[str, str]]]:
    """The forms of a page: address and prefilled fields."""
    found = []
    for attributes, body in re.findall(r"<form\b([^>]*)>(.*?)</form>", page, re.DOTALL):
        action = re.search(r'action="([^"]*)"', attributes)
        fields = {}
        for tag in re.findall(r"<input\b[^>]*>", body):
            given = dict(re.findall(r'(\w+)="([^"]*)"', tag))
            if "name" in given:
                fields[given["name"]] = html.unescape(given.get("value", ""))
        found.append((html.unescape(action[1]) if action else "", fields))
    return found


class Person:
    """Somebody at a browser, without scripts."""

    def __init__(self) -> None:
        self.browser = requests.Session()

    def sign_in(self, address: str, username: str, password: str) -> requests.Response:
        """Open an authorization request and answer the two pages; where the browser is in the end."""
        page = self.browser.get(address)
        assert page.status_code == 200, page.text
        page = self._submit(page, username=username)
        return self._submit(page, password=password)

    def _submit(self, page: requests.Response, **entered: str) -> requests.Response:
        action, fields = next(form for form in forms(page.text) if set(entered) <= set(form[1]))
        return self.browser.post(urljoin(page.url, action), {**fields, **entered}, headers={"Referer": page.url})


@dataclass
class Okta:
    """An integration as configured in Okta's Provisioning tab (spec §12.1, steps 10 and 11)."""

    scim_base: str
    authorize_url: str
    token_url: str
    client_id: str
    client_secret: str
    callback: Callback
    tokens: dict = field(default_factory=dict)
    refreshes: int = 0

    def address(self, state: str) -> str:
        """Where the window leads that opens with Authenticate."""
        asked = {
            "client_id": self.client_id,
            "redirect_uri": self.callback.url,
            "response_type": "code",
            "state": state,
        }
        return f"{self.authorize_url}&{urlencode(asked)}"

    def exchange(self, state: str) -> None:
        """What follows once the browser is back: the code for tokens."""
        answer = self.callback.arrived.pop()
        assert answer["state"] == state
        self.tokens = self._token(
            grant_type="authorization_code", code=answer["code"], redirect_uri=self.callback.url
        ).json()

    def authenticate(self, username: str, password: str) -> requests.Response:
        """Press Authenticate: the window with the sign-in pages, then the exchange. The answer of the last page."""
        state = secrets.token_urlsafe(24)
        last = Person().sign_in(self.address(state), username, password)
        self.exchange(state)
        return last

    def _token(self, **body: str) -> requests.Response:
        return requests.post(
            self.token_url, data={**body, "client_id": self.client_id, "client_secret": self.client_secret}, timeout=20
        )

    def refresh(self) -> requests.Response:
        answer = self._token(grant_type="refresh_token", refresh_token=self.tokens["refresh_token"])
        if answer.ok:
            self.tokens |= answer.json()
            self.refreshes += 1
        return answer

    def call(self, method: str, path: str, body: dict | None = None) -> requests.Response:
        """A SCIM request; an expired token is refreshed and the request repeated."""
        answer = self.call_once(method, path, body)
        if answer.status_code == 401 and self.refresh().ok:
            answer = self.call_once(method, path, body)
        return answer

    def call_once(self, method: str, path: str, body: dict | None = None) -> requests.Response:
        headers = {
            "Authorization": f"Bearer {self.tokens['access_token']}",
            "Accept": "application/scim+json",
            "Content-Type": "application/scim+json; charset=utf-8",
            "User-Agent": "OKTA SCIM Integration",
        }
        return requests.request(method, f"{self.scim_base}{path}", json=body, headers=headers, timeout=20)

    # The sequences of idp-sequences.md

    def test_connection(self) -> requests.Response:
        """O1."""
        return self.call("GET", "/Users?startIndex=1&count=2")

    def find(self, username: str) -> list[dict]:
        """O3."""
        search = quote(f'userName eq "{username}"')
        answer = self.call("GET", f"/Users?filter={search}&startIndex=1&count=100")
        assert answer.status_code == 200, answer.text
        return answer.json()["Resources"]

    def assign(self, username: str, given: str, family: str) -> requests.Response:
        """O3, then O4 for who is not there yet or O5 for who is."""
        body = {
            "schemas": [U],
            "userName": username,
            "name": {"givenName": given, "familyName": family},
            "emails": [{"primary": True, "value": username, "type": "work"}],
            "displayName": f"{given} {family}",
            "locale": "en-US",
            "externalId": f"00u{secrets.token_hex(8)}",
            "groups": [],
            "password": "1mz050nq",
            "active": True,
        }
        found = self.find(username)
        if not found:
            return self.call("POST", "/Users", body)
        return self.change(found[0]["id"], **{name: body[name] for name in ("name", "active", "externalId")})

    def change(self, user_id: str, **changed: object) -> requests.Response:
        """O6, and O9 with `active=False`: read, change, put back."""
        read = self.call("GET", f"/Users/{user_id}")
        assert read.status_code == 200, read.text
        return self.call("PUT", f"/Users/{user_id}", read.json() | changed)

    def deactivate(self, user_id: str) -> requests.Response:
        """O8."""
        return self.call("PATCH", f"/Users/{user_id}", PATCH)
