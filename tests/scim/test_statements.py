"""How many statements a request costs: one to authenticate and authorise, two more to read, five more to write."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.scim.client import ENTERPRISE, add, group, remove, replace, user

NO_STATEMENTS = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "BEGIN", "COMMIT")


def cost(act) -> list[str]:
    """The statements of a request, without the marks of transactions."""
    with CaptureQueriesContext(connection) as captured:
        response = act()
    assert response.status_code < 300, response.content
    return [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(NO_STATEMENTS)]


@pytest.fixture
def ada(scim) -> dict:
    """A user; making her also notes the use of the token, which happens once a minute."""
    return scim.user(externalId="x-1", title="Countess")


READS = [
    lambda scim, ada: scim.get(f"/Users/{ada['id']}"),
    lambda scim, ada: scim.get("/Users", filter='userName eq "ada@acme.example"'),
    lambda scim, ada: scim.get("/Users", filter='externalId eq "x-1" and active eq true'),
    lambda scim, ada: scim.get("/Users", filter=f'{ENTERPRISE}:department pr or emails[type eq "work"].value sw "a"'),
    lambda scim, ada: scim.get("/Users", startIndex=1, count=100, sortBy="userName"),
    lambda scim, ada: scim.get("/Users", filter='userName eq "nobody"'),
    lambda scim, ada: scim.get("/Groups", filter=f'displayName eq "x" or members eq "{ada["id"]}"'),
    lambda scim, ada: scim.get("/Groups"),
]


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("door", ["by_token", "by_key"])
def test_a_read_costs_at_most_three_statements(acme, ada, read, door):
    client = getattr(acme, door)()
    client.get("/Users", count=0)
    assert len(cost(lambda: read(client, ada))) <= 3


@pytest.mark.parametrize("door", ["by_token", "by_key"])
def test_authentication_and_authorisation_are_one_statement(acme, door):
    client = getattr(acme, door)()
    client.get("/Users", count=0)
    assert len(cost(lambda: client.get("/ResourceTypes"))) == 1
    assert len(cost(lambda: client.get("/Users", count=0))) == 1
    assert len(cost(lambda: client.get("/Users"))) == 2


@pytest.mark.parametrize("door", ["by_token", "by_key"])
def test_reading_one_and_looking_one_up_are_one_statement_with_who_asks(acme, ada, door):
    client = getattr(acme, door)()
    client.get("/Users", count=0)
    assert len(cost(lambda: client.get(f"/Users/{ada['id']}"))) == 1
    for name in ("ada@acme.example", "nobody"):
        assert len(cost(lambda name=name: client.get("/Users", filter=f'userName eq "{name}"'))) == 1


WRITES = [
    lambda scim, ada: scim.post("/Users", user("bea")),
    lambda scim, ada: scim.post("/Users", user("bea", roles=[{"value": "Agent"}], phoneNumbers=[{"value": "1"}])),
    lambda scim, ada: scim.put(f"/Users/{ada['id']}", user(title="Other", name={"givenName": "A", "familyName": "B"})),
    lambda scim, ada: scim.put(f"/Users/{ada['id']}", user(active=False)),
    lambda scim, ada: scim.put(f"/Users/{ada['id']}", user(roles=[{"value": "SCIM Access Key"}])),
    lambda scim, ada: scim.patch(f"/Users/{ada['id']}", replace(None, {"active": False})),
    lambda scim, ada: scim.patch(
        f"/Users/{ada['id']}", replace("title", "x"), remove("externalId"), add("nickName", "n")
    ),
    lambda scim, ada: scim.patch(f"/Users/{ada['id']}", replace("title", "Countess")),
    lambda scim, ada: scim.delete(f"/Users/{ada['id']}"),
]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("door", ["by_token", "by_key"])
def test_a_write_costs_at_most_five_statements(acme, ada, write, door):
    client = getattr(acme, door)()
    client.get("/Users", count=0)
    statements = cost(lambda: write(client, ada))
    assert len(statements) <= 5, "\n".join(statements)


@pytest.mark.parametrize("door", ["by_token", "by_key"])
def test_on_postgresql_a_user_is_created_in_two_statements(acme, ada, door):
    client = getattr(acme, door)()
    client.get("/Users", count=0)
    assert len(cost(lambda: client.post("/Users", user("bea")))) == (2 if connection.vendor == "postgresql" else 4)


@pytest.mark.parametrize("kind", ["Users", "Groups"])
def test_a_list_of_a_hundred_costs_no_more_than_a_list_of_one(scim, ada, kind):
    for number in range(4):
        scim.group(f"g{number}", ada["id"])
    one = len(cost(lambda: scim.get(f"/{kind}", count=1)))
    for number in range(98):
        person = scim.user(f"u{number}", emails=[{"value": "a@x.example"}, {"value": "b@x.example"}])
        if kind == "Groups":
            scim.group(f"h{number}", ada["id"], person["id"])
    with CaptureQueriesContext(connection) as captured:
        document = scim.get(f"/{kind}", count=100).json()
    assert document["itemsPerPage"] == 100
    assert len(captured) == one == {"Users": 2, "Groups": 3}[kind]


@pytest.mark.parametrize("members", [1, 30])
@pytest.mark.parametrize("query", ["", "?excludedAttributes=members"])
def test_the_size_of_a_group_does_not_matter_to_a_change_of_its_members(scim, members, query):
    people = [scim.user(f"u{number}")["id"] for number in range(members + 1)]
    staff = scim.group("Staff", *people[:-1])
    path = f"/Groups/{staff['id']}{query}"
    member = [{"value": people[-1]}]
    costs = {
        "add": len(cost(lambda: scim.patch(path, add("members", member)))),
        "again": len(cost(lambda: scim.patch(path, add("members", member)))),
        "remove": len(cost(lambda: scim.patch(path, remove(f'members[value eq "{people[-1]}"]')))),
        "rename": len(cost(lambda: scim.patch(path, replace("displayName", "Other")))),
        "exchange": len(
            cost(
                lambda: scim.patch(
                    path,
                    add("members", member),
                    remove(f'members[value eq "{people[0]}"]'),
                    replace("displayName", "O"),
                )
            )
        ),
        "put": len(cost(lambda: scim.put(path, group("Other", *people)))),
        "read": len(cost(lambda: scim.get(path))),
    }
    # On PostgreSQL a record and its event are one statement; a change of members reads all of them once if the answer shows them.
    saved, shown = connection.vendor == "postgresql", not query
    assert costs == {
        "add": 5 - saved,
        "again": 2,
        "remove": 5 - saved,
        "rename": 3 - saved + shown,
        "exchange": 6 - saved,
        "put": 5 - saved,
        "read": 2,
    }
