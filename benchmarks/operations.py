"""The work: SCIM operations as clients send them, each with what its answer must be."""

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from benchmarks.client import Answer, Document, Target, Unit, Wrong, run

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
PAGE = 100
DOMAIN = "bench.example"


@dataclass(frozen=True, slots=True)
class Known:
    """A user the server has: what reads ask for and compare with."""

    id: str
    username: str


@dataclass(slots=True)
class Work:
    """Everything the operations need to know about one server at one size.

    Attributes:
        known: users to read and change; each connection has its own share of them, so that no two change the same one.
        total: how many users the server had at least when the work began.
        prefix: makes the user names of this run differ from those of others.
    """

    target: Target
    known: list[Known]
    total: int
    connections: int
    prefix: str
    chance: random.Random = field(default_factory=random.Random)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def someone(self, lane: int) -> Known:
        """A user of this connection's share, at random."""
        shares = range(lane % self.connections, len(self.known), self.connections)
        return self.known[self.chance.choice(shares)]

    def stranger(self) -> str:
        """A user name nobody has."""
        return f"{self.prefix}.{next(self.numbers)}@{DOMAIN}"


def body(username: str, family_name: str = "Person") -> Document:
    """A User as Okta sends it."""
    return {
        "schemas": [USER],
        "userName": username,
        "name": {"givenName": "Bench", "familyName": family_name},
        "emails": [{"primary": True, "value": username, "type": "work"}],
        "displayName": f"Bench {family_name}",
        "externalId": f"ext-{username}",
        "active": True,
    }


def switch(active: bool) -> Document:
    """A PATCH that deactivates or reactivates, in Okta's form without a path."""
    return {"schemas": [PATCH], "Operations": [{"op": "replace", "value": {"active": active}}]}


def by_name(username: str) -> str:
    """The address of a look-up by user name."""
    wanted = quote(f'userName eq "{username}"')
    return f"/Users?filter={wanted}&startIndex=1&count=100"


def expect(answer: Answer, status: int) -> Document:
    """The document of an answer with this status.

    Raises:
        Wrong: it has another one, or no document.
    """
    if answer.status != status or answer.document is None:
        raise Wrong(f"{status} with a document was expected.")
    return answer.document


def same(what: str, found: object, wanted: object) -> None:
    """Refuse an answer in which something differs from what was asked for or written."""
    if found != wanted:
        raise Wrong(f"{what} should be {wanted!r}, not {found!r}.")


def get(work: Work, lane: int) -> Unit:
    """Read a user by id."""
    someone = work.someone(lane)
    found = expect((yield work.target.request("GET", f"/Users/{someone.id}")), 200)
    same("id", found.get("id"), someone.id)
    same("userName", found.get("userName"), someone.username)


def filter_hit(work: Work, lane: int) -> Unit:
    """Look up a user name that is there."""
    someone = work.someone(lane)
    found = expect((yield work.target.request("GET", by_name(someone.username))), 200)
    same("totalResults", found.get("totalResults"), 1)
    same("id", found["Resources"][0].get("id"), someone.id)


def filter_miss(work: Work, lane: int) -> Unit:
    """Look up a user name that nobody has."""
    found = expect((yield work.target.request("GET", by_name(work.stranger()))), 200)
    same("totalResults", found.get("totalResults"), 0)
    same("Resources", found.get("Resources", []), [])


def create(work: Work, lane: int) -> Unit:
    """Create a user."""
    username = work.stranger()
    created = expect((yield work.target.request("POST", "/Users", body(username))), 201)
    same("userName", created.get("userName"), username)
    if not created.get("id"):
        raise Wrong("A created user needs an id.")


def deactivate(work: Work, lane: int) -> Unit:
    """Deactivate a user by PATCH and reactivate it by another, so that each of them changes something."""
    someone = work.someone(lane)
    for active in (False, True):
        answer = yield work.target.request("PATCH", f"/Users/{someone.id}", switch(active))
        if answer.status != 204:
            same("active", expect(answer, 200).get("active"), active)


def put(work: Work, lane: int) -> Unit:
    """Replace a user under another family name."""
    someone = work.someone(lane)
    family_name = f"Renamed {next(work.numbers)}"
    document = {**body(someone.username, family_name), "id": someone.id}
    found = expect((yield work.target.request("PUT", f"/Users/{someone.id}", document)), 200)
    same("familyName", found.get("name", {}).get("familyName"), family_name)
    same("id", found.get("id"), someone.id)


def list_page(work: Work, lane: int) -> Unit:
    """Read a page of 100 users somewhere in the list."""
    most = min(PAGE, work.total)
    start = work.chance.randint(1, max(work.total - PAGE, 1))
    found = expect((yield work.target.request("GET", f"/Users?startIndex={start}&count={PAGE}")), 200)
    same("number of Resources", len(found["Resources"]) >= most, True)
    same("startIndex", found.get("startIndex"), start)
    if found.get("totalResults", 0) < work.total:
        raise Wrong(f"totalResults should be at least {work.total}.")


def life_cycle(work: Work, lane: int) -> Unit:
    """What Okta does for one person: look up, create, read, replace with a change, deactivate."""
    target, username = work.target, work.stranger()
    same("totalResults", expect((yield target.request("GET", by_name(username))), 200).get("totalResults"), 0)
    created = expect((yield target.request("POST", "/Users", body(username))), 201)
    address = f"/Users/{created['id']}"
    read = expect((yield target.request("GET", address)), 200)
    same("userName", read.get("userName"), username)
    changed = {**read, "name": {**read["name"], "familyName": "Married"}}
    replaced = expect((yield target.request("PUT", address, changed)), 200)
    same("familyName", replaced["name"].get("familyName"), "Married")
    answer = yield target.request("PATCH", address, switch(active=False))
    if answer.status != 204:
        same("active", expect(answer, 200).get("active"), False)


@dataclass(frozen=True, slots=True)
class Operation:
    """A kind of work, and how many of what is counted one unit of it holds."""

    name: str
    unit: Callable[[Work, int], Unit]
    weight: int = 1
    writes: bool = False


OPERATIONS = (
    Operation("get", get),
    Operation("filter-hit", filter_hit),
    Operation("filter-miss", filter_miss),
    Operation("create", create, writes=True),
    Operation("patch", deactivate, weight=2, writes=True),
    Operation("put", put, writes=True),
    Operation("list", list_page),
    Operation("life-cycle", life_cycle, writes=True),
)


def find(target: Target, usernames: list[str]) -> list[Known]:
    """The users of these names, looked up one by one.

    Raises:
        Wrong: one of them is missing.
    """
    found: list[Known] = []
    waiting = iter(usernames)

    def look_up(lane: int) -> Unit:
        username = next(waiting)
        answer = expect((yield target.request("GET", by_name(username))), 200)
        same(f"totalResults for {username}", answer.get("totalResults"), 1)
        found.append(Known(str(answer["Resources"][0]["id"]), username))

    run(target, look_up, connections=4, seconds=600, most=len(usernames))
    return found


def populate(target: Target, usernames: list[str]) -> None:
    """Create users of these names."""
    waiting = iter(usernames)

    def add(lane: int) -> Unit:
        expect((yield target.request("POST", "/Users", body(next(waiting)))), 201)

    run(target, add, connections=4, seconds=600, most=len(usernames))
