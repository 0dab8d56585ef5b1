"""Conventions of the classic API: lists with their paging, nothing found as 204, batches with a result per item (apis.md §3.1)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.api import paging, problems, reading
from accounts.api.endpoints import flatten, header_text, sentence
from accounts.api.operations import Call
from accounts.errors import Forbidden, RuleError

M = TypeVar("M", bound=Model)

DEFAULT_TOP = 10_000
LARGEST_BATCH = 200


def nothing() -> Response:
    """The answer of a list with nothing in it."""
    return Response(status=204)


def done() -> Response:
    """The answer of a change whose documents show no body."""
    return Response(status=200)


def page(
    call: Call,
    name: str,
    found: QuerySet[M],
    write: Callable[[Any], dict[str, Any]],
    order: Mapping[str, str],
    default_order: str,
    members: tuple[str, ...] = ("_links", "businessUnitId", "lastPollTime", "totalRecords"),
) -> dict[str, Any] | Response:
    """A page of records with what this list has around it; 204 when it is empty, also past the end.

    Args:
        members: which of `_links`, `businessUnitId`, `lastPollTime` and `totalRecords` the list has.
    """
    skip, top = paging.window(call, DEFAULT_TOP)
    found = paging.ordered(found, reading.text(call, "orderBy"), order, default_order)
    records, total = paging.cut(found, skip, top)
    if not records:
        return nothing()
    fields = paging.fields(call)
    around = {
        "_links": paging.links(call, skip, top, total),
        "businessUnitId": call.unit.number,
        "lastPollTime": problems.now(),
        "totalRecords": total,
    }
    listed = [paging.chosen(write(record), fields) for record in records]
    return {member: around[member] for member in members} | {name: listed}


def changed_since(call: Call, found: QuerySet[M]) -> QuerySet[M]:
    """What was saved since `updateSince`, which is also spelt `updatedSince`."""
    since = reading.moment(call, "updateSince", "updatedSince")
    return found.filter(modified_at__gte=since) if since is not None else found


def items(call: Call, name: str) -> list[Any]:
    """The items of a batch.

    Raises:
        ValidationError: there is no list, an empty one, or one that is too long.
    """
    data = call.request.data
    given = data.get(name) if isinstance(data, Mapping) else None
    if not isinstance(given, list) or not given:
        raise reading.wrong(name, _("Give a list with at least one item."))
    if len(given) > LARGEST_BATCH:
        raise reading.wrong(name, _("Give at most %(n)d items.") % {"n": LARGEST_BATCH})
    if unknown := sorted(str(member)[:80] for member in data.keys() - {name}):
        raise ValidationError({member: [_("This member is not known here.")] for member in unknown})
    return given


def each(
    given: Iterable[Any], name: str, do: Callable[[Any], Any], identify: Callable[[Any], Any]
) -> list[dict[str, Any]]:
    """Do something with every item, each on its own, and say for each how it went.

    Args:
        name: the member that holds the item's id.
        do: answers the id; a rule, a missing record or a missing permission makes it an item that failed.
        identify: the id to answer for an item that failed.
    """
    results = []
    for item in given:
        try:
            results.append({name: do(item), "success": True, "error": ""})
        except ValidationError as error:
            results.append({name: identify(item), "success": False, "error": sentence(dict(flatten(error.detail)))})
        except RuleError as error:
            results.append({name: identify(item), "success": False, "error": error.message})
        except Http404:
            results.append({name: identify(item), "success": False, "error": _("There is no such record here.")})
        except Forbidden as error:
            said = _("Your roles lack the permission %(code)s.") % {"code": error.code}
            results.append({name: identify(item), "success": False, "error": said})
    return results


def batch(member: str, results: list[dict[str, Any]]) -> Response:
    """200 when every item succeeded, else 206 with the number of failures."""
    failed = [result for result in results if not result["success"]]
    response = Response({"errorCount": len(failed), member: results}, 206 if failed else 200)
    if failed:
        response["icStatusDescription"] = header_text(failed[0]["error"])
    return response


def read(call: Call, kind: type[reading.Body], data: Any) -> dict[str, Any]:
    """One item of a batch.

    Raises:
        ValidationError: names every member that is wrong.
    """
    reader = kind(data=data, context={"call": call})
    reader.is_valid(raise_exception=True)
    return dict(reader.validated_data)


def number_of(item: Any, name: str) -> int:
    """The number an item gives as its id; 0 where it gives none."""
    return (reading.as_number(item.get(name)) if isinstance(item, Mapping) else None) or 0
