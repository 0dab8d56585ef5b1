"""Uploads on the running product: its worker and its server are killed and started again, beside writers of SCIM."""

import contextlib
import http.client
import json
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.live import Server, fresh_database
from tests.uploads import HEADER

ROWS = 1000
PATIENCE = 240
SUBMIT = """
from pathlib import Path
from accounts import queries
from accounts.actions import bulk_uploads
from accounts.actors import Actor, Channel
from accounts.models import Employee
by = Employee.objects.get(username="admin@demo.example")
held = queries.effective_permissions(by)
actor = Actor(by.business_unit_id, Channel.UI, by.pk, by.full_name, by.username, "", "", held)
content = Path(r"{file}").read_bytes()
bulk_uploads.submit("EMPLOYEES", "staff.csv", content, changed_only=False, by=by, actor=actor)
"""


class Product(Server):
    """A server whose database can be looked into while it runs."""

    def ask(self, sql: str) -> list[tuple]:
        url = self.environment["DATABASE_URL"]
        opened = psycopg.connect(url) if url else sqlite3.connect(self.data_dir / "cxadmin.sqlite3")
        with contextlib.closing(opened) as connection:
            return connection.execute(sql).fetchall()

    def upload(self) -> tuple[str, int, int]:
        found = self.ask("SELECT status, done, failed FROM accounts_bulkupload")
        return found[0] if found else ("", 0, 0)

    def until(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end, (self.upload(), self.log.read_text())
            time.sleep(0.02)

    def processes(self) -> list[int]:
        """The server's process and all below it."""
        below = {self.process.pid}
        for _ in range(4):
            below |= {int(stat.parent.name) for stat in Path("/proc").glob("[0-9]*/stat") if parent_of(stat) in below}
        return sorted(below)


def parent_of(stat: Path) -> int:
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


@pytest.fixture
def product(tmp_path) -> Iterator[Product]:
    url = os.environ.get("DATABASE_URL", "")
    with fresh_database(url) if url else contextlib.nullcontext("") as own:
        running = Product(tmp_path, database_url=own)
        running.start()
        yield running
        running.stop()


@pytest.mark.screen("5.5 one at a time")
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc")
@pytest.mark.rule("R-BULK-2")
def test_no_row_is_lost_or_doubled_whoever_is_killed_and_no_writer_starves(product, tmp_path):
    file = tmp_path / "staff.csv"
    rows = (f",p{n}@demo.example,Person,Number{n},p{n}@demo.example,Agent,Default Team" for n in range(ROWS))
    file.write_text("\n".join([HEADER, *rows]))
    answers = []
    stopped = threading.Event()
    writer = threading.Thread(target=write, args=(product.credentials(), answers, stopped))
    # Looked at from the first row on: a thousand take a second, and the process that submits them half of it to end.
    submitter = threading.Thread(target=product.run, args=(SUBMIT.format(file=file),))
    writer.start()
    submitter.start()
    try:
        product.until(lambda: product.upload()[1] > 20)
        (worker,) = product.ask("SELECT name FROM accounts_worker")[0]
        os.kill(int(worker.split("-")[-2]), signal.SIGKILL)
        at = product.upload()[1]
        product.until(lambda: product.upload()[1] > at + 20)
    finally:
        stopped.set()
        writer.join()
        submitter.join()
    assert answers
    assert set(answers) == {201}

    for pid in product.processes():
        os.kill(pid, signal.SIGKILL)
    product.process.wait()
    product.process.stdout.close()
    product.start()
    at = product.upload()[1]
    product.until(lambda: product.upload()[1] > min(at + 20, ROWS - 1))
    product.stop()
    product.start()
    product.until(lambda: product.upload()[0] == "COMPLETED")

    assert product.upload() == ("COMPLETED", ROWS, 0)
    assert product.ask("SELECT count(*) FROM accounts_employee WHERE source = 'IMPORT'") == [(ROWS,)]
    assert product.ask("SELECT count(*) FROM accounts_auditevent WHERE channel = 'IMPORT'") == [(ROWS,)]


def write(credentials: dict, answers: list[int], stopped: threading.Event) -> None:
    """Create users over SCIM as fast as one client can."""
    address = urlsplit(credentials["scim_token"]["base_url"])
    headers = {
        "Authorization": f"Bearer {credentials['scim_token']['token']}",
        "Content-Type": "application/scim+json",
    }
    number = 0
    while not stopped.is_set():
        number += 1
        name = f"scim{number}@demo.example"
        body = {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": name,
            "name": {"givenName": "Scim", "familyName": f"Number{number}"},
            "emails": [{"value": name, "primary": True}],
        }
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        connection.request("POST", f"{address.path}/Users", json.dumps(body), headers)
        answers.append(connection.getresponse().status)
        connection.close()
