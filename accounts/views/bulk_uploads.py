"""Import Employees and the Bulk Upload Portal (screens §5.5)."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, queries, workers
from accounts.actions import bulk_uploads
from accounts.actions.bulk_rows import KINDS, Kind
from accounts.actors import Actor
from accounts.console import forms, lists
from accounts.console.answers import redirect
from accounts.console.lists import Column, Filter, ListSpec
from accounts.forms.bulk_uploads import UploadForm
from accounts.models import BulkUpload, BulkUploadError
from accounts.requests import PageRequest

PORTAL = "admin.bulk_upload.on"
Status = BulkUpload.Status
SLUGS = {"employees": Kind.EMPLOYEES, "teams": Kind.TEAMS, "team-assignment": Kind.TEAM_ASSIGNMENT}
HINTS = {
    Kind.EMPLOYEES: gettext_lazy("Create employees and change their details."),
    Kind.TEAMS: gettext_lazy("Create teams and change their names, descriptions and leads."),
    Kind.TEAM_ASSIGNMENT: gettext_lazy("Move employees to other teams."),
}

COLUMNS = (
    Column("file", gettext_lazy("File"), ("file_name",)),
    Column("type", gettext_lazy("Record type"), ("record_type",), "narrow"),
    Column("by", gettext_lazy("Submitted by"), ("submitted_by_name",), "extra"),
    Column("submitted", gettext_lazy("Submitted"), ("submitted_at",)),
    Column("progress", gettext_lazy("Progress"), css="progress-cell"),
    Column("status", gettext_lazy("Status"), ("status",), "narrow"),
    Column("actions", gettext_lazy("Actions"), css="actions"),
)
TYPE: Filter[BulkUpload] = Filter(
    "type",
    gettext_lazy("Record type"),
    (("", gettext_lazy("All")), *((kind.value, kind.label) for kind in Kind)),
    lambda rows, chosen: rows.filter(record_type=chosen[0]) if any(chosen) else rows,
)
STATUS: Filter[BulkUpload] = Filter(
    "status",
    gettext_lazy("Status"),
    (("", gettext_lazy("All")), *((status.value, status.label) for status in Status)),
    lambda rows, chosen: rows.filter(status=chosen[0]) if any(chosen) else rows,
)
ACTIVITY: ListSpec[BulkUpload] = ListSpec(
    fragment="accounts/_bulk_upload_table.html",
    columns=COLUMNS,
    counted=lambda n: ngettext("%(n)d upload", "%(n)d uploads", n) % {"n": n},
    empty=gettext_lazy("No uploads yet"),
    filters=(TYPE, STATUS),
    sorted_by="submitted",
    newest_first=True,
)


@dataclass(frozen=True, slots=True)
class Card:
    """What the tab Upload says about a type of record."""

    kind: Kind
    slug: str
    hint: str | Promise

    @property
    def label(self) -> str | Promise:
        return self.kind.label


def _kind(slug: str) -> Kind:
    if slug not in SLUGS:
        raise Http404
    return SLUGS[slug]


def _may(actor: Actor, kind: Kind) -> bool:
    return all(actor.can(code) for code in KINDS[kind].permissions)


@require_safe
def portal(request: PageRequest) -> HttpResponse:
    """The tab Upload: one card for each type of record that the actor may upload."""
    request.actor.require(PORTAL)
    cards = [Card(kind, slug, HINTS[kind]) for slug, kind in SLUGS.items() if _may(request.actor, kind)]
    return render(request, "accounts/bulk_upload.html", {"cards": cards})


@require_safe
def activity(request: PageRequest) -> HttpResponse:
    """The tab Activity: what was uploaded, and how far it is."""
    request.actor.require(PORTAL)
    unit = request.actor.business_unit_id
    return lists.show(
        request,
        "accounts/bulk_upload_activity.html",
        ACTIVITY,
        queries.bulk_uploads(unit),
        is_moving=queries.bulk_uploads(unit).filter(status__in=BulkUpload.OPEN).exists(),
        has_worker=workers.alive().exists(),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def employee_import(request: PageRequest) -> HttpResponse:
    """Import Employees: the same upload, from the employees' list."""
    return _upload(request, Kind.EMPLOYEES, _("Import Employees"), back=reverse("accounts:employee-list"))


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: PageRequest, slug: str) -> HttpResponse:
    """Upload a file of one of the types of record."""
    kind = _kind(slug)
    request.actor.require(PORTAL)
    return _upload(request, kind, str(kind.label), back=reverse("accounts:bulk-upload"))


def _upload(request: PageRequest, kind: Kind, title: str, *, back: str) -> HttpResponse:
    rows = KINDS[kind]
    request.actor.require(*rows.permissions)
    form = UploadForm(
        forms.posted(request), request.FILES if request.method == "POST" else None, has_changes=rows.has_changes
    )
    if request.method == "POST":
        submitted = forms.submit(
            form,
            lambda: bulk_uploads.submit(
                kind,
                form.file_name,
                form.content,
                changed_only=form.changed_only,
                by=request.user,
                actor=request.actor,
            ),
        )
        if submitted is not None:
            messages.success(request, _("%(file)s was uploaded.") % {"file": submitted.file_name})
            if request.actor.can(PORTAL):
                return redirect(request, reverse("accounts:bulk-upload-activity"))
            return redirect(request, reverse("accounts:bulk-upload-detail", args=[submitted.pk]))
    slug = next(slug for slug, known in SLUGS.items() if known == kind)
    needed = [column.name for column in rows.columns if column.needed]
    context = {"form": form, "title": title, "back": back, "slug": slug, "needed": needed}
    return render(request, "accounts/bulk_upload_form.html", context, status=422 if form.errors else 200)


@require_safe
def template(request: PageRequest, slug: str) -> HttpResponse | StreamingHttpResponse:
    """Download Template: the columns, and the present records."""
    kind = _kind(slug)
    request.actor.require(*KINDS[kind].permissions)
    return _file(bulk_uploads.template(kind, request.actor), f"{slug}.csv")


@require_safe
def detail(request: PageRequest, upload_id: uuid.UUID) -> HttpResponse:
    """One upload: how far it is, and Review Errors, the rows that were not stored with the wrong cells marked."""
    found = access.bulk_upload(request.actor, upload_id)
    spec: ListSpec[BulkUploadError] = ListSpec(
        fragment="accounts/_bulk_upload_errors.html",
        columns=(
            Column("line", gettext_lazy("Row"), ("line",), "narrow"),
            *(Column(name, name) for name in found.columns),
        ),
        counted=lambda n: ngettext("%(n)d row was not stored", "%(n)d rows were not stored", n) % {"n": n},
        empty=gettext_lazy("No errors so far") if found.is_open else gettext_lazy("No errors"),
        id="upload-errors",
    )
    return lists.show(
        request,
        "accounts/bulk_upload_detail.html",
        spec,
        found.errors.all(),
        upload=found,
        is_moving=found.is_open,
        has_worker=workers.alive().exists(),
        may_list=request.actor.can(PORTAL),
    )


@require_safe
def errors(request: PageRequest, upload_id: uuid.UUID) -> HttpResponse | StreamingHttpResponse:
    """Download errors: the rows that were not stored, with the reasons in a column of their own."""
    found = access.bulk_upload(request.actor, upload_id)
    return _file(bulk_uploads.errors(found), "errors.csv")


def _file(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
