"""Files of rows that the worker stores (screens §5.5, R-BULK)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from accounts.ids import new_id


class BulkUpload(models.Model):
    """One uploaded file and how far it is.

    `done` is the place of the next row: whoever stores a row moves it on in the same transaction, if it still is where it was,
    so that no row is stored twice or forgotten, however many workers there are and whenever they die.
    """

    class RecordType(models.TextChoices):
        EMPLOYEES = "EMPLOYEES", gettext_lazy("Employees")
        TEAMS = "TEAMS", gettext_lazy("Teams")
        TEAM_ASSIGNMENT = "TEAM_ASSIGNMENT", pgettext_lazy("record type", "Team Assignment")

    class Status(models.TextChoices):
        QUEUED = "QUEUED", pgettext_lazy("upload status", "Queued")
        PROCESSING = "PROCESSING", pgettext_lazy("upload status", "Processing")
        COMPLETED = "COMPLETED", pgettext_lazy("upload status", "Completed")
        COMPLETED_WITH_ERRORS = "COMPLETED_WITH_ERRORS", pgettext_lazy("upload status", "Completed with errors")
        FAILED = "FAILED", pgettext_lazy("upload status", "Failed")

    OPEN = (Status.QUEUED, Status.PROCESSING)
    NOT_ALLOWED, BROKEN = "NOT_ALLOWED", "BROKEN"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    business_unit = models.ForeignKey("accounts.BusinessUnit", models.CASCADE, related_name="+", db_index=False)
    record_type = models.CharField(max_length=15, choices=RecordType)
    file_name = models.CharField(max_length=255)
    columns = models.JSONField()
    rows = models.JSONField()  # each: its line in the file, and its cells
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=21, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)  # since the last row that was stored
    reason = models.CharField(max_length=300, default="")  # of having Failed: NOT_ALLOWED or BROKEN
    task_id = models.CharField(max_length=64, default="")
    submitted_by = models.ForeignKey("accounts.Employee", models.CASCADE, related_name="+")
    submitted_by_name = models.CharField(max_length=201)
    submitted_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    request_id = models.CharField(max_length=64, default="")

    class Meta:
        indexes = [
            models.Index(fields=["business_unit", "submitted_at"], name="bulk_upload_submitted"),
            models.Index(
                fields=["business_unit", "id"],
                condition=Q(status__in=["QUEUED", "PROCESSING"]),
                name="bulk_upload_open",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def stored(self) -> int:
        """How many rows went through."""
        return self.done - self.failed

    @property
    def why_failed(self) -> str:
        """The reason, in the reader's language; empty unless it Failed."""
        if self.reason == self.NOT_ALLOWED:
            return _("%(name)s may no longer upload these records.") % {"name": self.submitted_by_name}
        if self.reason == self.BROKEN:
            said = _("The upload stopped at row %(line)d because of an internal error. The rows before it are stored.")
            return said % {"line": self.rows[self.done][0]}
        return ""


class BulkUploadError(models.Model):
    """A row that was not stored: its cells as they were, and what is wrong with which."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    upload = models.ForeignKey(BulkUpload, models.CASCADE, related_name="errors", db_index=False)
    line = models.PositiveIntegerField()
    cells = models.JSONField()
    # By language, each: the column, or "" for the row as a whole, and the sentence.
    problems = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "line"], name="bulk_upload_error")]

    def __str__(self) -> str:
        return f"Line {self.line} of {self.upload_id}"

    @property
    def hints(self) -> dict[str, str]:
        """The sentences by column, in the reader's language; those about the row as a whole by the empty name."""
        found: dict[str, list[str]] = {}
        said = self.problems.get(get_language()) or next(iter(self.problems.values()))
        for column, sentence in said:
            found.setdefault(column, []).append(sentence)
        return {column: " ".join(sentences) for column, sentences in found.items()}

    @property
    def hint(self) -> str:
        """What is wrong with the row as a whole."""
        return self.hints.get("", "")

    @property
    def wrong_columns(self) -> list[str]:
        """The names of the columns in which something is wrong."""
        return [column for column in self.hints if column]

    @property
    def marked_cells(self) -> list[tuple[str, str]]:
        """Each cell with what is wrong with it."""
        hints = self.hints
        return [(cell, hints.get(column, "")) for column, cell in zip(self.upload.columns, self.cells, strict=False)]


class Worker(models.Model):
    """A process that works on what waits; it says every few seconds that it is alive."""

    name = models.CharField(primary_key=True, max_length=64)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
