"""How many requests programs may make, where the instance limits them (apis.md §5)."""

import pytest

from cxadmin import clock
from tests.api.client import CLASSIC, ApiClient

USERS, SEARCH = "/user-management/v1/users", "/user-management/v2/users/search"


@pytest.fixture
def at(monkeypatch):
    """A clock that stands still until a test sets it."""
    start = clock.machine().replace(minute=0, second=10, microsecond=0)
    now = [start]
    monkeypatch.setattr("accounts.rate_limits.clock.machine", lambda: now[0])

    def set_to(**parts: int) -> None:
        now[0] = start.replace(**parts)

    return set_to


SHAPES = [
    ("GET", f"{CLASSIC}/server-time", 429, {"error", "error_description"}),
    ("GET", USERS, 429, {"code", "details", "entityType", "errors", "hostName"}),
    ("GET", f"{CLASSIC}/unavailable-codes", 429, {"errorCode", "errorMessage", "path", "timestamp"}),
    ("POST", SEARCH, 503, {"code", "details", "entityType", "errors", "hostname"}),
    ("POST", "/user-management/v4/teams/search", 503, {"code", "details", "entityType", "errors", "hostname"}),
]


@pytest.mark.parametrize(("method", "path", "status", "members"), SHAPES, ids=[row[1] for row in SHAPES])
def test_too_many_are_refused_in_the_shape_of_the_service(world, alice, settings, at, method, path, status, members):
    settings.RATE_LIMIT_CREDENTIAL = (2, 60)
    for _ in range(2):
        assert alice.get(f"{CLASSIC}/server-time").status_code == 200
    refused = alice.call(method, path, {} if method == "POST" else None)
    assert refused.status_code == status
    assert set(refused.json()) == members
    assert refused.headers["Retry-After"] == "50"
    at(minute=1, second=0)
    assert alice.get(f"{CLASSIC}/server-time").status_code == 200


def test_each_credential_has_its_own_limit_and_the_tenant_one_for_all(world, settings, at):
    path = f"{CLASSIC}/server-time"
    alice, other, charlie = ApiClient(world.alice), ApiClient(world.alice), ApiClient(world.charlie)
    settings.RATE_LIMIT_CREDENTIAL = (2, 60)
    assert [alice.get(path).status_code for _ in range(3)] == [200, 200, 429]
    assert [other.get(path).status_code for _ in range(2)] == [200, 200]
    settings.RATE_LIMIT_CREDENTIAL, settings.RATE_LIMIT_TENANT = None, (3, 3600)
    assert [client.get(path).status_code for client in (alice, other, alice)] == [200, 200, 200]
    refused = other.get(path)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3590")
    assert charlie.get(path).status_code == 200


def test_nothing_is_counted_before_it_is_known_who_asks(world, settings, at):
    settings.RATE_LIMIT_CREDENTIAL = settings.RATE_LIMIT_TENANT = (1, 60)
    stranger = ApiClient(None)
    assert [stranger.get(USERS).status_code for _ in range(3)] == [401, 401, 401]
