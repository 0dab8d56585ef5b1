"""Filters as database queries: syntax tree to `Q` (RFC 7644 §3.4.2.2).

Nothing is loaded to be compared. What the employee record has no column for is looked up in the JSON kept beside it.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from django.db.models import Exists, F, OuterRef, Q, TextField, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce

from accounts.ids import fold
from accounts.models import Employee, GroupMembership, SecondaryRole
from scim import grammar
from scim.attributes import ENTERPRISE, GROUP, NICE, USER, Attribute, Table
from scim.errors import BadFilter
from scim.lookups import (
    FALSE,
    TRUE,
    AnyElement,
    Condition,
    Element,
    ElementIsTrue,
    Identifier,
    Instant,
    Operand,
    Sorted,
    Text,
    Truth,
    compare,
    negated,
)

Operands: TypeAlias = Callable[[str], Operand]
"""The operand of a sub-attribute, by name."""
Any_: TypeAlias = Callable[[Callable[[Operands], Condition]], Condition]
"""Whether some value of a multi-valued attribute meets the condition that the inner function builds."""

FOLDED_COLUMNS = {"username": "username_key", "name": "name_key"}
# Of the attributes with several values, those with one that is a column of the employee.
OWN_VALUES: Mapping[tuple[str, str], Operand] = {
    ("emails", "value"): Text("email_key", folded=True),
    ("phoneNumbers", "value"): Text("mobile_number"),
    ("roles", "value"): Identifier("primary_role_id"),
    ("roles", "display"): Text("primary_role__name_key", folded=True),
}


def compile_filter(text: str, table: Table) -> Q:
    """The filter as a condition on the table's model.

    Raises:
        BadFilter: the text is no filter, or names what the resource does not have; whatever the data (spec §9.1).
    """
    try:
        tree = grammar.parse_filter(text)
    except grammar.GrammarError as error:
        raise BadFilter(f"The filter cannot be read: {error}.") from error
    return Q(_Compiler(table).condition(tree))


def username_sought(text: str) -> str | None:
    """The folded user name in `userName eq "…"`; None for any other filter, and for what is none."""
    try:
        tree = grammar.parse_filter(text)
    except grammar.GrammarError:
        return None
    if not isinstance(tree, grammar.Compare) or tree.operator != "eq" or not isinstance(tree.value, str):
        return None
    path = tree.path
    is_username = path.name.lower() == "username" and path.sub is None and (path.urn or USER).lower() == USER.lower()
    return fold(tree.value) if is_username and "\x00" not in tree.value else None


def sort_operand(text: str, table: Table) -> Sorted:
    """What `sortBy` names, on the table's model; of several values the one that is the employee's own (RFC 7644 §3.4.2.3).

    Raises:
        BadFilter: the resource has no such attribute, or its values have no order.
    """
    try:
        path = grammar.split_path(text)
    except grammar.GrammarError as error:
        raise BadFilter(f"The attribute cannot be read: {error}.") from error
    return _Compiler(table).operand(path).sorted()


class _Compiler:
    def __init__(self, table: Table) -> None:
        self.table = table
        self.many = {"User": _user_values, "Group": _group_values}[table.resource]

    def condition(self, tree: grammar.Filter) -> Condition:
        return _combined(tree, self._leaf)

    def _leaf(self, leaf: grammar.Compare | grammar.Present | grammar.ValuePath) -> Condition:
        path = leaf.path
        if path.name.lower() == "schemas" and path.urn is None and not isinstance(leaf, grammar.ValuePath):
            return self._of_schema(leaf)
        urn, attribute = self._find(path)
        if isinstance(leaf, grammar.ValuePath):
            part = leaf.part
            return self._values(urn, attribute)(
                lambda operands: _combined(part, lambda inner: _sub_leaf(attribute, inner, operands))
            )
        if attribute.type == "complex":
            sub = _sub(attribute, path.sub)
            if attribute.multi_valued:
                return self._values(urn, attribute)(lambda operands: compare(operands(sub.name), leaf))
            return compare(self._single(urn, attribute, sub), leaf)
        if path.sub:
            raise BadFilter(f"{attribute.name} has no sub-attributes.")
        return compare(self._single(urn, attribute, None), leaf)

    def operand(self, path: grammar.Path) -> Operand:
        """What a path names, if a resource has at most one of it, or one that stands for the others."""
        urn, attribute = self._find(path)
        sub = _sub(attribute, path.sub) if attribute.type == "complex" else None
        if attribute.multi_valued:
            own = OWN_VALUES.get((attribute.name, sub.name if sub else ""))
            if own is None:
                raise BadFilter(f"{path} can have several values.")
            return own
        if path.sub and sub is None:
            raise BadFilter(f"{attribute.name} has no sub-attributes.")
        return self._single(urn, attribute, sub)

    def _find(self, path: grammar.Path) -> tuple[str | None, Attribute]:
        found = self.table.find(path.urn, path.name)
        if found is None:
            raise BadFilter(f"There is no attribute {path}.")
        if found[1].returned == "never":
            raise BadFilter(f"{path} cannot be filtered or sorted by.")
        return found

    def _values(self, urn: str | None, attribute: Attribute) -> Any_:
        if not attribute.multi_valued:
            # `manager[value eq "x"]`: a single complex value is its own only element.
            return lambda wanted: wanted(lambda name: self._single(urn, attribute, _sub(attribute, name)))
        return self.many(attribute)

    def _single(self, urn: str | None, attribute: Attribute, sub: Attribute | None) -> Operand:
        if urn == NICE:
            return _reference(attribute, sub)
        leaf = sub or attribute
        if leaf.name == "active":
            return Truth(~Q(status=Employee.Status.DELETED))
        if leaf.column == "id":
            return Identifier("id")
        if leaf.type == "dateTime" and leaf.column:
            return Instant(leaf.column)
        if leaf.column:
            key = FOLDED_COLUMNS.get(leaf.column)
            return Text(key or leaf.column, case_exact=leaf.case_exact, folded=key is not None)
        if attribute.name == "meta":
            return _constant_meta(leaf, self.table)
        keys = [key for key in (urn, attribute.name, sub.name if sub else None) if key]
        return Text(_kept_text(keys), case_exact=leaf.case_exact)

    def _of_schema(self, leaf: grammar.Compare | grammar.Present) -> Condition:
        if isinstance(leaf, grammar.Present):
            return TRUE
        if leaf.operator not in ("eq", "ne") or not isinstance(leaf.value, str):
            raise BadFilter("schemas can be compared with eq and ne to a URN.")
        wanted = leaf.value.lower()
        always = {USER.lower(), NICE.lower()} if self.table.resource == "User" else {GROUP.lower()}
        found = TRUE if wanted in always else FALSE
        if self.table.resource == "User" and wanted == ENTERPRISE.lower():
            found = Q(scim_attributes__has_key=ENTERPRISE)
        return found if leaf.operator == "eq" else negated(found)


def _combined(tree: grammar.Filter, leaf: Callable[[Any], Condition], *, holds: bool = True) -> Condition:
    """The tree with its leaves turned into conditions; every branch is looked at, so that a bad name is always found.

    Args:
        holds: false for what must not hold. Negations move to the leaves (De Morgan): negated parts inside negated parts
            would nest the SQL deeper than SQLite's parser goes.
    """
    if isinstance(tree, grammar.Not):
        return _combined(tree.part, leaf, holds=not holds)
    if isinstance(tree, grammar.And | grammar.Or):
        connector = Q.AND if isinstance(tree, grammar.And) == holds else Q.OR
        # The deepest part first: what stands before an opening parenthesis takes room on the parser's stack.
        parts = sorted(tree.parts, key=_depth, reverse=True)
        return Q(*(_combined(part, leaf, holds=holds) for part in parts), _connector=connector)
    return leaf(tree) if holds else negated(leaf(tree))


def _depth(tree: grammar.Filter) -> int:
    if isinstance(tree, grammar.And | grammar.Or):
        return 1 + max(map(_depth, tree.parts))
    return 1 + _depth(tree.part) if isinstance(tree, grammar.Not | grammar.ValuePath) else 0


def _sub_leaf(attribute: Attribute, leaf: Any, operands: Operands) -> Condition:
    if isinstance(leaf, grammar.ValuePath) or leaf.path.sub or leaf.path.urn:
        raise BadFilter(f"{leaf.path} is no sub-attribute of {attribute.name}.")
    return compare(operands(_sub(attribute, leaf.path.name).name), leaf)


def _sub(attribute: Attribute, name: str | None) -> Attribute:
    sub = attribute.sub(name or "value")
    if sub is None:
        raise BadFilter(
            f"{attribute.name} has no sub-attribute {name}." if name else f"Name a sub-attribute of {attribute.name}."
        )
    return sub


def _kept(keys: list[str]) -> Any:
    expression: Any = "scim_attributes"
    for key in keys:
        expression = KeyTransform(key, expression)
    return expression


def _kept_text(keys: list[str]) -> KeyTextTransform:
    return KeyTextTransform(keys[-1], _kept(keys[:-1]))


def _constant_meta(leaf: Attribute, table: Table) -> Operand:
    if leaf.name == "resourceType":
        return Text(Value(table.resource), case_exact=True)
    raise BadFilter(f"meta.{leaf.name} cannot be filtered.")


def _reference(attribute: Attribute, sub: Attribute | None) -> Operand:
    """`team` and `loginAuthenticator` of the extension."""
    if sub is None or sub.name == "value":
        return Identifier(f"{attribute.column}_id")
    return Text(f"{attribute.column}__name_key", folded=True)


def _user_values(attribute: Attribute) -> Any_:
    """Where the values of a User's multi-valued attribute are."""
    if attribute.name == "emails":
        only = Q(has_other_emails=False)
        alone: dict[str, Operand] = {
            "value": Text("email_key", folded=True),
            "type": Text(Value("work")),
            "primary": Truth(TRUE),
        }
        return lambda wanted: (
            (only & Q(wanted(alone.__getitem__)))
            | (~only & Q(AnyElement(_kept(["emails"]), wanted(_elements(attribute, own="email")))))
        )
    if attribute.name == "phoneNumbers":
        kept = Q(scim_attributes__has_key="phoneNumbers")
        mobile: dict[str, Operand] = {
            "value": Text("mobile_number"),
            "type": Text(Value("mobile")),
            "primary": Truth(TRUE),
        }
        return lambda wanted: (
            (~kept & ~Q(mobile_number="") & Q(wanted(mobile.__getitem__)))
            | (kept & Q(AnyElement(_kept(["phoneNumbers"]), wanted(_elements(attribute, own="mobile_number")))))
        )
    if attribute.name == "roles":
        return _roles
    if attribute.name == "groups":
        return _groups
    return lambda wanted: AnyElement(_kept([attribute.name]), wanted(_elements(attribute)))


def _elements(attribute: Attribute, own: str | None = None) -> Operands:
    """The members of a kept value; the value that is the employee's own column has no `value` member."""

    def operand(name: str) -> Operand:
        sub = _sub(attribute, name)
        if sub.type == "boolean":
            return Truth(ElementIsTrue(sub.name))
        text = Element(sub.name)
        return Text(
            Coalesce(text, F(own), output_field=TextField()) if own and sub.name == "value" else text,
            case_exact=sub.case_exact,
        )

    return operand


def _roles(wanted: Callable[[Operands], Condition]) -> Condition:
    primary: dict[str, Operand] = {
        "value": Identifier("primary_role_id"),
        "display": Text("primary_role__name_key", folded=True),
        "primary": Truth(TRUE),
    }
    secondary: dict[str, Operand] = {
        "value": Identifier("role_id"),
        "display": Text("role__name_key", folded=True),
        "primary": Truth(FALSE, TRUE),
    }
    held = SecondaryRole.objects.filter(Q(wanted(secondary.__getitem__)), employee=OuterRef("pk"))
    return Q(wanted(primary.__getitem__)) | Q(Exists(held))


def _groups(wanted: Callable[[Operands], Condition]) -> Condition:
    membership: dict[str, Operand] = {
        "value": Identifier("group_id"),
        "display": Text("group__name_key", folded=True),
        "type": Text(Value("direct")),
    }
    return Exists(GroupMembership.objects.filter(Q(wanted(_only(membership, "groups"))), employee=OuterRef("pk")))


def _group_values(attribute: Attribute) -> Any_:
    """Where the members of a Group are."""
    membership: dict[str, Operand] = {
        "value": Identifier("employee_id"),
        "display": Text("display"),
        "type": Text(Value("User")),
    }

    def members(wanted: Callable[[Operands], Condition]) -> Condition:
        found = GroupMembership.objects.filter(Q(wanted(_only(membership, "members"))), group=OuterRef("pk"))
        return Exists(found.filter(employee__scim_hidden=False))

    return members


def _only(operands: dict[str, Operand], attribute: str) -> Operands:
    def operand(name: str) -> Operand:
        if name not in operands:
            raise BadFilter(f"{attribute}.{name} cannot be filtered.")
        return operands[name]

    return operand
