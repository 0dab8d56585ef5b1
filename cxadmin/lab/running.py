"""Where the server of this data folder can be reached: `cxadmin up` notes it, `cxadmin credentials` and `cxadmin doctor` ask."""

import http.client
import ipaddress
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings

FILE = "server.url"
PATIENCE = 2


@contextmanager
def noted() -> Iterator[None]:
    """Note the address while the server runs."""
    file = settings.DATA_DIR / FILE
    file.write_text(settings.PUBLIC_URL)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def public_url() -> str:
    """The base of the addresses to print: PUBLIC_URL if it is set, else that of the running server, else the default."""
    if not os.environ.get("PUBLIC_URL"):
        with suppress(FileNotFoundError):
            url = (settings.DATA_DIR / FILE).read_text()
            if _answers(url):  # a server that was killed leaves its note behind
                return url
    return str(settings.PUBLIC_URL)


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/healthz", timeout=PATIENCE) as answer:  # noqa: S310  # our own note
            return bool(answer.status == HTTPStatus.OK)
    except (URLError, OSError, ValueError):
        return False


def is_up(host: str, port: int | None) -> bool:
    """Whether a server answers at this address, asked without a proxy."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def is_loopback(host: str) -> bool:
    """Whether an address or host name is this machine and nothing else."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
