"""Hostile requests: valid ones with bytes flipped, cut, doubled and swapped for what breaks parsers. Each is made from its
number alone, so that any of them can be made again."""

import json
from dataclasses import dataclass, field, replace
from random import Random
from urllib.parse import quote, unquote_to_bytes

from tests.scim.client import ENTERPRISE, GROUP, NICE, NOBODY, PATCH, SEARCH, USER

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"

FILTERS = (
    'userName eq "ada@acme.example"',
    'emails[type eq "work" and value co "@acme"].value ew ".example" or not (active eq true)',
    'meta.created gt "2011-05-13T04:42:34Z" and title pr',
    f'{ENTERPRISE}:manager.displayName sw "\\u00e9\\"" or {NICE}:team.value ne null',
    'roles[primary eq "True"].display co "a" and groups.value eq "x" and schemas eq "y"',
    'id eq "00000000-0000-7000-8000-000000000000" and members eq "x"',
)
# Bytes that stand for trouble: ends of strings, encodings, numbers, escapes, SQL, paths.
NASTY = tuple(
    text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    for text in (
        "\x00",
        "\\u0000",
        "\\ud800",
        "\ud800",
        b"\xff\xfe",
        b"\xc0\x80",
        "\ufeff",
        "\u202e",
        "\U0001f600" * 30,
        '"',
        "'",
        "\\",
        "%",
        "%00",
        "%25%27",
        "_",
        "\n",
        "\r\n",
        "--",
        "');DROP TABLE accounts_employee;--",
        "null",
        "true",
        "[]",
        "{}",
        "-1",
        "1e400",
        "NaN",
        "9" * 400,
        "0.1",
        "(" * 200,
        "[" * 5_000,
        '{"a":' * 300,
        "x" * 20_000,
        "9999-12-31T23:59:59+23:59",
        "0001-01-01T00:00:00+14:00",
        "bulkId:u",
        '"bulkId:x"',
        "../",
        "//",
        ";",
        "&count=999999999999999999999",
        "&startIndex=-9223372036854775809",
        "&sortBy=emails.type",
        "&cursor=",
        "&attributes=" + "a," * 500,
        " and ",
        " or not (",
        "[type eq ",
        ".value",
        ":",
        "$ref",
        "urn:",
    )
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "x" * 50)
HEADERS = {
    "CONTENT_TYPE": (
        "application/scim+json",
        "application/json; charset=utf-16",
        "text/xml",
        "",
        "multipart/form-data",
        ";",
        "\x00",
    ),
    "CONTENT_LENGTH": ("-1", "x", "99999999999999999999", ""),
    "HTTP_IF_MATCH": ('W/"1"', "*", '"', ",,,", "W/" * 1_000),
    "HTTP_IF_NONE_MATCH": ("*", 'W/"1", "2"', "\xff"),
    "HTTP_ACCEPT": ("text/html", "*/*;q=x", ""),
    "HTTP_AUTHORIZATION": ("", "Bearer", "Basic ====", "Bearer \xff\x00", "Negotiate x", "Basic " + "QQ" * 5_000),
    "HTTP_X_REQUEST_ID": ("a b", "\r\n", "x" * 5_000),
    "HTTP_HOST": ("a b", "evil.example:99999", ""),
    "HTTP_ACCEPT_LANGUAGE": ("xx-\x00", "de" * 2_000),
    "HTTP_TRANSFER_ENCODING": ("chunked",),
    "HTTP_X_HTTP_METHOD_OVERRIDE": ("DELETE",),
}


@dataclass(frozen=True)
class Hostile:
    """A request, in bytes: what follows the base address, the query string, the body; and headers as in a WSGI environ."""

    method: str
    path: bytes
    query: bytes = b""
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def environ(self) -> dict[str, str]:
        """Its path as a server hands it on: percent signs resolved, bytes as latin-1."""
        path = unquote_to_bytes(self.path.partition(b"?")[0])
        return {
            "REQUEST_METHOD": self.method,
            "PATH_INFO": (b"/" + path.lstrip(b"/") if path else path).decode("latin-1"),
            "QUERY_STRING": self.query.decode("latin-1"),
            **self.headers,
        }


def hostile(number: int, user: dict, group: dict) -> Hostile:
    """The request with this number; `user` and `group` are resources that exist."""
    random = Random(number)  # noqa: S311 - nothing secret
    request = random.choice(seeds(user, group))
    for _ in range(random.choice((0, 1, 1, 2, 3))):
        part = random.choice(("path", "query", "body", "body", "body", "filter"))
        if part == "filter":
            text = mutated(random, random.choice(FILTERS).encode())
            request = replace(request, query=b"filter=" + quote(text).encode())
        else:
            request = replace(request, **{part: mutated(random, getattr(request, part))})
    if random.random() < 0.15:
        request = replace(request, method=random.choice(METHODS))
    if random.random() < 0.25:
        name = random.choice(sorted(HEADERS))
        request = replace(request, headers=request.headers | {name: random.choice(HEADERS[name])})
    return request


def mutated(random: Random, content: bytes) -> bytes:
    """The content with a few of its bytes changed."""
    for _ in range(random.choice((1, 1, 2, 4, 12))):
        at = random.randint(0, len(content))
        end = min(len(content), at + random.choice((0, 1, 1, 2, 8, 40)))
        change = random.randrange(5)
        if change == 0:
            content = content[:at] + random.randbytes(random.choice((1, 1, 3))) + content[end:]
        elif change == 1:
            content = content[:at] + content[end:]
        elif change == 2:
            content = content[:end] + content[at:]
        else:
            content = content[:at] + random.choice(NASTY) + content[end:]
    return content


def seeds(user: dict, group: dict) -> list[Hostile]:
    """Valid requests of every kind."""
    whole = user | {
        "schemas": [USER, ENTERPRISE, NICE],
        "title": "Countess",
        "addresses": [{"type": "work", "locality": "London", "primary": True}],
        "phoneNumbers": [{"value": "+49 30 1", "type": "mobile"}],
        ENTERPRISE: {"manager": {"value": "1"}, "department": "Mills"},
    }
    patches = [
        {"op": "replace", "path": "active", "value": True},
        {"op": "add", "path": 'emails[type eq "home"].value', "value": "h@acme.example"},
        {"op": "remove", "path": f"{ENTERPRISE}:department"},
        {"op": "replace", "value": {"name.givenName": "Ada", "displayName": "Ada", f"{ENTERPRISE}:division": "x"}},
    ]
    members = [
        {"op": "add", "path": "members", "value": [{"value": user["id"], "display": "Ada"}]},
        {"op": "remove", "path": f'members[value eq "{user["id"]}"]'},
    ]
    search = {
        "schemas": [SEARCH],
        "filter": FILTERS[0],
        "startIndex": 1,
        "count": 3,
        "sortBy": "userName",
        "sortOrder": "descending",
        "attributes": ["userName", "name.givenName"],
    }
    bulk = [
        {"method": "POST", "path": "/Users", "bulkId": "u", "data": {**whole, "userName": "new@acme.example"}},
        {"method": "PATCH", "path": "/Groups/" + group["id"], "data": {"schemas": [PATCH], "Operations": members}},
        {"method": "DELETE", "path": "/Users/bulkId:u", "version": 'W/"1"'},
    ]
    by_user, by_group = f"/Users/{user['id']}".encode(), f"/Groups/{group['id']}".encode()
    sent = {"CONTENT_TYPE": "application/scim+json"}

    def with_body(method: str, path: bytes, body: object) -> Hostile:
        return Hostile(method, path, body=json.dumps(body).encode(), headers=sent)

    lists = [
        Hostile("GET", path, b"filter=" + quote(text).encode())
        for path in (b"/Users", b"/Groups", b"")
        for text in FILTERS
    ]
    return [
        *lists,
        Hostile("GET", b"/Users", b"startIndex=2&count=1&sortBy=displayName&excludedAttributes=emails,name.givenName"),
        Hostile("GET", b"/Users", b"cursor=&count=1&sortBy=meta.created"),
        Hostile("GET", by_user, b"attributes=userName"),
        Hostile("GET", by_group, b"excludedAttributes=members"),
        Hostile("GET", b"/Me"),
        Hostile("GET", b"/Schemas/" + USER.encode()),
        Hostile("GET", b"/ResourceTypes/User"),
        Hostile("GET", b"/ServiceProviderConfig"),
        with_body("POST", b"/Users", whole | {"userName": "other@acme.example"}),
        with_body("PUT", by_user, whole),
        with_body("PATCH", by_user, {"schemas": [PATCH], "Operations": patches}),
        with_body("POST", b"/Groups", {"schemas": [GROUP], "displayName": "New", "members": [{"value": user["id"]}]}),
        with_body("PUT", by_group, {"schemas": [GROUP], "displayName": "Staff", "members": [{"value": NOBODY}]}),
        with_body("PATCH", by_group, {"schemas": [PATCH], "Operations": members}),
        with_body("POST", b"/.search", search),
        with_body("POST", b"/Users/.search", search),
        with_body("POST", b"/Groups/.search", search | {"filter": "displayName pr"}),
        with_body("POST", b"/Bulk", {"schemas": [BULK], "failOnErrors": 2, "Operations": bulk}),
        Hostile("DELETE", b"/Users/" + NOBODY.encode()),
    ]
