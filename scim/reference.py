"""What is written about the service from its attribute table: `python -m scim.reference` writes the table of docs/scim.md
and docs/scim-openapi.json.

Pure: needs no settings and no database.
"""

from collections.abc import Iterator
from pathlib import Path

import orjson

from scim import openapi
from scim.attributes import GROUPS, USERS, Attribute, Table

FILE = Path("docs/scim.md")
OPENAPI = Path("docs/scim-openapi.json")
BEGIN = "<!-- Written by `python -m scim.reference`; edit scim/attributes.py instead. -->"
END = "<!-- End of the attribute table. -->"


def attributes() -> str:
    """Every attribute of both kinds of resource: its type, its rules, where it is kept and which field enables it."""
    return "\n".join((*_of(USERS), *_of(GROUPS)))


def _of(table: Table) -> Iterator[str]:
    yield f"### {table.resource}\n"
    yield "| attribute | meaning | type | rules | kept in | enabled by |"
    yield "|---|---|---|---|---|---|"
    for urn, attribute in table:
        yield _row(urn, attribute, attribute.name, attribute)
        for sub in attribute.subs:
            yield _row(urn, attribute, f"{attribute.name}.{sub.name}", sub)
    yield ""


def _row(urn: str | None, attribute: Attribute, path: str, leaf: Attribute) -> str:
    qualified = f"{urn.rpartition(':2.0:')[0].rpartition(':')[2]}: {path}" if urn else path
    kind = f"{leaf.type}, several" if leaf.multi_valued else leaf.type
    option = (leaf.option or attribute.option or "–").replace("_", " ").title()
    cells = (f"`{qualified}`", leaf.description, kind, ", ".join(_rules(leaf)) or "–", _home(attribute, leaf), option)
    return f"| {' | '.join(cells)} |"


def _rules(leaf: Attribute) -> Iterator[str]:
    if leaf.required:
        yield "required"
    if leaf.mutability != "readWrite":
        yield {"readOnly": "read-only", "writeOnly": "write-only", "immutable": "set with its value"}[leaf.mutability]
    if leaf.returned == "never":
        yield "never returned"
    if leaf.uniqueness == "server":
        yield "unique"
    if leaf.case_exact:
        yield "case counts"


def _home(attribute: Attribute, leaf: Attribute) -> str:
    """The column behind an attribute; without one it is computed, ignored, made of its parts, or kept beside the employee."""
    column = leaf.column or attribute.column
    if column:
        return f"`{column}`"
    if leaf.subs or any(part.mutability in ("readOnly", "writeOnly") for part in (attribute, leaf)):
        return "–"
    return HOMES.get(attribute.name, HOMES.get(f"{attribute.name}.{leaf.name}", "beside the employee"))


HOMES = {
    "emails.value": "`email`, further ones beside the employee",
    "phoneNumbers.value": "`mobile_number`, further ones beside the employee",
    "roles": "`primary_role`, `secondary_roles`",
    "members": "the memberships of the group",
}


def renewed(text: str) -> str:
    """A document with its attribute table replaced by the present one."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{attributes()}\n{END}{rest.partition(END)[2]}"


def openapi_file() -> str:
    """The content of docs/scim-openapi.json."""
    return orjson.dumps(openapi.document(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


if __name__ == "__main__":
    OPENAPI.write_text(openapi_file(), encoding="utf-8")
    FILE.write_text(renewed(FILE.read_text(encoding="utf-8")), encoding="utf-8")
