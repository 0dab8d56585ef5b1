"""The Access Keys table of an employee's profile and of My Profile: part of a form, stored by its Save (screens §5.4, R-KEY).

The view of the form makes an `AccessKeyTable` of what was submitted, answers `added` where that is not None, stores
`table.states()` with `access_keys.save` on Save, and gives the table to its template as `access_keys`.
"""

import uuid
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from accounts.actions import access_keys
from accounts.actions.access_keys import State
from accounts.actors import Actor
from accounts.crypto import matches
from accounts.errors import Refused
from accounts.models import AccessKey, Employee

# Fields of the form; the secret of an unsaved key travels in one named SECRET and the key's id.
SHOWN, ON, WAS_ON, DELETE, SECRET = (f"access_key{field}" for field in ("", "_on", "_was_on", "_delete", "_secret_"))
ADD = "add_access_key"


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as the table shows it.

    Attributes:
        is_on: what its toggle says, which takes effect on Save.
        was_on: what it said when the page was opened: only who moves a toggle changes a key.
        is_going: marked for deletion on Save.
        secret: of a key that is not saved yet; empty afterwards, when nobody knows it any more.
    """

    key: AccessKey
    is_on: bool
    was_on: bool
    is_going: bool = False
    secret: str = ""

    @property
    def is_new(self) -> bool:
        return self.key.saved_at is None


class AccessKeyTable:
    """An employee's access keys as this actor may see and change them.

    Args:
        employee: whose keys, loaded through `access` or oneself.
        data: what the form was submitted with; None shows what is stored.
    """

    def __init__(self, employee: Employee, actor: Actor, data: QueryDict | None = None) -> None:
        self.employee = employee
        self.actor = actor
        self.data = data
        self.refusal = ""
        self._drafted: list[KeyRow] = []

    def _may(self, action: str) -> bool:
        return self.actor.can(access_keys.permission(self.actor, self.employee, action))

    @property
    def is_shown(self) -> bool:
        """Whether the actor sees these keys at all (R-KEY-9)."""
        return self._may("view")

    @property
    def may_create(self) -> bool:
        return self.is_shown and self._may("create")

    @property
    def may_edit(self) -> bool:
        return self.is_shown and self._may("edit")

    @property
    def may_delete(self) -> bool:
        return self.is_shown and self._may("delete")

    @property
    def is_open(self) -> bool:
        """Whether the actor may change anything here, so that the page needs a Save."""
        return self.may_create or self.may_edit or self.may_delete

    @property
    def rows(self) -> list[KeyRow]:
        """The saved keys, oldest first, then those made on this page."""
        return [*self._submitted, *self._drafted]

    @cached_property
    def _submitted(self) -> list[KeyRow]:
        keys = self.employee.access_keys.order_by("created_at", "pk")
        return [row for key in keys if (row := self._row(key)) is not None]

    def _row(self, key: AccessKey) -> KeyRow | None:
        data, name = self.data, str(key.pk)
        if data is None or name not in data.getlist(SHOWN):
            return KeyRow(key, key.is_active, key.is_active) if key.saved_at else None
        is_on, was_on, is_going = (name in data.getlist(field) for field in (ON, WAS_ON, DELETE))
        if key.saved_at:
            is_on, was_on = (is_on, was_on) if self.may_edit else (key.is_active, key.is_active)
            return KeyRow(key, is_on, was_on, is_going and self.may_delete)
        secret = data.get(SECRET + name, "")
        if not self.may_create or not matches(secret, key.secret_hash):
            return None
        return KeyRow(key, is_on, was_on, is_going, secret)

    def states(self) -> dict[uuid.UUID, State]:
        """What Save asks of `access_keys.save`: the keys made here, the toggles that were moved, the deletions."""
        found: dict[uuid.UUID, State] = {}
        for row in self.rows:
            if row.is_going:
                found[row.key.pk] = "delete"
            elif row.is_new or row.is_on != row.was_on:
                found[row.key.pk] = "on" if row.is_on else "off"
        return found

    def add(self) -> None:
        """Add access key: a new pair at the end of the table, or `refusal` says why not.

        Raises:
            Forbidden: the permission is missing.
        """
        self.actor.require(*(access_keys.permission(self.actor, self.employee, a) for a in ("view", "create")))
        unsaved = sum(row.is_new and not row.is_going for row in self.rows)
        try:
            access_keys.refuse_above_limit(self.employee, unsaved + 1)
            key, secret = access_keys.draft(self.employee, actor=self.actor)
        except Refused as error:
            self.refusal = error.message
            return
        self._drafted.append(KeyRow(key, is_on=True, was_on=True, secret=secret))


def added(request: HttpRequest, table: AccessKeyTable) -> HttpResponse | None:
    """Do what Add access key asks for: a new pair, and for htmx the table as the answer.

    Returns:
        None where the button was not pressed, or where there is no JavaScript: `is_adding` tells, and the view then shows
        its page again with everything as it was typed and the new row.
    """
    if not is_adding(request):
        return None
    table.add()
    if request.headers.get("HX-Request") != "true":
        return None
    return render(request, "accounts/_access_keys.html", {"access_keys": table})


def is_adding(request: HttpRequest) -> bool:
    """Whether the form was sent by Add access key: then nothing of it is stored."""
    return request.method == "POST" and ADD in request.POST
