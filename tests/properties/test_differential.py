"""Random valid SCIM traffic to ours and to scim2-server, a service provider of other authors, kept in memory: the same answers.

Where the two differ for a reason, the reason has a name in `DIFFERENCES`, and what is compared leaves exactly that out.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from scim2_server.applications.wsgi import WSGIApplication
from scim2_server.memory import InMemoryStorage
from scim2_server.utils import load_default_provider
from werkzeug.test import Client

from tests.api.calls import undone
from tests.scim.client import ENTERPRISE, GROUP, PATCH, SEARCH, USER

DOMAIN = "diff.example"
Answer = tuple[int, Any]
Document = dict[str, Any]

DIFFERENCES = {
    "204 to PATCH": "RFC 7644 §3.5.2 lets a service answer 204 instead of the resource; what it is then is read.",
    "no clock": "Ids, times, versions and addresses are each service's own.",
    "an employee has more": "Ours answers what every employee has besides: roles, team, time zone, names made of others.",
    "nobody is forgotten": "A user name that was deleted belongs to the employee of old, who comes back under the id of old.",
    "members are people": "Ours refuses members who are not there (any more); scim2-server stores whatever is sent.",
    "names of groups": "Those of a tenant differ from each other in ours; the RFC asks for no such thing. The traffic keeps to it.",
    "groups of a user": "Ours answers them, scim2-server keeps none.",
    "words of errors": "A status and, where the RFC names one, a scimType are promised; sentences are not.",
    "order of lists": "Without sortBy the RFC promises no order.",
}

# What requests set, and so what is compared; anything else is one of the differences above.
COMPARED = {
    "userName",
    "name",
    "nickName",
    "title",
    "displayName",
    "emails",
    "externalId",
    "active",
    "members",
    ENTERPRISE,
}
NAMES = ["ada", "bob", "cyd", "Dee"]
TEXTS = ["a", "A b", "Zoë", 'q"q', "x_y", "100%"]
TYPES = ["work", "home"]

texts = st.sampled_from(TEXTS)
numbers = st.integers(0, 5)


@st.composite
def people(draw) -> Document:
    """A User: what is required, and some of the rest."""
    name = draw(st.sampled_from(NAMES))
    address = f"{name}@{DOMAIN}"
    found: Document = {
        "schemas": [USER],
        "userName": address,
        "name": {"givenName": draw(texts), "familyName": draw(texts)},
        "emails": [{"value": address, "type": "work", "primary": True}],
        "displayName": draw(texts),
        "active": draw(st.booleans()),
    }
    for attribute in draw(st.sets(st.sampled_from(["nickName", "title", "externalId"]))):
        found[attribute] = draw(texts)
    if draw(st.booleans()):
        found["emails"].append({"value": f"home.{address}", "type": "home"})
    if draw(st.booleans()):
        found["schemas"].append(ENTERPRISE)
        found[ENTERPRISE] = {"department": draw(texts)}
    return found


SINGLE = ["nickName", "title", "displayName", "name.givenName", f"{ENTERPRISE}:department"]
changes = st.one_of(
    st.builds(
        lambda name, path, value: {"op": name, "path": path, "value": value},
        st.sampled_from(["add", "replace"]),
        st.sampled_from(SINGLE),
        texts,
    ),
    st.builds(
        lambda path: {"op": "remove", "path": path}, st.sampled_from(["nickName", "title", f"{ENTERPRISE}:department"])
    ),
    st.builds(lambda value: {"op": "replace", "path": "active", "value": value}, st.booleans()),
    st.builds(lambda name, title: {"op": "replace", "value": {"nickName": name, "title": title}}, texts, texts),
    st.builds(
        lambda word: {"op": "add", "path": "emails", "value": [{"value": f"{word}@other.example", "type": "other"}]},
        st.sampled_from(NAMES),
    ),
    st.just({"op": "remove", "path": 'emails[type eq "home"]'}),
    st.just({"op": "replace", "path": 'emails[type eq "work"].value', "value": f"new@{DOMAIN}"}),
)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


comparisons = st.builds(
    lambda path, operator, text: f"{path} {operator} {quoted(text)}",
    st.sampled_from(
        ["nickName", "title", "displayName", "name.familyName", "emails.value", f"{ENTERPRISE}:department"]
    ),
    st.sampled_from(["eq", "ne", "co", "sw", "ew"]),
    st.sampled_from([*TEXTS, "b", "HOME", "ada"]),
)
leaves = st.one_of(
    comparisons,
    st.sampled_from(
        ["title pr", "active eq true", "active eq false", 'emails[type eq "home"]', f'userName eq "ADA@{DOMAIN}"']
    ),
)
filters = st.one_of(
    leaves,
    st.builds("{} and {}".format, leaves, leaves),
    st.builds("{} or {}".format, leaves, leaves),
    st.builds("not ({})".format, leaves),
)
kinds = st.sampled_from(["create", "create", "read", "filter", "search", "patch", "patch", "put", "delete"])
of_groups = st.sampled_from(["create", "read", "filter", "add", "remove", "rename", "put", "delete"])
steps = st.one_of(
    st.tuples(st.just("Users"), kinds, numbers, people(), st.lists(changes, min_size=1, max_size=3), filters),
    st.tuples(
        st.just("Groups"),
        of_groups,
        numbers,
        st.sampled_from(["Staff", "staff", "Zoë"]),
        st.sets(numbers, max_size=3),
        st.just(""),
    ),
)


@dataclass
class Service:
    """One of the two: how it is asked, and what its ids are called here."""

    ask: Callable[[str, str, Any], Answer]
    known: dict[str, list[str]] = field(default_factory=lambda: {"Users": [], "Groups": []})
    names: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    """Ids and user names of what was deleted."""

    def one(self, kind: str, number: int) -> str | None:
        """The id of one of the resources that were created, deleted ones among them."""
        ids = self.known[kind]
        return ids[number % len(ids)] if ids else None

    def called(self, resource_id: str) -> str:
        for kind, ids in self.known.items():
            if resource_id in ids:
                return f"{kind} {ids.index(resource_id)}"
        return "unknown"


class Play:
    """The requests of a list of steps, asked of one service; answers what it said in comparable form."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def answers(self, script: list[Any]) -> Iterator[Any]:
        for at, (kind, verb, number, what, *rest) in enumerate(script):
            named = f"{what} {at}" if kind == "Groups" and verb != "filter" else what
            made = self.request(kind, verb, number, named, *rest)
            if made is None:
                continue
            method, path, body = made
            status, document = self.service.ask(method, path, body)
            if verb == "create" and status == 201:
                self.service.known[kind].append(document["id"])
            if verb == "delete" and status == 204:
                self.service.gone |= {body_id := path.rpartition("/")[2], self.service.names.get(body_id, "")}
            if method == "PATCH" and status == 204:
                status, document = self.service.ask("GET", path, None)
            yield f"{verb} {kind}", self.comparable(status, document)

    def request(
        self, kind: str, verb: str, number: int, what: Any, more: Any, text: str
    ) -> tuple[str, str, Any] | None:
        """Method, path and body of a step; None while there is nothing it could be about."""
        resource_id = self.service.one(kind, number)
        path = f"/{kind}/{resource_id}"
        if verb in ("create", "put") and kind == "Users" and what["userName"] in self.service.gone:
            return None
        match verb:
            case "create":
                return "POST", f"/{kind}", what if kind == "Users" else self.group(what, more)
            case "filter":
                return "GET", self.list_of(kind, text or f"displayName sw {quoted(what)}"), None
            case "search":
                return (
                    "POST",
                    f"/{kind}/.search",
                    {
                        "schemas": [SEARCH],
                        "filter": f'userName co "@{DOMAIN}" and ({text})',
                        "attributes": ["userName", "title"],
                    },
                )
        return None if resource_id is None else self.about_one(path, kind, verb, number, what, more)

    def about_one(
        self, path: str, kind: str, verb: str, number: int, what: Any, more: Any
    ) -> tuple[str, str, Any] | None:
        """The same for steps about one resource."""
        match verb:
            case "read":
                return "GET", path, None
            case "delete":
                return "DELETE", path, None
            case "put":
                return "PUT", path, what if kind == "Users" else self.group(what, more)
            case "patch":
                return "PATCH", path, {"schemas": [PATCH], "Operations": more}
            case "rename":
                return "PATCH", path, self.patch({"op": "replace", "path": "displayName", "value": what})
            case "add":
                return "PATCH", path, self.patch({"op": "add", "path": "members", "value": self.members(more)})
            case "remove":
                member = self.service.one("Users", number)
                return member and ("PATCH", path, self.patch({"op": "remove", "path": f'members[value eq "{member}"]'}))
        return None

    def list_of(self, kind: str, text: str) -> str:
        return f"/{kind}?filter=" + quote(f'userName co "@{DOMAIN}" and ({text})' if kind == "Users" else text)

    @staticmethod
    def patch(operation: Document) -> Document:
        return {"schemas": [PATCH], "Operations": [operation]}

    def members(self, chosen: set[int]) -> list[Document]:
        found = {self.service.one("Users", number) for number in chosen} - self.service.gone
        return [{"value": member} for member in sorted(filter(None, found))]

    def group(self, name: str, chosen: set[int]) -> Document:
        return {"schemas": [GROUP], "displayName": name, "members": self.members(chosen)}

    def comparable(self, status: int, document: Any) -> Any:
        """An answer without what `DIFFERENCES` names."""
        if status >= 400:
            return status, (document or {}).get("scimType")
        if document is None:
            return status, None
        if "Resources" in document or "totalResults" in document:
            listed = sorted((self.resource(one) for one in document.get("Resources", [])), key=lambda one: one["id"])
            return status, document["totalResults"], listed
        return status, self.resource(document)

    def resource(self, document: Document) -> Document:
        found = {name: value for name, value in document.items() if name in COMPARED and value not in (None, [], {})}
        found["id"] = self.service.called(document["id"])
        if "userName" in found:
            self.service.names[document["id"]] = found["userName"]
        if "name" in found:
            found["name"] = {part: found["name"].get(part) for part in ("givenName", "familyName")}
        if "members" in found:
            living = {entry["value"] for entry in found["members"]} - self.service.gone
            found["members"] = sorted(map(self.service.called, living))
            if not living:
                del found["members"]
        if "emails" in found:
            found["emails"] = sorted(
                ((email["value"], email.get("type"), bool(email.get("primary"))) for email in found["emails"]), key=str
            )
        return found


def peer() -> Service:
    """scim2-server with nothing in it."""
    client = Client(WSGIApplication(InMemoryStorage(), load_default_provider()))

    def ask(method: str, path: str, body: Any) -> Answer:
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/scim+json"}
        response = client.open(path, method=method, **sent)
        return response.status_code, response.get_json(force=True, silent=True)

    return Service(ask)


def ours(scim) -> Service:
    def ask(method: str, path: str, body: Any) -> Answer:
        response = scim.call(method, path, body)
        return response.status_code, response.json() if response.content else None

    return Service(ask)


@pytest.mark.parametrize("name", sorted(DIFFERENCES))
def test_every_difference_has_its_reason(name):
    assert DIFFERENCES[name].endswith(".")


# Two people and a group to begin with, so that the rest is about something.
beginnings = st.tuples(
    *(st.tuples(st.just("Users"), st.just("create"), numbers, people(), st.just([]), st.just("")) for _ in range(2)),
    st.tuples(
        st.just("Groups"), st.just("create"), numbers, st.just("Crew"), st.sets(numbers, max_size=2), st.just("")
    ),
)
scripts = st.builds(lambda first, rest: [*first, *rest], beginnings, st.lists(steps, min_size=8, max_size=20))


@given(script=scripts)
@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # shrinking a list of requests takes longer than reading it
    suppress_health_check=list(HealthCheck),
)
def test_both_answer_the_same(scim, script):
    with undone():
        mine = list(Play(ours(scim)).answers(script))
    theirs = list(Play(peer()).answers(script))
    for number, (one, other) in enumerate(zip(mine, theirs, strict=True)):
        note(f"{number}: ours {one}\n   theirs {other}")
        assert one == other
