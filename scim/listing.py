"""Cutting a page from what meets a query: by index (RFC 7644 §3.4.2.4) or by cursor (RFC 9865), from one or several kinds
of resources, one kind after the other.

A cursor names the last resource of the page before it, so that a page costs the same however deep it lies, and nothing
appears twice when others are created or deleted meanwhile.
"""

import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.core.signing import BadSignature, Signer
from django.db.models import F, Q, QuerySet
from django_scim import constants

from accounts.statements import identifier
from scim.attributes import Table
from scim.documents import Document
from scim.errors import BadCursor, BadFilter, BadValue
from scim.filters import sort_operand
from scim.lookups import Sorted
from scim.projection import Projection
from scim.requests import Query

Rows: TypeAlias = Sequence[tuple[Any, tuple[Any, ...]]]
"""The rows of a page, each with the further columns that were asked for."""

SORT_KEY = "sort_key"


@dataclass(frozen=True, slots=True)
class Kind:
    """The resources of one kind that meet a query.

    Attributes:
        rows: reads the rows of a queryset, leaving out what the projection does, with further columns.
        show: a row as its resource.
    """

    table: Table
    found: QuerySet[Any]
    rows: Callable[[QuerySet[Any], Projection | None, tuple[str, ...]], Rows]
    show: Callable[[Any], Document]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the kind, the id of its last resource, what that was sorted by, and the total of the first page."""

    kind: int
    pk: str | None
    value: Any
    total: int


def page(kinds: Sequence[Kind], query: Query, business_unit_id: uuid.UUID) -> Document:
    """The ListResponse.

    Raises:
        BadValue: the query sorts by something that cannot be sorted by.
        BadCursor: the cursor is not from an answer to the same query.
    """
    sortings = _sortings(kinds, query)
    if query.cursor is not None:
        return _after_cursor(kinds, sortings, query, business_unit_id)
    left, offset, total = query.count, query.start - 1, 0
    resources: list[Document] = []
    for kind, sorting in zip(kinds, sortings, strict=True):
        count = kind.found.count()
        if left and offset < count:
            # Cut before anything is joined or aggregated, so that this is not done for what lies before the page.
            chosen = sorting.ordered(kind.found).values("pk")[offset : offset + left]
            members = kind.found.model._default_manager.filter(pk__in=chosen)
            cut = kind.rows(sorting.ordered(members), query.projection, ())
            resources += [kind.show(row) for row, _ in cut]
            left -= len(cut)
        offset = max(0, offset - count)
        total += count
    return list_response(projected(resources, query), total, startIndex=query.start)


def list_response(resources: list[Document], total: int, **more: Any) -> Document:
    """A ListResponse (RFC 7644 §3.4.2)."""
    return {
        "schemas": [constants.SchemaURI.LIST_RESPONSE],
        "totalResults": total,
        **more,
        "itemsPerPage": len(resources),
        "Resources": resources,
    }


def projected(resources: list[Document], query: Query) -> list[Document]:
    """The resources with the attributes that were asked for."""
    return [query.projection.apply(document) for document in resources] if query.projection else resources


@dataclass(frozen=True, slots=True)
class Sorting:
    """An order of the resources of one kind; the id decides last, so that pages never overlap.

    What has no value comes last, in descending order first (RFC 7644 §3.4.2.3).
    """

    by: Sorted | None
    descending: bool

    def ordered(self, found: QuerySet[Any]) -> QuerySet[Any]:
        """All of them in this order, without `sortBy` in the order of creation."""
        return self._ordered(found if self.by is None else found.alias(**{SORT_KEY: self.by.expression}))

    def after(self, found: QuerySet[Any], place: Place | None) -> QuerySet[Any]:
        """Those behind a place, in this order, with the sort key as a column."""
        keyed = found if self.by is None else found.annotate(**{SORT_KEY: self.by.expression})
        return self._ordered(keyed.filter(self._behind(place)) if place is not None and place.pk is not None else keyed)

    def _ordered(self, keyed: QuerySet[Any]) -> QuerySet[Any]:
        pk = "-pk" if self.descending else "pk"
        if self.by is None:
            return keyed.order_by(pk)
        key = F(SORT_KEY)
        if not self.by.may_be_missing:
            return keyed.order_by(key.desc() if self.descending else key.asc(), pk)
        return keyed.order_by(key.desc(nulls_first=True) if self.descending else key.asc(nulls_last=True), pk)

    def _behind(self, place: Place) -> Q:
        further = "lt" if self.descending else "gt"
        behind = Q((f"pk__{further}", place.pk))
        if self.by is None:
            return behind
        missing = Q((f"{SORT_KEY}__isnull", True))
        if place.value is None:
            rest = missing & behind
            return rest | ~missing if self.descending else rest
        rest = Q((f"{SORT_KEY}__{further}", place.value)) | (Q((SORT_KEY, place.value)) & behind)
        return rest if self.descending or not self.by.may_be_missing else rest | missing


def _sortings(kinds: Sequence[Kind], query: Query) -> list[Sorting]:
    """The order of each kind; a kind that lacks the attribute keeps its own.

    Raises:
        BadValue: no kind can be sorted by it.
    """
    if not query.sort_by:
        return [Sorting(None, descending=False)] * len(kinds)
    found: list[Sorting] = []
    trouble: BadFilter | None = None
    for kind in kinds:
        try:
            found.append(Sorting(sort_operand(query.sort_by, kind.table), query.descending))
        except BadFilter as error:
            trouble = error
            found.append(Sorting(None, query.descending))
    if trouble is not None and all(sorting.by is None for sorting in found):
        raise BadValue(f"Sorting by {query.sort_by[:100]} is not possible. {trouble.detail}")
    return found


def _after_cursor(
    kinds: Sequence[Kind], sortings: Sequence[Sorting], query: Query, business_unit_id: uuid.UUID
) -> Document:
    seal = _seal(query, business_unit_id)
    place = _opened(query.cursor, seal) if query.cursor else None
    # Counted once: the pages that follow say what the first one found.
    total = place.total if place is not None else sum(kind.found.count() for kind in kinds)
    resources: list[Document] = []
    end: Place | None = None
    for at in range(place.kind if place else 0, len(kinds)):
        start = place if place is not None and place.kind == at else None
        left = query.count - len(resources)
        kind, sorting = kinds[at], sortings[at]
        more = (SORT_KEY,) if sorting.by is not None else ()
        cut = kind.rows(sorting.after(kind.found, start)[: left + 1], query.projection, more)
        resources += [kind.show(row) for row, _ in cut[:left]]
        if len(cut) > left:
            end = _place(at, cut[:left], start, total)
            break
    answer = list_response(projected(resources, query), total)
    if end is not None:
        answer["nextCursor"] = _signer(seal).sign_object([end.kind, end.pk, end.value, end.total])
    return answer


def _place(at: int, shown: Rows, start: Place | None, total: int) -> Place:
    """The place behind the rows that were shown; without any, the one they started from."""
    if not shown:
        return start or Place(at, None, None, total)
    row, more = shown[-1]
    value = more[0] if more else None
    readable = value if value is None or isinstance(value, str | int) else str(value)
    return Place(at, identifier(row.id), readable, total)


def _seal(query: Query, business_unit_id: uuid.UUID) -> str:
    """What a cursor is bound to: the tenant and the query, but for the size of the page."""
    parts = (str(business_unit_id), query.scope, query.filter, query.sort_by.lower(), str(query.descending))
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def _signer(seal: str) -> Signer:
    # All characters of a cursor are unreserved in addresses (RFC 9865 §2).
    return Signer(salt=f"scim.cursor.{seal}", sep=".")


def _opened(cursor: str, seal: str) -> Place:
    """The place a cursor names.

    Raises:
        BadCursor: it is none of ours, or of another query.
    """
    try:
        return Place(*_signer(seal).unsign_object(cursor))
    except BadSignature as error:
        raise BadCursor("The cursor is not one that an answer to this query gave; start again without one.") from error
