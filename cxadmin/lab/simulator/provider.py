"""What both simulated providers share: whom and what they know, and how they send SCIM requests."""

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar

from cxadmin.lab import people
from cxadmin.lab.simulator.sign_in import Authorization
from cxadmin.lab.simulator.wire import Answer, Client

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"

GROUP_NAMES = (
    "Billing",
    "Back Office",
    "Technical Support",
    "Sales",
    "Returns",
    "Retention",
    "Escalations",
    "Night Shift",
)
MOST_GROUPS = 200


class Refused(Exception):
    """The server said no to a request."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.said)
        self.answer = answer


class Missing(Exception):
    """Somebody a step is about is not there."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the provider's directory; the same seed and number are the same person everywhere."""

    number: int
    username: str
    first_name: str
    last_name: str
    next_last_name: str
    """What the step `update` calls the person."""
    token: str
    """Hexadecimal digits that are the person's own, for identifiers."""

    @property
    def uuid(self) -> str:
        return str(uuid.UUID(self.token[:32]))


def person(seed: int, number: int, domain: str) -> Person:
    """The person of this number."""
    found, other = people.person(seed, number), people.person(seed + 1, number)
    changed = other.last_name if other.last_name != found.last_name else f"{found.last_name}-{other.first_name}"
    token = hashlib.blake2b(f"directory {seed}:{number}".encode(), digest_size=20).hexdigest()
    return Person(number, f"{found.mailbox}@{domain}", found.first_name, found.last_name, changed, token)


def id_in(resource: dict[str, Any]) -> str:
    """The id of a resource.

    Raises:
        Missing: it has none, which a provider can do nothing with.
    """
    if not isinstance(resource.get("id"), str) or not resource["id"]:
        raise Missing("The answer holds no id.")
    return str(resource["id"])


def group_name(number: int) -> str:
    """The name of a pushed group; numbers start at 0."""
    rounds, place = divmod(number, len(GROUP_NAMES))
    return f"{GROUP_NAMES[place]} {rounds + 1}" if rounds else GROUP_NAMES[place]


@dataclass
class Provider:
    """A provider connected to one SCIM service. It remembers who has which id there, as the real ones do."""

    client: Client
    authorization: Authorization
    ids: dict[int, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)

    name: ClassVar[str]
    label: ClassVar[str]
    styles: ClassVar[tuple[str, ...]]
    steps: ClassVar[tuple[str, ...]]
    headers: ClassVar[dict[str, str]]

    def connect(self) -> None:
        """Test the connection as the provider's button does."""
        raise NotImplementedError

    def read_all(self) -> dict[str, int]:
        """Import: read every user and group; answers how many there are."""
        raise NotImplementedError

    def find(self, who: Person) -> dict[str, Any] | None:
        """The user as the provider's matching finds it."""
        raise NotImplementedError

    def assign(self, who: Person) -> str:
        """Create the person, or match and update who is there already."""
        raise NotImplementedError

    def update(self, who: Person) -> str:
        """Send a change of the profile."""
        raise NotImplementedError

    def switch(self, who: Person, *, active: bool) -> str:
        """Deactivate or reactivate."""
        raise NotImplementedError

    def push(self, group: str, members: Sequence[Person]) -> str:
        """Push a group with these members."""
        raise NotImplementedError

    def id_of(self, who: Person) -> str:
        """The id at the service; looked up where this run did not create or match the person.

        Raises:
            Missing: nobody of that name is there.
        """
        if who.number not in self.ids:
            found = self.find(who)
            if found is None:
                raise Missing(f"There is no user {who.username} yet; the step `create` makes them.")
            self.ids[who.number] = id_in(found)
        return self.ids[who.number]

    def known(self, members: Sequence[Person]) -> list[tuple[str, str]]:
        """Ids and user names of those members that the service has: only who is assigned is sent."""
        return [(self.ids[who.number], who.username) for who in members if who.number in self.ids]

    def get(self, path: str) -> Answer:
        """Read.

        Raises:
            Refused: the server says no.
        """
        return self.send("GET", path)

    def patch(self, path: str, *operations: dict[str, Any]) -> Answer:
        """Send a PATCH with these operations."""
        return self.send("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        """Send a SCIM request; a 401 is repeated once there is another token.

        Raises:
            Refused: the server says no.
        """
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        for _attempt in range(2):
            header = self.authorization.header()
            answer = self.client.call(method, path, content, {**self.headers, "Authorization": header})
            if answer.status != HTTPStatus.UNAUTHORIZED or not self.authorization.renew(self.client, header):
                break
        if not answer.is_good:
            raise Refused(answer)
        return answer
