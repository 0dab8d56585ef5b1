"""The state of a tenant as a file: export, diff and apply.

A file is first made *whole* (`tenant_checks`): references resolved, what it leaves out filled in from the tenant as it is or from
the defaults. A whole file is what export writes, so that comparing the two tells what differs, and applying one that differs
in nothing changes nothing. One that differs replaces the tenant, as a reset does.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, models, transaction
from django.db.models import Value
from django.utils.translation import gettext as _

from accounts import audit
from accounts.actors import system
from accounts.ids import fold
from accounts.models import BusinessUnit, RoleNameReservation
from cxadmin import clock
from cxadmin.lab import erasure, tenant_checks, tenant_yaml
from cxadmin.lab.tenant_checks import Whole
from cxadmin.lab.tenant_export import Content, content_of, order
from cxadmin.lab.tenant_format import PASSWORD, SEALED, SECTIONS, SETTINGS, UNIT, Records
from cxadmin.lab.tenant_yaml import Document, FileError

BATCH = 500
# What a file does not say of a tenant: it stays when the tenant is made anew.
KEPT = ("created_at", "made_from", "expires_at", "clock_base", "clock_since", "clock_rate")
MASK = "••••"
SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class Applied:
    """What applying a file did.

    Attributes:
        differences: a line each; empty if the tenant was as the file says.
        generated: the secrets that the emulator made up, by where they stand in the file.
    """

    tenant: str
    is_new: bool
    differences: tuple[str, ...]
    generated: Mapping[str, str]


def export(unit: BusinessUnit) -> str:
    """The file that says how a tenant is now; the same state gives the same text."""
    return tenant_yaml.write(content_of(unit))


def read(path: Path) -> Document:
    """A file of the disk.

    Raises:
        FileError: it cannot be read, or is no YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(_("This cannot be read: %(error)s.") % {"error": error}, str(path), 1, 1) from error
    return tenant_yaml.read(text, str(path))


def documents_in(folder: Path) -> list[Document]:
    """The tenant files of a folder, by name.

    Raises:
        FileError: there is no such folder, or one of them is no YAML.
    """
    if not folder.is_dir():
        raise FileError(_("There is no such folder."), str(folder), 1, 1)
    return [read(path) for path in sorted(folder.iterdir()) if path.suffix in SUFFIXES]


def differences(document: Document) -> tuple[str, ...]:
    """What applying a file would change, a line each.

    Raises:
        FileError: the file is not good.
    """
    _unit, present, whole = _compared(document)
    return tuple(_differing(present, whole.content))


@transaction.atomic
def apply(document: Document) -> Applied:
    """Make a tenant what a file says, all of it or nothing.

    A tenant that is already so stays untouched. Else it is made anew: what files do not say (audit trail, mails, sessions) goes.

    Raises:
        FileError: the file is not good, or something in it is unique on the instance and belongs to another tenant.
    """
    unit, present, whole = _compared(document)
    differing = tuple(_differing(present, whole.content))
    if differing:
        try:
            with transaction.atomic():
                _build(whole.content, unit)
        except IntegrityError as error:
            said = _(
                "Another tenant of this instance has something of this file that is unique on it: an id, the number of the "
                "business unit, an access key ID, a token, a tracking number or the company domain."
            )
            raise document.error(("tenant",), said) from error
    return Applied(whole.content["tenant"]["name"], unit is None, differing, whole.generated)


@transaction.atomic
def apply_all(documents: Iterable[Document]) -> list[Applied]:
    """Apply several files, all of them or none; raises as `apply`."""
    return [apply(document) for document in documents]


def report(applied: Applied) -> dict[str, Any]:
    """What applying did, for programs."""
    return {
        "tenant": applied.tenant,
        "created": applied.is_new,
        "changed": bool(applied.differences),
        "differences": list(applied.differences),
        "generated": dict(applied.generated),
    }


def in_words(applied: Applied) -> str:
    """The same in one line for people."""
    if not applied.differences:
        return f"{applied.tenant}: nothing to change"
    return f"{applied.tenant}: created" if applied.is_new else f"{applied.tenant}: changed ({len(applied.differences)})"


def _compared(document: Document) -> tuple[BusinessUnit | None, Content | None, Whole]:
    name = tenant_checks.name_of(document)
    unit = BusinessUnit.objects.filter(tenant_name=name).first()
    present = content_of(unit) if unit is not None else None
    return unit, present, tenant_checks.checked(document, present)


def _differing(present: Content | None, wanted: Content) -> Iterator[str]:
    if present is None:
        yield f"+ tenant/{wanted['tenant']['name']}"
        present = {name: wanted[name] for name in ("tenant", "settings")}
    for section in ("tenant", "settings"):
        yield from _of_record(section, present[section], wanted[section])
    for section, records in SECTIONS.items():
        before = {order(records, record): record for record in present.get(section, [])}
        after = {order(records, record): record for record in wanted[section]}
        for key in sorted(before.keys() | after.keys()):
            name = f"{section}/{(after.get(key) or before[key])[records.member(records.key[-1])]}"
            if key not in after:
                yield f"- {name}"
            elif key not in before:
                yield f"+ {name}"
            else:
                yield from _of_record(name, before[key], after[key], records)


def _of_record(name: str, before: Content, after: Content, records: Records | None = None) -> Iterator[str]:
    secrets = {records.member(column) for column in records.secrets} if records else set()
    children = records.children if records else {}
    for member in dict.fromkeys([*before, *after]):
        was, now = before.get(member), after.get(member)
        if was == now:
            continue
        if member in secrets:
            yield f"~ {name}: {member}: {MASK}"
        elif member in children:
            yield from _of_list(f"{name}/{member}", children[member], was or [], now or [])
        else:
            yield f"~ {name}: {member}: {_shown(was)} -> {_shown(now)}"


def _of_list(name: str, records: Records, before: list[Any], after: list[Any]) -> Iterator[str]:
    was, now = ({order(records, record): record for record in found} for found in (before, after))
    for key in sorted(was.keys() | now.keys()):
        said = " ".join(key) if records.key else MASK
        if was.get(key) != now.get(key):
            yield f"{'-' if key not in now else '+' if key not in was else '~'} {name}/{said}"


def _shown(value: Any) -> str:
    return "nothing" if value is None else repr(value)


def _build(content: Content, present: BusinessUnit | None) -> None:
    """Make the tenant anew from a whole file."""
    if present is not None:
        erasure.erase(present.pk)
    builder = _Builder(content)
    unit = builder.made(UNIT, content["tenant"])
    if present is not None:
        for column in KEPT:
            setattr(unit, column, getattr(present, column))
    unit.save(force_insert=True)
    builder.unit = unit
    builder.made(SETTINGS, content["settings"]).save(force_insert=True)
    for section, records in SECTIONS.items():
        builder.insert(records, content[section])
    change = ("BusinessUnit.tenantFile", "", "applied")
    audit.record(system(unit.pk), "BusinessUnit", unit.pk, str(unit), [change])


class _Builder:
    """Turns the records of a whole file into rows."""

    def __init__(self, content: Content) -> None:
        self.unit: BusinessUnit | None = None
        self.now = clock.now()
        self.ids: dict[str, dict[str, uuid.UUID]] = {
            section: {
                " ".join(order(records, record)): uuid.UUID(record[records.member("id")]) for record in content[section]
            }
            for section, records in SECTIONS.items()
        }

    def insert(self, records: Records, found: list[Content]) -> None:
        """Store the records of a section with what they link to and what is inside them. Whom they refer to may be stored later:
        foreign keys are checked at the end of the transaction."""
        made = [self.made(records, record) for record in found]
        self._store(made)
        for link in records.links:
            many: Any = records.column(link)
            source, target = f"{many.m2m_field_name()}_id", f"{many.m2m_reverse_field_name()}_id"
            self._store(
                many.remote_field.through(**{source: row.pk, target: self._id(records, link, name)})
                for row, record in zip(made, found, strict=True)
                for name in record.get(link, [])
            )
        for member, child in records.children.items():
            self._store(
                self.made(child, inner if not child.is_plain else {child.key[0]: inner}, row)
                for row, record in zip(made, found, strict=True)
                for inner in self._inside(child, member, record)
            )

    @staticmethod
    def _inside(child: Records, member: str, record: Content) -> list[Any]:
        found: list[Any] = record.get(member, [])
        return [fold(record["name"]), *found] if child.model is RoleNameReservation else found

    @staticmethod
    def _store(rows: Any) -> None:
        listed = list(rows)
        if listed:
            type(listed[0])._base_manager.bulk_create(listed, batch_size=BATCH)

    def made(self, records: Records, record: Content, parent: Any = None) -> Any:
        """The row of a record."""
        values: dict[str, Any] = {}
        for column in records.columns:
            if column not in records.links:
                values[records.column(column).attname] = self._value(
                    records, column, record.get(records.member(column), records.default(column))
                )
        if parent is not None:
            values[f"{records.parent}_id"] = parent.pk
        for found in records.model._meta.concrete_fields:
            if found.attname not in values and (known := self._known(found.attname)) is not None:
                values[found.attname] = known
        return records.model(**values)

    def _known(self, attname: str) -> Any:
        """What files do not say and every record has."""
        match attname:
            case "business_unit_id":
                return self.unit.pk if self.unit is not None else None
            case "created_at" | "modified_at" | "saved_at" | "last_activity_at":
                return self.now
            case "created_by" | "modified_by":
                return "System"
        return None

    def _id(self, records: Records, column: str, name: str) -> uuid.UUID:
        ref = records.refs[column]
        return self.ids[ref.section][fold(f"{ref.kind} {name}".strip())]

    def _value(self, records: Records, column: str, value: Any) -> Any:
        if (kind := records.secrets.get(column)) is not None:
            return self._secret(kind, value)
        if value is None:
            return None
        if column in records.refs:
            return self._id(records, column, value)
        match records.column(column):
            case models.DateTimeField():
                return datetime.fromisoformat(value)
            case models.DateField():
                return date.fromisoformat(value)
            case models.UUIDField():
                return uuid.UUID(value)
        return value

    @staticmethod
    def _secret(kind: str, value: Any) -> Any:
        if kind == SEALED:
            # As it is: sealed once more, the same secret would look different.
            return Value(value["sealed"], output_field=models.TextField()) if value else ""
        if value:
            return value["hash"]
        return make_password(None) if kind == PASSWORD else ""
