"""Making a tenant file whole: every member checked, references resolved, what is left out filled in."""

import base64
import hmac
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings as instance
from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.db import models
from django.utils.translation import gettext as _

from accounts import permissions, rules
from accounts.crypto import decrypt, encrypt, keyed_hash
from accounts.hashers import quick_hash
from accounts.ids import fold, new_id, new_number
from accounts.models import Role
from cxadmin.lab import catalogue, seeds
from cxadmin.lab.tenant_export import Content, in_order, order, trimmed
from cxadmin.lab.tenant_format import (
    CODES,
    KEYED,
    LISTS,
    MEMBER,
    SEALED,
    SECTIONS,
    SETTINGS,
    TEXT_LISTS,
    UNIT,
    VERSION,
    Records,
    bounds,
    values_of,
)
from cxadmin.lab.tenant_yaml import Document, FileError, Path
from cxadmin.lab.tenants import NAME

ROOT_MEMBERS = (MEMBER, "tenant", "settings", *SECTIONS)
HEX = frozenset("0123456789abcdef")
HASH_LENGTH = 64


@dataclass(frozen=True)
class Whole:
    """A file with nothing left out.

    Attributes:
        content: as `tenant_export.content_of` answers the tenant once the file is applied.
        generated: the secrets that the emulator makes up, by where they stand.
    """

    content: Content
    generated: Mapping[str, str]


def name_of(document: Document) -> str:
    """The name of the tenant a file is about, once the outermost is checked.

    Raises:
        FileError: it is no tenant file, or one of a format this version does not know.
    """
    content = document.content
    if not isinstance(content, dict):
        raise document.error(
            (),
            _("A tenant file begins with `%(member)s: %(version)d` and has the member `tenant`.")
            % {"member": MEMBER, "version": VERSION},
        )
    version = content.get(MEMBER)
    if type(version) is not int or version < 1:
        raise document.error(
            (MEMBER,),
            _("A tenant file says its format in its member `%(member)s`: %(version)d.")
            % {"member": MEMBER, "version": VERSION},
        )
    if version > VERSION:
        said = _(
            "This file has the format %(version)d; this version of cxadmin reads up to %(known)d. Use a newer one."
        ) % {"version": version, "known": VERSION}
        raise document.error((MEMBER,), said)
    for member in content:
        if member not in ROOT_MEMBERS:
            raise document.error((member,), _unknown(member, ROOT_MEMBERS))
    tenant = content.get("tenant")
    name = tenant.get("name") if isinstance(tenant, dict) else None
    if not isinstance(name, str):
        raise document.error(("tenant",), _("The tenant needs a member `name`."))
    if not NAME.fullmatch(name):
        said = _("Use up to 40 lower-case letters, digits and hyphens, no hyphen at the ends.")
        raise document.error(("tenant", "name"), said)
    return name


def checked(document: Document, present: Content | None) -> Whole:
    """The file made whole.

    Args:
        present: the tenant as it is; None if there is none of this name.

    Raises:
        FileError: says what is wrong, in which line and column.
    """
    return _Checking(document, present, name_of(document)).whole()


def _unknown(member: str, known: Any) -> str:
    return _("There is no member %(member)r; known are %(known)s.") % {"member": member, "known": ", ".join(known)}


def _wanted(column: "models.Field[Any, Any]") -> str:
    match column:
        case models.DateTimeField():
            return _("This must be a moment with its offset, as 2026-01-31T09:00:00+00:00.")
        case models.DateField():
            return _("This must be a date, as 2026-01-31.")
    return _("This must be a UUID.")


def _no_secret(records: Records, column: str) -> Any:
    return records.default(column) if records.secrets[column] == SEALED else None


def _in_new_tenant() -> dict[str, list[Content]]:
    """The sections a new tenant has if its file does not say otherwise."""
    return {
        "login_authenticators": [{"name": "System Default", "is_default": True}],
        "roles": [
            {
                "name": code.capitalize(),
                "ootb_code": code,
                "permissions": sorted(permissions.closed(permissions.preset(code))),
            }
            for code in Role.OOTB_NAMES
        ],
        "teams": [{"name": "Default Team", "is_default": True}],
        "catalogue": [
            {"kind": str(kind), "name": name, "number": number, "details": details}
            for kind, number, name, details in catalogue.entries()
        ],
    }


class _Checking:
    """One file on its way to being whole."""

    def __init__(self, document: Document, present: Content | None, tenant: str) -> None:
        self.document = document
        self.tenant = tenant
        self.generated: dict[str, str] = {}
        self.clear = ""  # of the secret checked last, as far as it is known
        self.before: Content = present or {}
        self.is_new = present is None
        self.defaults: dict[str, str] = {}
        self.names: dict[str, dict[str, str]] = {}
        self.sections = self._sections()
        self.unit: Content = {}

    def _sections(self) -> dict[str, list[Any]]:
        """The records of each section: the file's, else the tenant's, else those of a new tenant."""
        found = {}
        for section in SECTIONS:
            given = self.document.content.get(section, self.before.get(section))
            if given is None and section not in self.document.content:
                given = _in_new_tenant().get(section, [])
            if not isinstance(given, list):
                raise self.error((section,), _("%(section)s must be a list.") % {"section": section})
            found[section] = given
        return found

    def error(self, path: Path, message: str) -> FileError:
        return self.document.error(path, message)

    def whole(self) -> Whole:
        for section, records in SECTIONS.items():
            self._collect_names(section, records)
        content = self.document.content
        self.unit = self._record(UNIT, content["tenant"], self.before.get("tenant"), ("tenant",))
        found: Content = {MEMBER: VERSION, "tenant": self.unit}
        given = content.get("settings", self.before.get("settings", {}))
        found["settings"] = self._record(SETTINGS, given, None, ("settings",))
        self.defaults = {
            "team": self._the_default("teams"),
            "login_authenticator": self._the_default("login_authenticators"),
        }
        for section, records in SECTIONS.items():
            before = {order(records, record): record for record in self.before.get(section, [])}
            whole = []
            for number, record in enumerate(self.sections[section]):
                known = before.get(order(records, record))
                whole.append(self._record(records, record, known, (section, number)))
            found[section] = in_order(records, whole)
        self._check_employees(found)
        return Whole(found, self.generated)

    def _collect_names(self, section: str, records: Records) -> None:
        """What the records of a section are called, so that others can refer to them; nothing twice."""
        names: dict[str, str] = {}
        for number, record in enumerate(self.sections[section]):
            path: Path = (section, number)
            if not isinstance(record, dict):
                raise self.error(path, _("Each of %(section)s must be a mapping.") % {"section": section})
            for member in (records.member(column) for column in records.key):
                if not isinstance(record.get(member), str) or not record[member].strip():
                    raise self.error(
                        (*path, member),
                        _("Each of %(section)s needs a member `%(member)s`, a text.")
                        % {"section": section, "member": member},
                    )
            key = " ".join(order(records, record))
            if key in names:
                raise self.error(
                    path,
                    _("%(section)s has %(name)r twice.")
                    % {"section": section, "name": record[records.member(records.key[-1])]},
                )
            names[key] = record[records.member(records.key[-1])]
        self.names[section] = names

    def _the_default(self, section: str) -> str:
        found = [record for record in self.sections[section] if record.get("is_default") is True]
        if len(found) != 1:
            raise self.error(
                (section,), _("Exactly one of %(section)s must have `is_default: true`.") % {"section": section}
            )
        if found[0].get("type", "SYSTEM") != "SYSTEM":
            raise self.error((section,), _("The default login authenticator must be of the type SYSTEM."))
        return str(found[0]["name"])

    def _check_employees(self, found: Content) -> None:
        takes_any = found["settings"].get("scim_any_username", False)
        for number, record in enumerate(self.sections["employees"]):
            path: Path = ("employees", number)
            if (record.get("status") == "BLOCKED") != (record.get("lock_reason") is not None):
                raise self.error((*path, "lock_reason"), _("An employee has a `lock_reason` if the status is BLOCKED."))
            for member in ("email",) if takes_any else ("username", "email"):
                for problem in rules.mail_address(member, member, record[member]) if member in record else ():
                    raise self.error((*path, member), problem.message)

    def _record(self, records: Records, record: Any, before: Content | None, path: Path) -> Content:
        """A record with nothing left out but what holds its default."""
        if not isinstance(record, dict):
            raise self.error(path, _("This must be a mapping."))
        known = [records.member(column) for column in records.columns]
        for member in record:
            if member not in known and member not in records.children:
                raise self.error((*path, member), _unknown(member, [*known, *records.children]))
        for member in records.required:
            if record.get(member) is None:
                raise self.error(path, _("The member `%(member)s` is missing.") % {"member": member})
        values: Content = {}
        for column in records.columns:
            member = records.member(column)
            earlier = (before or {}).get(member)
            if member in record:
                values[column] = self._value(records, column, record[member], earlier, (*path, member))
            elif column in records.kept and before is not None:
                values[column] = before.get(member, records.default(column))
            else:
                values[column] = self._left_out(records, column, values)
        whole = trimmed(records, values)
        for member, child in records.children.items():
            if found := self._children(child, record.get(member, []), (before or {}).get(member, []), (*path, member)):
                whole[member] = found
        return whole

    def _children(self, child: Records, given: Any, before: list[Any], path: Path) -> list[Any]:
        if not isinstance(given, list):
            raise self.error(path, _("This must be a list."))
        found: dict[tuple[str, ...], Any] = {}
        earlier = {} if child.is_plain else {order(child, record): record for record in before}
        for number, record in enumerate(given):
            at = (*path, number)
            if child.is_plain:
                made = self._value(child, child.key[0], record, None, at)
                made = fold(made) if child.key[0] == "name_key" else made
            else:
                for member in (child.member(column) for column in child.key):
                    if not isinstance(record, dict) or not isinstance(record.get(member), str):
                        raise self.error(at, _("The member `%(member)s` is missing.") % {"member": member})
                known = earlier.get(order(child, record)) if child.key else None
                made = self._record(child, record, known, at)
            key = order(child, made)
            if key in found:
                raise self.error(at, _("This is there twice."))
            found[key] = made
        return [found[key] for key in sorted(found)]

    def _left_out(self, records: Records, column: str, values: Content) -> Any:
        """What a member holds that neither the file nor the tenant says."""
        if column in records.secrets:
            return _no_secret(records, column)
        status = values.get("status", "ACTIVE")
        derived: dict[str, Callable[[], Any]] = {
            "id": lambda: str(new_id()),
            "number": new_number,
            "agent_id": new_number,
            "email": lambda: values["username"],
            "ever_activated": lambda: status == "ACTIVE",
            "status": lambda: "ENABLED" if "tracking_number" in records.columns else "ACTIVE",
            "source": lambda: "SEED",
            "tracking_number": lambda: f"FILE-{new_number()}",
            "last4": lambda: self.clear[-4:] or "file",
        }
        if records is UNIT:
            derived |= {
                "name": lambda: self.tenant,
                "area": lambda: "na1",
                "licences": lambda: list(seeds.LICENCES),
            }
        elif "username" in records.columns:
            derived |= {
                "time_zone": lambda: self.unit["time_zone"],
                "team": lambda: self.defaults["team"],
                "login_authenticator": lambda: self.defaults["login_authenticator"],
            }
        if column in derived:
            return derived[column]()
        default = records.default(column)
        if default is None and column not in records.links:
            found = records.column(column)
            return "" if isinstance(found, models.CharField) and not found.null else None
        return default

    def _value(self, records: Records, column: str, value: Any, before: Any, path: Path) -> Any:
        """A member as export writes it."""
        if column in records.secrets:
            return self._secret(records, column, value, before, path)
        if column in records.links:
            chosen = self._texts(value, path)
            found = {fold(one): self._reference(records, column, one, path) for one in chosen}
            return [found[key] for key in sorted(found)]
        found_column = records.column(column)
        if value is None:
            if found_column.null:
                return None
            raise self.error(path, _("This cannot be null."))
        if column in records.refs:
            return self._reference(records, column, self._text(value, path), path)
        return self._of_column(found_column, value, path)

    def _of_column(self, column: "models.Field[Any, Any]", value: Any, path: Path) -> Any:
        match column:
            case models.BooleanField():
                if not isinstance(value, bool):
                    raise self.error(path, _("This must be true or false."))
            case models.IntegerField():
                least, most = bounds(column)
                if type(value) is not int or not least <= value <= most:
                    raise self.error(
                        path,
                        _("This must be a whole number from %(least)d to %(most)d.") % {"least": least, "most": most},
                    )
            case models.DateTimeField() | models.DateField() | models.UUIDField():
                return self._written(column, self._text(value, path), path)
            case models.JSONField() if column.name in TEXT_LISTS:
                known = LISTS.get(column.name)
                for one in self._texts(value, path):
                    if known is not None and one not in known:
                        raise self.error(
                            path,
                            _("%(value)r is none of %(known)s.") % {"value": one, "known": ", ".join(sorted(known))},
                        )
            case models.JSONField():
                if not isinstance(value, dict):
                    raise self.error(path, _("This must be a mapping."))
            case _:
                self._check_text(column, self._text(value, path), path)
        return value

    def _written(self, column: "models.Field[Any, Any]", text: str, path: Path) -> str:
        """A date, a moment or an ID in the one way export writes it."""
        try:
            if isinstance(column, models.DateTimeField):
                moment = datetime.fromisoformat(text)
                if moment.tzinfo is None:
                    raise ValueError("no offset")
                return moment.astimezone(UTC).isoformat()
            return (
                date.fromisoformat(text).isoformat() if isinstance(column, models.DateField) else str(uuid.UUID(text))
            )
        except (ValueError, OverflowError) as error:
            raise self.error(path, _wanted(column)) from error

    def _check_text(self, column: "models.Field[Any, Any]", text: str, path: Path) -> None:
        if "\x00" in text:
            raise self.error(path, _("A text cannot hold the character #x0000."))
        if column.max_length is not None and len(text) > column.max_length:
            raise self.error(path, _("This can have at most %(n)d characters.") % {"n": column.max_length})
        if column.choices and text not in (known := values_of(column)):
            raise self.error(
                path, _("%(value)r is none of %(known)s.") % {"value": text, "known": ", ".join(filter(None, known))}
            )
        if column.name == "code" and text not in CODES:
            raise self.error(path, _("There is no permission %(name)r.") % {"name": text})
        if column.name == "time_zone" and text and text not in rules.time_zones():
            raise self.error(path, _("There is no time zone %(name)r.") % {"name": text})

    def _text(self, value: Any, path: Path) -> str:
        if not isinstance(value, str):
            raise self.error(path, _("This must be a text; put it in quotes."))
        return value

    def _texts(self, value: Any, path: Path) -> list[str]:
        if not isinstance(value, list):
            raise self.error(path, _("This must be a list of texts."))
        return [self._text(one, (*path, number)) for number, one in enumerate(value)]

    def _reference(self, records: Records, column: str, name: str, path: Path) -> str:
        ref = records.refs[column]
        key = fold(f"{ref.kind} {name}".strip())
        if key not in self.names[ref.section]:
            raise self.error(
                path,
                _("%(section)s has no %(name)r, which %(where)s name as `%(member)s`.")
                % {"section": ref.section, "name": name, "where": path[0], "member": column},
            )
        return self.names[ref.section][key]

    def _secret(self, records: Records, column: str, value: Any, before: Any, path: Path) -> Any:
        """A secret as it is kept: a hash, or sealed."""
        kind = records.secrets[column]
        self.clear = ""
        if value is None:
            return _no_secret(records, column)
        if not (isinstance(value, dict) and len(value) == 1):
            raise self.error(path, _("A secret is a mapping of one member: how it is given."))
        ((how, given),) = value.items()
        if how == "generated" and kind != SEALED and given is True:
            given = self._made_up(column, path)
            self.generated["/".join(str(step) for step in self._spoken(path))] = self.clear = given
            return {"hash": self._hash(kind, given, before, is_random=True)}
        if how not in ("hash", "sealed", "value") or (how == "sealed") != (kind == SEALED and how != "value"):
            ways = "sealed or value" if kind == SEALED else "hash, value or generated: true"
            raise self.error(path, _("A secret is given by %(ways)s.") % {"ways": ways})
        given = self._text(given, (*path, how))
        if not given:
            raise self.error((*path, how), _("This cannot be empty."))
        if kind == SEALED:
            return self._sealed(how, given, before, path)
        if how == "value":
            self.clear = given
            return {"hash": self._hash(kind, given, before, is_random=False)}
        self._check_hash(kind, given, (*path, how))
        return {"hash": given}

    def _hash(self, kind: str, clear: str, before: Any, *, is_random: bool) -> str:
        if kind == KEYED:
            return keyed_hash(clear)
        if before and check_password(clear, before["hash"]):
            return str(before["hash"])
        return quick_hash(clear) if is_random else make_password(clear)

    def _check_hash(self, kind: str, given: str, path: Path) -> None:
        if kind == KEYED:
            if len(given) != HASH_LENGTH or not HEX.issuperset(given):
                raise self.error(path, _("This must be 64 hexadecimal digits, as export writes them."))
            return
        try:
            identify_hasher(given)
        except ValueError as error:
            raise self.error(path, _("This is no password hash, as export writes them.")) from error

    def _sealed(self, how: str, given: str, before: Any, path: Path) -> Any:
        try:
            if how == "sealed":
                decrypt(given)
                return {"sealed": given}
            if before and decrypt(before["sealed"]) == given:
                return before
        except InvalidToken as error:
            said = _("This was sealed with another SECRET_KEY; give the secret by `value`, or start with that key.")
            raise self.error((*path, how), said) from error
        return {"sealed": encrypt(given)}

    def _spoken(self, path: Path) -> list[str | int]:
        """Where something stands, with the record's name instead of its number."""
        section, number, *more = path
        records = SECTIONS[str(section)]
        return [section, self.sections[str(section)][int(number)][records.member(records.key[-1])], *more]

    def _made_up(self, column: str, path: Path) -> str:
        """A secret that follows from SECRET_KEY and where it stands: the same each time the file is applied."""
        where = "/".join(str(step) for step in self._spoken(path))
        said = f"cxadmin.lab file {self.tenant} {where}"
        digest = hmac.digest(instance.SECRET_KEY.encode(), said.encode(), sha256)
        text = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if column == "password":
            return f"Cx1-{text[:20]}"
        if column == "token_hash":
            return f"cxs_{text}"
        return base64.b32encode(digest).decode() if "access_keys" in path else text
