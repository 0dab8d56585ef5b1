"""Lists: paging, sorting, projection and `.search` (RFC 7644 §3.4.2, §3.4.3, §3.9)."""

import json

import pytest

from tests.scim.client import ENTERPRISE, LIST, NICE, SEARCH, USER, refused

NAMES = ["ann", "ben", "cid", "dot", "eve", "fay", "gus"]
EVERYBODY = 9  # with the seed's two


@pytest.fixture
def people(scim) -> list[dict]:
    return [scim.user(name, externalId=f"x-{name}", title=name.upper()) for name in NAMES]


def names(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [resource["userName"].partition("@")[0] for resource in response.json()["Resources"]]


def test_a_list_has_its_shape(scim, people):
    document = scim.get("/Users", count=3).json()
    assert document["schemas"] == [LIST]
    assert (document["totalResults"], document["startIndex"], document["itemsPerPage"]) == (EVERYBODY, 1, 3)
    assert len(document["Resources"]) == 3
    assert all(type(document[name]) is int for name in ("totalResults", "startIndex", "itemsPerPage"))


def test_a_resource_in_a_list_is_the_resource_itself(scim, people):
    listed = {resource["id"]: resource for resource in scim.get("/Users").json()["Resources"]}
    for person in people:
        assert listed[person["id"]] == scim.read(person)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 100])
def test_paging_visits_everybody_once_in_the_same_order(scim, people, size):
    seen: list[str] = []
    start = 1
    while True:
        document = scim.get("/Users", startIndex=start, count=size).json()
        assert document["totalResults"] == EVERYBODY
        assert document["startIndex"] == start
        seen += [resource["id"] for resource in document["Resources"]]
        start += document["itemsPerPage"]
        if len(seen) >= EVERYBODY:
            break
    assert len(set(seen)) == EVERYBODY
    assert seen == [resource["id"] for resource in scim.get("/Users").json()["Resources"]]
    assert names(scim.get("/Users"))[2:] == NAMES  # creation order


def test_a_filtered_list_is_paged(scim, people):
    document = scim.get("/Users", filter='externalId sw "x-"', startIndex=3, count=2).json()
    assert (document["totalResults"], document["startIndex"], document["itemsPerPage"]) == (7, 3, 2)
    assert [resource["externalId"] for resource in document["Resources"]] == ["x-cid", "x-dot"]


@pytest.mark.parametrize(
    ("query", "start", "shown"),
    [
        ({"count": 0}, 1, 0),
        ({"count": -1}, 1, 0),
        ({"count": "-999999999999999999"}, 1, 0),
        ({"count": 100_000}, 1, EVERYBODY),
        ({"count": "999999999999999999"}, 1, EVERYBODY),
        ({"count": ""}, 1, EVERYBODY),
        ({"count": "+2"}, 1, 2),
        ({"startIndex": 0}, 1, EVERYBODY),
        ({"startIndex": -5}, 1, EVERYBODY),
        ({"startIndex": 9}, 9, 1),
        ({"startIndex": 10}, 10, 0),
        ({"startIndex": 1_000_000}, 1_000_000, 0),
        ({"startIndex": "999999999999999999", "count": 5}, 2**31, 0),
    ],
)
def test_the_extremes_of_paging(scim, people, query, start, shown):
    document = scim.get("/Users", **query).json()
    assert (document["totalResults"], document["startIndex"], document["itemsPerPage"]) == (EVERYBODY, start, shown)
    assert len(document["Resources"]) == shown


@pytest.mark.parametrize("value", ["abc", "1.5", "1e3", "0x10", "9" * 19, "１２", "true", "1 2"])
@pytest.mark.parametrize("name", ["count", "startIndex"])
def test_a_number_must_be_one(scim, name, value):
    refused(scim.get("/Users", **{name: value}), 400, "invalidValue", f"{name} must be a whole number.")


def test_no_page_is_larger_than_the_service_says(scim, people, settings):
    settings.SCIM_MAX_COUNT, settings.SCIM_DEFAULT_COUNT = 5, 3
    most = scim.get("/ServiceProviderConfig").json()["filter"]["maxResults"]
    assert scim.get("/Users", count=100_000).json()["itemsPerPage"] == most == 5
    assert scim.get("/Users").json()["itemsPerPage"] == 3


@pytest.mark.parametrize(
    ("sort_by", "first"),
    [
        ("userName", "admin"),
        ("USERNAME", "admin"),
        (f"{USER}:userName", "admin"),
        ("name.givenName", None),
        ("meta.created", "admin"),
        ("externalId", None),
        ("emails.value", "admin"),
        ("id", "admin"),
    ],
)
def test_sorting(scim, people, sort_by, first):
    ascending = names(scim.get("/Users", sortBy=sort_by, filter="userName pr"))
    descending = names(scim.get("/Users", sortBy=sort_by, sortOrder="DESCENDING"))
    assert ascending == descending[::-1]
    assert [name for name in ascending if name in NAMES] == NAMES
    if first:
        assert ascending[0] == first
    paged = [
        name for start in range(1, 10) for name in names(scim.get("/Users", sortBy=sort_by, count=1, startIndex=start))
    ]
    assert paged == ascending


def test_sorting_does_not_look_at_case(scim):
    for name in ("Zoe", "adam", "Bert"):
        scim.user(name)
    shown = names(scim.get("/Users", sortBy="userName", filter='not (userName sw "scim" or userName sw "admin")'))
    assert shown == ["adam", "Bert", "Zoe"]


@pytest.mark.parametrize(
    "query", [{"sortBy": "bogus"}, {"sortBy": "password"}, {"sortBy": "userName", "sortOrder": "up"}]
)
def test_an_impossible_order_is_refused(scim, query):
    refused(scim.get("/Users", **query), 400, "invalidValue")


def test_the_refusal_of_an_order_says_why(scim):
    refused(scim.get("/Users", sortBy="addresses"), 400, "invalidValue", "Sorting by addresses", "sub-attribute")
    refused(scim.get("/Groups", sortBy="members"), 400, "invalidValue", "Sorting by members", "several values")


ALWAYS = {"schemas", "id"}


@pytest.mark.parametrize(
    ("query", "members"),
    [
        ({"attributes": "userName"}, {"userName"}),
        ({"attributes": "USERNAME,title"}, {"userName", "title"}),
        ({"attributes": ["userName", "title"]}, {"userName", "title"}),
        ({"attributes": " userName , , title "}, {"userName", "title"}),
        ({"attributes": f"{USER}:userName"}, {"userName"}),
        ({"attributes": ENTERPRISE}, {ENTERPRISE}),
        ({"attributes": f"{ENTERPRISE.upper()}:department"}, {ENTERPRISE}),
        ({"attributes": f"{NICE}:team,meta"}, {NICE, "meta"}),
        ({"attributes": "id"}, set()),
        ({"attributes": "bogus"}, set()),
        ({"attributes": "password"}, set()),
    ],
)
@pytest.mark.parametrize("how", ["one", "list", "search"])
def test_only_what_is_asked_for_is_shown(scim, query, members, how):
    created = scim.user("ada", title="Countess", **{ENTERPRISE: {"department": "Notes", "division": "x"}})
    if how == "one":
        resource = scim.get(f"/Users/{created['id']}", **query).json()
    elif how == "list":
        (resource,) = scim.get("/Users", filter='userName sw "ada"', **query).json()["Resources"]
    else:
        given = query["attributes"] if isinstance(query["attributes"], list) else [query["attributes"]]
        body = {"schemas": [SEARCH], "filter": 'userName sw "ada"', "attributes": given}
        (resource,) = scim.post("/Users/.search", body).json()["Resources"]
    assert set(resource) == ALWAYS | members
    for name in members - {NICE, ENTERPRISE}:
        assert resource[name] == created[name]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("name.familyName", {"name": {"familyName": "Lovelace"}}),
        ("NAME.familyname", {"name": {"familyName": "Lovelace"}}),
        (f"{USER}:name.familyName,userName", {"name": {"familyName": "Lovelace"}, "userName": "ada@acme.example"}),
        ("emails.value", {"emails": [{"value": "ada@acme.example"}]}),
        (f"{ENTERPRISE}:department", {ENTERPRISE: {"department": "Notes"}}),
        ("name.honorificPrefix", {}),
    ],
)
def test_parts_of_attributes_can_be_asked_for(scim, attributes, expected):
    created = scim.user("ada", **{ENTERPRISE: {"department": "Notes", "division": "x"}})
    resource = scim.read(created, attributes=attributes)
    assert {name: value for name, value in resource.items() if name not in ALWAYS} == expected


@pytest.mark.parametrize(
    ("excluded", "gone"),
    [
        ("emails,id", {"emails"}),
        ("EMAILS", {"emails"}),
        (ENTERPRISE, {ENTERPRISE}),
        ("meta,schemas,roles", {"meta", "roles"}),
        ("bogus", set()),
    ],
)
def test_what_is_not_wanted_is_left_out(scim, excluded, gone):
    created = scim.user("ada", **{ENTERPRISE: {"department": "Notes"}})
    assert set(scim.read(created, excludedAttributes=excluded)) == set(created) - gone


def test_parts_can_be_left_out(scim):
    created = scim.user("ada", **{ENTERPRISE: {"department": "Notes", "division": "x"}})
    shown = scim.read(created, excludedAttributes=f"name.givenName,emails.type,{ENTERPRISE}:division")
    assert shown["name"] == {"familyName": "Lovelace"}
    assert shown["emails"] == [{"value": "ada@acme.example", "primary": True}]
    assert shown[ENTERPRISE] == {"department": "Notes"}


@pytest.mark.parametrize("query", [{"attributes": ""}, {"excludedAttributes": ""}, {"attributes": " , "}])
def test_an_empty_choice_is_none(scim, query):
    created = scim.user()
    assert scim.read(created, **query) == created


@pytest.mark.parametrize(
    "query", [{"attributes": "userName", "excludedAttributes": "id"}, {"attributes": "a b"}, {"attributes": "a..b"}]
)
def test_an_impossible_choice_is_refused(scim, query):
    refused(scim.get("/Users", **query), 400, "invalidValue")


def test_unknown_parameters_are_ignored(scim):
    assert scim.get("/Users", aadOptscim062020="", whatever="1").status_code == 200


def test_a_slash_at_the_end_is_tolerated(scim):
    created = scim.user()
    assert scim.get("/Users/").status_code == 200
    assert scim.get(f"/Users/{created['id']}/").json() == created


# .search


def test_a_search_takes_its_parameters_from_the_body(scim, people):
    response = scim.post(
        "/Users/.search",
        {
            "schemas": [SEARCH],
            "filter": 'externalId sw "x-"',
            "startIndex": 2,
            "count": 2,
            "sortBy": "userName",
            "sortOrder": "descending",
            "excludedAttributes": ["emails"],
        },
    )
    document = response.json()
    assert names(response) == ["fay", "eve"]
    assert (document["totalResults"], document["startIndex"], document["itemsPerPage"]) == (7, 2, 2)
    assert "emails" not in document["Resources"][0]


def test_a_search_in_groups(scim):
    scim.group("Staff")
    document = scim.post("/Groups/.search", {"schemas": [SEARCH], "filter": 'displayName eq "staff"'}).json()
    assert [found["displayName"] for found in document["Resources"]] == ["Staff"]


@pytest.mark.parametrize("how", ["get", "search"])
def test_the_base_address_lists_users_before_groups(scim, people, how):
    for name in ("Staff", "Other"):
        scim.group(name)

    def page(**query):
        if how == "get":
            return scim.get("", **query).json()
        return scim.post("/.search", {"schemas": [SEARCH], **query}).json()

    document = page(filter="meta.created pr")
    assert document["totalResults"] == EVERYBODY + 2
    kinds = [resource["meta"]["resourceType"] for resource in document["Resources"]]
    assert kinds == ["User"] * EVERYBODY + ["Group"] * 2
    split = page(startIndex=EVERYBODY, count=2)
    assert [resource["meta"]["resourceType"] for resource in split["Resources"]] == ["User", "Group"]
    assert page(filter='displayName eq "Staff"')["totalResults"] == 1
    assert page(filter='userName eq "ann@acme.example"')["totalResults"] == 1
    assert page(count=0)["Resources"] == []


def test_a_search_everywhere_for_what_nothing_has_is_refused(scim):
    refused(scim.get("", filter='bogus eq "x"'), 400, "invalidFilter", "bogus")


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "x",
        {"filter": 'userName eq "x"'},
        {"schemas": ["x"]},
        {"schemas": [SEARCH], "filter": 5},
        {"schemas": [SEARCH], "count": "x"},
        {"schemas": [SEARCH], "count": True},
        {"schemas": [SEARCH], "startIndex": {}},
        {"schemas": [SEARCH], "startIndex": 1.5},
        {"schemas": [SEARCH], "attributes": "userName"},
        {"schemas": [SEARCH], "attributes": [1]},
        {"schemas": [SEARCH], "sortBy": ["userName"]},
        {"schemas": [SEARCH], "sortOrder": 1},
    ],
)
@pytest.mark.parametrize("path", ["/.search", "/Users/.search"])
def test_a_body_that_is_no_search_is_refused(scim, path, body):
    assert scim.call("POST", path, json.dumps(body)).status_code == 400
