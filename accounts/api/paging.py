"""Pages of a list: `skip` and `top`, what comes before and after, and the order."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from accounts import queries
from accounts.api import reading
from accounts.api.operations import Call

M = TypeVar("M", bound=Model)
MOST = 10_000
FEW = 2_000
"""So many records are sorted faster than others are passed over."""


def window(call: Call, default: int) -> tuple[int, int]:
    """`skip` and `top` of the query; `top` is cut at the most a page holds.

    Raises:
        ValidationError: one of them is no number.
    """
    skip = reading.number(call, "skip", default=0) or 0
    top = reading.number(call, "top", default=default)
    return skip, min(default if top is None else top, MOST)


def ordered(found: QuerySet[M], wanted: str, columns: Mapping[str, str], default: str) -> QuerySet[M]:
    """In the order of an `orderBy` such as `lastName desc`, several separated by commas; then by id, so that pages never overlap.

    Args:
        columns: the column behind each name that can be ordered by.
        default: the order without one.

    Raises:
        ValidationError: an unknown name or direction.
    """
    known = {name.lower(): column for name, column in columns.items()}
    order = []
    for part in wanted.split(",") if wanted.strip() else ():
        name, _space, direction = part.strip().partition(" ")
        column = known.get(name.lower())
        if column is None or direction.strip().lower() not in ("", "asc", "desc"):
            raise reading.wrong(
                "orderBy", _("Give one of %(names)s, with asc or desc behind it.") % {"names": ", ".join(columns)}
            )
        order.append(f"-{column}" if direction.strip().lower() == "desc" else column)
    return found.order_by(*(order or [default]), "pk")


def cut(found: QuerySet[M], skip: int, top: int) -> tuple[list[M], int]:
    """The records of a page, and how many there are in all: two statements at most, whatever the sizes."""
    total = found.order_by().count()
    if skip >= total or not top:
        return [], total
    return list((queries.sorted_apart(found) if total <= FEW else found)[skip : skip + top]), total


def links(call: Call, skip: int, top: int, total: int) -> dict[str, str | None]:
    """Absolute addresses of this page and its neighbours; null for one that does not exist, because clients of the
    original read `next` without asking whether it is there."""
    return {
        "self": _address(call, skip, top),
        "next": _address(call, skip + top, top) if top and skip + top < total else None,
        "previous": _address(call, max(skip - top, 0), top) if skip > 0 else None,
    }


def _address(call: Call, skip: int, top: int) -> str:
    query = call.request.query_params.copy()
    query["skip"], query["top"] = str(skip), str(top)
    return f"{settings.PUBLIC_URL}{call.request.path}?{query.urlencode()}"


def chosen(record: dict[str, Any], fields: frozenset[str], always: tuple[str, ...] = ()) -> dict[str, Any]:
    """The members a caller asked for by `fields`; all of them if it asked for none."""
    if not fields:
        return record
    return {name: value for name, value in record.items() if name.lower() in fields or name in always}


def fields(call: Call) -> frozenset[str]:
    """The members named by `fields`, in lower case."""
    return frozenset(name.strip().lower() for name in reading.text(call, "fields").split(",") if name.strip())


def written(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record without what it does not have: the original's schemas know no null."""
    return {name: value for name, value in record.items() if value is not None}


Writer = Callable[[Any], dict[str, Any]]
