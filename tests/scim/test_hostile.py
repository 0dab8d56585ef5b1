"""Hostile traffic: whatever arrives, the answer is a SCIM document in bounded time, and never a 500.

`python -m pytest tests/scim/test_hostile.py --hostile-requests 10000` sends more than the suite does.
"""

import json
import time
from collections import Counter

import pytest
from django.test.client import FakePayload

from tests.scim.client import ERROR, TOKEN_BASE, refused, user
from tests.scim.fuzz import hostile

LONGEST_SECONDS = 20


def send(scim, request):
    environ = request.environ
    length = environ.get("CONTENT_LENGTH", str(len(request.body)))
    credential = environ.get("HTTP_AUTHORIZATION", scim.authorization)
    return scim.http.request(
        **environ
        | {
            "PATH_INFO": TOKEN_BASE + environ["PATH_INFO"],
            "HTTP_AUTHORIZATION": credential,
            "CONTENT_LENGTH": length,
            "wsgi.input": FakePayload(request.body),
        }
    )


def wrong(response, method):
    """What is wrong with an answer, if anything."""
    if response.status_code >= 500:
        return f"status {response.status_code}"
    if not response.content:
        allowed = response.status_code in (204, 304) or method == "HEAD"
        return "" if allowed else f"status {response.status_code} without a body"
    if response["Content-Type"] not in ("application/scim+json", "application/json"):
        return f"media type {response['Content-Type']}"
    document = json.loads(response.content)
    if response.status_code >= 400:
        status = document.get("status")
        if document.get("schemas") != [ERROR] or str(status) != str(response.status_code) or not document.get("detail"):
            return f"no Error document: {document}"
    return ""


@pytest.mark.parametrize("profile", ["rfc", "documented"])
def test_every_answer_to_hostile_requests_is_a_scim_document(acme, scim, pytestconfig, profile):
    ada = scim.user("ada")
    staff = scim.group("Staff", ada["id"])
    acme.set(scim_profile=profile)
    count = pytestconfig.getoption("hostile_requests")
    numbers = range(count) if profile == "rfc" else range(count, count + count // 4)
    statuses: Counter[int] = Counter()
    faults = []
    for number in numbers:
        request = hostile(number, ada, staff)
        started = time.monotonic()
        response = send(scim, request)
        seconds = time.monotonic() - started
        found = wrong(response, request.method) or (f"{seconds:.1f} seconds" if seconds > LONGEST_SECONDS else "")
        if found:
            faults.append(f"request {number}, {found}: {request!r:.2000}")
        statuses[response.status_code] += 1
    assert not faults, "\n".join(faults[:5])
    # The requests get through to where something can break.
    assert min(statuses[200], statuses[400]) > len(numbers) // 50, statuses


@pytest.mark.parametrize(
    "path",
    [
        "/Users%0A/x",
        "/Users/%00",
        "/%FF",
        "/Users/" + "x" * 5_000,
        "/Users//",
        "/Users/..",
        "/Users/%2e%2e/Groups",
    ],
)
def test_every_address_below_the_base_has_a_scim_answer(scim, path):
    refused(scim.get(path), 404, None)


@pytest.mark.parametrize(
    "query",
    [
        "&".join(f"p{n}=1" for n in range(1_500)),
        "filter=meta.created+gt+%220001-01-01T00:00:00%2B23:59%22",
        "filter=meta.created+lt+%229999-12-31T23:59:59-23:59%22",
    ],
)
def test_a_query_beyond_all_bounds_is_refused(scim, query):
    response = scim.get(f"/Users?{query}")
    assert response.status_code == 400, response.content
    assert response.json()["detail"]


@pytest.mark.parametrize("text", ["\\ud800", "\\udfff", "\x00", "\\u0000"])
def test_characters_no_database_stores_are_refused_in_values_and_filters(scim, text):
    body = json.dumps(user("ada")).replace("Lovelace", text)
    refused(scim.post("/Users", body), 400, "invalidSyntax" if text != "\\u0000" else "invalidValue")
    refused(scim.get("/Users", filter=f'name.familyName eq "{text}"'), 400, "invalidFilter")


@pytest.mark.parametrize(
    "body",
    [
        '{"schemas": ["x"], "userName": "a@b.example", "userName": "c@d.example"}',
        '{"name": {"givenName": "a", "givenName": "a"}}',
        '{"a": "\\":", "b": 1, "b": 2}',
    ],
)
def test_a_member_given_twice_is_refused(scim, body):
    refused(scim.post("/Users", body), 400, "invalidSyntax", "more than once")


def test_text_that_looks_like_a_member_is_only_text(scim):
    assert scim.user("ada", title='say "x": "y"', nickName='"":')["nickName"] == '"":'


@pytest.mark.parametrize(
    "deep", ["[" * 90_000, '{"a":' * 101 + "1" + "}" * 101, '{"a":[' + "[" * 150 + "]" * 151 + "}"]
)
def test_deep_nesting_is_refused(scim, deep):
    for path in ("/Users", "/Bulk", "/.search"):
        refused(scim.post(path, deep), 400, "invalidSyntax")


def test_a_body_over_the_limit_is_413(scim):
    refused(scim.post("/Users", json.dumps(user("ada", title="x" * 2_700_000))), 413, None, "bytes")


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "application/json; charset=utf-16", "json"])
def test_another_media_type_or_charset_is_415(scim, media_type):
    refused(scim.call("POST", "/Users", json.dumps(user("ada")), media_type=media_type), 415, None)
