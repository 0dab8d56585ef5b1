"""The attribute table: what a resource consists of. It feeds the published schemas, validation, PATCH, filters and docs,
so that nothing is advertised that does not work and nothing works that is not advertised (spec §9.1–9.3, RFC 7643)."""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
NICE = "urn:ietf:params:scim:schemas:extension:nice:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"

Type = Literal["string", "boolean", "dateTime", "reference", "binary", "complex"]
Mutability = Literal["readWrite", "readOnly", "writeOnly", "immutable"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute with the characteristics of RFC 7643 §2.2 and where cxadmin keeps it.

    Attributes:
        column: the database column behind it (of Employee or Group), for filters and sorting; without one it is kept
            in `scim_attributes` as it was sent.
        option: the entry of "Configure SCIM Provisioned Fields" that enables it; None means always enabled.
    """

    name: str
    description: str
    type: Type = "string"
    multi_valued: bool = False
    required: bool = False
    case_exact: bool = False
    mutability: Mutability = "readWrite"
    returned: Literal["default", "always", "never"] = "default"
    uniqueness: Literal["none", "server"] = "none"
    canonical: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    subs: tuple["Attribute", ...] = ()
    column: str | None = None
    option: str | None = None
    subs_by_name: Mapping[str, "Attribute"] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "subs_by_name", {sub.name.lower(): sub for sub in self.subs})

    def sub(self, name: str) -> "Attribute | None":
        """The sub-attribute of this name; case does not matter (RFC 7643 §2.1)."""
        return self.subs_by_name.get(name.lower())

    @property
    def has_primary(self) -> bool:
        """Whether at most one value may be the primary one (RFC 7643 §2.4)."""
        return self.multi_valued and any(sub.name == "primary" for sub in self.subs)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """All attributes of one resource type, by schema."""

    resource: str
    core: str
    description: str
    schemas: Mapping[str, tuple[Attribute, ...]]
    common: tuple[Attribute, ...]
    by_name: Mapping[str, Attribute] = field(init=False, repr=False)
    by_urn: Mapping[str, tuple[str, Mapping[str, Attribute]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_urn = {urn.lower(): (urn, {a.name.lower(): a for a in found}) for urn, found in self.schemas.items()}
        core = {a.name.lower(): a for a in (*self.common, *self.schemas[self.core])}
        object.__setattr__(self, "by_name", core)
        object.__setattr__(self, "by_urn", by_urn | {self.core.lower(): (self.core, core)})

    @property
    def extensions(self) -> tuple[str, ...]:
        return tuple(urn for urn in self.schemas if urn != self.core)

    def find(self, urn: str | None, name: str) -> tuple[str | None, Attribute] | None:
        """An attribute by its possibly qualified name: the extension it belongs to (None for core) and the attribute."""
        if urn is None:
            found = self.by_name.get(name.lower())
            return (None, found) if found else None
        entry = self.by_urn.get(urn.lower())
        attribute = entry[1].get(name.lower()) if entry else None
        if entry is None or attribute is None:
            return None
        return (None if entry[0] == self.core else entry[0], attribute)

    def extension(self, text: str) -> str | None:
        """The extension whose URN this is, spelled in any case."""
        entry = self.by_urn.get(text.lower())
        return entry[0] if entry and entry[0] != self.core else None

    def __iter__(self) -> Iterator[tuple[str | None, Attribute]]:
        for attribute in self.common:
            yield None, attribute
        for urn, found in self.schemas.items():
            for attribute in found:
                yield (None if urn == self.core else urn), attribute


def _plural(name: str, description: str, what: str, types: tuple[str, ...] = (), **more: object) -> Attribute:
    """A multi-valued attribute of RFC 7643 §2.4 with the usual sub-attributes."""
    value = Attribute("value", what)
    value = replace(value, **more)  # type: ignore[arg-type]
    kind = Attribute("type", "What the value is used for.", canonical=types)
    primary = Attribute("primary", "Whether this is the preferred value; at most one is.", "boolean")
    return Attribute(name, description, "complex", multi_valued=True, subs=(value, kind, primary))


def _reference(name: str, description: str, thing: str, **more: object) -> Attribute:
    """A record of cxadmin that a client names by id or by name."""
    subs = (
        Attribute("value", f"The id of the {thing}; its name is understood as well.", case_exact=False),
        Attribute("display", f"The name of the {thing}; it may be sent without the id."),
    )
    return replace(Attribute(name, description, "complex", subs=subs), **more)  # type: ignore[arg-type]


COMMON = (
    Attribute(
        "id",
        "The id cxadmin gave the resource.",
        case_exact=True,
        mutability="readOnly",
        returned="always",
        column="id",
    ),
    Attribute("externalId", "The id the identity provider gave it.", case_exact=True, column="external_id"),
    Attribute(
        "meta",
        "What cxadmin knows about the resource.",
        "complex",
        mutability="readOnly",
        subs=(
            Attribute("resourceType", "The kind of resource.", case_exact=True, mutability="readOnly"),
            Attribute("created", "When it was created.", "dateTime", mutability="readOnly", column="created_at"),
            Attribute(
                "lastModified", "When it was last changed.", "dateTime", mutability="readOnly", column="modified_at"
            ),
            Attribute("location", "Its address.", "reference", case_exact=True, mutability="readOnly"),
            Attribute("version", "Its entity tag.", case_exact=True, mutability="readOnly"),
        ),
    ),
)

USER_CORE = (
    Attribute(
        "userName", "The employee's Username, an e-mail address.", required=True, uniqueness="server", column="username"
    ),
    Attribute(
        "name",
        "The parts of the employee's name.",
        "complex",
        required=True,
        subs=(
            Attribute("formatted", "The whole name as the identity provider writes it."),
            Attribute("familyName", "The employee's Last Name.", required=True, column="last_name"),
            Attribute("givenName", "The employee's First Name.", required=True, column="first_name"),
            Attribute("middleName", "The employee's Middle Name.", column="middle_name", option="middle_name"),
            Attribute("honorificPrefix", "A title in front of the name."),
            Attribute("honorificSuffix", "A suffix behind the name."),
        ),
    ),
    Attribute("displayName", "The employee's Display Name.", column="display_name", option="display_name"),
    Attribute("nickName", "What people call the employee."),
    Attribute("profileUrl", "A page about the employee.", "reference", case_exact=True, references=("external",)),
    Attribute("title", "The employee's job title."),
    Attribute("userType", "The employee's Type.", column="type", option="type"),
    Attribute("preferredLanguage", "Languages the employee prefers, as in an Accept-Language header."),
    Attribute("locale", "The language of the console the employee chose.", mutability="readOnly", column="language"),
    Attribute("timezone", "The employee's Time Zone, an IANA name.", column="time_zone", option="time_zone"),
    Attribute("active", "Whether the employee is not Inactive.", "boolean", column="status"),
    Attribute(
        "password",
        "Accepted and ignored: people get a password by invitation.",
        mutability="writeOnly",
        returned="never",
    ),
    replace(
        _plural(
            "emails",
            "E-mail addresses; the primary one is the employee's Email Address.",
            "An e-mail address.",
            ("work", "home", "other"),
            required=True,
        ),
        required=True,
    ),
    replace(
        _plural(
            "phoneNumbers",
            "Telephone numbers; the mobile one is the employee's Mobile Number.",
            "A telephone number.",
            ("work", "home", "mobile", "fax", "pager", "other"),
        ),
        option="mobile_number",
    ),
    _plural(
        "ims",
        "Addresses for instant messages.",
        "An address.",
        ("aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"),
    ),
    _plural(
        "photos",
        "Addresses of pictures.",
        "The address of a picture.",
        ("photo", "thumbnail"),
        type="reference",
        case_exact=True,
        references=("external",),
    ),
    Attribute(
        "addresses",
        "Postal addresses.",
        "complex",
        multi_valued=True,
        subs=(
            Attribute("formatted", "The whole address."),
            Attribute("streetAddress", "Street and number."),
            Attribute("locality", "City."),
            Attribute("region", "State or region."),
            Attribute("postalCode", "Postal code."),
            Attribute("country", "Country."),
            Attribute("type", "What the address is used for.", canonical=("work", "home", "other")),
            Attribute("primary", "Whether this is the preferred value; at most one is.", "boolean"),
        ),
    ),
    Attribute(
        "groups",
        "The groups the employee belongs to; change them on the group.",
        "complex",
        multi_valued=True,
        mutability="readOnly",
        subs=(
            Attribute("value", "The id of the group.", mutability="readOnly"),
            Attribute("$ref", "The address of the group.", "reference", mutability="readOnly", references=("Group",)),
            Attribute("display", "The name of the group.", mutability="readOnly"),
            Attribute("type", "How the employee belongs to it.", mutability="readOnly", canonical=("direct",)),
        ),
    ),
    _plural("entitlements", "Things the employee is entitled to.", "An entitlement."),
    Attribute(
        "roles",
        "The employee's Primary Role and, read-only, the Secondary Roles.",
        "complex",
        multi_valued=True,
        required=True,
        option="primary_role",
        subs=(
            Attribute("value", "The id of the role; its name is understood as well."),
            Attribute("display", "The name of the role; it may be sent without the id."),
            Attribute(
                "primary", "True for the Primary Role, the one entry that can be set.", "boolean", canonical=("true",)
            ),
        ),
    ),
    _plural("x509Certificates", "Certificates.", "A certificate.", type="binary", case_exact=True),
)

USER_ENTERPRISE = (
    Attribute("employeeNumber", "The employee's number in the organisation."),
    Attribute("costCenter", "The cost centre."),
    Attribute("organization", "The organisation."),
    Attribute("division", "The division."),
    Attribute("department", "The department."),
    Attribute(
        "manager",
        "The employee's manager.",
        "complex",
        subs=(
            Attribute("value", "The id of the manager."),
            Attribute("$ref", "The address of the manager.", "reference", references=("User",)),
            Attribute("displayName", "The name of the manager.", mutability="readOnly"),
        ),
    ),
)

USER_NICE = (
    _reference("team", "The employee's Team.", "team", required=True, column="team", option="team"),
    _reference(
        "loginAuthenticator",
        "How the employee signs in.",
        "login authenticator",
        column="login_authenticator",
        option="login_authenticator",
    ),
    _reference(
        "employeeTemplate",
        "An Employee Template that fills in what is not sent; it counts at creation only.",
        "template",
        mutability="writeOnly",
        returned="never",
        option="employee_template",
    ),
)

USERS = Table(
    "User",
    USER,
    "An employee.",
    {USER: USER_CORE, ENTERPRISE: USER_ENTERPRISE, NICE: USER_NICE},
    COMMON,
)

# What the vendor's document knows of an employee (spec §9.1, profile `documented`).
DOCUMENTED_NAMES = (
    "userName",
    "name",
    "displayName",
    "userType",
    "locale",
    "timezone",
    "active",
    "password",
    "emails",
    "phoneNumbers",
    "roles",
)
DOCUMENTED_USERS = Table(
    "User",
    USER,
    "An employee.",
    {
        USER: tuple(
            replace(a, subs=tuple(sub for sub in a.subs if sub.column)) if a.name == "name" else a
            for a in USER_CORE
            if a.name in DOCUMENTED_NAMES
        ),
        NICE: USER_NICE,
    },
    COMMON,
)

GROUPS = Table(
    "Group",
    GROUP,
    "A group of employees; it grants nothing.",
    {
        GROUP: (
            Attribute(
                "displayName",
                "The name of the group, at most 50 characters.",
                required=True,
                uniqueness="server",
                column="name",
            ),
            Attribute(
                "members",
                "The employees in the group.",
                "complex",
                multi_valued=True,
                subs=(
                    Attribute("value", "The id of the employee.", required=True, mutability="immutable"),
                    Attribute(
                        "$ref",
                        "The address of the employee.",
                        "reference",
                        mutability="immutable",
                        references=("User",),
                    ),
                    Attribute("display", "A name, as the identity provider sent it.", mutability="immutable"),
                    Attribute("type", "The kind of member.", mutability="immutable", canonical=("User",)),
                ),
            ),
        )
    },
    COMMON,
)


@functools.cache
def for_fields(table: Table, enabled: frozenset[str]) -> Table:
    """The table as a tenant with these optional fields publishes it: what is not enabled is read-only (spec §9.3)."""

    def shown(attribute: Attribute) -> Attribute:
        subs = tuple(shown(sub) for sub in attribute.subs)
        if attribute.option is None or attribute.option in enabled:
            return replace(attribute, subs=subs)
        return replace(attribute, subs=subs, mutability="readOnly", required=False)

    return replace(table, schemas={urn: tuple(map(shown, found)) for urn, found in table.schemas.items()})
