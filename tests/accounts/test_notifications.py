"""The bell (screens §1.2): what it says, the number beside it, reading, and what becomes of old entries."""

import re
from datetime import timedelta

import pytest
import time_machine

from accounts.actions import applications, notifications
from accounts.models import Notification
from cxadmin import clock
from tests.uploads import person, sheet, upload, work
from tests.world import REGISTRATION, visible

LIST = "/me/notifications/"
Kind = Notification.Kind


@pytest.fixture
def waiting(world, settings):
    """An application of Acme that waits for approval."""
    settings.APP_REGISTRATION_MODE = "manual"
    world.waiting = world.application()
    return world


def bell(page) -> str:
    """What the bell is called."""
    return re.search(r'id="bell".*?aria-label="([^"]*)"', page.content.decode(), re.DOTALL)[1]


def of(employee):
    return Notification.objects.filter(employee=employee)


def tell(world, about="staff.csv", kind=Kind.UPLOAD_COMPLETED):
    notifications.tell([world.alice], kind, about=about, about_id=world.acme.pk)


@pytest.mark.screen("1.2 bell")
def test_who_may_approve_is_told_of_a_registration_that_waits(waiting):
    assert bell(waiting.client().get("/me/")) == "Notifications: 1 unread"
    assert "Okta CXone Integration waits for approval." in visible(waiting.client().get(LIST))
    assert not of(waiting.bob).exists()
    assert not of(waiting.charlie).exists()


def test_an_instant_registration_waits_for_nobody(world):
    world.application()
    assert bell(world.client().get("/me/")) == "Notifications"
    assert "No notifications yet" in visible(world.client().get(LIST))


def test_a_secondary_role_counts_an_inactive_employee_does_not(world, settings):
    settings.APP_REGISTRATION_MODE = "manual"
    helper = world.employee(secondary_roles=[world.alice.primary_role])
    world.employee("Eve Eden", primary_role=world.alice.primary_role, status="UNREGISTERED")
    world.application()
    told = set(Notification.objects.values_list("employee__first_name", flat=True))
    assert told == {"Acme", "Alice", helper.first_name}


@pytest.mark.screen("1.2 bell")
def test_opening_leads_there_and_counts_as_read(waiting):
    client = waiting.client()
    found = of(waiting.alice).get()
    answer = client.post(f"{LIST}{found.pk}/open/")
    assert answer.url == f"/admin/applications/{waiting.waiting.pk}/"
    assert bell(client.get("/me/")) == "Notifications"
    assert "Okta CXone Integration waits" in visible(client.get(LIST))
    first = of(waiting.alice).get().read_at
    client.post(f"{LIST}{found.pk}/open/")
    assert of(waiting.alice).get().read_at == first


@pytest.mark.parametrize("decide", [applications.approve, applications.reject])
def test_once_somebody_has_decided_nobody_is_waited_for(waiting, decide):
    decide(waiting.waiting, actor=waiting.actor)
    assert not Notification.objects.filter(read_at=None).exists()


def test_all_can_be_marked_as_read_at_once(world):
    tell(world, "a.csv")
    tell(world, "b.csv", Kind.UPLOAD_WITH_ERRORS)
    client = world.client()
    page = visible(client.get(LIST))
    assert "Mark all as read" in page
    assert page.count("Unread:") == 2
    assert client.post(f"{LIST}read/").url == LIST
    page = visible(client.get(LIST))
    assert "Mark all as read" not in page
    assert "b.csv has been uploaded with errors." in page


def test_the_panel_shows_the_newest_and_leads_to_all(world):
    for number in range(10):
        with time_machine.travel(clock.now() + timedelta(minutes=number)):
            tell(world, f"{number}.csv")
    panel = world.client().get(f"{LIST}newest/", headers={"HX-Request": "true"})
    assert re.findall(r"(\d)\.csv has been uploaded\.", visible(panel)) == list("98765432")
    assert "All notifications" in visible(panel)
    assert "10 notifications" in visible(world.client().get(LIST))


@pytest.mark.screen("1.2 bell")
def test_the_number_stops_at_99(world):
    for _ in range(100):
        tell(world)
    page = world.client().get("/me/")
    assert "99+" in visible(page)
    assert bell(page) == "Notifications: 100 unread"


def test_nobody_reads_what_others_were_told(world):
    tell(world)
    client = world.client(world.bob)
    assert client.post(f"{LIST}{of(world.alice).get().pk}/open/").status_code == 404
    client.post(f"{LIST}read/")
    assert bell(world.client().get("/me/")) == "Notifications: 1 unread"


def test_it_needs_no_scripts(world):
    page = world.client().get("/me/").content.decode()
    assert f'href="{LIST}"' in page.split('id="notifications"')[1]


def test_a_longer_list_costs_no_more_statements(world, django_assert_max_num_queries):
    client = world.client()
    tell(world)
    with django_assert_max_num_queries(10) as few:
        client.get(f"{LIST}?per=100")
    for _ in range(40):
        tell(world)
    with django_assert_max_num_queries(len(few)):
        client.get(f"{LIST}?per=100")


def test_what_was_read_long_ago_is_forgotten(world):
    tell(world, "old.csv")
    tell(world, "unread.csv")
    of(world.alice).filter(about="old.csv").update(read_at=clock.ago(days=91))
    notifications.forget_old()
    assert list(of(world.alice).values_list("about", flat=True)) == ["unread.csv"]


def test_a_refused_registration_tells_nobody(world, settings):
    settings.APP_REGISTRATION_MODE = "manual"
    world.application()
    before = Notification.objects.count()
    with pytest.raises(Exception, match="already in use"):
        applications.register(REGISTRATION, unit=world.acme, actor=world.actor)
    assert Notification.objects.count() == before


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([person("Dana Doe")], "staff.csv has been uploaded."),
        ([person("Dana Doe"), ""], "staff.csv has been uploaded."),
        ([person("Dana Doe"), person("Dana Doe")], "staff.csv has been uploaded with errors."),
    ],
)
def test_whoever_uploaded_a_file_hears_how_it_ended(world, rows, text):
    client = world.client()
    upload(client, sheet(*rows))
    assert not of(world.alice).exists()
    work()
    assert [str(found) for found in of(world.alice)] == [text]
    answer = client.post(f"{LIST}{of(world.alice).get().pk}/open/", follow=True)
    assert answer.status_code == 200
    assert "staff.csv" in visible(answer)
