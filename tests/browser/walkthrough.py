"""What the walk-throughs of the specification (§12) need: a server that `cxadmin up` started, its credentials, a browser
window that is signed in, and programs' requests over real HTTP.

The fixture `walk` (conftest.py) answers a `Walk`; its server belongs to the test's module.
"""

import base64
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from playwright.sync_api import Locator, Page, expect

from tests import messages
from tests.live import Server

# What a busy machine may take for one step; a step that goes well takes milliseconds.
PATIENCE = 30_000  # milliseconds
expect.set_options(timeout=PATIENCE)

CORE_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Labels:
    """What controls are called in one language, for a walk that finds them as its readers do.

    `labels("Save")` is the word on the button; a context is needed only where contexts are translated differently.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.known: dict[str, dict[str | None, str]] = {}
        for message in messages.read(language) if language != "en" else ():
            for text, translation in zip(messages.forms(message.id), messages.forms(message.string), strict=False):
                self.known.setdefault(text, {})[message.context] = translation

    def __call__(self, text: str, context: str | None = None, **values: object) -> str:
        found = self.known[text] if self.known else {context: text}
        (label,) = {found[context]} if context in found else set(found.values())
        return label % values if values else label

    def field(self, page: Page | Locator, text: str, context: str | None = None) -> Locator:
        """The field of this label; only its star may follow, for Japanese labels begin with each other."""
        return page.get_by_label(re.compile(rf"^\s*{re.escape(self(text, context))}(?!\s*\w)"))


@dataclass
class Answer:
    """What a program got."""

    status: int
    body: Any


@dataclass
class Walk:
    """A walk through the product.

    Attributes:
        language: what browsers ask for, and so what the console speaks.
        page: the window of the administrator of `demo`.
        credentials: of `demo`, as `cxadmin credentials --json` prints them.
    """

    server: Server
    page: Page
    credentials: dict[str, Any]
    language: str = "en"

    def window(self) -> Page:
        """A window of somebody who is not signed in."""
        context = self.page.context.browser.new_context(base_url=self.server.url, locale=self.language)
        return context.new_page()

    def copied(self) -> str:
        """What a copy button put on the clipboard."""
        return self.page.evaluate("navigator.clipboard.readText()")

    def mailed_link(self, kind: str, address: str) -> str:
        """The path of the link in the newest mail to this address: activate, reset or confirm-email."""
        text = self.server.run(NEWEST_MAIL.format(address=address))
        return re.search(rf"/{kind}/\S+", text)[0]

    def mails(self, address: str) -> int:
        """How many mails the outbox holds for this address."""
        return int(self.server.run(COUNT_MAILS.format(address=address)))

    def request(self, method: str, path: str, authorization: str, body: dict[str, Any] | None = None) -> Answer:
        """Send a program's request."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": authorization, "Content-Type": "application/scim+json"}
        return self._send(Request(self.server.url + path, data, headers, method=method))  # noqa: S310

    @staticmethod
    def _send(request: Request) -> "Answer":
        try:
            with urlopen(request, timeout=20) as answer:  # noqa: S310
                return Answer(answer.status, json.loads(answer.read() or b"null"))
        except HTTPError as error:
            with error:
                return Answer(error.code, json.loads(error.read() or b"null"))

    def exchange(self, key: str) -> Answer:
        """Exchange an access key, given as Basic credential, for an access token."""
        key_id, _, secret = base64.b64decode(key.removeprefix("Basic ")).decode().partition(":")
        form = urlencode({"grant_type": "password", "username": key_id, "password": secret}).encode()
        return self._send(Request(f"{self.server.url}/auth/token", form))  # noqa: S310

    def find(self, family: str, username: str, authorization: str) -> Answer:
        """The question with which every identity provider begins: who has this user name?"""
        query = urlencode({"filter": f'userName eq "{username}"'})
        return self.request("GET", f"{family}/Users?{query}", authorization)


def basic(key_id: str, secret: str) -> str:
    """An access key as HTTP Basic credential."""
    return f"Basic {base64.b64encode(f'{key_id}:{secret}'.encode()).decode()}"


def bearer(token: str) -> str:
    return f"Bearer {token}"


def user(username: str, given: str = "Test", family: str = "Person", **more: Any) -> dict[str, Any]:
    """A user as an identity provider sends one."""
    return {
        "schemas": [CORE_USER],
        "userName": username,
        "name": {"givenName": given, "familyName": family},
        "emails": [{"value": username, "type": "work", "primary": True}],
        **more,
    }


def patch(**values: Any) -> dict[str, Any]:
    """A PATCH that replaces these attributes."""
    return {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "value": values}]}


def expect_status(place: Locator, word: str) -> None:
    """Wait until a row or a head shows this status. Its menu holds words that begin with it, such as 無効化, Aktivieren."""
    expect(place.locator(".chip").filter(has_text=re.compile(rf"^\s*{re.escape(word)}\s*$"))).to_be_visible()


ENGLISH = Labels("en")


def sign_in(
    page: Page, username: str = "admin@demo.example", password: str = "Rehearsal-1", say: Labels = ENGLISH
) -> None:
    page.goto("/login/")
    fill_sign_in(page, username, password, say)
    page.wait_for_url(lambda url: "/login" not in url)


def fill_sign_in(page: Page, username: str, password: str, say: Labels = ENGLISH) -> None:
    """Fill in both sign-in pages; wherever they lead."""
    say.field(page, "Username").fill(username)
    page.get_by_role("button", name=say("NEXT")).click()
    say.field(page, "Password").fill(password)
    page.get_by_role("button", name=say("Sign In", "button")).click()


NEWEST_MAIL = """
from accounts.models import OutboxMail
print(OutboxMail.objects.filter(to="{address}").latest("created_at").text)
"""
COUNT_MAILS = """
from accounts.models import OutboxMail
print(OutboxMail.objects.filter(to="{address}").count())
"""
