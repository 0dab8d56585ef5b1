"""Locked Employees (screens §10)."""

import re
from datetime import timedelta

import pytest

from accounts.actions import locks
from accounts.models import AuditEvent, Employee
from cxadmin import clock
from tests.accounts.test_employee_list import names
from tests.world import visible

PAGE = "/admin/locked-employees/"
EDIT = "admin.employees.edit"


@pytest.fixture
def locked(world, time_machine):
    """Dana is locked for inactivity, a minute later Eve for failed sign-ins."""
    start = clock.now()
    time_machine.move_to(start)
    world.dana, world.eve = world.employee("Dana Doe"), world.employee("Eve Eden")
    locks.lock_for_inactivity(world.dana)
    time_machine.move_to(start + timedelta(minutes=1))
    locks.lock_for_failed_logins(world.eve)
    return world


@pytest.mark.screen("10 list")
def test_it_lists_who_is_locked_newest_first_with_reason_and_times(locked):
    page = locked.client().get(PAGE)
    assert names(page) == ["Eve Eden", "Dana Doe"]
    text = visible(page)
    assert "Name Username Reason Locked Since Locked Until Actions" in text
    moment = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
    assert re.search(rf"Eve Eden eve@ ?acme.example Failed logins {moment} {moment}", text)
    assert re.search(rf"Dana Doe dana@ ?acme.example Inactivity {moment} until unlocked", text)


@pytest.mark.screen("10 list")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("reason=INACTIVITY", ["Dana Doe"]),
        ("reason=FAILED_LOGINS", ["Eve Eden"]),
        ("q=EVE@", ["Eve Eden"]),
        ("q=doe", ["Dana Doe"]),
        ("q=zzz", []),
        ("sort=name", ["Dana Doe", "Eve Eden"]),
        ("sort=-username", ["Eve Eden", "Dana Doe"]),
        ("sort=since", ["Dana Doe", "Eve Eden"]),
    ],
)
def test_it_can_be_searched_filtered_and_sorted(locked, query, found):
    assert names(locked.client().get(f"{PAGE}?{query}")) == found


@pytest.mark.rule("R-LOCK-3")
def test_a_lock_whose_time_is_over_is_not_listed(locked, time_machine):
    time_machine.move_to(clock.now() + timedelta(seconds=61))
    assert names(locked.client().get(PAGE)) == ["Dana Doe"]


@pytest.mark.screen("10 audit")
def test_locks_and_their_ends_are_the_systems_and_unlocking_is_the_administrators(locked, time_machine):
    client = locked.client()
    client.post(f"/admin/employees/{locked.dana.pk}/unlock/")
    time_machine.move_to(clock.now() + timedelta(seconds=61))
    client.get(PAGE)
    for person, by in ((locked.dana, "Alice Archer"), (locked.eve, "System")):
        events = AuditEvent.objects.filter(entity_id=person.pk, changes_json__contains="User.lock").order_by("at")
        entries = [(event.triggered_by_name, *change) for event in events for change in event.changes]
        assert [entry for entry in entries if entry[1] == "User.lock"] == [
            ("System", "User.lock", "Unlocked", "Locked"),
            (by, "User.lock", "Locked", "Unlocked"),
        ]


@pytest.mark.screen("10 unlock")
@pytest.mark.rule("R-LOCK-5")
def test_unlocking_needs_no_dialog_and_stays_on_the_list(locked):
    client = locked.client()
    url = f"/admin/employees/{locked.dana.pk}/unlock/"
    assert f'formaction="{url}"' in client.get(PAGE).content.decode()
    answer = client.post(url, HTTP_REFERER=f"http://testserver{PAGE}")
    assert answer.url.endswith(PAGE)
    page = client.get(answer.url)
    assert "Dana Doe unlocked; must sign in within 2 days." in visible(page)
    assert names(page) == ["Eve Eden"]
    assert Employee.objects.get(pk=locked.dana.pk).status == "ACTIVE"


def test_without_view_the_names_are_no_links(locked):
    page = locked.bob_may(EDIT).get(PAGE)
    assert "Dana Doe" in visible(page)
    assert names(page) == []


@pytest.mark.screen("10 list")
def test_it_can_be_empty(world):
    assert "No locked employees" in visible(world.client().get(PAGE))
