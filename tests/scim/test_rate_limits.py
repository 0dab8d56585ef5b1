"""A limit on requests, where the instance has one (apis.md §5)."""

from tests.scim.client import refused
from tests.scim.test_statements import cost


def test_too_many_requests_are_refused_with_when_to_go_on(acme, settings):
    settings.RATE_LIMIT_CREDENTIAL = (2, 3600)
    token, key = acme.by_token(), acme.by_key()
    assert [token.get("/Users").status_code for _ in range(2)] == [200, 200]
    response = token.get("/Users")
    refused(response, 429, None, "Too many requests")
    assert 0 < int(response["Retry-After"]) <= 3600
    assert key.get("/Users").status_code == 200


def test_a_limit_costs_one_statement_and_none_costs_nothing(acme, settings):
    scim = acme.by_token()
    scim.get("/Users", count=0)
    assert len(cost(lambda: scim.get("/ResourceTypes"))) == 1
    settings.RATE_LIMIT_CREDENTIAL, settings.RATE_LIMIT_TENANT = (100, 60), (100, 60)
    assert len(cost(lambda: scim.get("/ResourceTypes"))) == 2
