"""What a caller sends in the query and the body, read strictly: what cannot be meant is named and refused."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.api.operations import Call

LARGEST = 2**31 - 1
TRUE = frozenset({"true", "1", "yes"})
FALSE = frozenset({"false", "0", "no"})

S = TypeVar("S", bound=serializers.Serializer[Any])


class Body(serializers.Serializer[Any]):
    """A JSON object whose members are all known; one that is not is refused by name rather than ignored."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := sorted(str(name) for name in data.keys() - self.fields.keys())):
            raise ValidationError({name[:80]: [_("This member is not known here.")] for name in unknown[:20]})
        return super().to_internal_value(data)


def body(call: Call, kind: type[Body]) -> dict[str, Any]:
    """The body of a request.

    Raises:
        ValidationError: names every member that is wrong.
    """
    reader = kind(data=call.request.data, context={"call": call})
    reader.is_valid(raise_exception=True)
    return dict(reader.validated_data)


def text(call: Call, *names: str, default: str = "") -> str:
    """A query parameter under one of these names, whatever the case of its letters.

    Raises:
        ValidationError: it holds a NUL.
    """
    wanted = {name.lower() for name in names}
    for name, value in call.request.query_params.items():
        if name.lower() in wanted:
            if "\x00" in value:
                raise wrong(name, _("It must not contain a NUL character."))
            return str(value)
    return default


def number(call: Call, *names: str, default: int | None = None, most: int = LARGEST) -> int | None:
    """A whole number that is not negative.

    Raises:
        ValidationError: it is something else.
    """
    given = text(call, *names).strip()
    if not given:
        return default
    found = as_number(given)
    if found is None or found > most:
        raise wrong(names[0], _("Give a whole number from 0 to %(most)d.") % {"most": most})
    return found


def boolean(call: Call, *names: str, default: bool | None = None) -> bool | None:
    """`true`, `True`, `1` and the like (apis.md §3.1).

    Raises:
        ValidationError: it is something else.
    """
    given = text(call, *names).strip().lower()
    if not given:
        return default
    if given in TRUE or given in FALSE:
        return given in TRUE
    raise wrong(names[0], _("Give true or false."))


def moment(call: Call, *names: str) -> datetime | None:
    """A time in ISO 8601; without a zone it is UTC.

    Raises:
        ValidationError: it is something else.
    """
    given = text(call, *names).strip()
    if not given:
        return None
    found = as_moment(given)
    if found is None:
        raise wrong(names[0], _("Give a time as 2026-01-31T12:00:00Z."))
    return found


def as_moment(given: str) -> datetime | None:
    """A date or a time in ISO 8601, if it is one."""
    try:
        # In a query a plus sign that was not encoded arrives as a space.
        found = parse_datetime(given.replace(" ", "+") if "T" in given else given)
        if found is None and (day := parse_date(given)) is not None:
            found = datetime(day.year, day.month, day.day)  # noqa: DTZ001
    except ValueError:
        return None
    try:
        return found and (found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC))
    except OverflowError:
        return None


def as_number(given: Any) -> int | None:
    """A whole number from 0 to the largest an integer column holds, also when it comes as text."""
    if isinstance(given, bool):
        return None
    if isinstance(given, str) and given.isascii() and given.isdecimal() and len(given) <= 10:
        given = int(given)
    return given if isinstance(given, int) and 0 <= given <= LARGEST else None


def wrong(name: str, message: str) -> ValidationError:
    """The refusal of one member or parameter."""
    return ValidationError({name: [message]})
