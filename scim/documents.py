"""Reading a client's JSON: names in their own spelling, values of the right type, everything else refused or left out.

Pure: knows the attribute table and nothing of Django.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from scim.attributes import Attribute, Table
from scim.errors import BadSyntax, BadValue

Document: TypeAlias = dict[str, Any]
"""A resource with canonical names: core attributes at the top, each extension under its URN."""

LONGEST_TEXT = 4_096
LONGEST_BINARY = 65_536
LONGEST_LIST = 10_000

LEFT_OUT = object()
"""What `value` answers for a value that means "unassigned" (RFC 7643 §2.5)."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads values according to the table.

    Attributes:
        tolerant: `scim_tolerances`: "True" and "False" are read as booleans (T2, spec §9.5).
    """

    table: Table
    tolerant: bool = True

    def document(self, body: object) -> Document:
        """A POST or PUT body; read-only and unknown members are left out (spec §9.3, T11).

        Raises:
            BadSyntax: the body is no JSON object.
            BadValue: a value has the wrong type.
        """
        if not isinstance(body, dict):
            raise BadSyntax("The body must be a JSON object.")
        document: Document = {}
        for name, value in body.items():
            self._read_member(document, name, value)
        return document

    def _read_member(self, document: Document, name: str, value: object) -> None:
        urn = self.table.extension(name)
        if urn is not None:
            if value is not None and not isinstance(value, dict):
                raise BadValue(f"{urn} must be an object.")
            for inner, content in (value or {}).items():
                found = self.table.find(urn, inner)
                if found is not None:
                    self._store(document.setdefault(urn, {}), found[1], content)
            return
        qualified = self.table.find(*_split(name))
        if qualified is not None:
            home = document if qualified[0] is None else document.setdefault(qualified[0], {})
            self._store(home, qualified[1], value)

    def _store(self, home: Document, attribute: Attribute, content: object) -> None:
        if attribute.mutability == "readOnly" and attribute.option is None:
            return
        value = self.value(attribute, content)
        if value is not LEFT_OUT:
            home[attribute.name] = value

    def value(self, attribute: Attribute, content: object) -> Any:
        """One attribute's value as it is kept, or LEFT_OUT.

        Raises:
            BadValue: it has the wrong type, is too long, or holds a control character no database stores.
        """
        if content is None:
            return LEFT_OUT
        if attribute.multi_valued:
            return self._values(attribute, content)
        if attribute.type == "complex":
            return self._complex(attribute, content)
        return self._simple(attribute, content, attribute.name)

    def _values(self, attribute: Attribute, content: object) -> Any:
        # Some providers send one value without the list around it (T6).
        entries = [content] if isinstance(content, dict) else content
        if not isinstance(entries, list):
            raise BadValue(f"{attribute.name} must be a list.")
        if len(entries) > LONGEST_LIST:
            raise BadValue(f"{attribute.name} can have at most {LONGEST_LIST} values.")
        found = [value for entry in entries if (value := self._complex(attribute, entry)) is not LEFT_OUT]
        return one_primary(found) or LEFT_OUT

    def _complex(self, attribute: Attribute, content: object) -> Any:
        if isinstance(content, str) and attribute.name == "manager":
            content = {"value": content}  # Entra sends the bare id (T7)
        if not isinstance(content, dict):
            raise BadValue(f"{attribute.name} must hold {'objects' if attribute.multi_valued else 'an object'}.")
        found: Document = {}
        for name, inner in content.items():
            sub = attribute.sub(name)
            if sub is not None and inner is not None:
                value = self._simple(sub, inner, f"{attribute.name}.{sub.name}")
                if value is not LEFT_OUT:
                    found[sub.name] = value
        empty = not found or (attribute.sub("value") is not None and set(found) <= {"type", "primary"})
        return LEFT_OUT if empty else found

    def _simple(self, attribute: Attribute, content: object, name: str) -> Any:
        if attribute.type == "boolean":
            return self.boolean(content, name)
        if not isinstance(content, str):
            raise BadValue(f"{name} must be text.")
        if "\x00" in content:
            raise BadValue(f"{name} must not contain NUL.")
        limit = LONGEST_BINARY if attribute.type in ("binary", "reference") else LONGEST_TEXT
        if len(content) > limit:
            raise BadValue(f"{name} can have at most {limit} characters.")
        return content if content.strip() else LEFT_OUT

    def boolean(self, content: object, name: str) -> bool:
        """A truth value.

        Raises:
            BadValue: it is none; without tolerances the strings of T2 are none either.
        """
        if isinstance(content, bool):
            return content
        if self.tolerant and isinstance(content, str) and content.lower() in ("true", "false"):
            return content.lower() == "true"
        raise BadValue(f"{name} must be true or false.")


def one_primary(values: list[Document]) -> list[Document]:
    """The values with at most one primary: the first one that claims it (PingOne marks two, T8)."""
    seen = False
    for value in values:
        if value.get("primary") is True:
            if seen:
                value["primary"] = False
            seen = True
    return values


def _split(name: str) -> tuple[str | None, str]:
    """`urn:…:User:department` as schema and attribute; a plain name has no schema."""
    urn, _, rest = name.rpartition(":")
    return (urn or None), rest


def same(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether two values of a multi-valued attribute are the same one: what identifies them is equal, primary or not."""
    if "value" in first and "value" in second:
        return bool(_key(first) == _key(second))
    return {k: v for k, v in first.items() if k != "primary"} == {k: v for k, v in second.items() if k != "primary"}


def _key(value: Mapping[str, Any]) -> tuple[str, str]:
    return str(value["value"]).casefold(), str(value.get("type", "")).casefold()
