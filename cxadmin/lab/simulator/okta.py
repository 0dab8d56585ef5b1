"""Okta's requests: O1 to O16 of its documented sequences, as a custom application or as one of the catalogue."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar

from cxadmin.lab.simulator.provider import CREATED, GROUP, UPDATED, USER, Person, Provider, Refused, id_in
from cxadmin.lab.simulator.wire import equal, query

USER_AGENT = "Okta SCIM Client 1.0.0"
PAGE = 100


@dataclass
class Okta(Provider):
    """The application of Okta's wizard reads and puts back whole resources; one of its catalogue patches (§1.1)."""

    name = "okta"
    label = "Okta"
    styles = ("wizard", "catalogue")
    steps = ("connect", "import", "create", "update", "deactivate", "reactivate", "groups", "check")
    headers = {
        "User-Agent": USER_AGENT,
        "Accept": "application/scim+json",
        "Accept-Charset": "utf-8",
        "Content-Type": "application/scim+json; charset=utf-8",
    }
    is_catalogue: ClassVar[bool] = False
    _knows_groups: bool = False
    _reading_groups: threading.Lock = field(default_factory=threading.Lock)

    def connect(self) -> None:
        """O1, and O2 as on saving To App: the cache of groups that Push Groups decides from."""
        self.authorization.connect(self.client)
        self.get(f"/Users{query(startIndex=1, count=2)}")
        self.get(f"/Users{query(startIndex=1, count=2)}")
        self._read_groups()

    def read_all(self) -> dict[str, int]:
        """O11: page by page until totalResults."""
        start, users = 1, 0
        while True:
            answer = self.get(f"/Users{query(startIndex=start, count=PAGE)}")
            users += len(answer.resources)
            start += PAGE
            if start > answer.total or not answer.resources:
                return {"users": users, "groups": self._read_groups()}

    def _read_groups(self) -> int:
        start, groups = 1, 0
        while True:
            answer = self.get(f"/Groups{query(startIndex=start, count=PAGE)}")
            groups += len(answer.resources)
            for one in answer.resources:
                self.groups[str(one.get("displayName", ""))] = str(one.get("id", ""))
            start += PAGE
            if start > answer.total or not answer.resources:
                self._knows_groups = True
                return groups

    def find(self, who: Person) -> dict[str, Any] | None:
        """O3; a 404 means nobody, too."""
        path = f"/Users{query(filter=equal('userName', who.username), startIndex=1, count=PAGE)}"
        try:
            found = self.get(path).resources
        except Refused as error:
            if error.answer.status == HTTPStatus.NOT_FOUND:
                return None
            raise
        return found[0] if found else None

    def assign(self, who: Person) -> str:
        """O3, then O4 for who is not there, O5 for who is."""
        found = self.find(who)
        if found is None:
            self.ids[who.number] = id_in(self.send("POST", "/Users", new_user(who)).document)
            return CREATED
        self.ids[who.number] = id_in(found)
        body = new_user(who)
        self._change(who, {name: body[name] for name in ("name", "displayName", "externalId", "active")})
        return UPDATED

    def update(self, who: Person) -> str:
        """O6: read, change, put back."""
        name = {"givenName": who.first_name, "familyName": who.next_last_name}
        self._change(who, {"name": name, "displayName": f"{who.first_name} {who.next_last_name}"})
        return UPDATED

    def switch(self, who: Person, *, active: bool) -> str:
        """O8 of the catalogue, O9 of the wizard."""
        if self.is_catalogue:
            self.patch(f"/Users/{self.id_of(who)}", {"op": "replace", "value": {"active": active}})
        else:
            self._change(who, {"active": active})
        return UPDATED

    def _change(self, who: Person, changes: dict[str, Any]) -> None:
        path = f"/Users/{self.id_of(who)}"
        read = self.get(path).document
        if isinstance(read.get("name"), dict) and "name" in changes:
            changes = {**changes, "name": {**read["name"], **changes["name"]}}
            changes["name"].pop("formatted", None)
        self.send("PUT", path, {**read, **changes})

    def push(self, group: str, members: Sequence[Person]) -> str:
        """O12 for a new group, then O16 of the wizard, O13 and O15 of the catalogue."""
        outcome = UPDATED
        with self._reading_groups:
            if not self._knows_groups:
                self._read_groups()
        if group not in self.groups:
            made = self.send("POST", "/Groups", {"schemas": [GROUP], "displayName": group, "members": []})
            self.groups[group] = id_in(made.document)
            outcome = CREATED
        path = f"/Groups/{self.groups[group]}"
        sent = [{"value": user_id, "display": login} for user_id, login in self.known(members)]
        if self.is_catalogue:
            self.patch(path, {"op": "replace", "value": {"id": self.groups[group], "displayName": group}})
            self.patch(path, {"op": "replace", "path": "members", "value": sent})
        else:
            read = self.get(path).document
            self.send("PUT", path, {**read, "displayName": group, "members": sent})
        return outcome


class CatalogueOkta(Okta):
    """An integration of Okta's catalogue."""

    is_catalogue = True


def new_user(who: Person) -> dict[str, Any]:
    """The body of O4; the password is there even with password sync off."""
    return {
        "schemas": [USER],
        "userName": who.username,
        "name": {"givenName": who.first_name, "familyName": who.last_name},
        "emails": [{"primary": True, "value": who.username, "type": "work"}],
        "displayName": f"{who.first_name} {who.last_name}",
        "locale": "en-US",
        "externalId": f"00u{who.token[:17]}",
        "groups": [],
        "password": who.token[17:25],
        "active": True,
    }
