"""The Change History tab (screens §1.4, R-AUD), at the example of roles."""

from datetime import timedelta

import pytest
import time_machine

from accounts import audit, permissions
from accounts.actions import roles
from accounts.models import AuditEvent
from cxadmin import clock
from tests.accounts.test_password_change import GOOD, change
from tests.accounts.test_role_page import save
from tests.world import visible


def address(world, query=""):
    return f"/admin/roles/{world.role.pk}/history/{query}"


def table(response) -> str:
    return visible(response).split("Actions", 1)[-1]


@pytest.mark.screen("1.4 history")
@pytest.mark.rule("R-AUD-1", "R-AUD-2", "R-AUD-3")
def test_it_shows_one_line_per_attribute_newest_first(world):
    save(world.client(), world.role, name="Watch", description="Wakes")
    lines = table(world.client().get(address(world)))
    assert "Role.name Bob's role Watch" in lines
    assert "Role.description – Wakes" in lines
    assert "Alice Archer UI" in lines
    assert lines.index("Role.name Bob's role Watch") < lines.index("Role – created System System")


@pytest.mark.screen("1.4 history")
@pytest.mark.rule("R-AUD-4")
def test_more_details_names_the_credential_and_the_request(world):
    client = world.client()
    client.post(
        f"/admin/roles/{world.role.pk}/",
        {"name": "Watch", "version": world.role.version},
        headers={"X-Request-Id": "my-request-7"},
    )
    event = AuditEvent.objects.filter(entity_id=world.role.pk).latest("at")
    page = visible(client.get(address(world, f"{event.pk}/")))
    assert "More Details" in page
    assert "Role – Watch" in page
    assert "Credential web session" in page
    assert "Request ID my-request-7" in page
    assert "Role.name Bob's role Watch" in page


@pytest.mark.rule("R-AUD-5")
def test_names_stay_as_they_were(world):
    save(world.client(), world.role, name="Watch")
    world.alice.first_name = "Alicia"
    world.alice.save()
    assert "Alice Archer" in table(world.client().get(address(world)))


@pytest.mark.screen("1.4 history")
def test_the_last_thirty_days_are_shown_unless_another_period_is_asked_for(world):
    with time_machine.travel(clock.now() + timedelta(days=31)):
        client = world.client()
        assert "No changes in this period" in visible(client.get(address(world)))
        start = clock.ago(days=40).strftime("%Y-%m-%dT%H:%M")
        assert "Role – created" in table(client.get(address(world, f"?start={start}")))
        assert "No changes in this period" in visible(client.get(address(world, f"?start={start}&end={start}")))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?start=2030-01-02T10:00&end=2030-01-01T10:00", "The period must start before it ends."),
        ("?start=yesterday", "Enter date and time as in 2026-05-02 14:30."),
    ],
)
def test_an_impossible_period_is_explained(world, query, message):
    answer = world.client().get(address(world, query))
    assert (answer.status_code, message in visible(answer)) == (200, True)


@pytest.mark.screen("1.4 history")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("watch", True),
        ("ROLE.NAME", True),
        ("alice archer", True),
        ('the "best"', True),
        ("nothing like it", False),
        ("%25", False),
    ],
)
def test_it_searches_attribute_values_and_person(world, words, found):
    save(world.client(), world.role, name="Watch", description='The "best" watch')
    page = visible(world.client().get(address(world, f"?q={words}")))
    assert ("Alice Archer UI" in page) == found


def test_searching_shows_only_the_lines_that_match(world):
    save(world.client(), world.role, name="Watch", description="Wakes")
    lines = table(world.client().get(address(world, "?q=wakes")))
    assert ("Wakes" in lines, "Role.name" in lines) == (True, False)


def test_an_event_with_very_many_lines_shows_the_first_and_leads_to_the_rest(world):
    save(world.client(), world.role, permission=list(permissions.TOGGLES))
    page = visible(world.client().get(address(world)))
    assert page.count("Role.permission") == 40
    assert "more attributes" in page


def test_it_pages_by_event(world):
    for number in range(30):
        roles.update(world.role, {"description": str(number)}, actor=world.actor)
    first = world.client().get(address(world))
    assert "31 events" in visible(first)
    assert visible(first).count("Role.description") == 25
    assert "Role – created" in table(world.client().get(address(world, "?page=2")))


def test_the_histories_of_others_are_not_mixed_in(world):
    other = world.draft("Other")
    save(world.client(), other, description="Mine alone")
    assert "Mine alone" not in visible(world.client().get(address(world)))
    event = AuditEvent.objects.filter(entity_id=other.pk).latest("at")
    assert world.client().get(address(world, f"{event.pk}/")).status_code == 404


@pytest.mark.screen("1.4 history")
def test_secrets_never_show(world):
    change(world.client(world.bob))
    assert not AuditEvent.objects.filter(changes_json__contains=GOOD).exists()


@pytest.mark.screen("1.4 history")
@pytest.mark.rule("R-AUD-6")
def test_it_is_read_only(world):
    event = AuditEvent.objects.filter(entity_id=world.role.pk).latest("at")
    for method in ("post", "put", "patch", "delete"):
        assert getattr(world.client(), method)(address(world, f"{event.pk}/")).status_code == 405


def test_entries_go_when_their_time_is_over(world, settings):
    settings.AUDIT_RETENTION_DAYS = 5
    save(world.client(), world.role, name="Watch")
    AuditEvent.objects.filter(entity_id=world.role.pk).exclude(changes_json__contains="Watch").update(
        at=clock.ago(days=6)
    )
    assert "created" in table(world.client().get(address(world)))
    audit.forget_old()
    kept = table(world.client().get(address(world)))
    assert "created" not in kept
    assert "Role.name Bob's role Watch" in kept
