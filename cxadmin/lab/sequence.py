"""The sequence picture: a span of the journal as messages between clients and the doors of the emulator."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.console.lists import Listing
from accounts.requests import PageRequest
from cxadmin.lab import diagnosis, exchanges
from cxadmin.lab.access import operators_only
from cxadmin.lab.models import Exchange

MOST = 60
CHUNK = 12
"""Exchanges in one picture: several pictures print on several sheets."""
WIDTH, LEFT, RIGHT = 1000, 185, 925
HEAD, ROW, GAP = 48, 60, 26
PAUSE_SECONDS = 60
CHARACTER = 7.6
MOST_CLIENTS = 3
DIGITS = 18
DOORS = (Exchange.Door.OAUTH, Exchange.Door.SCIM, Exchange.Door.REST, Exchange.Door.OTHER)
"""From left to right: whoever signs in does so first."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A participant and its life line."""

    label: str
    x: int


@dataclass(frozen=True, slots=True)
class Message:
    """An exchange: the arrow there and the arrow back, in the picture's units."""

    exchange: Exchange
    sender: Lane
    receiver: Lane
    y: int
    sent: str
    answered: str
    kind: str
    pause: str

    @property
    def back(self) -> int:
        return self.y + 22

    @property
    def text_x(self) -> int:
        return self.sender.x + 10


@dataclass(frozen=True, slots=True)
class Picture:
    """A part of the span, with all participants above it."""

    lanes: Sequence[Lane]
    messages: Sequence[Message]
    height: int

    @property
    def first(self) -> int:
        return min(message.exchange.pk for message in self.messages)

    @property
    def last(self) -> int:
        return max(message.exchange.pk for message in self.messages)


def span(found: Any, first: int | None, last: int | None) -> tuple[list[Exchange], bool]:
    """The exchanges of a span, oldest first, and whether it was cut: from the first on where one is named, else up to the last."""
    if first is not None:
        found = found.filter(pk__gte=first)
    if last is not None:
        found = found.filter(pk__lte=last)
    ordered = found.order_by("pk" if first is not None else "-pk").defer(*Exchange.WIDE)
    rows = list(ordered[: MOST + 1])
    is_cut, rows = len(rows) > MOST, rows[:MOST]
    # Of two processes one may write its exchanges before earlier ones of the other.
    return sorted(rows, key=lambda one: (one.at, one.pk)), is_cut


def senders(rows: Iterable[Exchange]) -> dict[int, str]:
    """Who sent each exchange. A client that one request does not tell is the one that used the same credential otherwise."""
    rows = list(rows)
    by_credential = {one.credential: one.client for one in rows if one.client and one.credential}
    unknown = pgettext("client", "Unknown client")
    return {one.pk: one.client or by_credential.get(one.credential, unknown) for one in rows}


def draw(rows: Sequence[Exchange]) -> list[Picture]:
    """The pictures of a span."""
    by = senders(rows)
    names = list(dict.fromkeys(by.values()))
    clients = names if len(names) <= MOST_CLIENTS else [*names[: MOST_CLIENTS - 1], pgettext("client", "Others")]
    doors = [door for door in DOORS if any(one.door == door for one in rows)]
    labels = [*clients, *(f"{settings.PRODUCT_NAME} {Exchange.Door(door).label}" for door in doors)]
    step = (RIGHT - LEFT) / max(len(labels) - 1, 1)
    lanes = [Lane(label, round(LEFT + place * step)) for place, label in enumerate(labels)]
    of_client = {name: lanes[min(place, len(clients) - 1)] for place, name in enumerate(names)}
    of_door = {str(door): lanes[len(clients) + place] for place, door in enumerate(doors)}
    return [
        _picture(rows[start : start + CHUNK], rows[start - 1].at if start else None, lanes, by, of_client, of_door)
        for start in range(0, len(rows), CHUNK)
    ]


def _picture(
    rows: Sequence[Exchange],
    before: datetime | None,
    lanes: Sequence[Lane],
    by: Mapping[int, str],
    of_client: Mapping[str, Lane],
    of_door: Mapping[str, Lane],
) -> Picture:
    y, messages = HEAD + 24, []
    for one in rows:
        pause = _pause(before, one.at)
        y += GAP if pause else 0
        sender, receiver = of_client[by[one.pk]], of_door[one.door]
        room = int((receiver.x - sender.x - 20) / CHARACTER)
        kind = "ok" if one.status < 400 else "refused" if one.status < 500 else "failed"
        answered = f"{one.status} · {one.milliseconds:.1f} ms"
        messages.append(
            Message(one, sender, receiver, y, _cut(f"{one.method} {one.readable}", room), answered, kind, pause)
        )
        y, before = y + ROW, one.at
    return Picture(lanes, messages, y - 14)


def _pause(before: datetime | None, at: datetime) -> str:
    """What is said where nothing was sent for long."""
    seconds = (at - before).total_seconds() if before else 0
    if seconds < PAUSE_SECONDS:
        return ""
    minutes = round(seconds / 60)
    if minutes >= 120:
        return _("%(hours)d h later") % {"hours": round(minutes / 60)}
    return _("%(minutes)d min later") % {"minutes": minutes}


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"


def causes(rows: Iterable[Exchange]) -> dict[int, str]:
    """Why those that were refused were, for the table: read apart, because it needs their bodies."""
    refused = Exchange.objects.in_bulk([one.pk for one in rows if one.status >= 400])
    return {pk: diagnosis.diagnose(one)[0].cause for pk, one in refused.items()}


@require_safe
@operators_only
def exchange_sequence(request: PageRequest) -> HttpResponse:
    """A span of the journal as a picture and as a table: the filters of the list, from one number to another."""
    first, last = (_number(request.GET.get(name, "")) for name in ("first", "last"))
    names = exchanges.tenants()
    fixed = {name: str(value) for name, value in (("first", first), ("last", last)) if value is not None}
    listing = Listing(
        exchanges.spec(names), Exchange.objects.all(), request.GET, reverse("lab:exchange-sequence"), fixed=fixed
    )
    rows, is_cut = span(listing.matching, first, last)
    found = causes(rows)
    by = senders(rows)
    context = {
        "pictures": draw(rows),
        "rows": [(one, by[one.pk], found.get(one.pk, "")) for one in rows],
        "listing": listing,
        "is_cut": is_cut,
        "most": MOST,
        "width": WIDTH,
        "head": HEAD,
        "list_url": exchanges_url(listing),
        "later": listing.url(first=max(by), last=None) if is_cut and first is not None else "",
        "earlier": listing.url(last=min(by), first=None) if is_cut and first is None else "",
        "first": first,
        "last": last,
        "everything": listing.url(first=None, last=None),
    }
    return render(request, "lab/sequence.html", context)


def exchanges_url(listing: Listing[Exchange]) -> str:
    """The list with the same filters."""
    query = listing.url(first=None, last=None).partition("?")[2]
    return f"{reverse('lab:exchange-list')}?{query}" if query else reverse("lab:exchange-list")


def _number(given: str) -> int | None:
    """The number of an exchange; one that is none limits nothing."""
    return int(given) if given.isascii() and given.isdecimal() and len(given) <= DIGITS else None
