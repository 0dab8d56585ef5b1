"""The worker: what waits is done once, whoever dies, and people see whether somebody works (screens §5.5, R-BULK-2)."""

import json
import os
from io import StringIO

import pytest
from django.core.management import call_command
from django_tasks_db.models import DBTaskResult

from accounts import workers
from accounts.actions import bulk_uploads
from accounts.actions.bulk_rows import EmployeeRows
from accounts.models import AuditEvent, BulkUpload, Employee, Notification, Worker
from cxadmin import clock
from cxadmin.lab import working
from tests.uploads import last, person, sheet, upload, work
from tests.world import visible

ACTIVITY = "/admin/bulk-upload/activity/"
WAITING = "Waiting for the worker"
GERMAN = {"Accept-Language": "de"}


class Killed(BaseException):
    """What ends a process in the middle of a row."""


@pytest.fixture
def dying(monkeypatch):
    """Lets the worker die at the row of somebody."""

    def at(first_name: str, error: BaseException):
        store = EmployeeRows.store

        def dies(self, cells):
            store(self, cells)
            if cells["First Name"] == first_name:
                raise error

        monkeypatch.setattr(EmployeeRows, "store", dies)

    return at


def imported() -> list[str]:
    return sorted(Employee.objects.filter(source="IMPORT").values_list("first_name", flat=True))


PEOPLE = sheet(person("Dana Doe"), person("Eve Eden"), person("Finn Fox"))


@pytest.mark.rule("R-BULK-2")
def test_what_a_dead_worker_left_is_done_by_the_next_one_and_nothing_twice(world, dying, monkeypatch):
    with monkeypatch.context():
        dying("Eve", Killed())
        upload(world.client(), PEOPLE)
        work(steps=1)  # the row of Eve is stored and rolled back; the task counts as failed
        assert imported() == ["Dana"]
        assert (last().status, last().done) == ("PROCESSING", 1)
        monkeypatch.undo()
    work()
    assert imported() == ["Dana", "Eve", "Finn"]
    assert (last().status, last().failed) == ("COMPLETED", 0)
    assert AuditEvent.objects.filter(channel="IMPORT").count() == 3


def test_a_task_whose_worker_says_nothing_any_more_is_taken_over(world):
    upload(world.client(), PEOPLE)
    DBTaskResult.objects.update(status="RUNNING", worker_ids=["killed"])
    BulkUpload.objects.update(status="PROCESSING")
    work()
    assert imported() == ["Dana", "Eve", "Finn"]


def test_a_task_of_a_living_worker_is_left_to_it(world):
    upload(world.client(), PEOPLE)
    DBTaskResult.objects.update(status="RUNNING", worker_ids=["other"])
    workers.beat("other")
    work()
    assert imported() == []


def test_of_two_workers_at_one_row_the_second_leaves_no_trace(world):
    upload(world.client(), PEOPLE)
    sleeper = BulkUpload.objects.select_related("business_unit", "submitted_by").get()
    work()
    bulk_uploads._work(sleeper)  # it still believes to be at the first row
    assert imported() == ["Dana", "Eve", "Finn"]
    assert (last().status, last().done, last().failed) == ("COMPLETED", 3, 0)
    assert not last().errors.exists()


def test_an_upload_that_breaks_the_worker_again_and_again_fails_and_says_where(world, dying):
    dying("Eve", RuntimeError("a bug"))
    client = world.client()
    upload(client, PEOPLE)
    for _ in range(8):
        work()
    assert (last().status, imported()) == ("FAILED", ["Dana"])
    page = visible(client.get(f"/admin/bulk-upload/{last().pk}/"))
    assert "The upload stopped at row 3 because of an internal error. The rows before it are stored." in page
    page = visible(client.get(f"/admin/bulk-upload/{last().pk}/", headers=GERMAN))
    assert "Der Upload hielt wegen eines internen Fehlers in Zeile 3 an. Die Zeilen davor sind gespeichert." in page


def test_a_long_file_is_worked_on_in_slices(world, monkeypatch):
    monkeypatch.setattr(bulk_uploads, "SLICE_SECONDS", -1.0)
    upload(world.client(), PEOPLE)
    work(steps=1)
    assert (last().status, imported()) == ("PROCESSING", ["Dana"])
    work()
    assert (last().status, imported()) == ("COMPLETED", ["Dana", "Eve", "Finn"])


@pytest.mark.screen("5.5 one at a time")
@pytest.mark.rule("R-BULK-2")
def test_of_one_tenant_one_upload_runs_at_a_time_in_the_order_they_came(world):
    client = world.client()
    upload(client, sheet(person("Dana Doe")))
    upload(client, sheet(person("Dana Second"), person("Eve Eden")))
    second = last()
    bulk_uploads.work_on.call(str(second.pk))
    assert (last().status, imported()) == ("QUEUED", [])
    work()
    assert imported() == ["Dana", "Eve"]
    assert [row.line for row in second.errors.all()] == [2]


def test_whoever_submitted_must_still_be_allowed_to(world):
    client = world.bob_may("admin.employees.import", "admin.role_management.user_assignment")
    upload(client, PEOPLE)
    world.bob_may()
    work()
    assert (last().status, imported()) == ("FAILED", [])
    page = f"/admin/bulk-upload/{last().pk}/"
    assert "Bob Brown may no longer upload these records." in visible(world.client().get(page))
    assert "Bob Brown darf diese Datensätze nicht mehr hochladen." in visible(world.client().get(page, headers=GERMAN))


def test_a_row_costs_seven_statements_at_most(world, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(bulk_uploads, "SLICE_SECONDS", 600.0)
    rows = [person(f"Person{n} Example") for n in range(100)]
    upload(world.client(), sheet(*rows))
    with django_assert_max_num_queries(100 * 7 + 40):
        work()
    assert len(imported()) == 100


# Who is told


@pytest.mark.screen("1.2 bell")
def test_the_bell_tells_the_submitter_and_nobody_else(world):
    client = world.client()
    upload(client, PEOPLE)
    work()
    upload(client, sheet(",x,,,,,"), name="bad.csv")
    work()
    page = visible(client.get("/me/notifications/"))
    assert "staff.csv has been uploaded." in page
    assert "bad.csv has been uploaded with errors." in page
    assert "staff.csv" not in visible(world.client(world.bob).get("/me/notifications/"))
    newest = Notification.objects.order_by("created_at").last()
    assert client.post(f"/me/notifications/{newest.pk}/open/").url == f"/admin/bulk-upload/{last().pk}/"


# Whether somebody works


@pytest.mark.screen("5.5 one at a time")
def test_people_see_that_no_worker_runs(world):
    client = world.client()
    assert WAITING not in visible(client.get(ACTIVITY))
    upload(client, PEOPLE)
    assert WAITING in visible(client.get(ACTIVITY))
    assert WAITING in visible(client.get(f"/admin/bulk-upload/{last().pk}/"))
    workers.beat("somebody")
    page = client.get(ACTIVITY)
    assert WAITING not in visible(page)
    assert 'hx-trigger="every 1s"' in page.content.decode()
    work()
    assert 'hx-trigger="every 1s"' not in client.get(ACTIVITY).content.decode()


def test_a_worker_that_says_nothing_is_not_counted_and_forgotten(world, time_machine):
    time_machine.move_to(clock.now())
    workers.beat("one")
    assert workers.alive().exists()
    time_machine.shift(20)
    assert not workers.alive().exists()
    time_machine.shift(60)
    workers.beat("two")
    assert list(Worker.objects.values_list("name", flat=True)) == ["two"]


def test_the_command_says_that_it_waits_to_people_and_to_scripts(monkeypatch):
    monkeypatch.setattr(working, "work", lambda: None)
    told, written = StringIO(), StringIO()
    call_command("worker", stdout=told)
    call_command("worker", json=True, stdout=written)
    assert "Waiting for uploads" in told.getvalue()
    assert json.loads(written.getvalue()) == {"state": "waiting", "process": os.getpid()}
