"""Taking secrets out of what is written down: headers, queries, forms, JSON and what only looks like them.

Masked are values under names that hold secrets, and, wherever they stand, texts of the form of our tokens.
"""

import functools
import json
import re
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit, urlunsplit

import orjson

MASK = "••••"

HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "x-csrftoken"})
# How our own tokens begin: which kind was sent explains most refusals.
KINDS = {"cxs_": "cxs_", "cxl_": "cxl_"}
SCHEMES = ("bearer", "basic", "digest", "token")
# What the letters of a name end in if its value is a secret: newPassword, client_secret, accessKeySecret, refresh_token …
NAME = re.compile(
    r"(?:passwords?|passwd|passwort|pwd|passphrase|secret|secretkey|secretaccesskey|tokens?|tokenhint|apikey|privatekey"
    r"|assertion|samlresponse|codeverifier|otp|mfacode)\Z"
)
# `code` is a secret where codes are exchanged; in the errors of the REST services it is the kind of error.
CODES = frozenset({"code", "samlrequest"})
TOKENS = re.compile(r"\b(?:cx[sl]_[\w-]{16,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)|\b[A-Z2-7]{52}====")
MEMBER = re.compile(r'"\s*:')
# Members of what is meant to be JSON, also as Python or JavaScript write it.
LOOSE_NAME = re.compile(r"""(?<![\w.$-])([\w.$-]+)["']?\s*:\s*""")
LOOSE_VALUE = re.compile(r"""(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\[[^\]]*\]?|\{[^}]*\}?|[^\s,}\]]+)""")
LOOSE_TEXT = re.compile(r"""(?i)(\bvalue["']?\s*:\s*)("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)""")
XML_START = re.compile(r"<([\w:.-]+)((?:\s[^<>]*)?)>")
XML_ATTRIBUTE = re.compile(r"""(\s([\w:.-]+)\s*=\s*)("[^"]*"?|'[^']*'?)""")
# In filters: `password eq "…"`, also behind the name of a schema.
FILTERED = re.compile(
    r"""(?i)(([^\s()\[\]]{1,200})\s+(?:eq|ne|co|sw|ew|gt|ge|lt|le)\s+)("(?:[^"\\]|\\.)*"?|[^\s()\]]+)"""
)
SECRET_PATH = re.compile(r"(?i)password|secret|token")


@functools.lru_cache(maxsize=1024)
def is_secret(name: str, codes: bool = False) -> bool:
    """Whether values of this name are secrets; `codes`: among them what is exchanged for tokens."""
    letters = re.sub(r"[^a-z]", "", name.lower())
    return bool(NAME.search(letters)) or (codes and letters in CODES)


def may_hold(value: str) -> bool:
    """Whether there may be a secret in a text. Most have none, and telling so has to be cheap: every exchange is asked."""
    lower = value.lower()
    return (
        "pass" in lower
        or "secret" in lower
        or "token" in lower
        or "pwd" in lower
        or "key" in lower
        or "assertion" in lower
        or "verifier" in lower
        or "saml" in lower
        or "otp" in lower
        or "code" in lower
        or "cxs_" in lower
        or "cxl_" in lower
        or "eyj" in lower
        or "====" in lower
        or "%3d%3d" in lower
    )


def text(value: str) -> str:
    """Any text without the tokens in it."""
    # Looking for one character is so much faster than for several that it pays where the rarest of them is often missing.
    if ("_" in value and "cx" in value) or ("J" in value and "eyJ" in value) or ("=" in value and "====" in value):
        return TOKENS.sub(MASK, value)
    return value


@functools.lru_cache(maxsize=1024)
def is_secret_header(name: str) -> bool:
    """Whether headers of this name hold secrets."""
    return name.lower() in HEADERS or is_secret(name)


def may_hold_in_headers(written: str, names: tuple[str, ...]) -> bool:
    """Whether `header` would change one of these headers; `written` is all of them as one text."""
    return _has_secret_header(names) or "?" in written or text(written) is not written


@functools.lru_cache(maxsize=256)
def _has_secret_header(names: tuple[str, ...]) -> bool:
    return any(map(is_secret_header, names))


def header(name: str, value: str) -> str:
    """The value of a header; of a credential its scheme and kind are left, of an address what is not secret in it."""
    if is_secret_header(name):
        scheme, space, secret = value.partition(" ")
        if not space or scheme.lower() not in SCHEMES:
            scheme, space, secret = "", "", value
        return f"{scheme}{space}{KINDS.get(secret[:4], '')}{MASK}"
    if "?" in value and name.lower() in ("location", "referer", "content-location"):
        parts = urlsplit(value)
        return text(urlunsplit(parts._replace(query=query(parts.query))))
    return text(value)


def query(given: str) -> str:
    """A query or a form. One without secrets stays as it was sent."""
    if not given:
        return given
    if not may_hold(given):
        return given
    pairs = parse_qsl(given, keep_blank_values=True)
    masked = [(name, MASK if value and is_secret(name, codes=True) else _filter(text(value))) for name, value in pairs]
    return given if masked == pairs else urlencode(masked, safe="/:@").replace("%E2%80%A2", "•")


def _filter(value: str) -> str:
    """A SCIM filter, without what it compares secrets with."""
    if " " not in value:
        return value
    return FILTERED.sub(
        lambda found: f'{found[1]}"{MASK}"' if is_secret(re.split("[:.]", found[2])[-1]) else found[0], value
    )


def without_echo(answer: str, sent: str) -> str:
    """A refusal, without what it repeats of a filter on a secret."""
    if not may_hold(sent):
        return answer
    for found in FILTERED.finditer(unquote_plus(sent)):
        value = found[3].strip("\"'\\")
        if value and is_secret(re.split("[:.]", found[2])[-1]):
            answer = answer.replace(value, MASK)
    return answer


def body(given: str, media_type: str, *, codes: bool = False) -> str:
    """A body by what it is: a form, JSON, or neither. One without secrets stays as it was sent.

    Args:
        codes: whether `code` is a secret in it.
    """
    if not may_hold(given):
        return given
    start = given.lstrip()[:1]
    if "form-urlencoded" in media_type and start != "{":
        return query(given)
    if start in ("{", "["):
        try:
            document = orjson.loads(given)
        except orjson.JSONDecodeError:
            return _loose(given, codes)
        masked = _value(document, codes)
        if masked != document:
            return orjson.dumps(masked).decode()
        # Of a member that is there twice only the last one has been looked at.
        return _loose(given, codes) if _repeats_a_member(given, document) else given
    if start == "<":
        return _xml(given, codes)
    return query(given) if re.match(r"\s*[\w.-]+=", given) else text(given)


def _repeats_a_member(given: str, document: Any) -> bool:
    # Nearly always there are as many members in the text as in what was read from it, and looking at each is not needed.
    if len(MEMBER.findall(given)) == orjson.dumps(document).count(b'":'):
        return False
    repeats = False

    def look(members: list[tuple[str, Any]]) -> None:
        nonlocal repeats
        repeats = repeats or len({name for name, _ in members}) < len(members)

    json.loads(given, object_pairs_hook=look)
    return repeats


def _xml(given: str, codes: bool) -> str:
    """XML, whole or cut: without what is inside elements, and in attributes, whose names hold secrets."""
    parts: list[str] = []
    at = 0
    for found in XML_START.finditer(given):
        if found.start() >= at and not found[2].endswith("/") and _is_secret_in_xml(found[1], codes):
            end = given.find(f"</{found[1]}", found.end())
            end = len(given) if end < 0 else end
            parts += given[at : found.end()], MASK if given[found.end() : end].strip() else given[found.end() : end]
            at = end
    left = "".join([*parts, given[at:]])
    return text(
        XML_ATTRIBUTE.sub(lambda found: f'{found[1]}"{MASK}"' if _is_secret_in_xml(found[2], codes) else found[0], left)
    )


def _is_secret_in_xml(name: str, codes: bool) -> bool:
    return is_secret(name.rpartition(":")[2], codes)


def _value(value: Any, codes: bool) -> Any:
    match value:
        case dict():
            masked = {
                name: MASK if is_secret(name, codes) and not _says_nothing(inner) else _value(inner, codes)
                for name, inner in value.items()
            }
            return _operation(masked)
        case list():
            return [_value(inner, codes) for inner in value]
        case str():
            return _filter(text(value))
    return value


def _says_nothing(value: Any) -> bool:
    return value is None or value == "" or isinstance(value, bool)


def _operation(members: dict[str, Any]) -> dict[str, Any]:
    """A PATCH operation names the attribute beside the value: `{"path": "password", "value": …}`."""
    named = {name.lower(): name for name in members}
    if "path" in named and "value" in named:
        path, value = members[named["path"]], members[named["value"]]
        if isinstance(path, str) and SECRET_PATH.search(path) and not _says_nothing(value):
            return members | {named["value"]: MASK}
    return members


def _loose(given: str, codes: bool) -> str:
    """What is not JSON to the end, because it is broken or was cut."""
    parts: list[str] = []
    at = 0
    for found in LOOSE_NAME.finditer(given):
        if found.start() >= at and is_secret(found[1], codes) and (value := LOOSE_VALUE.match(given, found.end())):
            parts += given[at : found.end()], f'"{MASK}"'
            at = value.end()
    cut = "".join([*parts, given[at:]])
    if SECRET_PATH.search(cut) and "path" in cut.lower():
        cut = LOOSE_TEXT.sub(rf'\1"{MASK}"', cut)
    return _filter(text(cut))
