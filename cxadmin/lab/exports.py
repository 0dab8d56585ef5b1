"""An exchange as something to run again elsewhere. The journal holds no secrets, so they are placeholders: environment
variables in scripts, `{{name}}` in HTTP files."""

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

import cxadmin
from cxadmin.lab.masking import MASK
from cxadmin.lab.models import Exchange

# What a client sets itself, or what only fits the connection it came over.
LEFT_OUT = frozenset({"Host", "Content-Length", "Connection", "Accept-Encoding", "X-Request-Id", "X-Forwarded-For",
                      "X-Forwarded-Proto", "X-Forwarded-Host", "Cookie"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Format:
    """A file that an exchange can be written as."""

    label: str | Promise
    ending: str
    media_type: str
    write: Callable[[Exchange], str]


def variable(exchange: Exchange) -> str:
    """The environment variable that stands for the credential."""
    header = dict(exchange.request_headers).get("Authorization", "")
    if header.startswith("Basic"):
        return "CXADMIN_BASIC"
    return "CXADMIN_SCIM_TOKEN" if "cxs_" in header else "CXADMIN_TOKEN"


def headers(exchange: Exchange, secret: str) -> list[tuple[str, str]]:
    """The headers to send, `secret` in place of the credential."""
    return [(name, _filled(value, secret)) for name, value in exchange.request_headers if name not in LEFT_OUT]


def _filled(value: str, secret: str) -> str:
    return value.replace(f"cxs_{MASK}", secret).replace(f"cxl_{MASK}", secret).replace(MASK, secret)


def address(exchange: Exchange) -> str:
    """The path as it has to be sent. The journal holds it decoded: whoever sent it could have put lines of a file and commands
    into it, which would be run with the export."""
    return quote(exchange.path, safe="/:@!$&'()*+,;=~").replace(quote(MASK), MASK)


def target(exchange: Exchange) -> str:
    """Path and query, as in the request line."""
    return f"{address(exchange)}?{exchange.query}" if exchange.query else address(exchange)


def url(exchange: Exchange) -> str:
    return f"{settings.PUBLIC_URL}{target(exchange)}"


def curl(exchange: Exchange) -> str:
    """A command for a shell; the credential comes from an environment variable."""
    name = variable(exchange)
    parts = [f"curl -i -X {shlex.quote(exchange.method)} {_quoted(_filled(url(exchange), f'${name}'), name)}"]
    for header, value in headers(exchange, f"${name}"):
        parts.append(f"  -H {_quoted(f'{header}: {value}', name)}")
    if exchange.request_body:
        parts.append(f"  --data-raw {_quoted(_filled(exchange.request_body, f'${name}'), name)}")
    return " \\\n".join(parts) + "\n"


def _quoted(text: str, name: str) -> str:
    """A word for a shell; in one that holds the variable, the variable is still replaced."""
    if f"${name}" not in text:
        return shlex.quote(text)
    escaped = re.sub(r'([\\"`$])', r"\\\1", text).replace(f"\\${name}", f"${name}")
    return f'"{escaped}"'


def http_file(exchange: Exchange) -> str:
    """An HTTP file, as editors run it.

    In these files a line that begins with `###` starts another request, one with `<` reads a file, one with `>` runs a script, and
    braces name variables, those of the environment among them. So what a client sent is one line that can be none of these.
    """
    lines = [
        f"### {exchange.method} {address(exchange)}",
        f"@credential = {{{{$processEnv {variable(exchange)}}}}}",
        "",
    ]
    lines.append(f"{exchange.method} {_filled(url(exchange).replace('{', '%7B'), '{{credential}}')}")
    lines += [
        f"{name}: {value}"
        for name, value in headers(exchange, "{{credential}}")
        if "{{" not in value.replace("{{credential}}", "")
    ]
    body = one_line(exchange)
    if body is None:
        lines.append(
            "# The body is left out: it is neither JSON nor a form, and could be taken for parts of this file."
        )
        body = ""
    return "\n".join([*lines, "", _filled(body, "{{credential}}"), ""])


def one_line(exchange: Exchange) -> str | None:
    """A body as one line without double braces, if it is JSON or a form; None for any other."""
    body = exchange.request_body
    try:
        # Inside a valid document two braces that open stand in texts only.
        return orjson.dumps(orjson.loads(body)).decode().replace("{{", "\\u007b{") if body else ""
    except orjson.JSONDecodeError:
        is_form = re.fullmatch(r"[\w.~-]+=[^\s<>{}]*", body)
        return body if is_form else None


def har(exchange: Exchange) -> str:
    """An HTTP Archive 1.2 of one entry; secrets stay masked."""
    entry: dict[str, Any] = {
        "startedDateTime": exchange.at.isoformat(),
        "time": exchange.milliseconds,
        "request": {
            "method": exchange.method,
            "url": url(exchange),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _named(exchange.request_headers),
            "queryString": [],
            "headersSize": -1,
            "bodySize": exchange.request_size,
        },
        "response": {
            "status": exchange.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _named(exchange.answer_headers),
            "content": {
                "size": exchange.answer_size,
                "mimeType": dict(exchange.answer_headers).get("Content-Type", ""),
                "text": exchange.answer_body,
            },
            "redirectURL": dict(exchange.answer_headers).get("Location", ""),
            "headersSize": -1,
            "bodySize": exchange.answer_size,
        },
        "cache": {},
        "timings": {"send": 0, "wait": exchange.milliseconds, "receive": 0},
    }
    if exchange.request_body:
        media_type = dict(exchange.request_headers).get("Content-Type", "")
        entry["request"]["postData"] = {"mimeType": media_type, "text": exchange.request_body}
    log = {"version": "1.2", "creator": {"name": "cxadmin", "version": cxadmin.__version__}, "entries": [entry]}
    return orjson.dumps({"log": log}, option=orjson.OPT_INDENT_2).decode()


def _named(pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def pytest_file(exchange: Exchange) -> str:
    """A test that sends the request and expects the same status; only Python's own library is needed."""
    name = variable(exchange)
    sent = dict(headers(exchange, "SECRET"))
    told = ",\n".join(f"        {key!r}: {value!r}.replace('SECRET', SECRET)" for key, value in sent.items())
    body = (
        f"{_filled(exchange.request_body, 'SECRET')!r}.replace('SECRET', SECRET).encode()"
        if exchange.request_body
        else "None"
    )
    return f'''"""{exchange.method} {address(exchange)}, as the request journal recorded it."""

import os
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlsplit

BASE = os.environ.get("CXADMIN_URL", {settings.PUBLIC_URL!r})
SECRET = os.environ.get({name!r}, "")


def test_request():
    base = urlsplit(BASE)
    connection = (HTTPSConnection if base.scheme == "https" else HTTPConnection)(base.netloc, timeout=30)
    headers = {{
{told}
    }}
    body = {body}
    target = {_filled(target(exchange), "SECRET")!r}.replace("SECRET", SECRET)
    connection.request({exchange.method!r}, target, body=body, headers=headers)
    answer = connection.getresponse()
    assert answer.status == {exchange.status}, answer.read().decode()
'''


FORMATS: Mapping[str, Format] = {
    "curl": Format("curl", "sh", "text/x-shellscript", curl),
    "http": Format(gettext_lazy("HTTP file"), "http", "text/plain", http_file),
    "har": Format("HAR", "har", "application/json", har),
    "pytest": Format("pytest", "py", "text/x-python", pytest_file),
}
