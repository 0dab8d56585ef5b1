"""The emulator for test suites: a server of its own or one that runs already, and a tenant for each test.

Needs nothing but Python's library in the suite's process: the server is another one.

    with Emulator() as emulator:
        tenant = emulator.tenant()
        answer = tenant.scim.request("GET", "/Users?count=1")

pytest finds the fixture `cxadmin` by itself (cxadmin/pytest_plugin.py). Other languages: `python -m cxadmin.testing COMMAND`
starts a server, runs the command with CXADMIN_URL and CXADMIN_CONTROL_KEY in its environment, and ends with its exit code.
docs/testing.md shows it all.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import Message
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

URL, KEY = "CXADMIN_URL", "CXADMIN_CONTROL_KEY"
# What the suite's own environment says of another instance.
NOT_INHERITED = (
    *(
        "ALLOWED_HOSTS",
        "DATABASE_URL",
        "DATA_DIR",
        "DEBUG",
        "DJANGO_SETTINGS_MODULE",
        "EMAIL_URL",
        "HOST",
        "JOURNAL_ENTRIES",
    ),
    *("LAB", "LAB_KEY", "LOG_LEVEL", "PORT", "PUBLIC_URL", "SECRET_KEY", "WEB_WORKERS"),
)
AS_IT_IS = "%/?#&=:@+,;()!*'$[]~"
STEP = 0.05
PATIENCE = 120.0
STARTING = 300.0  # a new database takes seconds, on a machine that is short of breath minutes
ENDING = 20.0
# The journal writes behind the requests; a server of several processes shows only then what all of them did.
JOURNAL_LAG = 0.3


class EmulatorError(Exception):
    """The emulator did not start, or refused a call of this module."""


@dataclass(frozen=True)
class Answer:
    """What a server answered; no status is an exception."""

    status: int
    headers: Message
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


def send(method: str, url: str, headers: Mapping[str, str], body: object = None) -> Answer:
    """One HTTP request.

    Args:
        body: sent as JSON; None sends nothing.
    """
    given = {"Accept": "application/json", **headers}
    content = None
    if body is not None:
        content = json.dumps(body).encode()
        given.setdefault("Content-Type", "application/json")
    request = Request(url, content, given, method=method)  # noqa: S310  # the suite's own server
    try:
        with urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            return Answer(answer.status, answer.headers, answer.read())
    except HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())


@dataclass(frozen=True)
class Door:
    """One of the tenant's interfaces: its base URL and what opens it."""

    base_url: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def request(self, method: str, path: str, body: object = None) -> Answer:
        """Call a path below the base URL; blanks, quotes and the like in it are written with percent signs."""
        return send(method, f"{self.base_url}{quote(path, safe=AS_IT_IS)}", self.headers, body)


@dataclass(frozen=True)
class OAuth:
    """The application of the tenant, and who signs in to it."""

    authorize_url: str
    token_url: str
    client_id: str
    client_secret: str
    redirect_uris: Sequence[str]
    username: str
    password: str


@dataclass(frozen=True)
class Mail:
    """A message that the tenant was sent."""

    to: str
    subject: str
    text: str
    links: Sequence[str]


class Clock:
    """The clock of a tenant. It shows the machine's time until it is moved."""

    def __init__(self, tenant: "Tenant") -> None:
        self.tenant = tenant

    @property
    def now(self) -> datetime:
        """What it shows."""
        return datetime.fromisoformat(self._call("GET")["now"])

    def set(self, at: datetime) -> None:
        """Let it show a moment, which must be aware, and run on from there."""
        self._call("PATCH", {"at": at.isoformat()})

    def shift(self, duration: timedelta) -> None:
        """Move it on, or back."""
        self._call("PATCH", {"shift": duration.total_seconds()})

    def freeze(self) -> None:
        """Let it stand; `set` and `shift` move it all the same."""
        self._call("PATCH", {"frozen": True})

    def reset(self) -> None:
        """Let it follow the machine's again."""
        self._call("DELETE")

    def _call(self, method: str, body: object = None) -> dict[str, Any]:
        found: dict[str, Any] = self.tenant.emulator.control(method, f"tenants/{quote(self.tenant.name)}/clock", body)
        return found


class Tenant:
    """A disposable tenant.

    Attributes:
        name: the tenant's name, as in `admin@NAME.example`.
        credentials: the whole document of `cxadmin credentials --json`.
    """

    def __init__(self, emulator: "Emulator", document: dict[str, Any]) -> None:
        self.emulator = emulator
        self.credentials = document
        self.name: str = document["tenant"]

    def __repr__(self) -> str:
        return f"<Tenant {self.name} of {self.emulator.url}>"

    @property
    def scim(self) -> Door:
        """SCIM with the tenant's SCIM token; a bare tenant has none."""
        found = self.credentials["scim_token"]
        return Door(found["base_url"], _there(found["token"], "SCIM token"))

    @cached_property
    def rest(self) -> Door:
        """The REST API with an access token for the tenant's access key; a bare tenant has none."""
        key, base = self.credentials["access_key"], self.credentials["base_url"]
        body = {"accessKeyId": _there(key["id"], "access key"), "accessKeySecret": key["secret"]}
        granted = send("POST", f"{base}/authentication/v1/token/access-key", {}, body)
        if granted.status != HTTPStatus.OK:
            raise EmulatorError(f"No access token: {granted.status} {granted.content.decode(errors='replace')}")
        return Door(base, granted.json()["access_token"])

    @property
    def oauth(self) -> OAuth:
        """What an application needs that lets people sign in."""
        found = self.credentials["oauth_client"]
        return OAuth(
            found["authorize_url"],
            found["token_url"],
            _there(found["client_id"], "application"),
            found["client_secret"],
            found["redirect_uris"],
            found["username"],
            found["password"],
        )

    @property
    def exchanges(self) -> list[dict[str, Any]]:
        """What programs asked of this tenant, oldest first: the journal's entries as GET /_lab/requests has them."""
        if not self.emulator.is_single:
            time.sleep(JOURNAL_LAG)
        query = urlencode({"tenant": self.name, "limit": 1000})
        found: list[dict[str, Any]] = self.emulator.control("GET", f"requests?{query}")["requests"]
        return found[::-1]

    @property
    def mail(self) -> list[Mail]:
        """What the tenant was sent, oldest first."""
        query = urlencode({"tenant": self.name, "limit": 1000})
        found = self.emulator.control("GET", f"mail?{query}")["mails"]
        return [_mail(self.emulator.control("GET", f"mail/{one['id']}")) for one in reversed(found)]

    def wait_for_mail(self, to: str, subject: str = "", seconds: int = 10) -> Mail:
        """The newest message to an address with these words in its subject, once there is one.

        Raises:
            EmulatorError: none came in time.
        """
        query = urlencode({"tenant": self.name, "to": to, "subject": subject, "wait": seconds})
        return _mail(self.emulator.control("GET", f"mail/latest?{query}"))

    @property
    def clock(self) -> "Clock":
        """The tenant's clock."""
        return Clock(self)

    def fail_next(self, status: int = 503, *, times: int = 1, **rule: object) -> None:
        """Let the next requests of this tenant fail.

        Args:
            times: how many of them.
            rule: more of a fault rule, as `path`, `method`, `retry_after`, `delay_ms` or `action` (docs/lab.md).
        """
        wanted = {"status": status, "times": times, **rule, "tenant": self.name}
        self.emulator.control("POST", "faults", wanted)

    def reset(self) -> None:
        """Take the tenant back to its seed; its credentials are those it began with."""
        self.credentials = self.emulator.control("POST", f"tenants/{quote(self.name)}/reset")
        self.__dict__.pop("rest", None)

    def delete(self) -> None:
        """Remove the tenant, at once instead of when it expires."""
        self.emulator.control("DELETE", f"tenants/{quote(self.name)}")


def _mail(document: Mapping[str, Any]) -> Mail:
    return Mail(document["to"], document["subject"], document["text"], tuple(document["links"]))


def _there(secret: str | None, name: str) -> str:
    if secret is None:
        raise EmulatorError(f"This tenant has no {name}, or somebody has changed it.")
    return secret


class Emulator:
    """A running emulator, as a context manager or by `start` and `stop`.

    Args:
        url: an emulator that runs already; with its `control_key`. CXADMIN_URL and CXADMIN_CONTROL_KEY say the same for a
            whole suite. Without either a server is started, on a free port and with data that is gone with it.
        command: how to start it, if cxadmin is installed in another environment than the suite.
        settings: settings of the server that is started (docs/settings.md), as DATABASE_URL.
        folder: where its data goes and stays; left out, a folder that is removed with the server.
    """

    def __init__(
        self,
        url: str = "",
        control_key: str = "",
        *,
        command: Sequence[str] = (),
        settings: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.url = (url or os.environ.get(URL, "")).rstrip("/")
        self.control_key = control_key or os.environ.get(KEY, "")
        self.command = list(command) or [sys.executable, "-m", "cxadmin"]
        self.settings = dict(settings or {})
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self.is_single = False
        """Whether the server is one process, which shows at once what it did."""
        self._removed: Path | None = None

    def __enter__(self) -> "Emulator":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> "Emulator":
        """Start the server unless one was named, and wait until it answers.

        Raises:
            EmulatorError: it ended or did not get ready; says what it printed.
        """
        if self.url:
            if not self.control_key:
                raise EmulatorError(
                    f"An emulator at {self.url} needs its control key; `cxadmin credentials` prints it."
                )
            self.control("GET", "")
        elif self.process is None:
            self._start()
        return self

    def _start(self) -> None:
        folder = self.folder or Path(tempfile.mkdtemp(prefix="cxadmin-"))
        self._removed = None if self.folder else folder
        self.control_key = f"cxl_{secrets.token_urlsafe(32)}"
        inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        own = {"DATA_DIR": str(folder), "PORT": "0", "WEB_WORKERS": "1", "LAB_KEY": self.control_key}
        output = folder / "server.log"
        with output.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603
                [*self.command, "up"],
                env={**inherited, **own, **self.settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        patience = time.monotonic() + STARTING
        while "\nready\n" not in (printed := output.read_text(errors="replace")):
            if self.process.poll() is not None or time.monotonic() > patience:
                self.stop()
                raise EmulatorError(f"The emulator did not start:\n{printed}")
            time.sleep(STEP)
        self.url = (folder / "server.url").read_text()
        self.is_single = "WEB_WORKERS" not in self.settings

    def stop(self) -> None:
        """End the server that `start` started, and remove its data."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(ENDING)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process, self.url, self.is_single = None, "", False
        if self._removed is not None:
            shutil.rmtree(self._removed, ignore_errors=True)
            self._removed = None

    def tenant(self, name: str = "", *, seed: str = "", lifetime: str = "") -> Tenant:
        """A fresh disposable tenant.

        Args:
            name, seed, lifetime: as POST /_lab/tenants takes them (docs/lab.md); what is left out has its default.

        Raises:
            EmulatorError: the emulator refused, and says why.
        """
        asked = {"name": name, "seed": seed, "lifetime": lifetime}
        return Tenant(self, self.control("POST", "tenants", {key: value for key, value in asked.items() if value}))

    def control(self, method: str, path: str, body: object = None) -> Any:
        """Call the control API; answers the JSON it answers.

        Args:
            path: below /_lab/.

        Raises:
            EmulatorError: it refused, or does not answer.
        """
        try:
            answer = send(method, f"{self.url}/_lab/{path}", {"Authorization": f"Bearer {self.control_key}"}, body)
        except (URLError, OSError) as error:
            raise EmulatorError(f"No emulator answers at {self.url}: {error}") from error
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise EmulatorError(f"{method} /_lab/{path}: {answer.status} {_detail(answer)}")
        return answer.json() if answer.content else None


def _detail(answer: Answer) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, LookupError, TypeError):
        return answer.content.decode(errors="replace")[:500]


def main(arguments: Sequence[str]) -> int:
    """Run a command beside an emulator; answers its exit code."""
    if not arguments or arguments[0].startswith("-"):
        print(__doc__)
        return 0 if arguments and arguments[0] in ("-h", "--help") else 2
    try:
        with Emulator() as emulator:
            environment = {**os.environ, URL: emulator.url, KEY: emulator.control_key}
            return subprocess.run(list(arguments), env=environment, check=False).returncode  # noqa: S603
    except (EmulatorError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
