"""How a simulated provider presents itself: a token, an access key, or the OAuth authorization-code flow with the person who
signs in played, too (walk-through JA, steps 12 and 19)."""

import base64
import secrets
import threading
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http import HTTPStatus
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from cxadmin.lab.simulator.wire import Answer, Client, loopback

MOST_REDIRECTS = 10
REDIRECTS = (301, 302, 303, 307, 308)


class SignInFailed(Exception):
    """The provider got no token; the message names the step and what the server said."""


class Authorization(Protocol):
    """What fills the Authorization header."""

    @property
    def kind(self) -> str:
        """What it is: `oauth`, `token` or `key`."""

    def header(self) -> str:
        """The header's value now."""

    def connect(self, client: Client) -> None:
        """Do what has to be done once before the first SCIM request."""

    def renew(self, client: Client, refused: str) -> bool:
        """After a 401 to this header: whether there is another one now."""


@dataclass(frozen=True)
class Fixed:
    """A header that stays: a SCIM token, an access token, or an access key."""

    kind: str
    value: str

    def header(self) -> str:
        return self.value

    def connect(self, client: Client) -> None:
        """Nothing: it was set up before."""

    def renew(self, client: Client, refused: str) -> bool:
        return False


def bearer(token: str) -> Fixed:
    """A SCIM token or an access token."""
    return Fixed("token", f"Bearer {token}")


def basic(access_key_id: str, secret: str) -> Fixed:
    """An access key."""
    return Fixed("key", f"Basic {base64.b64encode(f'{access_key_id}:{secret}'.encode()).decode()}")


@dataclass(frozen=True, slots=True)
class OAuthSettings:
    """What is entered in the provider's OAuth 2 settings, and who presses Authenticate.

    Attributes:
        redirect_uri: the provider's callback as registered for the application; it is never called, only waited for.
    """

    authorize_url: str
    token_url: str
    client_id: str
    client_secret: str
    redirect_uri: str
    username: str
    password: str


@dataclass
class OAuth:
    """The authorization-code flow, and the refreshes after it."""

    settings: OAuthSettings
    user_agent: str
    kind: str = "oauth"
    _tokens: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def header(self) -> str:
        return f"Bearer {self._tokens.get('access_token', '')}"

    def connect(self, client: Client) -> None:
        """Authenticate: the window with the sign-in pages, then the code for tokens.

        Raises:
            SignInFailed: a step did not go through.
        """
        if not self._tokens:
            code = Person(client, self.settings).bring_code()
            self._ask(client, grant_type="authorization_code", code=code, redirect_uri=self.settings.redirect_uri)

    def renew(self, client: Client, refused: str) -> bool:
        """Ask for new tokens with the refresh token, once for all who were refused with the old one."""
        with self._lock:
            if self.header() != refused:
                return True
            if "refresh_token" not in self._tokens:
                return False
            try:
                self._ask(client, grant_type="refresh_token", refresh_token=self._tokens["refresh_token"])
            except SignInFailed:
                return False
            return True

    def _ask(self, client: Client, **fields: str) -> None:
        settings = self.settings
        body = {**fields, "client_id": settings.client_id, "client_secret": settings.client_secret}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        server = _server(client, settings.token_url, {"User-Agent": self.user_agent})
        answer = server.call("POST", _target(settings.token_url), urlencode(body).encode(), headers)
        tokens = {name: value for name, value in answer.document.items() if isinstance(value, str)}
        if answer.status != HTTPStatus.OK or "access_token" not in tokens:
            raise SignInFailed(f"POST {urlsplit(settings.token_url).path}: {answer.status}, {answer.said}")
        self._tokens |= tokens


class Person:
    """Somebody at a browser: opens the authorization request, answers the pages for user name and password."""

    def __init__(self, client: Client, settings: OAuthSettings) -> None:
        self.settings = settings
        self.client = _server(client, settings.authorize_url, {"Accept": "text/html", "User-Agent": "Mozilla/5.0"})
        self.cookies: dict[str, str] = {}
        self.here = settings.authorize_url

    def bring_code(self) -> str:
        """Sign in and bring the code that the callback is given.

        Raises:
            SignInFailed: a page says no, or asks for what is not known.
        """
        state = secrets.token_urlsafe(24)
        asked = {
            "client_id": self.settings.client_id,
            "redirect_uri": self.settings.redirect_uri,
            "response_type": "code",
            "state": state,
        }
        joint = "&" if urlsplit(self.settings.authorize_url).query else "?"
        answer = self._open(f"{self.settings.authorize_url}{joint}{urlencode(asked)}")
        for name, value in (("username", self.settings.username), ("password", self.settings.password)):
            if isinstance(answer, Answer):
                answer = self._fill(answer, name, value)
        if isinstance(answer, Answer):
            raise SignInFailed(f"Signing in as {self.settings.username}: {page_of(answer).sentence}")
        if answer.get("state") != state:
            raise SignInFailed("The callback was given another state than the request had.")
        if "code" not in answer:
            raise SignInFailed(
                f"The callback was given an error: {answer.get('error_description') or answer.get('error')}"
            )
        return answer["code"]

    def _fill(self, answer: Answer, name: str, value: str) -> Answer | dict[str, str]:
        page = page_of(answer)
        form = next((form for form in page.forms if name in form.fields), None)
        if not answer.is_good or form is None:
            raise SignInFailed(f"The sign-in page of {urlsplit(self.here).path}: {answer.status}, {page.sentence}")
        address = urljoin(self.here, form.action) if form.action else self.here
        return self._open(address, urlencode({**form.fields, name: value}).encode())

    def _open(self, address: str, body: bytes | None = None) -> Answer | dict[str, str]:
        """Open a page and follow redirects, up to the callback: its parameters instead of a page."""
        for _redirect in range(MOST_REDIRECTS):
            if address.partition("?")[0] == self.settings.redirect_uri.partition("?")[0]:
                return dict(parse_qsl(urlsplit(address).query))
            if urlsplit(address).netloc != self.client.parts.netloc:
                raise SignInFailed(f"The sign-in leads away, to {address[:200]}.")
            headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
            if body is not None:
                headers |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": self.here}
            answer = self.client.call("GET" if body is None else "POST", _target(address), body, headers)
            self._keep(answer)
            self.here, body = address, None
            if answer.status not in REDIRECTS:
                return answer
            address = urljoin(address, answer.headers.get("location", ""))
        raise SignInFailed("The sign-in is redirected in a circle.")

    def _keep(self, answer: Answer) -> None:
        for line in answer.headers.get("set-cookie", "").splitlines():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value.strip()


def _server(client: Client, url: str, headers: dict[str, str]) -> Client:
    """A client for the server of another address, at the same pace and with the same notes."""
    parts = loopback(url)
    return Client(f"{parts.scheme}://{parts.netloc}", headers, client.pace, client.note)


def _target(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


@dataclass
class Form:
    """A form of a page: where it is sent, and its fields as they are filled in."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass
class Page(HTMLParser):
    """What a browser without scripts sees of a page."""

    forms: list[Form] = field(default_factory=list)
    heading: str = ""
    paragraph: str = ""
    alert: str = ""
    _reading: str = ""
    _depth: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    @property
    def sentence(self) -> str:
        """What the page says: its message, else its heading and what is below it."""
        return " ".join((self.alert or f"{self.heading} {self.paragraph}").split()) or "a page without words"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif tag == "input" and self.forms and "name" in given:
            self.forms[-1].fields.setdefault(given["name"], given.get("value", ""))
        if given.get("role") == "alert" or "field-error" in given.get("class", "").split():
            self._reading, self._depth = "alert", 0
        elif tag == "h1" and not self._reading:
            self._reading, self._depth = "heading", 0
        elif tag == "p" and self.heading and not self.paragraph and not self._reading:
            self._reading, self._depth = "paragraph", 0
        if self._reading and tag not in ("input", "br", "img", "path"):
            self._depth += 1

    def handle_endtag(self, tag: str) -> None:
        if self._reading and tag != "path":
            self._depth -= 1
            if self._depth <= 0:
                self._reading = ""

    def handle_data(self, data: str) -> None:
        if self._reading:
            setattr(self, self._reading, f"{getattr(self, self._reading)} {data}")


def page_of(answer: Answer) -> Page:
    """A page, read."""
    page = Page()
    page.feed(answer.content.decode(errors="replace"))
    return page
