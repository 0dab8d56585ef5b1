"""Uploading files of rows as a browser does, and the worker's part without a process of its own."""

import csv
import io
from unittest import mock

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import workers
from accounts.models import BulkUpload
from cxadmin.lab.working import Worker

HEADER = "User ID,Username,First Name,Last Name,Email Address,Role Name,Team Name"
IMPORT = "/admin/employees/import/"


def sheet(*rows: str, more: str = "") -> str:
    """A file of employees with the needed columns, and more of them."""
    return "\r\n".join([HEADER + more, *rows, ""])


def person(name: str, more: str = "", role: str = "Bob's role") -> str:
    """The row of a new employee."""
    first, last = name.split(" ")
    mail = f"{first}@acme.example".lower()
    return f",{mail},{first},{last},{mail},{role},Default Team{more}"


def upload(client, content: str | bytes, url: str = IMPORT, rows: str = "all", name: str = "staff.csv"):
    """Send a file; the answer is the page's."""
    data = content if isinstance(content, bytes) else content.encode()
    return client.post(url, {"file": SimpleUploadedFile(name, data, "text/csv"), "rows": rows})


def work(steps: int = 1000) -> None:
    """Be the worker until nothing waits."""
    worker = Worker()
    # Between tasks the runner closes a connection that is inside a transaction, as it always is in a test.
    with mock.patch("django_tasks_db.management.commands.db_worker.close_old_connections"):
        while steps and worker.step():
            steps -= 1
    workers.gone(worker.name)


def last() -> BulkUpload:
    return BulkUpload.objects.order_by("pk").last()


def stored(client, content: str | bytes, **more) -> BulkUpload:
    """Upload a file and let the worker finish it."""
    answer = upload(client, content, **more)
    assert answer.status_code == 302, answer.content.decode()
    work()
    return last()


def problems(found: BulkUpload) -> dict[int, dict[str, str]]:
    """What is wrong, by line and column."""
    return {row.line: row.hints for row in found.errors.all()}


def downloaded(response) -> list[dict[str, str]]:
    """The rows of a file that was downloaded."""
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))
