"""PATCH: pure operations on a document (RFC 7644 §3.5.2). The result is then written like a PUT.

Tolerances T1, T3, T4, T5 and T9 are here, T2 and T6 to T8 in `documents` (docs/scim.md).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from scim import grammar
from scim.attributes import Attribute, Table
from scim.documents import LEFT_OUT, Document, Reader, one_primary, same
from scim.errors import BadPath, BadSyntax, BadValue, NoTarget, NotMutable

OPERATIONS = ("add", "remove", "replace")
MOST_OPERATIONS = 1_000
IGNORED_IN_VALUES = frozenset({"id", "meta", "groups", "schemas"})


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a PATCH.

    Attributes:
        spelled: the `op` as the client wrote it; Entra without its flag says `Replace`.
    """

    op: str
    path: str | None
    value: Any
    spelled: str


def read(body: object, *, tolerant: bool, op_required: bool = True) -> list[Operation]:
    """The operations of a PATCH body.

    Args:
        tolerant: read `op` in any case (T1).
        op_required: false reads a missing `op` as replace (profile `documented`).

    Raises:
        BadSyntax: the body is no PatchOp.
    """
    if not isinstance(body, dict):
        raise BadSyntax("The body must be a JSON object.")
    listed = next((value for name, value in body.items() if name.lower() == "operations"), None)
    if not isinstance(listed, list) or not listed:
        raise BadSyntax("The body must have a list Operations with at least one operation.")
    if len(listed) > MOST_OPERATIONS:
        raise BadSyntax(f"A PATCH can have at most {MOST_OPERATIONS} operations.")
    return [_operation(entry, tolerant, op_required) for entry in listed]


def _operation(entry: object, tolerant: bool, op_required: bool) -> Operation:
    if not isinstance(entry, dict):
        raise BadSyntax("Each operation must be an object.")
    members = {name.lower(): value for name, value in entry.items()}
    spelled = members.get("op", None if op_required else "replace")
    op = spelled.lower() if tolerant and isinstance(spelled, str) else spelled
    if op not in OPERATIONS:
        raise BadSyntax(f"op must be add, remove or replace, not {spelled!r}.")
    path = members.get("path")
    if path is not None and not isinstance(path, str):
        raise BadPath("path must be text.")
    if op != "remove" and "value" not in members:
        raise BadValue(f"The operation {op} needs a value.")
    return Operation(op, path or None, members.get("value"), str(spelled))


def apply(document: Document, operations: Iterable[Operation], table: Table, *, tolerant: bool = True) -> Document:
    """The document after all operations; the one given stays as it is.

    Raises:
        BadPath, BadValue, NoTarget, NotMutable: an operation cannot be done; then none is.
    """
    patcher = _Patcher(orjson.loads(orjson.dumps(document)), table, Reader(table, tolerant), tolerant)
    for operation in operations:
        patcher.do(operation)
    return patcher.document


class _Patcher:
    def __init__(self, document: Document, table: Table, reader: Reader, tolerant: bool) -> None:
        self.document = document
        self.table = table
        self.reader = reader
        self.tolerant = tolerant

    def do(self, operation: Operation) -> None:
        if operation.path is not None:
            self._at(operation, operation.path, operation.value)
            return
        if operation.op == "remove":
            raise NoTarget("The operation remove needs a path.")
        if not isinstance(operation.value, dict):
            raise BadValue("Without a path the value must be an object of attributes.")
        for name, value in operation.value.items():
            self._member(operation, name, value)

    def _member(self, operation: Operation, name: str, value: Any) -> None:
        """One member of a value without path: an attribute, or with T3 a path of its own."""
        if name.lower() in IGNORED_IN_VALUES:
            return
        urn = self.table.extension(name)
        if urn is not None:
            self._extension(operation, urn, value)
        elif self.table.find(None, name) is not None:
            self._at(operation, name, value)
        elif any(mark in name for mark in ".[:"):
            if not self.tolerant:
                raise BadPath(f"{name} is no attribute name.")
            self._at(operation, name, value)

    def _at(self, operation: Operation, path: str, value: Any) -> None:
        urn = self.table.extension(path)
        if urn is not None:
            self._extension(operation, urn, value)
            return
        try:
            target = grammar.parse_target(path)
        except grammar.GrammarError as error:
            raise BadPath(f"The path {path[:200]} cannot be read: {error}.") from error
        found = self.table.find(target.path.urn, target.path.name)
        if found is None:
            raise BadPath(f"There is no attribute {target.path}.")
        urn, attribute = found
        sub = self._sub_attribute(attribute, target)
        if not self._may_write(attribute, sub):
            return
        home = self.document if urn is None else self.document.setdefault(urn, {})
        if target.part is not None:
            self._selected(operation, home, attribute, target, sub, value)
        elif sub is not None:
            self._sub(operation, home, attribute, sub, value)
        else:
            self._whole(operation, home, attribute, value)
        if urn is not None and not home:
            del self.document[urn]

    def _extension(self, operation: Operation, urn: str, value: Any) -> None:
        if operation.op == "remove":
            # What is required in it stays with the employee, as `resources.REMOVABLE` does; asked for by name it is refused.
            self.document.pop(urn, None)
            return
        if not isinstance(value, dict):
            raise BadValue(f"{urn} must be an object.")
        for name, inner in value.items():
            if self.table.find(urn, name.partition(".")[0]) is not None:
                self._at(operation, f"{urn}:{name}", inner)

    @staticmethod
    def _sub_attribute(attribute: Attribute, target: grammar.Target) -> Attribute | None:
        name = target.sub or target.path.sub
        if name is None:
            return None
        sub = attribute.sub(name)
        if sub is None:
            raise BadPath(f"{attribute.name} has no sub-attribute {name}.")
        return sub

    def _may_write(self, attribute: Attribute, sub: Attribute | None) -> bool:
        """Whether to go on: read-only is refused, a field the tenant has not enabled is passed over (R-SCIM-3)."""
        for part in (attribute, sub):
            if part is not None and part.mutability == "readOnly":
                if part.option is None and attribute.option is None:
                    raise NotMutable(f"{attribute.name} is read-only.")
                return False
        return True

    def _whole(self, operation: Operation, home: Document, attribute: Attribute, value: Any) -> None:
        if operation.op == "remove":
            self._remove(home, attribute, value)
            return
        read = self.reader.value(attribute, value)
        if read is LEFT_OUT:
            if operation.op == "replace":
                self._unassign(home, attribute)
        elif attribute.multi_valued and operation.op == "add":
            home[attribute.name] = _merged(home.get(attribute.name, []), read, attribute)
        elif attribute.type == "complex" and not attribute.multi_valued:
            # Sub-attributes that are not named stay (RFC 7644 §3.5.2.3).
            home[attribute.name] = {**home.get(attribute.name, {}), **read}
        else:
            home[attribute.name] = read

    def _remove(self, home: Document, attribute: Attribute, value: Any) -> None:
        listed = [value] if isinstance(value, dict) else value
        if attribute.multi_valued and isinstance(listed, list) and listed:
            # Entra without its flag: `remove members` with the values to remove (T9).
            gone = self.reader.value(attribute, listed)
            unwanted = {str(entry.get("value")).casefold() for entry in gone} if gone is not LEFT_OUT else set()
            left = [e for e in home.get(attribute.name, []) if str(e.get("value")).casefold() not in unwanted]
            self._keep(home, attribute, left)
            return
        self._unassign(home, attribute)

    @staticmethod
    def _unassign(home: Document, attribute: Attribute) -> None:
        if attribute.required:
            raise NotMutable(f"{attribute.name} is required and cannot be removed.")
        home.pop(attribute.name, None)

    def _keep(self, home: Document, attribute: Attribute, values: list[Document]) -> None:
        if values:
            home[attribute.name] = values
        else:
            self._unassign(home, attribute)

    def _sub(self, operation: Operation, home: Document, attribute: Attribute, sub: Attribute, value: Any) -> None:
        """`name.givenName`; of a multi-valued attribute, the sub-attribute of every value."""
        if attribute.multi_valued:
            for entry in home.get(attribute.name, []):
                self._set_sub(operation, entry, attribute, sub, value)
            if operation.op != "remove" and not home.get(attribute.name):
                self._create(home, attribute, {}, sub, value)
            return
        entry = home.setdefault(attribute.name, {})
        self._set_sub(operation, entry, attribute, sub, value)
        if not entry:
            del home[attribute.name]

    def _set_sub(self, operation: Operation, entry: Document, attribute: Attribute, sub: Attribute, value: Any) -> None:
        read = LEFT_OUT if operation.op == "remove" else self.reader.value(sub, value)
        if read is not LEFT_OUT:
            entry[sub.name] = read
        elif operation.op != "add":
            if sub.required:
                raise NotMutable(f"{attribute.name}.{sub.name} is required and cannot be removed.")
            entry.pop(sub.name, None)

    def _selected(
        self,
        operation: Operation,
        home: Document,
        attribute: Attribute,
        target: grammar.Target,
        sub: Attribute | None,
        value: Any,
    ) -> None:
        """`emails[type eq "work"]`, with or without a sub-attribute behind it."""
        if not attribute.multi_valued or target.part is None:
            raise BadPath(f"{attribute.name} has no values to select from.")
        entries: list[Document] = home.get(attribute.name, [])
        meets = matcher(target.part, attribute)
        chosen = [entry for entry in entries if meets(entry)]
        if operation.op == "remove" and sub is None:
            self._keep(home, attribute, [entry for entry in entries if not any(entry is one for one in chosen)])
        elif chosen:
            for entry in chosen:
                self._change(operation, entry, attribute, sub, value)
            home[attribute.name] = _settled(entries, chosen)
        elif operation.op == "add" or (operation.op == "replace" and self._creates(operation, attribute, target, sub)):
            self._create(home, attribute, implied(target.part), sub, value)
        elif operation.op == "replace":
            raise NoTarget(f"No value of {attribute.name} meets the filter in the path.")

    def _change(
        self, operation: Operation, entry: Document, attribute: Attribute, sub: Attribute | None, value: Any
    ) -> None:
        if sub is not None:
            self._set_sub(operation, entry, attribute, sub, value)
            return
        read = self.reader.value(attribute, value)
        if read is LEFT_OUT or len(read) != 1:
            raise BadValue(f"One value of {attribute.name} is needed.")
        if operation.op == "replace":
            entry.clear()
        entry.update(read[0])

    def _creates(
        self, operation: Operation, attribute: Attribute, target: grammar.Target, sub: Attribute | None
    ) -> bool:
        """T4: the work address and the mobile number are created when there is none; Entra's capitalised `Replace`
        creates any value its filter describes by equality (T5)."""
        if not self.tolerant or target.part is None or sub is None:
            return False
        stored = implied(target.part) == {"emails": {"type": "work"}, "phoneNumbers": {"type": "mobile"}}.get(
            attribute.name
        )
        return stored or (operation.spelled == "Replace" and bool(implied(target.part)))

    def _create(
        self, home: Document, attribute: Attribute, members: Document, sub: Attribute | None, value: Any
    ) -> None:
        content = (
            {**members, sub.name: value}
            if sub is not None
            else {**members, **(value if isinstance(value, dict) else {})}
        )
        read = self.reader.value(attribute, [content])
        if read is not LEFT_OUT:
            home[attribute.name] = _merged(home.get(attribute.name, []), read, attribute)


def _merged(present: list[Document], added: list[Document], attribute: Attribute) -> list[Document]:
    """The values with the added ones; one that is there already is not doubled, a new primary demotes the old one."""
    result = list(present)
    new: list[Document] = []
    for value in added:
        twin = next((entry for entry in result if same(entry, value)), None)
        if twin is None:
            result.append(value)
            new.append(value)
        elif any(twin.get(name) != content for name, content in value.items()):
            twin.update(value)
            new.append(twin)
    return _settled(result, new) if attribute.has_primary else result


def _settled(values: list[Document], changed: list[Document]) -> list[Document]:
    """The values with one primary at most, a changed one before the others (RFC 7644 §3.5.2)."""
    claims = [value for value in changed if value.get("primary") is True]
    for value in values:
        if claims and value.get("primary") is True and value is not claims[0]:
            value["primary"] = False
    return one_primary(values)


def implied(part: grammar.Filter) -> Document:
    """What a filter says about the value it looks for, if it consists of equalities: members of a value to create."""
    if isinstance(part, grammar.Compare) and part.operator == "eq" and part.path.sub is None and part.value is not None:
        return {part.path.name: part.value}
    if isinstance(part, grammar.And):
        parts = [implied(inner) for inner in part.parts]
        return {name: value for found in parts for name, value in found.items()} if all(parts) else {}
    return {}


def matcher(part: grammar.Filter, attribute: Attribute) -> Callable[[Document], bool]:
    """A function that says whether one value of the attribute meets the filter of a path.

    Raises:
        BadPath: the filter names something the attribute does not have.
    """
    if isinstance(part, grammar.And | grammar.Or):
        tests = [matcher(inner, attribute) for inner in part.parts]
        combine = all if isinstance(part, grammar.And) else any
        return lambda value: combine(test(value) for test in tests)
    if isinstance(part, grammar.Not):
        test = matcher(part.part, attribute)
        return lambda value: not test(value)
    if isinstance(part, grammar.ValuePath) or part.path.sub or part.path.urn:
        raise BadPath("A filter in a path looks at the attribute's own sub-attributes.")
    sub = attribute.sub(part.path.name)
    if sub is None:
        raise BadPath(f"{attribute.name} has no sub-attribute {part.path.name}.")
    name = sub.name
    if isinstance(part, grammar.Present):
        return lambda value: value.get(name) not in (None, "")
    expression = part
    return lambda value: _compares(value.get(name), expression, sub)


def _compares(found: Any, expression: grammar.Compare, sub: Attribute) -> bool:
    wanted: Any = expression.value
    if sub.type == "boolean":
        wanted = {"true": True, "false": False}.get(str(wanted).lower())
        found = bool(found)
        if expression.operator not in ("eq", "ne"):
            raise BadPath(f"The operator '{expression.operator}' does not apply to true and false.")
    elif isinstance(wanted, str) and isinstance(found, str) and not sub.case_exact:
        wanted, found = wanted.casefold(), found.casefold()
    if expression.operator in ("eq", "ne"):
        return bool(found == wanted) == (expression.operator == "eq")
    if not isinstance(found, str) or not isinstance(wanted, str):
        return False
    results: dict[str, bool] = {
        "co": wanted in found,
        "sw": found.startswith(wanted),
        "ew": found.endswith(wanted),
        "gt": found > wanted,
        "ge": found >= wanted,
        "lt": found < wanted,
        "le": found <= wanted,
    }
    return results[expression.operator]
