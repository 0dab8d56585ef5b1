"""Files of rows: taking them in, and storing them row by row behind the pages (screens §5.5, R-BULK).

A worker stores rows for about a second, then puts the rest of the file back into the queue. So uploads of several tenants go
on side by side, and a worker that is told to stop does so soon.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _
from django_tasks import task
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from accounts import queries, spreadsheets, workers
from accounts.actions import notifications
from accounts.actions.bulk_rows import CHANGED, KINDS, NOTE, YES, Kind, OutOfDateError, Rows
from accounts.actors import Actor, Channel
from accounts.errors import ChangedMeanwhile, Invalid, Problem, RuleError
from accounts.models import BulkUpload, BulkUploadError, BusinessUnit, Employee, Notification
from accounts.spreadsheets import Sheet, Unreadable
from cxadmin import clock

Status = BulkUpload.Status
Told = Notification.Kind
Said = list[tuple[str, str]]
"""What is wrong with a row: the column, or nothing for the row as a whole, and the sentence."""

SLICE_SECONDS = 1.0
AT_ONCE = 100
"""Rows whose records are read together."""
MOST_ATTEMPTS = 5
"""How often a worker may fail at one row, or die there, before the upload does."""
LONGEST_NAME = 255
MOST_WAITING = 20
"""Uploads of a tenant that are not finished."""
DAYS_KEPT = 90
"""How long uploads stay in the list, and the rows that were not stored with them."""


class OvertakenError(Exception):
    """Another worker stored this row."""


def submit(kind: Kind, file_name: str, content: bytes, *, changed_only: bool, by: Employee, actor: Actor) -> BulkUpload:
    """Take a file in; the worker stores its rows, one file of a tenant after the other (R-BULK-2).

    Args:
        changed_only: leave out the rows that are not marked in the column Row Changed.
        by: who submits it, the actor.

    Raises:
        Invalid: the file cannot be used as a whole; nothing is stored.
        Forbidden: the actor may not upload records of this type.
    """
    kind_of_rows = KINDS[kind]
    actor.require(*kind_of_rows.permissions)
    try:
        sheet = spreadsheets.read(content)
        rows = _included(sheet, kind_of_rows, changed_only=changed_only and kind_of_rows.has_changes)
    except Unreadable as error:
        raise Invalid([Problem("file", "V-FILE", error.message)]) from error
    waiting = BulkUpload.objects.filter(business_unit_id=actor.business_unit_id, status__in=BulkUpload.OPEN)
    if waiting.count() >= MOST_WAITING:
        said = _("%(n)d uploads are waiting already. Wait until one of them is done.")
        raise Invalid([Problem("file", "V-FILE", said % {"n": MOST_WAITING})])
    with transaction.atomic():
        upload = BulkUpload.objects.create(
            business_unit_id=actor.business_unit_id,
            record_type=kind,
            file_name=file_name[-LONGEST_NAME:],
            columns=_names(sheet.columns, kind_of_rows),
            rows=rows,
            total=len(rows),
            submitted_by=by,
            submitted_by_name=actor.name,
            submitted_at=clock.now(),
            request_id=actor.request_id,
        )
        _enqueue(upload)
    return upload


def _names(columns: Sequence[str], kind: type[Rows[Any]]) -> list[str]:
    """The columns as the template spells them.

    Raises:
        Unreadable: columns are unknown, missing or there twice; the message says all of it.
    """
    known = {column.name.casefold(): column.name for column in kind.columns} | {NOTE.casefold(): NOTE}
    found = [known.get(name.casefold(), "") for name in columns]
    said = []
    if unknown := [name or "–" for name, column in zip(columns, found, strict=True) if not column]:
        sentence = _("Unknown columns: %(names)s. Use the header of the template.")
        said.append(sentence % {"names": ", ".join(unknown[:10])[:200]})
    if twice := sorted(name for name, times in Counter(found).items() if name and times > 1):
        said.append(_("These columns are there more than once: %(names)s.") % {"names": ", ".join(twice)})
    if missing := [column.name for column in kind.columns if column.needed and column.name not in found]:
        sentence = _("Missing columns: %(names)s. Use the header of the template.")
        said.append(sentence % {"names": ", ".join(missing)})
    if said:
        raise Unreadable(" ".join(said))
    return found


def _included(sheet: Sheet, kind: type[Rows[Any]], *, changed_only: bool) -> list[tuple[int, list[str]]]:
    columns = _names(sheet.columns, kind)
    if not changed_only:
        return sheet.rows
    if CHANGED not in columns:
        raise Unreadable(_("Missing columns: %(names)s. Use the header of the template.") % {"names": CHANGED})
    place = columns.index(CHANGED)
    rows = [(line, cells) for line, cells in sheet.rows if cells[place].upper() == YES]
    if not rows:
        raise Unreadable(_("No row has a Y in the column Row Changed. Mark the rows you changed, or choose All Rows."))
    return rows


def _enqueue(upload: BulkUpload) -> None:
    """Let a worker go on with an upload; inside the caller's transaction, or in one of its own."""
    with transaction.atomic():
        waiting = work_on.enqueue(str(upload.pk))
        BulkUpload.objects.filter(pk=upload.pk).update(task_id=str(waiting.id))


def resume() -> None:
    """Let the workers go on with the uploads that nobody works on, because a worker died or was stopped.

    Of each tenant that is the oldest open one; what a dead worker had begun counts as failed.
    """
    alive = set(workers.alive().values_list("name", flat=True))
    running = DBTaskResult.objects.running().only("id", "worker_ids")
    lost = [result.pk for result in running if not alive.intersection(result.worker_ids[-1:])]
    DBTaskResult.objects.filter(pk__in=lost).update(status=TaskResultStatus.FAILED, finished_at=clock.machine())
    next_ones: dict[object, BulkUpload] = {}
    for upload in BulkUpload.objects.filter(status__in=BulkUpload.OPEN).order_by("pk").defer("rows"):
        next_ones.setdefault(upload.business_unit_id, upload)
    awaited = [upload.task_id for upload in next_ones.values() if upload.task_id]
    unfinished = DBTaskResult.objects.filter(
        pk__in=awaited, status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING]
    )
    cared_for = {str(pk) for pk in unfinished.values_list("pk", flat=True)}
    for upload in next_ones.values():
        if upload.task_id not in cared_for:
            _enqueue(upload)


def forget_finished_tasks() -> None:
    """Remove the notes of tasks that ended more than a day ago."""
    DBTaskResult.objects.finished().filter(finished_at__lt=clock.machine() - timedelta(days=1)).delete()


def forget_old() -> None:
    """Remove uploads that were submitted long ago, those included that no worker ever took up."""
    BulkUpload.objects.filter(submitted_at__lt=clock.ago(days=DAYS_KEPT)).delete()


@task()
def work_on(upload_id: str) -> None:
    """Store rows of an upload for about a second; what is left is put into the queue again."""
    upload = (
        BulkUpload.objects.filter(pk=upload_id, status__in=BulkUpload.OPEN)
        .select_related("business_unit", "submitted_by")
        .first()
    )
    if upload is None or _has_to_wait(upload):
        return
    clock.enter(upload.business_unit_id)
    with translation.override(upload.submitted_by.language or settings.LANGUAGE_CODE):
        _work(upload)


def _has_to_wait(upload: BulkUpload) -> bool:
    """Whether an earlier upload of the tenant is not finished; its end lets this one begin (R-BULK-2)."""
    earlier = BulkUpload.objects.filter(
        business_unit_id=upload.business_unit_id, status__in=BulkUpload.OPEN, pk__lt=upload.pk
    )
    return earlier.exists()


def _work(upload: BulkUpload) -> None:
    if upload.attempts >= MOST_ATTEMPTS:
        _fail(upload, BulkUpload.BROKEN)
        return
    BulkUpload.objects.filter(pk=upload.pk, done=upload.done).update(
        status=Status.PROCESSING, attempts=F("attempts") + 1
    )
    actor = _actor(upload)
    kind = KINDS[Kind(upload.record_type)]
    if not upload.submitted_by.is_active or not all(actor.can(code) for code in kind.permissions):
        _fail(upload, BulkUpload.NOT_ALLOWED)
        return
    deadline = time.monotonic() + SLICE_SECONDS
    try:
        while upload.done < upload.total:
            _store_some(upload, actor, kind, deadline)
            if time.monotonic() > deadline:
                break
    except OvertakenError:
        return
    if upload.done < upload.total:
        _enqueue(upload)


def _actor(upload: BulkUpload) -> Actor:
    """Whoever submitted the file, with the rights of now (R-AUD-3)."""
    employee: Employee = upload.submitted_by
    return Actor(
        upload.business_unit_id,
        Channel.IMPORT,
        employee.pk,
        employee.full_name,
        employee.username,
        f"bulk upload {upload.pk}",
        upload.request_id,
        queries.effective_permissions(employee),
    )


def _store_some(upload: BulkUpload, actor: Actor, kind: type[Rows[Any]], deadline: float) -> None:
    """Store the next rows, at least one, until the time is over or a row is out of date with what was read for all of them."""
    chunk = upload.rows[upload.done : upload.done + AT_ONCE]
    unit: BusinessUnit = upload.business_unit
    rows = kind(actor, unit, [_cells(upload, cells) for _line, cells in chunk])
    for line, cells in chunk:
        try:
            _store(upload, rows, line, cells)
        except (ChangedMeanwhile, OutOfDateError):
            return
        if time.monotonic() > deadline:
            return


def _cells(upload: BulkUpload, cells: Sequence[str]) -> Mapping[str, str]:
    return {name: cell for name, cell in zip(upload.columns, cells, strict=False) if name != NOTE}


def _store(upload: BulkUpload, rows: Rows[Any], line: int, cells: Sequence[str]) -> None:
    """Store a row, or what is wrong with it, and move the upload on: all of it or nothing."""
    try:
        with transaction.atomic():
            _refuse_too_long(upload, cells)
            rows.store(_cells(upload, cells))
            _move_on(upload)
    except ChangedMeanwhile:
        raise
    except RuleError as error:
        problems = {translation.get_language(): _said(error)} | _in_other_languages(upload, rows, cells)
        with transaction.atomic():
            BulkUploadError.objects.create(
                upload=upload,
                line=line,
                cells=list(cells[: len(upload.columns)]),
                problems=problems,
            )
            _move_on(upload, failed=1)
        rows.spoil()


def _said(error: RuleError) -> Said:
    problems = error.problems if isinstance(error, Invalid) else (Problem("", error.code, error.message),)
    return [(problem.field, problem.message) for problem in problems]


def _in_other_languages(upload: BulkUpload, rows: Rows[Any], cells: Sequence[str]) -> dict[str, Said]:
    """What is wrong with a row that was refused, as other people will read it: the rules speak when they are asked."""
    found = {}
    for language, _name in settings.LANGUAGES:
        if language == translation.get_language():
            continue
        with translation.override(language):
            try:
                with transaction.atomic():
                    _refuse_too_long(upload, cells)
                    again = _cells(upload, cells)
                    type(rows)(rows.actor, rows.unit, [again]).store(again)
                    # What was wrong a moment ago is right now: the file says what was found first.
                    transaction.set_rollback(True)
            except (ChangedMeanwhile, OutOfDateError):
                continue
            except RuleError as error:
                found[language] = _said(error)
    return found


def _refuse_too_long(upload: BulkUpload, cells: Sequence[str]) -> None:
    if len(cells) > len(upload.columns):
        raise Invalid([Problem("", "V-ROW", _("The row has more cells than the header."))])


def _move_on(upload: BulkUpload, *, failed: int = 0) -> None:
    """Count a row; with the last one the upload is complete and the tenant's next one begins.

    Raises:
        OvertakenError: the upload is not where this worker believes it to be.
    """
    values: dict[str, Any] = {"done": upload.done + 1, "failed": upload.failed + failed, "attempts": 0}
    if values["done"] == upload.total:
        ended = Status.COMPLETED_WITH_ERRORS if values["failed"] else Status.COMPLETED
        values |= {"status": ended, "finished_at": clock.now()}
    open_here = BulkUpload.objects.filter(pk=upload.pk, done=upload.done, status__in=BulkUpload.OPEN)
    if not open_here.update(**values):
        raise OvertakenError
    upload.done, upload.failed = values["done"], values["failed"]
    if "status" in values:
        _end(upload, Told.UPLOAD_WITH_ERRORS if upload.failed else Told.UPLOAD_COMPLETED)


def _fail(upload: BulkUpload, reason: str) -> None:
    with transaction.atomic():
        failing = BulkUpload.objects.filter(pk=upload.pk, status__in=BulkUpload.OPEN)
        if failing.update(status=Status.FAILED, reason=reason, finished_at=clock.now()):
            _end(upload, Told.UPLOAD_FAILED)


def _end(upload: BulkUpload, told: Notification.Kind) -> None:
    """Tell the submitter, and let the tenant's next upload begin."""
    notifications.tell([upload.submitted_by], told, about=upload.file_name, about_id=upload.pk)
    waiting = BulkUpload.objects.filter(business_unit_id=upload.business_unit_id, status__in=BulkUpload.OPEN)
    following = waiting.exclude(pk=upload.pk).order_by("pk").defer("rows").first()
    if following is not None:
        _enqueue(following)


def template(kind: Kind, actor: Actor) -> Iterator[str]:
    """The lines of a file with the present records that the actor sees, for people to fill in (screens §5.5)."""
    rows = KINDS[kind]
    names = [column.name for column in rows.columns]
    yield spreadsheets.header(names)
    for cells in rows.present(actor):
        yield spreadsheets.line(cells.get(name, "") for name in names)


def errors(upload: BulkUpload) -> Iterator[str]:
    """The lines of a file with the rows that were not stored and why; it can be uploaded again once it is corrected."""
    # The file is written after the request's language has gone.
    return _lines_of_errors(upload, translation.get_language())


def _lines_of_errors(upload: BulkUpload, language: str | None) -> Iterator[str]:
    columns = [name for name in upload.columns if name != NOTE]
    yield spreadsheets.header([*columns, NOTE])
    for row in upload.errors.order_by("line").iterator(chunk_size=500):
        cells = dict(zip(upload.columns, row.cells, strict=False))
        with translation.override(language):
            said = " ".join(f"{column}: {sentence}" if column else sentence for column, sentence in row.hints.items())
        yield spreadsheets.line([*(spreadsheets.unescaped(cells.get(name, "")) for name in columns), said])
