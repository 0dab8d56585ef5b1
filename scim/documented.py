"""The profile `documented`: the six calls of the vendor's OpenAPI document, as it describes them (spec §9.1).

It differs from the profile `rfc` in what it leaves out and in the shape of bodies; who may do what and what happens to an
employee is the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django_scim import constants

from scim import grammar, listing, patch, requests, resources, schemas, views
from scim.adapters import UserAdapter, row_of
from scim.attributes import DOCUMENTED_USERS, ENTERPRISE, USERS, Table
from scim.documents import Document
from scim.errors import BadFilter, BadPath, BadSyntax, BadValue, NotFound, NotMutable, ScimError
from scim.filters import compile_filter
from scim.patch import Operation
from scim.projection import Projection
from scim.rows import UserRow
from scim.views import ScimRequest

MEDIA_TYPE = "application/json"


def answer(document: Document, status: int = 200) -> HttpResponse:
    """An answer of this profile: no Location, no entity tag, `application/json`."""
    return views.answer(document, status, media_type=MEDIA_TYPE)


class Documented:
    """Mixin for a view: refusals have a number as status and no scimType."""

    def error_answer(self, error: ScimError) -> HttpResponse:
        """The body of a refusal."""
        document = {"schemas": [constants.SchemaURI.ERROR], "status": error.status, "detail": error.detail}
        return answer(document, error.status)


class NotHere(Documented, views.NotHere):
    """Every address the vendor's document does not have."""


class DocumentedUserAdapter(UserAdapter):
    """A User as the vendor's document knows it; what it does not know stays with the employee, unseen."""

    table = DOCUMENTED_USERS

    def to_dict(self) -> Document:
        """The resource."""
        return _shown(self._visible())

    def validate_dict(self, d: Mapping[str, Any]) -> None:
        """`schemas` is not needed; PUT needs `id`, the resource's own, and `active`."""
        if not isinstance(d, dict):
            raise BadSyntax("The body must be a JSON object.")
        if self.obj is None:
            return
        members = {name.lower(): value for name, value in d.items()}
        missing = [name for name in ("id", "active") if members.get(name) is None]
        if missing:
            raise BadValue(f"Required and missing: {', '.join(missing)}.")
        if members["id"] != self.id:
            raise NotMutable(f"The id in the body is not that of the resource, {self.id}.")

    def from_dict(self, d: Mapping[str, Any]) -> None:
        """Read the body, and put what it cannot say beside it."""
        super().from_dict(d)
        self.wanted = self._with_unseen(self.wanted)

    def patched_document(self, operations: Sequence[Operation]) -> Document:
        """The visible part after the operations, and the unseen one as it was."""
        tolerant = self.session.settings.tolerances
        return self._with_unseen(patch.apply(self._visible(), operations, self.own_table, tolerant=tolerant))

    def _row(self) -> UserRow:
        return self.obj if isinstance(self.obj, UserRow) else row_of(self.obj)

    def _visible(self) -> Document:
        """The resource without what is kept beside the employee."""
        document = resources.user(self._row()._replace(scim_attributes={}), self.session.base_url)
        document.pop("groups", None)
        return document

    def _with_unseen(self, document: Document) -> Document:
        """One address and one number are the employee's own; further ones of the body do not count, stored ones stay."""
        stored = resources.user(self._row(), self.session.base_url) if self.obj is not None else {}
        whole = {name: stored[name] for name in (*resources.KEPT, ENTERPRISE) if name in stored} | document
        kept_name = {part: stored["name"][part] for part in resources.KEPT_NAME if part in stored.get("name", {})}
        if kept_name and "name" in document:
            whole["name"] = kept_name | document["name"]
        for attribute, kind in resources.DEFAULT_TYPES.items():
            main = resources.main_value(document.get(attribute, []), attribute)[1]
            at = resources.main_value(stored.get(attribute, []), attribute)[0]
            own = [{"value": main["value"], "type": kind, "primary": True}] if "value" in main else []
            whole[attribute] = own + [e for place, e in enumerate(stored.get(attribute, [])) if own and place != at]
        return whole


def _shown(document: Document) -> Document:
    shown = {"timeZone" if name == "timezone" else name: value for name, value in document.items()}
    return shown | {"meta": {"resourceType": document["meta"]["resourceType"]}}


class UsersView(Documented, views.UsersView):
    """`/Users`: a search by user name, and one employee to read, create, replace and change."""

    http_method_names = ["get", "head", "post", "put", "patch", "options"]
    adapter = DocumentedUserAdapter

    def get(self, request: ScimRequest, uuid: str | None = None, **_: Any) -> HttpResponse:
        """One employee, or the one with a user name."""
        if uuid is not None:
            return self._one(self._adapt(self._row(request, uuid, None)), None)
        found = self._listed(request).filter(compile_filter(_only_user_name(request), USERS))
        users = [self._adapt(row).to_dict() for row, _ in self._rows(found, None, ())]
        for document in users:
            document.pop("phoneNumbers", None)
        return answer({"schemas": [constants.SchemaURI.LIST_RESPONSE], "totalResults": len(users), "Resources": users})

    def _operations(self, request: ScimRequest) -> list[Operation]:
        tolerant = request.scim.settings.tolerances
        body = requests.body(request)
        operations = patch.read(body, tolerant=tolerant, op_required=False)
        if not any(name.lower() == "schemas" and isinstance(value, list) and value for name, value in body.items()):
            raise BadValue("schemas is required: a list of schema URNs.")
        if not tolerant and any(operation.path is None for operation in operations):
            raise BadPath("Each operation needs a path.")
        return [_typed(operation, self._own_table(request)) for operation in operations]

    def _own_table(self, request: ScimRequest) -> Table:
        return self._adapt(None).own_table

    def _projection(self, request: ScimRequest) -> Projection | None:
        return None

    def _one(self, adapter: Any, projection: Projection | None, status: int = 200) -> HttpResponse:
        return answer(adapter.to_dict())


def _only_user_name(request: ScimRequest) -> str:
    """The filter, which has to be there and can ask for a user name only.

    Raises:
        BadFilter: it is missing, or asks for something else.
    """
    text = request.GET.get("filter", "").strip()
    if not text:
        raise BadFilter('A filter is required: userName eq "…".')
    try:
        tree = grammar.parse_filter(text)
    except grammar.GrammarError as error:
        raise BadFilter(f"The filter cannot be read: {error}.") from error
    wanted = isinstance(tree, grammar.Compare) and tree.operator == "eq" and isinstance(tree.value, str)
    if not wanted or str(tree.path).lower() != "username":  # type: ignore[union-attr]
        raise BadFilter('Only userName eq "…" can be asked for.')
    return text


def _typed(operation: Operation, table: Table) -> Operation:
    """The operation with the value its attribute has: the vendor's document writes every value as text."""
    if not isinstance(operation.value, str) or operation.path is None:
        return operation
    try:
        target = grammar.parse_target(operation.path)
    except grammar.GrammarError:
        return operation  # refused where it is applied
    found = table.find(target.path.urn, target.path.name)
    if found is None or target.part is not None or target.path.sub is not None:
        return operation
    attribute, value = found[1], operation.value
    if attribute.type == "boolean":
        return replace(operation, value={"true": True, "false": False}.get(value.lower(), value))
    if attribute.type == "complex":
        return replace(operation, value=[{"value": value}] if attribute.multi_valued else {"value": value})
    return operation


class SchemasView(Documented, views.SchemasView):
    """`/Schemas`, the list alone."""

    def get(self, request: ScimRequest, uuid: str | None = None, **_: Any) -> HttpResponse:
        """The schemas of employees."""
        if uuid is not None:
            raise NotFound("There is nothing at this address.")
        found = schemas.documented_schemas(request.scim)
        return answer(listing.list_response(found, len(found), startIndex=1))
