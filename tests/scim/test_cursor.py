"""Paging by cursor (RFC 9865) and sorting (RFC 7644 §3.4.2.3)."""

import re

import pytest

from tests.scim.client import SEARCH, refused


def pages(client, path="/Users", *, by="GET", **query):
    """All pages, from the first to the last."""
    found, cursor = [], ""
    while cursor is not None:
        if by == "GET":
            response = client.get(path, cursor=cursor, **query)
        else:
            response = client.post(path, {"schemas": [SEARCH], "cursor": cursor} | query)
        assert response.status_code == 200, response.content
        found.append(response.json())
        cursor = found[-1].get("nextCursor")
        assert len(found) < 50
    return found


def names(found):
    return [resource.get("userName") or resource["displayName"] for page in found for resource in page["Resources"]]


@pytest.fixture
def people(scim):
    """Seven users besides the two that are there; some have a display name or an employee's title."""
    for name in ("dora", "ada", "Fay", "bob", "gus", "cleo", "eve"):
        scim.user(name, displayName=name.upper() if name in ("ada", "eve", "Fay") else None)
    return scim


def test_pages_hold_every_resource_once_and_the_last_has_no_cursor(people):
    found = pages(people, count=2)
    assert [page["itemsPerPage"] for page in found] == [2, 2, 2, 2, 1]
    assert all(page["totalResults"] == 9 for page in found)
    assert all("startIndex" not in page for page in found)
    everyone = names([people.get("/Users").json()])
    assert names(found) == everyone
    assert len(set(everyone)) == 9


def test_a_last_page_that_is_full_has_no_cursor(people):
    assert "nextCursor" not in people.get("/Users", cursor="", count=9).json()
    assert "nextCursor" in people.get("/Users", cursor="", count=8).json()


def test_cursors_consist_of_unreserved_characters(people):
    cursor = people.get("/Users", cursor="", count=2, sortBy="userName").json()["nextCursor"]
    assert re.fullmatch(r"[A-Za-z0-9._~-]+", cursor)


@pytest.mark.parametrize("order", ["ascending", "descending"])
@pytest.mark.parametrize(
    "attribute",
    [
        "userName",
        "displayName",
        "externalId",
        "name.familyName",
        "title",
        "active",
        "meta.created",
        "emails",
        "phoneNumbers.value",
        "roles.display",
        "urn:ietf:params:scim:schemas:extension:nice:2.0:User:team.display",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        "id",
    ],
)
def test_pages_by_cursor_are_the_sorted_list_cut_in_pieces(people, attribute, order):
    query = {"sortBy": attribute, "sortOrder": order}
    assert names(pages(people, count=2, **query)) == names([people.get("/Users", **query).json()])


def test_what_has_no_value_comes_last_and_in_descending_order_first(people):
    ascending = names([people.get("/Users", sortBy="displayName").json()])
    assert ascending[:3] == ["ada@acme.example", "eve@acme.example", "Fay@acme.example"]
    descending = names([people.get("/Users", sortBy="displayName", sortOrder="descending").json()])
    assert descending == ascending[::-1]


def test_sorting_ignores_case_where_the_attribute_does(people):
    found = names([people.get("/Users", sortBy="username").json()])
    assert found == sorted(found, key=str.casefold)
    people.user("hal", externalId="a")
    people.user("ivy", externalId="B")
    assert names([people.get("/Users", sortBy="externalId").json()])[:2] == ["ivy@acme.example", "hal@acme.example"]


def test_values_the_employee_has_no_column_for_can_be_sorted_by(people):
    people.user("hal", title="Zookeeper")
    people.user("ivy", title="archivist")
    found = names([people.get("/Users", sortBy="title").json()])
    assert found[:2] == ["ivy@acme.example", "hal@acme.example"]


@pytest.mark.parametrize(
    "attribute", ["bogus", "name", "addresses", "emails.type", "password", "a b", "userName.x", "$"]
)
def test_sorting_by_what_has_no_order_is_refused(scim, attribute):
    refused(scim.get("/Users", sortBy=attribute), 400, "invalidValue", attribute.split(".")[0])


def test_nothing_is_shown_twice_or_lost_when_others_come_and_go(people):
    first = people.get("/Users", cursor="", count=4).json()
    gone = first["Resources"][-1]
    people.delete(f"/Users/{gone['id']}")
    people.user("zoe")
    rest = names(pages_from(people, first["nextCursor"]))
    everyone = names([people.get("/Users").json()])
    assert names([first])[:-1] + rest == everyone


def pages_from(client, cursor):
    found = []
    while cursor is not None:
        found.append(client.get("/Users", cursor=cursor, count=4).json())
        cursor = found[-1].get("nextCursor")
    return found


def test_a_cursor_goes_with_its_filter_and_projection(people):
    found = pages(people, count=2, filter="displayName pr", attributes="userName")
    assert names(found) == ["ada@acme.example", "Fay@acme.example", "eve@acme.example"]
    assert set(found[1]["Resources"][0]) == {"schemas", "id", "userName"}


@pytest.mark.parametrize(
    "other",
    [
        {"path": "/Groups"},
        {"path": ""},
        {"filter": 'userName co "a"'},
        {"sortBy": "userName"},
        {"sortOrder": "descending"},
    ],
)
def test_a_cursor_of_another_query_is_refused(people, other):
    cursor = people.get("/Users", cursor="", count=2).json()["nextCursor"]
    refused(people.get(other.pop("path", "/Users"), cursor=cursor, **other), 400, "invalidCursor")


@pytest.mark.parametrize("cursor", ["x", "a.b", "WzAsbnVsbF0.x", "é", ".", "\x00"])
def test_a_made_up_cursor_is_refused(scim, cursor):
    refused(scim.get("/Users", cursor=cursor), 400, "invalidCursor")


def test_a_cursor_of_another_tenant_is_refused(people, stranger):
    cursor = people.get("/Users", cursor="", count=2).json()["nextCursor"]
    refused(stranger.by_token().get("/Users", cursor=cursor), 400, "invalidCursor")


def test_index_and_cursor_together_are_refused(scim):
    refused(scim.get("/Users", cursor="", startIndex=1), 400, "invalidValue")


def test_searches_page_by_cursor_at_all_three_places(people):
    people.group("Staff")
    people.group("Others")
    assert names(pages(people, "/Users/.search", by="POST", count=4)) == names([people.get("/Users").json()])
    assert names(pages(people, "/Groups/.search", by="POST", count=1)) == ["Staff", "Others"]
    everything = names([people.get("").json()])
    assert len(everything) == 11
    for count in (1, 3, 9, 10, 11):
        assert names(pages(people, "/.search", by="POST", count=count)) == everything


def test_everything_can_be_sorted_by_what_only_one_kind_has(people):
    people.group("Staff")
    found = names(pages(people, "/.search", by="POST", count=4, sortBy="userName"))
    assert found[:2] == ["ada@acme.example", "admin@acme.example"]
    assert found[-1] == "Staff"
    refused(people.get("", sortBy="bogus"), 400, "invalidValue")


def test_a_page_of_nothing_still_leads_on(people):
    first = people.get("/Users", cursor="", count=0).json()
    assert first["Resources"] == []
    assert first["totalResults"] == 9
    assert len(people.get("/Users", cursor=first["nextCursor"], count=9).json()["Resources"]) == 9


def test_a_deep_page_costs_two_statements(people, django_assert_num_queries):
    cursor = people.get("/Users", cursor="", count=4).json()["nextCursor"]
    with django_assert_num_queries(2):
        people.get("/Users", cursor=cursor, count=4)


def test_the_service_says_that_it_pages_by_cursor(scim):
    assert scim.get("/ServiceProviderConfig").json()["pagination"] == {
        "cursor": True,
        "index": True,
        "defaultPaginationMethod": "index",
        "defaultPageSize": 100,
        "maxPageSize": 200,
    }
