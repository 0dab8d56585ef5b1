"""Entra ID's requests: E1 to E13 of its documented sequences, with and without the flag `aadOptscim062020`.

Nothing is documented about a user agent, so none is sent.
"""

from collections.abc import Sequence
from typing import Any

from cxadmin.lab.simulator.provider import (
    CREATED,
    ENTERPRISE,
    GROUP,
    UNCHANGED,
    UPDATED,
    USER,
    Person,
    Provider,
    id_in,
)
from cxadmin.lab.simulator.wire import Answer, equal, query

ADSCIM_GROUP = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
NOBODY = "00000000-feed-4bad-8bad-0123456789ab"
FLAG = "aadOptscim062020"


class Entra(Provider):
    """Without the flag: `op` is capitalised, booleans are texts, and every attribute has an operation of its own."""

    name = "entra"
    label = "Entra ID"
    styles = ("plain", "flag")
    steps = ("connect", "create", "update", "deactivate", "reactivate", "groups", "check")
    headers = {"Accept": "application/scim+json", "Content-Type": "application/scim+json; charset=utf-8"}
    has_flag = False

    def connect(self) -> None:
        """E1: somebody and a group that do not exist; then E17, as when the configuration is opened."""
        self.authorization.connect(self.client)
        self.get(f"/Users{query(filter=equal('userName', NOBODY))}")
        self.get(f"/Groups{query(excludedAttributes='members', filter=equal('displayName', NOBODY))}")
        self.get("/Schemas")

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        """The flag is part of the tenant URL, so it turns up in every query."""
        if self.has_flag:
            path = f"{path}{'&' if '?' in path else '?'}{FLAG}"
        return super().send(method, path, body)

    def find(self, who: Person) -> dict[str, Any] | None:
        """E2, matching by userName."""
        found = self.get(f"/Users{query(filter=equal('userName', who.username))}").resources
        return found[0] if found else None

    def assign(self, who: Person) -> str:
        """E2, then E3 for who is not there; of who is, what differs is replaced (E4, E5)."""
        found = self.find(who)
        if found is None:
            self.ids[who.number] = id_in(self.send("POST", "/Users", new_user(who)).document)
            return CREATED
        self.ids[who.number] = id_in(found)
        name = found.get("name") if isinstance(found.get("name"), dict) else {}
        wanted = self._profile(who, who.last_name)
        present = {
            "externalId": found.get("externalId"),
            "name.givenName": (name or {}).get("givenName"),
            "name.familyName": (name or {}).get("familyName"),
        }
        operations = self._replacing({path: wanted[path] for path in present if present[path] != wanted[path]})
        if found.get("active") is not True:
            operations.append(self._active(active=True))
        if not operations:
            return UNCHANGED
        self.patch(f"/Users/{self.ids[who.number]}", *operations)
        return UPDATED

    def update(self, who: Person) -> str:
        """E4 or E5: several attributes at once; and E6, a value that appears."""
        operations = self._replacing(self._profile(who, who.next_last_name))
        mobile = {"op": self._op("add"), "path": 'phoneNumbers[type eq "mobile"].value', "value": _mobile(who)}
        self.patch(f"/Users/{self.id_of(who)}", *operations, mobile)
        return UPDATED

    def switch(self, who: Person, *, active: bool) -> str:
        """E8 or E9."""
        self.patch(f"/Users/{self.id_of(who)}", self._active(active=active))
        return UPDATED

    def push(self, group: str, members: Sequence[Person]) -> str:
        """E11, E10 for a new group; then for every member E12, and E13 for who is none yet."""
        outcome = UNCHANGED
        if group not in self.groups:
            matching = query(excludedAttributes="members", filter=equal("displayName", group))
            found = self.get(f"/Groups{matching}").resources
            if not found:
                found = [self.send("POST", "/Groups", new_group(group)).document]
                outcome = CREATED
            self.groups[group] = id_in(found[0])
        group_id = self.groups[group]
        for user_id, _login in self.known(members):
            asked = query(filter=f"{equal('id', group_id)} and {equal('members', user_id)}", attributes="id")
            if not self.get(f"/Groups{asked}").total:
                value = [{"$ref": None, "value": user_id}]
                self.patch(f"/Groups/{group_id}", {"op": self._op("add"), "path": "members", "value": value})
                outcome = CREATED if outcome == CREATED else UPDATED
        return outcome

    def _op(self, name: str) -> str:
        return name if self.has_flag else name.capitalize()

    def _active(self, *, active: bool) -> dict[str, Any]:
        return {"op": self._op("replace"), "path": "active", "value": active if self.has_flag else str(active)}

    def _profile(self, who: Person, last_name: str) -> dict[str, str]:
        return {
            "displayName": f"{who.first_name} {last_name}",
            'emails[type eq "work"].value': who.username,
            "name.givenName": who.first_name,
            "name.familyName": last_name,
            "externalId": who.uuid,
            f"{ENTERPRISE}:employeeNumber": str(700_000 + who.number),
        }

    def _replacing(self, values: dict[str, str]) -> list[dict[str, Any]]:
        """One operation an attribute; with the flag those with a filter apart, the others as members of one value."""
        if not values:
            return []
        operation = self._op("replace")
        alone = {path: value for path, value in values.items() if "[" in path or not self.has_flag}
        together = {path: value for path, value in values.items() if path not in alone}
        operations: list[dict[str, Any]] = [
            {"op": operation, "path": path, "value": value} for path, value in alone.items()
        ]
        return [*operations, {"op": operation, "value": together}] if together else operations


class FlaggedEntra(Entra):
    """With `?aadOptscim062020` in the tenant URL."""

    has_flag = True


def new_user(who: Person) -> dict[str, Any]:
    """The body of E3."""
    return {
        "schemas": [USER, ENTERPRISE],
        "externalId": who.uuid,
        "userName": who.username,
        "active": True,
        "emails": [{"primary": True, "type": "work", "value": who.username}],
        "meta": {"resourceType": "User"},
        "name": {
            "formatted": f"{who.first_name} {who.last_name}",
            "familyName": who.last_name,
            "givenName": who.first_name,
        },
        "roles": [],
    }


def new_group(name: str) -> dict[str, Any]:
    """The body of E10."""
    return {
        "schemas": [GROUP, ADSCIM_GROUP],
        "externalId": f"group-{name.lower().replace(' ', '-')}",
        "displayName": name,
        "meta": {"resourceType": "Group"},
    }


def _mobile(who: Person) -> str:
    return f"+1 555 {100 + who.number // 10_000 % 900:03d} {who.number % 10_000:04d}"
