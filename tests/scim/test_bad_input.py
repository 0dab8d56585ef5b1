"""Whatever is sent, the answer is a SCIM error document with the documented status, and nothing is half-written.

`client.check` looks at every answer of these tests: never a 500, always a sentence.
"""

import json

import pytest

from accounts.models import AuditEvent, Employee, Group
from scim import rows
from tests.scim import client
from tests.scim.client import ENTERPRISE, NOBODY, USER, add, group, refused, replace, user

DEEP = "[" * 100_000 + "]" * 100_000


@pytest.fixture
def unchanged(acme):
    """Nothing is written during the test."""

    def state():
        return Employee.objects.count(), Group.objects.count(), AuditEvent.objects.count()

    before = state()
    yield
    assert state() == before


@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "{",
        "{'a': 1}",
        '{"a": }',
        '{"userName": "x"',
        '{"a": 1} x',
        "nonsense",
        "NaN",
        b"\xff\xfe",
        b'{"userName": "\xff"}',
        '{"a": "\ud800"}'.encode("utf-8", "surrogatepass"),
        '{"userName": "\\ud800"}',
        b"\x00",
        DEEP,
        '{"a":' * 50_000 + "1" + "}" * 50_000,
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/Users"), ("POST", "/Groups"), ("POST", "/Users/.search"), ("PATCH", f"/Users/{NOBODY}")],
)
def test_what_is_no_json_is_refused(scim, unchanged, method, path, body):
    refused(scim.call(method, path, body), 400, "invalidSyntax")


@pytest.mark.parametrize("body", [[], "x", 1, 1.5, True, None, [{}], [user()]])
@pytest.mark.parametrize("path", ["/Users", "/Groups"])
def test_a_body_must_be_an_object(scim, unchanged, path, body):
    refused(scim.call("POST", path, json.dumps(body)), 400, "invalidSyntax", "JSON object")


def test_an_object_of_nothing_is_refused(scim, unchanged):
    refused(scim.post("/Users", {}), 400, "invalidValue", "schemas")


WRONG = [
    {"userName": 5},
    {"userName": ["x"]},
    {"userName": {"value": "x"}},
    {"userName": True},
    {"name": "Ada"},
    {"name": ["Ada"]},
    {"name": {"givenName": 1, "familyName": "x"}},
    {"name": {"givenName": ["x"], "familyName": "x"}},
    {"emails": "x@y.example"},
    {"emails": ["x@y.example"]},
    {"emails": [["x"]]},
    {"emails": 5},
    {"emails": [{"value": 5}]},
    {"emails": [{"value": "x@y.example", "primary": "often"}]},
    {"active": "yes"},
    {"active": 1},
    {"active": []},
    {"title": {}},
    {"title": ["x"]},
    {"externalId": 7},
    {"addresses": "London"},
    {"addresses": [{"locality": {}}]},
    {"roles": "Agent"},
    {"roles": ["Agent"]},
    {ENTERPRISE: "x"},
    {ENTERPRISE: []},
    {ENTERPRISE: {"department": 1}},
    {ENTERPRISE: {"manager": ["x"]}},
    {"phoneNumbers": [{"value": ["1"]}]},
    {"photos": [{"value": "x" * 70_000}]},
]


@pytest.mark.parametrize("more", WRONG)
def test_a_value_of_the_wrong_type_is_refused(scim, unchanged, more):
    refused(scim.post("/Users", user(**more)), 400, "invalidValue")


@pytest.mark.parametrize("more", WRONG)
def test_and_so_it_is_in_a_put(scim, more):
    created = scim.user()
    refused(scim.put(f"/Users/{created['id']}", user(**more)), 400, "invalidValue")
    assert scim.read(created) == created


BAD_TEXT = ["a\x00b", "x" * 10_000, "\x00", "x" * 10_000 + "\x00"]
TEXTS = {
    "userName": lambda text: {"userName": f"{text}@acme.example"},
    "name": lambda text: {"name": {"givenName": text, "familyName": "x"}},
    "formatted": lambda text: {"name": {"givenName": "x", "familyName": "x", "formatted": text}},
    "emails": lambda text: {"emails": [{"value": f"{text}@acme.example"}]},
    "type": lambda text: {"emails": [{"value": "x@acme.example", "type": text}]},
    "displayName": lambda text: {"displayName": text},
    "title": lambda text: {"title": text},
    "externalId": lambda text: {"externalId": text},
    "timezone": lambda text: {"timezone": text},
    "phoneNumbers": lambda text: {"phoneNumbers": [{"value": text}]},
    "addresses": lambda text: {"addresses": [{"locality": text}]},
    "department": lambda text: {ENTERPRISE: {"department": text}},
    "roles": lambda text: {"roles": [{"value": text}]},
    "password": lambda text: {"password": text},
}


@pytest.mark.parametrize("text", BAD_TEXT, ids=["nul", "long", "only nul", "both"])
@pytest.mark.parametrize("attribute", TEXTS)
def test_nul_and_ten_thousand_characters_are_refused(scim, acme, unchanged, attribute, text):
    acme.set(scim_any_username=True)
    response = scim.post("/Users", user(**TEXTS[attribute](text)))
    refused(response, 400, "invalidValue")
    assert len(response.json()["detail"]) < 500


@pytest.mark.parametrize("text", BAD_TEXT, ids=["nul", "long", "only nul", "both"])
def test_nul_and_ten_thousand_characters_are_refused_everywhere_else(scim, text):
    created, staff = scim.user(), scim.group()
    refused(scim.post("/Groups", group(text)), 400, "invalidValue")
    refused(scim.post("/Groups", group("New", text)), 400, "invalidValue")
    refused(scim.patch(f"/Groups/{staff['id']}", add("externalId", text)), 400, "invalidValue")
    refused(scim.patch(f"/Users/{created['id']}", replace("name.givenName", text)), 400, "invalidValue")
    refused(scim.patch(f"/Users/{created['id']}", replace(text, "x")), 400, "invalidPath")
    assert scim.get("/Users", sortBy=text).status_code == 400
    assert scim.get("/Users", filter=f'userName eq "{text[:5_000]}"').status_code in (200, 400)
    assert scim.get("/Users", attributes=text).status_code in (200, 400)
    assert (scim.read(created), scim.read(staff)) == (created, staff)


@pytest.mark.parametrize("text", ["\x01", "\x1b", "\x7f"])
def test_control_characters_have_no_place_in_a_name(scim, unchanged, text):
    refused(scim.post("/Users", user(name={"givenName": f"a{text}b", "familyName": "x"})), 400, "invalidValue")


def test_odd_characters_are_kept(scim):
    for text in ("Zoë", "山田", "👩‍🚀", "a\u200db", "O'Brien; DROP TABLE", "<b>", "%_\\", "\u202eabc"):
        created = scim.user(f"u{abs(hash(text))}", title=text, name={"givenName": text, "familyName": text})
        assert (created["title"], created["name"]) == (text, {"givenName": text, "familyName": text})


def test_a_member_given_twice_is_refused(scim):
    """JSON leaves open which one counts (RFC 8259 §4), so nobody could know what was meant."""
    body = json.dumps(user())[:-1] + ', "title": "first", "title": "second"}'
    refused(scim.call("POST", "/Users", body), 400, "invalidSyntax", "title more than once")


def test_members_that_differ_in_case_only_are_one(scim):
    response = scim.post("/Users", user() | {"title": "first", "TITLE": "second"})
    assert response.json()["title"] == "second"


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/Users"), ("PUT", f"/Users/{NOBODY}"), ("PATCH", f"/Users/{NOBODY}"), ("POST", "/.search")],
)
def test_another_media_type_is_a_415(scim, unchanged, method, path, media_type):
    response = scim.call(method, path, json.dumps(user()), media_type=media_type)
    refused(response, 415, None, "application/scim+json")


@pytest.mark.parametrize("media_type", ["application/scim+json; charset=latin-1", "application/json; charset=utf-16"])
def test_another_charset_is_a_415(scim, unchanged, media_type):
    refused(scim.call("POST", "/Users", json.dumps(user()), media_type=media_type), 415, None, "UTF-8")


@pytest.mark.parametrize(
    "media_type",
    [
        "application/scim+json",
        "application/json",
        "application/scim+json; charset=utf-8",
        'Application/JSON; Charset="UTF-8"',
        "application/json;charset=utf-8; odata=x",
    ],
)
@pytest.mark.parametrize("accept", ["application/scim+json", "application/json", "*/*", "text/html", None])
def test_the_media_types_of_providers_are_taken(scim, media_type, accept):
    headers = {"Accept": accept} if accept else {}
    response = scim.call("POST", "/Users", json.dumps(user()), media_type=media_type, **headers)
    assert response.status_code == 201


def test_a_body_over_the_limit_is_a_413(scim, unchanged, settings):
    body = json.dumps(user(title="x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
    refused(scim.call("POST", "/Users", body), 413, None, str(settings.DATA_UPLOAD_MAX_MEMORY_SIZE))


def test_a_list_over_the_limit_is_refused(scim, unchanged):
    emails = [{"value": f"u{n}@acme.example"} for n in range(10_001)]
    refused(scim.post("/Users", user(emails=emails)), 400, "invalidValue", "10000")


@pytest.mark.parametrize(
    "path", ["/Nothing", "/Users/a/b", "/Me/x", "/users", "/Users/.search/x", "/Bulk/x", "/%00", "/Users//"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_an_unknown_address_is_a_404(scim, unchanged, path, method):
    response = scim.call(method, path, {} if method != "GET" else None)
    assert response.status_code in (404, 405)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/Users"),
        ("PATCH", "/Users"),
        ("DELETE", "/Users"),
        ("POST", f"/Users/{NOBODY}"),
        ("PUT", "/Groups"),
        ("DELETE", "/Groups"),
        ("POST", f"/Groups/{NOBODY}"),
        ("GET", "/Users/.search"),
        ("DELETE", "/.search"),
        ("TRACE", "/Users"),
        ("PROPFIND", "/Users"),
    ],
)
def test_a_method_that_is_not_there_is_a_405(scim, unchanged, method, path):
    response = scim.call(method, path, {} if method in ("PUT", "PATCH", "POST") else None)
    refused(response, 405, None)
    assert response["Allow"]


def test_options_names_the_methods(scim):
    response = scim.call("OPTIONS", "/Users")
    assert response.status_code == 204
    assert {"GET", "POST"} <= set(response["Allow"].split(", "))


def test_a_user_may_have_a_name_that_looks_like_code(scim):
    created = scim.user("x'--", schemas=[USER])
    assert scim.found('userName eq "x\'--@acme.example"') == [created["userName"]]


def test_an_unexpected_failure_is_a_neutral_500_with_the_id_of_the_request(acme, monkeypatch, caplog):
    def break_down(*_: object, **__: object):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(rows, "listed_users", break_down)
    monkeypatch.setattr(client, "check", lambda response: None)
    response = acme.by_token().get("/Users", sortBy="userName", headers={"X-Request-Id": "abc-1"})
    assert response.status_code == 500
    assert response.json()["detail"] == "Something went wrong here. Request abc-1."
    assert "secret detail" not in response.content.decode()
    assert "abc-1" in caplog.text
