"""django-scim2's adapters over our actions: reading is a row turned into a document, writing is one call of an action.

As in the library, an adapter is made per request for one object; unlike there, nothing is written through the model.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import django_scim.adapters
import orjson

from accounts.actions import employees, groups, provisioning
from accounts.actions.provisioning import Policy
from accounts.ids import as_uuid
from accounts.models import Employee, Group
from accounts.statements import identifier
from scim import grammar, patch, resources, rows
from scim.attributes import GROUPS, USERS, Table, for_fields
from scim.documents import LEFT_OUT, Document, Reader
from scim.errors import BadPath, BadSyntax, BadValue, NotMutable
from scim.patch import Operation
from scim.rows import GroupRow, UserRow

if TYPE_CHECKING:
    from scim.auth import Session


class Adapter(django_scim.adapters.SCIMMixin):
    """What both kinds of resource have in common.

    `obj` is the row or the record, `wanted` the document a client asks for, read by `from_dict`.
    """

    obj: Any
    endpoint: str
    table: Table

    def __init__(self, obj: Any, request: Any) -> None:
        super().__init__(obj, request=request)
        self.session: Session = request.scim
        self.wanted: Document = {}
        self.patched = False

    @property
    def own_table(self) -> Table:
        """The attributes as this tenant publishes them."""
        return for_fields(self.table, self.session.settings.fields)

    @property
    def id(self) -> str:
        return identifier(self.obj.id)

    @property
    def location(self) -> str:
        return f"{self.session.base_url}/{self.endpoint}/{self.id}"

    def validate_dict(self, d: Mapping[str, Any]) -> None:
        """A body needs its schemas (RFC 7643 §3); an id in it must be the resource's own."""
        if not isinstance(d, dict):
            raise BadSyntax("The body must be a JSON object.")
        members = {name.lower(): value for name, value in d.items()}
        schemas = members.get("schemas")
        if not isinstance(schemas, list) or not schemas or not all(isinstance(urn, str) for urn in schemas):
            raise BadValue("schemas is required: a list of schema URNs.")
        if self.obj is not None and members.get("id") not in (None, self.id):
            raise NotMutable(f"The id in the body is not that of the resource, {self.id}.")

    def from_dict(self, d: Mapping[str, Any]) -> None:
        """Read the document a client wants; nothing is written before `save`."""
        reader = Reader(self.own_table, self.session.settings.tolerances)
        self.wanted = reader.document(d)


class UserAdapter(Adapter, django_scim.adapters.SCIMUser):
    """A User resource over an employee; `obj` is None for a new one."""

    endpoint = "Users"
    table = USERS

    @classmethod
    def of_row(cls, row: UserRow, request: Any) -> "UserAdapter":
        return cls(row, request)

    def to_dict(self) -> Document:
        """The resource as this tenant's clients see it."""
        row = self.obj if isinstance(self.obj, UserRow) else row_of(self.obj)
        return resources.user(row, self.session.base_url)

    def save(self) -> None:
        """Create or update the employee as `wanted` says."""
        resources.require_user(self.wanted)
        kept = self.obj.scim_attributes if self.obj is not None else {}
        settings = self.session.settings
        changes = resources.user_changes(
            self.wanted, enabled=settings.fields, time_zone=settings.time_zone, kept=kept, patched=self.patched
        )
        policy = Policy(settings.default_role_id, settings.time_zone, settings.auto_invite, settings.any_username)
        actor = self.session.actor
        if self.obj is None:
            if "timezone" not in self.wanted:
                changes.values.pop("time_zone", None)
            active = changes.active is not False
            defaults = self.session.known.pop((provisioning.DEFAULTS,), None)
            self.obj, revived = provisioning.create(
                changes.values, changes.wishes, actor=actor, policy=policy, active=active, defaults=defaults
            )
            if revived or changes.wishes.template is not None:
                # It may have secondary roles and groups, which a new employee has not.
                self.obj = rows.user(actor.business_unit_id, self.obj.pk)
        else:
            provisioning.update(
                self.obj, changes.values, changes.wishes, actor=actor, policy=policy, active=changes.active
            )

    def handle_operations(self, operations: Sequence[Operation]) -> None:
        """PATCH: the resource as JSON, the operations, the same write as PUT."""
        self.wanted = self.patched_document(operations)
        self.patched = True
        self.save()

    def patched_document(self, operations: Sequence[Operation]) -> Document:
        """The resource as the operations leave it."""
        before = self.request.before = self.to_dict()  # the journal shows what each operation changed
        return patch.apply(before, operations, self.own_table, tolerant=self.session.settings.tolerances)

    def delete(self) -> None:
        """R-SCIM-12."""
        employees.hide(self.obj, actor=self.session.actor)


def row_of(employee: Employee) -> UserRow:
    """The row of an employee that was loaded as a record; a new one has no secondary roles and groups yet."""
    role, team, authenticator = employee.primary_role, employee.team, employee.login_authenticator
    return UserRow(
        employee.id,
        employee.version,
        employee.created_at,
        employee.modified_at,
        employee.external_id,
        employee.username,
        employee.first_name,
        employee.last_name,
        employee.middle_name,
        employee.display_name,
        employee.email,
        employee.mobile_number,
        employee.time_zone,
        employee.type,
        employee.language,
        employee.status,
        employee.scim_attributes,
        role.id,
        role.name,
        team.id,
        team.name,
        authenticator.id if authenticator else None,
        authenticator.name if authenticator else None,
        getattr(employee, "secondary_pairs", None),
        getattr(employee, "group_pairs", None),
    )


class GroupAdapter(Adapter, django_scim.adapters.SCIMGroup):
    """A Group resource over a group; `obj` is None for a new one."""

    endpoint = "Groups"
    table = GROUPS
    shows_members = True
    members: Mapping[uuid.UUID, str | None] | None = None

    def to_dict(self) -> Document:
        """The resource; its members only if they were read."""
        return resources.group(self.obj, self.session.base_url)

    def save(self) -> None:
        """Create or update the group as `wanted` says; the members are exactly those of the document."""
        values = self._values()
        members = _members(self.wanted.get("members", []))
        if self.obj is None:
            self.obj = groups.create(values, actor=self.session.actor, members=members)
        else:
            self.members = groups.update(self.obj, values, actor=self.session.actor, only=members)

    def _values(self) -> dict[str, Any]:
        if not self.wanted.get("displayName"):
            raise BadValue("Required and missing: displayName.")
        return {"name": self.wanted["displayName"], "external_id": self.wanted.get("externalId")}

    def handle_operations(self, operations: Sequence[Operation]) -> None:
        """PATCH; members are put in and taken out one by one, so that the size of the group does not matter."""
        tolerant = self.session.settings.tolerances
        about_members, others = split_members(operations)
        alone = self.request.before = resources.group(row_of_group(self.obj), self.session.base_url)
        self.wanted = patch.apply(alone, others, self.own_table, tolerant=tolerant)
        plan = MemberPlan(Reader(self.own_table, tolerant))
        for operation in about_members:
            plan.follow(operation)
        self.members = groups.update(
            self.obj,
            self._values(),
            actor=self.session.actor,
            add=plan.added,
            remove=plan.removed,
            only=plan.added if plan.replaces else None,
            whole=self.shows_members,
        )

    def delete(self) -> None:
        """Remove the group."""
        groups.delete(self.obj, actor=self.session.actor)


def row_of_group(group: Group, members: Mapping[uuid.UUID, str | None] | None = None) -> GroupRow:
    """The row of a group that was loaded as a record, with the members given."""
    pairs = orjson.dumps([*members.items()]).decode() if members else None
    return GroupRow(group.pk, group.version, group.created_at, group.modified_at, group.external_id, group.name, pairs)


def _members(values: Sequence[Document]) -> dict[uuid.UUID, str | None]:
    """The employees a list of members names.

    Raises:
        BadValue: an entry has no id of an employee.
    """
    found: dict[uuid.UUID, str | None] = {}
    for entry in values:
        pk = as_uuid(entry.get("value"))
        if pk is None:
            raise BadValue(f"members.value must be the id of a User, not {entry.get('value')!r}.")
        found[pk] = entry.get("display")
    return found


def split_members(operations: Sequence[Operation]) -> tuple[list[Operation], list[Operation]]:
    """The operations on `members`, each with that path, and the rest."""
    about: list[Operation] = []
    others: list[Operation] = []
    for operation in operations:
        if operation.path is not None:
            (about if _is_about_members(operation.path) else others).append(operation)
            continue
        value = operation.value if isinstance(operation.value, dict) else {}
        inner = {name: content for name, content in value.items() if name.lower() == "members"}
        about += [Operation(operation.op, "members", content, operation.spelled) for content in inner.values()]
        if not inner or len(value) > len(inner):
            left = {name: content for name, content in value.items() if name not in inner} if inner else operation.value
            others.append(Operation(operation.op, None, left, operation.spelled))
    return about, others


def _is_about_members(path: str) -> bool:
    try:
        return grammar.parse_target(path).path.name.lower() == "members"
    except grammar.GrammarError:
        return False


class MemberPlan:
    """What a sequence of operations on `members` comes to, without knowing who is in the group."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.added: dict[uuid.UUID, str | None] = {}
        self.removed: set[uuid.UUID] = set()
        self.replaces = False

    def follow(self, operation: Operation) -> None:
        """Take one more operation into account.

        Raises:
            BadPath: the path selects members by something other than their id.
            BadValue: a member has no id.
        """
        target = grammar.parse_target(operation.path or "members")
        if target.part is not None:
            self._selected(operation, target)
        elif target.path.sub is not None:
            raise BadPath("The sub-attributes of a member cannot be changed.")
        elif operation.op == "remove":
            named = self._read(operation.value)
            self._start_anew() if not named else self._take_out(named)
        else:
            if operation.op == "replace":
                self._start_anew()
            named = self._read(operation.value)
            self.added |= named
            self.removed -= named.keys()

    def _selected(self, operation: Operation, target: grammar.Target) -> None:
        implied = patch.implied(target.part) if target.part else {}
        pk = as_uuid(next((value for name, value in implied.items() if name.lower() == "value"), None))
        if len(implied) != 1 or pk is None:
            raise BadPath('Members are selected by id, as in members[value eq "…"].')
        if operation.op != "remove" or target.sub is not None:
            raise BadPath("A member can be added or removed, not changed.")
        self._take_out({pk: None})

    def _read(self, value: Any) -> dict[uuid.UUID, str | None]:
        attribute = GROUPS.by_name["members"]
        read = self.reader.value(attribute, value)
        return {} if read is LEFT_OUT else _members(read)

    def _take_out(self, named: Mapping[uuid.UUID, str | None]) -> None:
        for pk in named:
            self.added.pop(pk, None)
            self.removed.add(pk)

    def _start_anew(self) -> None:
        self.replaces, self.added, self.removed = True, {}, set()
