"""Reporting: the Change Audit Report and the Activity Audit Report with their CSV files (screens §16)."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext, override, pgettext, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import access, audit, queries
from accounts.actors import Channel
from accounts.console import choices, history, lists
from accounts.console.answers import redirect
from accounts.console.exports import csv_file
from accounts.console.history import COLUMNS, History, Period
from accounts.console.lists import Column, Filter, Listing, ListSpec
from accounts.ids import as_uuid
from accounts.models import ActivityEvent, AuditEvent
from accounts.models.audit import shown_actor
from accounts.requests import PageRequest
from cxadmin import clock

CHANGES = "admin.change_audit_report_access.on"
ACTIVITY = "admin.activity_audit_report_access.on"
DAYS = 7
MOST_EXPORTED = 50_000
"""Events in one file; who wants more narrows the period."""
SYSTEM = "system"
EVERY = ("", pgettext_lazy("filter", "All"))

E = TypeVar("E", AuditEvent, ActivityEvent)


def _by(column: str) -> Callable[[QuerySet[E], Sequence[str]], QuerySet[E]]:
    return lambda rows, chosen: rows.filter(**{column: chosen[0]}) if any(chosen) else rows


def _by_person(rows: QuerySet[AuditEvent], chosen: Sequence[str]) -> QuerySet[AuditEvent]:
    if chosen[0] == SYSTEM:
        return rows.filter(triggered_by=None)
    return rows.filter(triggered_by=as_uuid(chosen[0])) if any(chosen) else rows


# Change Audit Report

CHANGE_COLUMNS = (
    Column("application", pgettext_lazy("column", "Application"), css="narrow extra"),
    COLUMNS[0],
    Column("entity", pgettext_lazy("column", "Entity"), ("entity", "entity_label")),
    *COLUMNS[1:],
)


class ChangeReport(History):
    """The changes of a tenant in the state the address asks for."""


def change_spec(people: Sequence[tuple[str, str]]) -> ListSpec[AuditEvent]:
    """The report.

    Args:
        people: who can be filtered by at once, as value and label; the others come while one types.
    """
    source = reverse("accounts:change-report-people")
    return ListSpec(
        fragment="accounts/_change_report_table.html",
        columns=CHANGE_COLUMNS,
        counted=lambda n: ngettext("%(n)d event", "%(n)d events", n) % {"n": n},
        empty=gettext_lazy("No changes in this period"),
        search=history.matching,
        filters=(
            Filter(
                "entity",
                pgettext_lazy("column", "Entity"),
                [EVERY, *((name, name) for name in audit.ENTITIES)],
                _by("entity"),
            ),
            Filter("by", pgettext_lazy("column", "Triggered By"), [EVERY, *people], _by_person, source=source),
            Filter(
                "channel",
                pgettext_lazy("column", "Channel"),
                [EVERY, *((channel.value, channel.label) for channel in Channel)],
                _by("channel"),
            ),
        ),
        sorted_by="at",
        newest_first=True,
        id="report",
    )


def _system() -> tuple[str, str]:
    return SYSTEM, pgettext("channel", "System")


def _people(request: PageRequest) -> list[tuple[str, str]]:
    """Who the list can be filtered by at once: the system, and whoever is chosen; the others come while one types."""
    chosen = as_uuid(request.GET.get("by"))
    everybody = queries.employees(request.actor.business_unit_id)
    found = access.seen(request.actor, everybody).filter(pk=chosen) if chosen else ()
    return [_system(), *((str(employee.pk), choices.label(employee)) for employee in found)]


def _changes(request: PageRequest) -> ChangeReport:
    period = Period.of(request, DAYS)
    events = period.narrow(queries.changes(request.actor.business_unit_id))
    path = reverse("accounts:change-report")
    found = ChangeReport(change_spec(_people(request)), events, request.GET, path, period.typed)
    found.period = period
    found.event_url = lambda event_id: reverse("accounts:change-report-event", args=[event_id])
    return found


@require_safe
def change_report(request: PageRequest) -> HttpResponse:
    """All changes of the tenant."""
    request.actor.require(CHANGES)
    found = _changes(request)
    return lists.answer(request, "accounts/change_report.html", found.spec.fragment, found, export=_export_url(found))


@require_safe
def change_report_event(request: PageRequest, event_id: uuid.UUID) -> HttpResponse:
    """More Details of one event."""
    event = access.reported_event(request.actor, event_id, CHANGES)
    return history.details_of(request, event, back=reverse("accounts:change-report"))


@require_safe
def change_report_people(request: PageRequest) -> HttpResponse:
    """Who the report can be filtered by, for the searchable drop-down: everybody, and the system."""
    request.actor.require(CHANGES)
    everybody = queries.employees(request.actor.business_unit_id).order_by("name_key", "pk")
    found = choices.matching(request, everybody)
    value, label = _system()
    if request.GET.get("q", "").strip().casefold() in label.casefold():
        found.insert(0, {"value": value, "label": label})
    return JsonResponse(found, safe=False)


@require_safe
def change_report_export(request: PageRequest) -> HttpResponseBase:
    """The report as a CSV file: a line per attribute, as it is filtered and sorted."""
    request.actor.require(CHANGES)
    report = _changes(request)
    if report.period.problem:
        return redirect(request, report.url())
    head = [
        pgettext("column", "Application"),
        pgettext("column", "Modified Time (UTC)"),
        _("Event ID"),
        pgettext("column", "Entity"),
        pgettext("column", "Instance"),
        *(str(column.label) for column in COLUMNS[1:-1]),
        _("Credential"),
        _("Request ID"),
    ]

    def lines(event: AuditEvent) -> Iterator[list[str]]:
        for line in history.lines_of(event, report.words):
            yield [
                event.application,
                _moment(event),
                str(event.pk),
                event.entity,
                event.entity_label,
                line.attribute,
                line.previous_shown,
                line.changed_shown,
                shown_actor(event.triggered_by_name),
                event.get_channel_display(),
                event.credential,
                event.request_id,
            ]

    return csv_file(_file_name("change-audit"), head, _exported(report, lines))


# Activity Audit Report

ACTIVITY_COLUMNS = (
    Column("at", pgettext_lazy("column", "Event Time (UTC)"), ("at",), "narrow"),
    Column("id", gettext_lazy("Event ID"), css="extra"),
    Column("by", pgettext_lazy("column", "Triggered By"), ("triggered_by_name",)),
    Column("entity", pgettext_lazy("column", "Entity"), ("entity",), "narrow"),
    Column("instance", pgettext_lazy("column", "Instance"), ("instance",)),
    Column("activity", pgettext_lazy("column", "Activity"), ("activity",)),
    Column("result", pgettext_lazy("column", "Result"), ("result",), "narrow"),
    Column("address", pgettext_lazy("column", "Address"), ("address",), "narrow"),
)

ACTIVITY_SPEC: ListSpec[ActivityEvent] = ListSpec(
    fragment="accounts/_activity_report_table.html",
    columns=ACTIVITY_COLUMNS,
    counted=lambda n: ngettext("%(n)d event", "%(n)d events", n) % {"n": n},
    empty=gettext_lazy("No activity in this period"),
    search=queries.search_activity,
    filters=(
        Filter(
            "entity",
            pgettext_lazy("column", "Entity"),
            [EVERY, *((name, name) for name in audit.ACTIVE_ENTITIES)],
            _by("entity"),
        ),
        Filter(
            "result",
            pgettext_lazy("column", "Result"),
            [EVERY, *((result.value, result.label) for result in ActivityEvent.Result)],
            _by("result"),
        ),
    ),
    newest_first=True,
    id="report",
)


class ActivityReport(Listing[ActivityEvent]):
    """The activity of a tenant in the state the address asks for."""

    period: Period


def _activity(request: PageRequest) -> ActivityReport:
    period = Period.of(request, DAYS)
    events = period.narrow(queries.activity(request.actor.business_unit_id))
    found = ActivityReport(ACTIVITY_SPEC, events, request.GET, reverse("accounts:activity-report"), period.typed)
    found.period = period
    return found


@require_safe
def activity_report(request: PageRequest) -> HttpResponse:
    """Sign-ins, failures, logouts, locks, token grants and refusals of the tenant."""
    request.actor.require(ACTIVITY)
    found = _activity(request)
    return lists.answer(request, "accounts/activity_report.html", found.spec.fragment, found, export=_export_url(found))


@require_safe
def activity_report_export(request: PageRequest) -> HttpResponseBase:
    """The report as a CSV file, as it is filtered and sorted."""
    request.actor.require(ACTIVITY)
    report = _activity(request)
    if report.period.problem:
        return redirect(request, report.url())
    head = [str(column.label) for column in ACTIVITY_COLUMNS]

    def lines(event: ActivityEvent) -> Iterator[list[str]]:
        yield [
            _moment(event),
            str(event.pk),
            shown_actor(event.triggered_by_name),
            event.entity,
            event.instance,
            event.activity_shown,
            event.get_result_display(),
            event.address,
        ]

    return csv_file(_file_name("activity-audit"), head, _exported(report, lines))


# Both


def _exported(report: Listing[E], lines: Callable[[E], Iterator[list[str]]]) -> Iterator[list[str]]:
    """The lines of the file; its last one says so if there are more events than it may hold."""
    # The file is written after the request's language has gone.
    language, said = (
        get_language(),
        _("Only the first %(n)d events are in this file. Choose a shorter period for the others."),
    )
    rest = said % {"n": MOST_EXPORTED}
    events = report.matching[: MOST_EXPORTED + 1]

    def exported() -> Iterator[list[str]]:
        for number, event in enumerate(events.iterator(chunk_size=1000), start=1):
            if number > MOST_EXPORTED:
                yield [rest]
                return
            with override(language):
                found = list(lines(event))
            yield from found

    return exported()


def _moment(event: AuditEvent | ActivityEvent) -> str:
    return event.at.strftime("%Y-%m-%d %H:%M:%S")


def _file_name(report: str) -> str:
    return f"{report}-{clock.now():%Y-%m-%d}"


def _export_url(report: ChangeReport | ActivityReport) -> str:
    """The address of the file with what the page shows."""
    query = report.url(page=None, per=None).partition("?")[2]
    return f"{report.path}export/" + (f"?{query}" if query else "")
