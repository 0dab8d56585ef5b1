"""The format of tenant files: which sections there are, which members their records have, and which table keeps them.

One table serves export, apply, diff and the JSON Schema. What a member may hold follows from the column behind it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models.fields import NOT_PROVIDED

from accounts import permissions
from accounts.actions.account_settings import SCIM_OPTIONAL_FIELDS
from accounts.models import (
    AccessKey,
    AccountSettings,
    AgentSkill,
    Application,
    BusinessUnit,
    CatalogueEntry,
    Employee,
    EmployeeTemplate,
    Group,
    GroupMembership,
    LoginAuthenticator,
    Role,
    RoleNameReservation,
    RolePermission,
    ScimToken,
    Team,
    View,
)

VERSION = 1
MEMBER = "cxadmin"
"""The member that says the version of the format."""
SCHEMA_ID = "https://json-schema.org/draft/2020-12/schema"
PASSWORD, KEYED, SEALED = "password", "keyed", "sealed"  # how a secret is kept


def words(text: str) -> tuple[str, ...]:
    """Many names, written as one text."""
    return tuple(text.split())


@dataclass(frozen=True)
class Ref:
    """A member that names a record of another section; `kind` is the first part of that one's key if it has two."""

    section: str
    kind: str = ""


@dataclass(frozen=True)
class Records:
    """Records of one table, as a section or as a list inside the records of one.

    Attributes:
        key: the columns that name a record, unique without regard to case; empty where a list is known by its content.
        fields: the other columns, in the order in which they are written.
        names: members that are called otherwise than their columns.
        refs: columns and many-to-many fields that name records of other sections.
        links: the many-to-many fields among them.
        secrets: columns that hold a secret, and how.
        required: members that must be there beside the key.
        always: members that are written even where they hold their default.
        kept: members that stay as they are where a file does not say them.
        children: lists inside each record, by member.
        parent: in a child, the column that names the record around it.
        is_plain: a child of one column, written as a list of texts.
    """

    model: type[models.Model]
    key: tuple[str, ...]
    fields: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    refs: Mapping[str, Ref] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    children: "Mapping[str, Records]" = field(default_factory=dict)
    parent: str = ""
    is_plain: bool = False

    def member(self, column: str) -> str:
        return self.names.get(column, column)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column and many-to-many field a record is written with."""
        return (*self.key, *self.fields)

    def column(self, name: str) -> "models.Field[Any, Any]":
        return self.model._meta.get_field(name)  # type: ignore[return-value]

    def default(self, name: str) -> Any:
        """What a member holds if it is left out."""
        if name in self.links:
            return []
        found = self.column(name)
        if found.default is NOT_PROVIDED or callable(found.default):
            return [] if found.default is list else {} if found.default is dict else None
        default = found.default
        return str(default) if isinstance(default, str) else default


def plain(model: type[models.Model], column: str, parent: str) -> Records:
    """A list of texts inside a record."""
    return Records(model, (column,), parent=parent, is_plain=True)


SETTINGS = Records(
    AccountSettings,
    (),
    tuple(
        found.name
        for found in AccountSettings._meta.concrete_fields
        if found.name not in ("business_unit", "version", "modified_at", "modified_by")
    ),
    refs={"scim_default_role": Ref("roles")},
)
UNIT = Records(
    BusinessUnit,
    ("tenant_name",),
    ("id", "number", "name", "area", "cluster", "is_fedramp", "time_zone", "licences"),
    names={"tenant_name": "name", "name": "title"},
    always=("id", "number", "name", "area", "time_zone", "licences"),
    kept=("id", "number", "name", "area", "cluster", "is_fedramp", "time_zone", "licences"),
)
SECTIONS: Mapping[str, Records] = {
    "login_authenticators": Records(
        LoginAuthenticator,
        ("name",),
        words(
            "id description type status is_default min_length require_lower require_upper require_digit "
            "require_special expires_days remembered allowed_attempts mfa_required mfa_type endpoint_url "
            "certificate issuer client_id client_secret"
        ),
        secrets={"client_secret": SEALED},
        always=("id",),
        kept=("id",),
    ),
    "roles": Records(
        Role,
        ("name",),
        ("id", "number", "description", "status", "ootb_code", "internal", "modifiable", "restrictions"),
        always=("id", "number", "status"),
        kept=("id", "number"),
        children={
            "permissions": plain(RolePermission, "code", "role"),
            "used_names": plain(RoleNameReservation, "name_key", "role"),
        },
    ),
    "teams": Records(
        Team,
        ("name",),
        ("id", "number", "description", "status", "is_default", "acd_settings", "lead"),
        refs={"lead": Ref("employees")},
        always=("id", "number"),
        kept=("id", "number"),
    ),
    "views": Records(
        View,
        ("name",),
        ("id", "description", "type", "all_segments", "teams", "roles"),
        refs={"teams": Ref("teams"), "roles": Ref("roles")},
        links=("teams", "roles"),
        required=("type",),
        always=("id",),
        kept=("id",),
    ),
    "catalogue": Records(
        CatalogueEntry,
        ("kind", "name"),
        ("id", "number", "is_active", "details"),
        required=("number",),
        always=("id",),
        kept=("id",),
    ),
    "employees": Records(
        Employee,
        ("username",),
        words(
            "id agent_id email email_to_be_verified first_name middle_name last_name display_name mobile_number "
            "time_zone type hire_date rank primary_role secondary_roles team login_authenticator views "
            "attributes language status ever_activated deactivated_at source password password_changed_at "
            "must_change_password mfa_secret mfa_counter toast_seconds is_lab_operator failed_attempts "
            "inactivity_override lock_reason locked_at locked_until lock_step relock_at scim_managed "
            "scim_hidden external_id scim_attributes has_other_emails acd_settings"
        ),
        refs={
            "primary_role": Ref("roles"),
            "secondary_roles": Ref("roles"),
            "team": Ref("teams"),
            "login_authenticator": Ref("login_authenticators"),
            "views": Ref("views"),
        },
        links=("secondary_roles", "views"),
        secrets={"password": PASSWORD, "mfa_secret": SEALED},
        required=("first_name", "last_name", "primary_role"),
        always=(
            *("id", "agent_id", "email", "time_zone", "team", "login_authenticator", "status", "ever_activated"),
            *("source", "password"),
        ),
        kept=("id", "agent_id", "password"),
        children={
            "access_keys": Records(
                AccessKey,
                ("access_key_id",),
                ("secret_hash", "is_active"),
                names={"secret_hash": "secret"},
                secrets={"secret_hash": KEYED},
                required=("secret",),
                parent="employee",
            ),
            "scim_tokens": Records(
                ScimToken,
                (),
                ("token_hash", "last4", "expires_at"),
                names={"token_hash": "token"},
                secrets={"token_hash": KEYED},
                required=("token",),
                parent="employee",
            ),
            "skills": Records(
                AgentSkill,
                ("skill",),
                ("proficiency", "is_active"),
                refs={"skill": Ref("catalogue", "skill")},
                parent="employee",
            ),
        },
    ),
    "groups": Records(
        Group,
        ("name",),
        ("id", "number", "external_id"),
        always=("id", "number"),
        kept=("id", "number"),
        children={
            "members": Records(
                GroupMembership,
                ("employee",),
                ("display",),
                refs={"employee": Ref("employees")},
                parent="group",
            )
        },
    ),
    "employee_templates": Records(
        EmployeeTemplate,
        ("name",),
        words("id status team primary_role time_zone attributes login_authenticator secondary_roles views ignored"),
        refs={
            "team": Ref("teams"),
            "primary_role": Ref("roles"),
            "login_authenticator": Ref("login_authenticators"),
            "secondary_roles": Ref("roles"),
            "views": Ref("views"),
        },
        links=("secondary_roles", "views"),
        always=("id", "status"),
        kept=("id",),
    ),
    "applications": Records(
        Application,
        ("name",),
        words(
            "id description contacts type tenancy auth_method scopes redirect_uris allowed_origins "
            "post_logout_redirect_uris jwks_endpoint secret_hash is_fedramp status tracking_number "
            "requester_name requester_email scheduled_deletion_at status_before_deletion"
        ),
        names={"id": "client_id", "secret_hash": "secret"},
        secrets={"secret_hash": KEYED},
        required=("type",),
        always=("id", "status", "tracking_number", "secret_hash"),
        kept=("id", "tracking_number", "secret_hash"),
    ),
}
LISTS: Mapping[str, frozenset[str]] = {
    "scim_fields": frozenset(SCIM_OPTIONAL_FIELDS),
    "attributes": frozenset(Employee.ATTRIBUTES),
    "scopes": frozenset(Application.SCOPES),
    "ignored": frozenset(EmployeeTemplate.FIELDS),
}
"""What lists of texts may hold, by column."""
TEXT_LISTS = (*LISTS, "licences", "contacts")
CODES = frozenset(permissions.TOGGLES)


def schema() -> dict[str, Any]:
    """The JSON Schema of tenant files. References and uniqueness it cannot say; `apply` checks them as well."""
    sections = {name: {"type": "array", "items": _object(records)} for name, records in SECTIONS.items()}
    properties = {
        MEMBER: {"const": VERSION, "description": "The version of the format."},
        "tenant": _object(UNIT),
        "settings": _object(SETTINGS),
        **sections,
    }
    return {
        "$schema": SCHEMA_ID,
        "title": "Tenant file of cxadmin",
        "type": "object",
        "properties": properties,
        "required": [MEMBER, "tenant"],
        "additionalProperties": False,
        "$defs": {
            "secret": {
                "description": "As it is kept (hash), in clear (value), or made up by the emulator (generated).",
                "oneOf": [_secret("hash"), _secret("value"), _generated(), {"type": "null"}],
            },
            "sealed": {
                "description": "Sealed with the instance's SECRET_KEY (sealed), or in clear (value).",
                "oneOf": [_secret("sealed"), _secret("value"), {"type": "null"}],
            },
        },
    }


def _secret(member: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {member: {"type": "string", "minLength": 1}},
        "required": [member],
        "additionalProperties": False,
    }


def _generated() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"generated": {"const": True}},
        "required": ["generated"],
        "additionalProperties": False,
    }


def _object(records: Records) -> dict[str, Any]:
    properties = {records.member(name): _member(records, name) for name in records.columns}
    for name, child in records.children.items():
        items = _member(child, child.key[0]) if child.is_plain else _object(child)
        properties[name] = {"type": "array", "items": items}
    needed = [*(records.member(name) for name in records.key), *records.required]
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}


def _member(records: Records, name: str) -> dict[str, Any]:
    if name in records.secrets:
        return {"$ref": "#/$defs/sealed" if records.secrets[name] == SEALED else "#/$defs/secret"}
    if name in records.links:
        return {"type": "array", "items": {"type": "string"}}
    column = records.column(name)
    if name in records.refs:
        return _nullable({"type": "string"}, column.null)
    return _nullable(_value(column), column.null)


def _nullable(said: dict[str, Any], is_nullable: bool) -> dict[str, Any]:
    return {"anyOf": [said, {"type": "null"}]} if is_nullable else said


def _value(column: "models.Field[Any, Any]") -> dict[str, Any]:
    match column:
        case models.BooleanField():
            return {"type": "boolean"}
        case models.IntegerField():
            least, most = bounds(column)
            return {"type": "integer", "minimum": least, "maximum": most}
        case models.DateTimeField():
            return {"type": "string", "format": "date-time"}
        case models.DateField():
            return {"type": "string", "format": "date"}
        case models.UUIDField():
            return {"type": "string", "format": "uuid"}
        case models.JSONField() if column.name in TEXT_LISTS:
            known = LISTS.get(column.name)
            return {"type": "array", "items": {"enum": sorted(known)} if known else {"type": "string"}}
        case models.JSONField():
            return {"type": "object"}
    if column.choices:
        return {"enum": values_of(column)}
    if column.name == "code":
        return {"enum": sorted(CODES)}
    return {"type": "string"} | ({"maxLength": column.max_length} if column.max_length else {})


def values_of(column: "models.Field[Any, Any]") -> list[str]:
    """The values of a column with choices."""
    found = [str(value) for value, _ in column.flatchoices]
    return [*found, ""] if column.default == "" and "" not in found else found


def bounds(column: "models.Field[Any, Any]") -> tuple[int, int]:
    """The least and the greatest number a column holds."""
    match column:
        case models.PositiveSmallIntegerField():
            return 0, 32_767
        case models.PositiveIntegerField():
            return 0, 2_147_483_647
    return -(2**53), 2**53
