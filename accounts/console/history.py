"""The Change History tab (screens §1.4, R-AUD): what happened to one object, newest first.

One event holds all attributes that changed together; the table prints one line per attribute and pages by event.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TypeVar

import orjson
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts import access
from accounts.actors import Actor
from accounts.console.answers import page_or_fragment
from accounts.console.lists import Column, Listing, ListSpec, is_inside_another_page
from accounts.models import ActivityEvent, AuditEvent
from accounts.models.audit import named_system
from cxadmin import clock

E = TypeVar("E", AuditEvent, ActivityEvent)

DAYS = 30
LINES_SHOWN = 40
"""Lines printed of one event; the rest is behind More Details."""


SWITCHED: Mapping[str, Promise] = {"On": pgettext_lazy("switch", "On"), "Off": pgettext_lazy("switch", "Off")}
HAPPENED: Mapping[str, Promise] = {
    "created": pgettext_lazy("audit trail", "created"),
    "deleted": pgettext_lazy("audit trail", "deleted"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One attribute of an event, as it was stored: in English, whoever made the change."""

    attribute: str
    previous: str
    changed: str

    @property
    def previous_shown(self) -> str:
        """The previous value in the reader's language."""
        return self._shown(self.previous)

    @property
    def changed_shown(self) -> str:
        """The changed value in the reader's language."""
        return self._shown(self.changed)

    @property
    def text(self) -> str:
        """All of it, as stored and as shown, to be searched."""
        return "\n".join((self.attribute, self.previous, self.changed, self.previous_shown, self.changed_shown))

    def _shown(self, value: str) -> str:
        """Translates what the product itself wrote; what people typed stays as it is."""
        if {self.previous, self.changed} <= {"", *SWITCHED}:
            return str(SWITCHED.get(value, value))
        what, space, verb = value.rpartition(" ")
        is_of_an_object = "." not in self.attribute or self.attribute == "User.accessKey"
        if verb in HAPPENED and is_of_an_object:
            return f"{what}{space}{HAPPENED[verb]}"
        return value


@dataclass(frozen=True, slots=True)
class EventLines:
    """An event with the lines to print of it, how many more it has, and the address of its More Details."""

    event: AuditEvent
    lines: Sequence[Line]
    more: int
    url: str

    @property
    def span(self) -> int:
        """How many table rows it takes."""
        return len(self.lines) + bool(self.more)


@dataclass(frozen=True, slots=True)
class Period:
    """From when to when; each end as it was typed, empty where nothing was.

    Attributes:
        days: how far back it starts where nothing was typed.
    """

    start_text: str
    end_text: str
    days: int = DAYS

    @classmethod
    def of(cls, request: HttpRequest, days: int = DAYS) -> "Period":
        """The period that an address asks for."""
        return cls(request.GET.get("start", ""), request.GET.get("end", ""), days)

    @property
    def typed(self) -> dict[str, str]:
        """The parameters that carry it along."""
        return {name: text for name, text in (("start", self.start_text), ("end", self.end_text)) if text}

    @property
    def start(self) -> datetime:
        return _moment(self.start_text) or clock.ago(days=self.days)

    @property
    def end(self) -> datetime:
        # The field knows minutes: the whole last minute belongs to the period.
        typed = _moment(self.end_text)
        return typed + timedelta(minutes=1) if typed else clock.now() + timedelta(minutes=1)

    @property
    def start_value(self) -> str:
        """For the input field."""
        return self.start.strftime("%Y-%m-%dT%H:%M")

    @property
    def end_value(self) -> str:
        return (_moment(self.end_text) or clock.now()).strftime("%Y-%m-%dT%H:%M")

    def narrow(self, events: QuerySet[E]) -> QuerySet[E]:
        """The events in it; none where something is wrong with it."""
        return events.none() if self.problem else events.filter(at__gte=self.start, at__lt=self.end)

    @property
    def problem(self) -> str:
        """What is wrong with it, if anything."""
        if any(text and _moment(text) is None for text in (self.start_text, self.end_text)):
            return _("Enter date and time as in 2026-05-02 14:30.")
        return _("The period must start before it ends.") if self.start >= self.end else ""


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
    except ValueError:
        return None


COLUMNS = (
    Column("at", pgettext_lazy("column", "Modified Time (UTC)"), ("at",), "narrow"),
    Column("attribute", pgettext_lazy("column", "Attribute")),
    Column("previous", pgettext_lazy("column", "Previous Value")),
    Column("changed", pgettext_lazy("column", "Changed Value")),
    Column("by", pgettext_lazy("column", "Triggered By"), ("triggered_by_name",)),
    Column("channel", pgettext_lazy("column", "Channel"), ("channel",), "narrow"),
    Column("actions", gettext_lazy("Actions"), css="actions"),
)

SPEC: ListSpec[AuditEvent] = ListSpec(
    fragment="_history_table.html",
    columns=COLUMNS,
    counted=lambda n: ngettext("%(n)d event", "%(n)d events", n) % {"n": n},
    empty=gettext_lazy("No changes in this period"),
    search=lambda events, words: matching(events, words),
    newest_first=True,
    id="history",
)


def matching(events: QuerySet[AuditEvent], words: str) -> QuerySet[AuditEvent]:
    """The events whose entries or person contain these words, as stored or as the reader sees them."""
    # The entries are kept as JSON text: what JSON escapes is escaped in the words as well.
    escaped = orjson.dumps(words).decode()[1:-1]
    found = Q(changes_json__icontains=escaped) | Q(triggered_by_name__icontains=words) | named_system(words)
    wanted = words.casefold()
    for stored, shown in SWITCHED.items():
        if wanted in str(shown).casefold():
            found |= Q(changes_json__contains=f'"{stored}"')
    for stored, shown in HAPPENED.items():
        if wanted in str(shown).casefold():
            found |= Q(changes_json__contains=f'{stored}"')
    return events.filter(found)


class History(Listing[AuditEvent]):
    """The history of one object in the state its address asks for."""

    period: Period
    event_url: Callable[[uuid.UUID], str]

    @cached_property
    def events(self) -> list[EventLines]:
        """The events of this page."""
        found = []
        for row in self.rows:
            lines = lines_of(row.record, self.words)
            more = max(0, len(lines) - LINES_SHOWN)
            found.append(EventLines(row.record, lines[:LINES_SHOWN], more, self.event_url(row.record.pk)))
        return found


def lines_of(event: AuditEvent, words: str = "") -> list[Line]:
    """The lines of an event; searching shows only those that match, unless it is the person that does."""
    lines = [Line(*change) for change in event.changes]
    wanted = words.casefold()
    matching = [line for line in lines if wanted in line.text.casefold()]
    return matching or lines


def show(
    request: HttpRequest,
    actor: Actor,
    entity_id: uuid.UUID,
    *,
    title: str,
    back: str,
    event_url: Callable[[uuid.UUID], str],
) -> HttpResponse:
    """Answer the history of an object: the tab's content for htmx, else a page.

    The caller has loaded the object through `access`, so the actor may see it.

    Args:
        title: the object's name.
        back: the page of the object.
        event_url: the address that answers `details` of an event.
    """
    period = Period.of(request)
    events = AuditEvent.objects.filter(business_unit_id=actor.business_unit_id, entity_id=entity_id)
    found = History(SPEC, period.narrow(events), request.GET, request.path, period.typed)
    found.period, found.event_url = period, event_url
    found.is_own_page = not is_inside_another_page(request)
    fragment = SPEC.fragment if request.headers.get("HX-Target") == SPEC.id else "_history.html"
    return page_or_fragment(request, "history.html", fragment, {"listing": found, "title": title, "back": back})


def details(
    request: HttpRequest, actor: Actor, entity_id: uuid.UUID, event_id: uuid.UUID, *, back: str
) -> HttpResponse:
    """Answer More Details: the whole event, the credential that was used and the request ID (R-AUD-4).

    Args:
        back: the page of the object.
    """
    return details_of(request, access.audit_event(actor, entity_id, event_id), back=back)


def details_of(request: HttpRequest, event: AuditEvent, *, back: str) -> HttpResponse:
    """Answer More Details of an event that the caller has loaded through `access`."""
    context = {"event": event, "lines": lines_of(event), "back": back, "template": "_history_event.html"}
    context["title"] = _("More Details")
    return page_or_fragment(request, "dialog.html", "_history_event.html", context)
