"""Between a row and a resource: what an employee or a group looks like in SCIM, and what a resource asks to change.

Pure: no database, no request.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import orjson

from accounts.actions.provisioning import Reference, Wishes
from accounts.models import Employee
from accounts.statements import identifier, instant
from scim.attributes import ENTERPRISE, GROUP, NICE, USER, USER_CORE
from scim.documents import Document
from scim.errors import BadValue
from scim.rows import GroupRow, UserRow

# Core attributes the employee record has no column for; they are kept as they came.
KEPT = tuple(
    attribute.name
    for attribute in USER_CORE
    if attribute.column is None
    and attribute.mutability == "readWrite"
    and attribute.name not in ("name", "emails", "phoneNumbers", "roles")
)
KEPT_NAME = ("formatted", "honorificPrefix", "honorificSuffix")
# Attributes that have a value even if nobody set one; after a PATCH removed them they are not returned until set again.
REMOVABLE = ("active", "timezone", "team")
NOTHING: Mapping[str, Any] = MappingProxyType({})
# The members of an enumeration are slow to look up, and this is asked for every row of a list.
DELETED = Employee.Status.DELETED.value
DEFAULT_TYPES = {"emails": "work", "phoneNumbers": "mobile"}


def user(row: UserRow, base_url: str) -> Document:
    """The User resource of a row (spec §9.2)."""
    (
        raw, number, created, modified, external_id, username, first_name, last_name, middle_name, display_name, email,
        mobile_number, time_zone, kind, language, status, kept, role_id, role_name, team_id, team_name, authenticator_id,
        authenticator_name, secondary_roles, groups,
    ) = row  # fmt: skip
    if isinstance(kept, str):
        kept = orjson.loads(kept) if kept != "{}" else NOTHING
    absent = kept.get("absent", ())
    pk = identifier(raw)
    name = {**kept.get("name", NOTHING), "familyName": last_name, "givenName": first_name}
    if middle_name:
        name["middleName"] = middle_name
    document: Document = {
        "schemas": [USER],
        "id": pk,
        "userName": username,
        "name": name,
        "emails": _values("emails", kept, email),
        "roles": _roles(role_id, role_name, secondary_roles),
        "meta": _meta("User", "Users", pk, created, modified, number, base_url),
    }
    extension = _extension(team_id, team_name, authenticator_id, authenticator_name, absent)
    for attribute, value in (
        ("externalId", external_id),
        ("displayName", display_name),
        ("userType", kind),
        ("locale", language),
        ("timezone", None if "timezone" in absent else time_zone),
        ("phoneNumbers", _values("phoneNumbers", kept, mobile_number)),
        ("groups", _groups(groups, base_url)),
        (NICE, extension),
    ):
        if value:
            document[attribute] = value
    if "active" not in absent:
        document["active"] = status != DELETED
    if kept:
        document |= {attribute: kept[attribute] for attribute in (*KEPT, ENTERPRISE) if attribute in kept}
        if ENTERPRISE in document:
            document["schemas"].append(ENTERPRISE)
    if extension:
        document["schemas"].append(NICE)
    return document


def _values(attribute: str, kept: Mapping[str, Any], own: str) -> list[Document]:
    """The addresses or numbers; the one that is the employee's own column is kept without its value."""
    if attribute not in kept:
        return [{"value": own, "type": DEFAULT_TYPES[attribute], "primary": True}] if own else []
    values = [entry if "value" in entry else {"value": own, **entry} for entry in kept[attribute]]
    return [entry for entry in values if entry["value"]]


def _roles(pk: Any, name: str, secondary: str | None) -> list[Document]:
    roles = [{"value": identifier(pk), "display": name, "primary": True}]
    if secondary is not None:
        roles += [{"value": identifier(pk), "display": name, "primary": False} for pk, name in _pairs(secondary)]
    return roles


def _extension(
    team_id: Any, team_name: str, authenticator_id: Any, authenticator_name: str | None, absent: Collection[str]
) -> Document:
    extension = {} if "team" in absent else {"team": {"value": identifier(team_id), "display": team_name}}
    if authenticator_id:
        extension["loginAuthenticator"] = {
            "value": identifier(authenticator_id),
            "display": authenticator_name or "",
        }
    return extension


def _groups(pairs: str | None, base_url: str) -> list[Document]:
    return [
        {"value": (pk := identifier(raw)), "$ref": f"{base_url}/Groups/{pk}", "display": name, "type": "direct"}
        for raw, name in _pairs(pairs)
    ]


def _pairs(text: str | None) -> list[tuple[str, str]]:
    if text is None or text == "[]":
        return []
    found = [(pk, name) for pk, name in orjson.loads(text)]
    return sorted(found, key=lambda pair: (pair[1] or "", pair[0]))


def _meta(kind: str, endpoint: str, pk: str, created: Any, modified: Any, number: int, base_url: str) -> Document:
    return {
        "resourceType": kind,
        "created": instant(created),
        "lastModified": instant(modified),
        "location": f"{base_url}/{endpoint}/{pk}",
        "version": version(number),
    }


def version(number: int) -> str:
    """The weak entity tag of a version."""
    return f'W/"{number}"'


def group(row: GroupRow, base_url: str) -> Document:
    """The Group resource of a row; without `members` if they were not read."""
    pk = identifier(row.id)
    document: Document = {"schemas": [GROUP], "id": pk, "displayName": row.name}
    if row.external_id:
        document["externalId"] = row.external_id
    members = [member(identifier(raw), display, base_url) for raw, display in _pairs(row.members)]
    if members:
        document["members"] = members
    document["meta"] = _meta("Group", "Groups", pk, row.created_at, row.modified_at, row.version, base_url)
    return document


def member(pk: str, display: str | None, base_url: str) -> Document:
    """One member of a group; `display` as the provider sent it."""
    entry = {"value": pk, "$ref": f"{base_url}/Users/{pk}", "type": "User"}
    return {**entry, "display": display} if display else entry


@dataclass(frozen=True, slots=True)
class UserChanges:
    """What a User resource asks of the employee behind it."""

    values: dict[str, Any]
    wishes: Wishes
    active: bool | None


def require_user(document: Document) -> None:
    """Refuse a POST, PUT or patched resource that lacks a required attribute (spec §9.1).

    Raises:
        BadValue: names all that are missing.
    """
    name = document.get("name", {})
    missing = [
        path
        for path, value in (
            ("userName", document.get("userName")),
            ("name.givenName", name.get("givenName")),
            ("name.familyName", name.get("familyName")),
            ("emails.value", main_value(document.get("emails", []), "emails")[1].get("value")),
        )
        if not value
    ]
    if missing:
        raise BadValue(f"Required and missing: {', '.join(missing)}.")


def user_changes(
    document: Document, *, enabled: frozenset[str], time_zone: str, kept: Mapping[str, Any], patched: bool
) -> UserChanges:
    """What a complete document says about the employee, by the mapping of spec §9.3.

    Args:
        enabled: the optional fields the tenant lets providers set; the others are passed over (R-SCIM-3).
        time_zone: what an employee gets who is sent without one.
        kept: what is kept beside the employee so far.
        patched: the document is the employee's own after a PATCH, so what is missing in it was removed.
    """
    name = document["name"]
    values: dict[str, Any] = {
        "username": document["userName"],
        "first_name": name["givenName"],
        "last_name": name["familyName"],
        "email": main_value(document["emails"], "emails")[1]["value"],
        "external_id": document.get("externalId"),
    }
    optional = {
        "display_name": document.get("displayName", ""),
        "middle_name": name.get("middleName", ""),
        "type": document.get("userType", ""),
        "time_zone": document.get("timezone", time_zone),
        "mobile_number": main_value(document.get("phoneNumbers", []), "phoneNumbers")[1].get("value", ""),
    }
    values |= {field: value for field, value in optional.items() if field in enabled}
    values["scim_attributes"] = after = _kept(document, enabled, kept, patched=patched)
    values["has_other_emails"] = "emails" in after
    if patched and "login_authenticator" in enabled and "loginAuthenticator" not in document.get(NICE, {}):
        values["login_authenticator"] = None
    return UserChanges(values, _wishes(document, enabled), document.get("active"))


def main_value(values: Sequence[Document], attribute: str) -> tuple[int, Document]:
    """Which of the addresses or numbers is the employee's own (spec §9.3), and where it stands; (-1, {}) without any."""
    if not values:
        return -1, {}
    kind = DEFAULT_TYPES[attribute]
    primary = next((at for at, entry in enumerate(values) if entry.get("primary") is True), None)
    if primary is None or attribute != "emails":
        of_kind = (at for at, entry in enumerate(values) if str(entry.get("type", "")).lower() == kind)
        primary = next(of_kind, primary or 0)
    return primary, values[primary]


def _kept(document: Document, enabled: frozenset[str], before: Mapping[str, Any], *, patched: bool) -> Document:
    """What is kept beside the employee: everything the record has no column for."""
    after: Document = {name: document[name] for name in (*KEPT, ENTERPRISE) if document.get(name)}
    extra = {part: document["name"][part] for part in KEPT_NAME if part in document["name"]}
    if extra:
        after["name"] = extra
    for attribute in DEFAULT_TYPES:
        if attribute == "phoneNumbers" and "mobile_number" not in enabled:
            if attribute in before:
                after[attribute] = before[attribute]
            continue
        values = document.get(attribute, [])
        at, main = main_value(values, attribute)
        if values and (
            len(values) > 1 or main != {"value": main["value"], "type": DEFAULT_TYPES[attribute], "primary": True}
        ):
            own = {name: value for name, value in main.items() if name != "value"}
            after[attribute] = [own if place == at else entry for place, entry in enumerate(values)]
    if patched and (absent := [name for name in REMOVABLE if _is_gone(name, document, enabled)]):
        after["absent"] = absent
    return after


def _is_gone(name: str, document: Document, enabled: frozenset[str]) -> bool:
    """Whether a PATCH took away an attribute the tenant lets providers set."""
    if name == "team":
        return "team" in enabled and "team" not in document.get(NICE, {})
    return name not in document and (name != "timezone" or "time_zone" in enabled)


def _wishes(document: Document, enabled: frozenset[str]) -> Wishes:
    roles = document.get("roles", [])
    primary = next((entry for entry in roles if entry.get("primary") is True), roles[0] if roles else {})
    extension = document.get(NICE, {})
    return Wishes(
        role=_reference(primary) if "primary_role" in enabled else None,
        team=_reference(extension.get("team", {})) if "team" in enabled else None,
        authenticator=_reference(extension.get("loginAuthenticator", {})) if "login_authenticator" in enabled else None,
        template=_reference(extension.get("employeeTemplate", {})) if "employee_template" in enabled else None,
    )


def _reference(entry: Document) -> Reference | None:
    """`value` wins over `display` (spec §9.3)."""
    text = entry.get("value") or entry.get("display")
    return Reference(text) if text else None
