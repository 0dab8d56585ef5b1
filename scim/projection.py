"""Which attributes a client wants to see (RFC 7644 §3.9). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scim import grammar
from scim.attributes import Table
from scim.documents import Document
from scim.errors import BadValue

ALWAYS = frozenset({"schemas", "id"})


@dataclass(frozen=True, slots=True)
class Projection:
    """A choice of attributes: only these, or all but these. Names are lower case and sorted by extension.

    Attributes:
        names: per extension (None for core) the chosen names; `name.sub` for a sub-attribute, `*` for all of an extension.
    """

    table: Table
    only: bool
    names: Mapping[str | None, frozenset[str]]

    def apply(self, document: Document) -> Document:
        """The document with what was asked for; `schemas` and `id` are always there."""
        chosen = self.names.get(None, frozenset())
        result: Document = {}
        for name, value in document.items():
            urn = self.table.extension(name)
            if urn is not None:
                names = self.names.get(urn, frozenset())
                inner = (value if self.only else None) if "*" in names else self._project(value, names)
            else:
                inner = self._project({name: value}, chosen).get(name) if name not in ALWAYS else value
            if inner not in (None, {}):
                result[name] = inner
        return result

    def _project(self, document: Document, names: frozenset[str]) -> Document:
        result: Document = {}
        for name, value in document.items():
            key = name.lower()
            subs = {chosen.partition(".")[2] for chosen in names if chosen.startswith(f"{key}.")}
            if key in names:
                if self.only:
                    result[name] = value
            elif subs:
                inner = _with(value, subs) if self.only else _without(value, subs)
                if inner:
                    result[name] = inner
            elif not self.only:
                result[name] = value
        return result

    def leaves_out(self, name: str) -> bool:
        """Whether a core attribute is not wanted at all, so that it need not be read."""
        chosen = self.names.get(None, frozenset())
        key = name.lower()
        if not self.only:
            return key in chosen
        return key not in chosen and not any(n.startswith(f"{key}.") for n in chosen)


def read(attributes: Iterable[str], excluded: Iterable[str], table: Table) -> Projection | None:
    """The projection of the two parameters; both empty is none.

    Raises:
        BadValue: a name is no attribute path, or both are given (RFC 7644 §3.9).
    """
    wanted, unwanted = _names(attributes), _names(excluded)
    if wanted and unwanted:
        raise BadValue("attributes and excludedAttributes cannot be given together.")
    if not wanted and not unwanted:
        return None
    names: dict[str | None, set[str]] = {}
    for text in wanted or unwanted:
        urn, name = _resolve(text, table)
        names.setdefault(urn, set()).add(name)
    return Projection(table, bool(wanted), {urn: frozenset(found) for urn, found in names.items()})


def _names(texts: Iterable[str]) -> list[str]:
    return [name.strip() for text in texts for name in text.split(",") if name.strip()]


def _resolve(text: str, table: Table) -> tuple[str | None, str]:
    """The extension and the lower-case name; what is unknown selects nothing."""
    urn = table.extension(text)
    if urn is not None:
        return urn, "*"
    try:
        path = grammar.split_path(text)
    except grammar.GrammarError as error:
        raise BadValue(f"{text[:200]} is not an attribute name.") from error
    found = table.find(path.urn, path.name)
    name = f"{path.name}.{path.sub}" if path.sub else path.name
    return (found[0] if found else None), name.lower()


def _with(value: object, subs: set[str]) -> object:
    if isinstance(value, list):
        return [kept for entry in value if (kept := _with(entry, subs))]
    return {name: inner for name, inner in value.items() if name.lower() in subs} if isinstance(value, dict) else None


def _without(value: object, subs: set[str]) -> object:
    if isinstance(value, list):
        return [_without(entry, subs) for entry in value]
    return (
        {name: inner for name, inner in value.items() if name.lower() not in subs} if isinstance(value, dict) else value
    )
