"""Teams: the list, Duplicate, Deactivate and Reactivate (screens §7)."""

import re

import pytest

from accounts.actions import employees, teams
from accounts.models import Employee, Team
from tests.accounts.test_role_list import names
from tests.world import history_of, visible

HTMX = {"HX-Request": "true", "HX-Target": "dialog", "HX-Current-URL": "http://testserver/admin/teams/?q=blue"}
VIEW, CREATE, DEACTIVATE = (f"admin.teams.{action}" for action in ("view", "create", "deactivate"))


@pytest.fixture
def several(world):
    """Blue (led by Alice, Bob in it), Default Team, Green (Inactive); and one of strangers."""
    world.blue = teams.create({"name": "blue", "description": "Sea", "lead": world.alice}, actor=world.actor)
    world.green = teams.create({"name": "Green", "status": "INACTIVE"}, actor=world.actor)
    teams.create({"name": "Strangers"}, actor=world.strange_actor)
    teams.move([world.bob], world.blue, actor=world.actor)
    return world


def status(team):
    return Team.objects.get(pk=team.pk).status


@pytest.mark.screen("7 list")
def test_it_opens_with_the_active_teams_by_name(several):
    page = several.client().get("/admin/teams/")
    assert names(page)[0] == "blue"
    text = visible(page)
    assert "2 teams" in text
    assert "Team Name Team Lead Users Status Last Modified Actions" in text
    assert re.search(r"blue Alice Archer 1 Active \d{4}-\d\d-\d\d", text)
    assert re.search(r"Default Team Default 2 Active", text)
    assert "Green" not in text
    assert "Strangers" not in text


@pytest.mark.screen("7 list")
@pytest.mark.parametrize(
    ("query", "shown"), [("status=INACTIVE", 1), ("status=ACTIVE&status=INACTIVE", 3), ("status=x", 2)]
)
def test_the_status_filter(several, query, shown):
    assert len(names(several.client().get(f"/admin/teams/?{query}"))) == shown


@pytest.mark.screen("7 list")
@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("sort=-name", "Green"),
        ("sort=-users", "Default Team"),
        ("sort=users", "Green"),
        ("sort=-status", "Green"),
        ("sort=-modified", "Green"),
    ],
)
def test_the_columns_sort(several, query, first):
    page = several.client().get(f"/admin/teams/?status=ACTIVE&status=INACTIVE&{query}")
    assert names(page)[0].startswith(first)


@pytest.mark.screen("7 list")
def test_it_sorts_by_the_name_of_the_lead(several):
    teams.update(several.alice.team, {"lead": several.bob}, actor=several.actor)
    assert names(several.client().get("/admin/teams/?sort=lead"))[0] == "blue"
    assert names(several.client().get("/admin/teams/?sort=-lead"))[0].startswith("Default Team")


@pytest.mark.screen("7 list")
def test_the_search_looks_at_the_name(several):
    assert names(several.client().get("/admin/teams/?q=BLU")) == ["blue"]
    assert "Nothing matches your search" in visible(several.client().get("/admin/teams/?q=alice"))
    assert several.client().get("/admin/teams/?q=%00%25").status_code == 200


def items(response) -> set[str]:
    return set(re.findall(r'(?s)role="menuitem".*?</svg>\s*(\w+)', response.content.decode()))


@pytest.mark.screen("7 list")
def test_buttons_and_row_menu_follow_the_permissions(several):
    page = several.bob_may(VIEW).get("/admin/teams/")
    assert ("New Team" in visible(page), items(page)) == (False, set())
    page = several.bob_may(VIEW, CREATE, DEACTIVATE).get("/admin/teams/?q=blue")
    assert ("New Team" in visible(page), items(page)) == (True, {"Duplicate", "Deactivate"})
    page = several.bob_may(VIEW, CREATE, DEACTIVATE).get("/admin/teams/?status=INACTIVE")
    assert items(page) == {"Duplicate", "Reactivate"}


def test_the_menu_entry_is_shown_to_whoever_may_see_teams(several):
    assert 'href="/admin/teams/"' in several.bob_may(VIEW).get("/me/").content.decode()
    assert 'href="/admin/teams/"' not in several.bob_may().get("/me/").content.decode()


@pytest.mark.screen("7 transitions")
def test_an_empty_team_is_deactivated_and_reactivated(several):
    client = several.client()
    teams.move([several.bob], several.alice.team, actor=several.actor)
    address = f"/admin/teams/{several.blue.pk}/"
    assert "Deactivate blue?" in visible(client.get(f"{address}deactivate/", headers=HTMX))
    assert status(several.blue) == "ACTIVE"
    answer = client.post(f"{address}deactivate/", {"next": "/admin/teams/?q=blue"}, headers=HTMX)
    assert answer["HX-Redirect"] == "/admin/teams/?q=blue"
    assert status(several.blue) == "INACTIVE"
    assert "Team deactivated" in visible(client.get("/admin/teams/"))
    assert client.post(f"{address}deactivate/").status_code == 302
    assert client.post(f"{address}reactivate/").status_code == 302
    assert status(several.blue) == "ACTIVE"
    assert [entry for entry in history_of(several.blue) if entry[0] == "Team.status"] == [
        ("Team.status", "ACTIVE", "INACTIVE"),
        ("Team.status", "INACTIVE", "ACTIVE"),
    ]


@pytest.mark.screen("7 transitions")
@pytest.mark.rule("R-TEAM-3")
def test_a_team_with_employees_who_are_not_inactive_stays_active(several):
    address = f"/admin/teams/{several.blue.pk}/deactivate/"
    answer = several.client().post(address, headers=HTMX)
    assert (answer.status_code, status(several.blue)) == (422, "ACTIVE")
    assert "1 active employee belongs to this team." in visible(answer)
    several.employee(team=several.blue)
    assert "2 active employees belong to this team." in visible(several.client().post(address))
    for employee in Employee.objects.filter(team=several.blue):
        employees.deactivate(employee, actor=several.actor)
    assert several.client().post(address).status_code == 302
    assert status(several.blue) == "INACTIVE"


@pytest.mark.screen("7 transitions")
@pytest.mark.rule("R-TEAM-3")
def test_the_default_team_stays_active(several):
    default = several.alice.team
    answer = several.client().post(f"/admin/teams/{default.pk}/deactivate/")
    assert (answer.status_code, status(default)) == (422, "ACTIVE")
    assert "The default team cannot be deactivated." in visible(answer)
    page = several.client().get("/admin/teams/?q=default").content.decode()
    assert re.search(r'(?s)aria-disabled="true".*?The default team cannot be deactivated\.', page)


@pytest.mark.screen("7 duplicate")
def test_duplicate_opens_an_inactive_copy_with_the_settings_and_nobody_in_it(several):
    settings = {"chatThreshold": 3, "qm2Enabled": True, "unavailableCodes": [1, 4]}
    teams.update(several.blue, {"acd_settings": settings}, actor=several.actor)
    answer = several.client().post(f"/admin/teams/{several.blue.pk}/duplicate/", {"name": "Copy"})
    copy = Team.objects.get(name="Copy")
    assert answer.url == f"/admin/teams/{copy.pk}/"
    assert (copy.description, copy.lead, copy.status, copy.is_default) == ("Sea", several.alice, "INACTIVE", False)
    assert copy.acd_settings == settings
    assert not Employee.objects.filter(team=copy).exists()
    assert ("Team.unavailableCode", "", "Break, Training") in history_of(copy)


@pytest.mark.parametrize(
    ("name", "message"), [("", "Team Name is required."), ("GREEN", "Team Name is already in use."), ("x" * 51, "50")]
)
def test_the_name_of_a_copy_follows_the_same_rules(several, name, message):
    answer = several.client().post(f"/admin/teams/{several.blue.pk}/duplicate/", {"name": name}, headers=HTMX)
    assert (answer.status_code, message in visible(answer)) == (422, True)
    assert Team.objects.filter(business_unit=several.acme).count() == 3


def test_a_lead_who_has_left_is_not_copied(several):
    Employee.objects.filter(pk=several.alice.pk).update(status="DELETED")
    several.alice.status = "ACTIVE"
    dana = several.employee(primary_role=several.alice.primary_role)
    several.client(dana).post(f"/admin/teams/{several.blue.pk}/duplicate/", {"name": "Copy"})
    assert Team.objects.get(name="Copy").lead is None


def test_a_longer_list_costs_no_more_statements(several, django_assert_max_num_queries):
    client = several.client()
    client.get("/admin/teams/?per=100")
    with django_assert_max_num_queries(10) as few:
        client.get("/admin/teams/?per=100")
    for number in range(60):
        teams.create({"name": f"Team {number}", "lead": several.bob}, actor=several.actor)
    with django_assert_max_num_queries(len(few)):
        client.get("/admin/teams/?per=100")
