"""Employees: the list and its bulk action (screens §5.1)."""

import re
from datetime import timedelta

import pytest

from accounts import queries
from accounts.actions import employees, locks, teams
from accounts.actors import Channel, system
from accounts.models import Employee, Role
from cxadmin import clock
from tests.world import hire, history_of, visible

ACME = "Acme Administrator"
VIEW, EDIT, CREATE, DELETE, INVITE = (
    f"admin.employees.{action}" for action in ("view", "edit", "create", "delete", "invite")
)


def names(response) -> list[str]:
    """The first column, from top to bottom."""
    return re.findall(r'(?s)<th scope="row">\s*<a [^>]*>(.*?)</a>', response.content.decode())


def fresh(employee):
    return Employee.objects.get(pk=employee.pk)


@pytest.fixture
def several(world):
    """Besides Alice and Bob: Dana (Not Invited), Eve (Pending), Finn (Locked), Gus (Inactive), Ida (by SCIM)."""
    for name, status in (("Dana Doe", "UNREGISTERED"), ("Eve Eden", "UNREGISTERED"), ("Finn Fox", "ACTIVE")):
        setattr(world, name[:4].strip().lower(), world.employee(name, status=status))
    employees.invite(world.eve, actor=world.actor)
    locks.lock_for_failed_logins(world.finn)
    world.gus = world.employee("Gus Green")
    employees.deactivate(world.gus, actor=world.actor)
    world.ida = managed(world)
    return world


def managed(world, name="Ida Imp"):
    """An employee that came through SCIM."""
    employee = world.employee(name)
    employees.update(employee, {"display_name": "By SCIM"}, actor=system(world.acme.pk, Channel.SCIM))
    return employee


@pytest.mark.screen("5.1 filters")
def test_it_lists_everybody_but_the_inactive_by_name(several):
    page = several.client().get("/admin/employees/")
    assert names(page) == [ACME, "Alice Archer", "Bob Brown", "Dana Doe", "Eve Eden", "Finn Fox", "Ida Imp"]
    assert "7 employees" in visible(page)
    assert "Charlie" not in visible(page)


@pytest.mark.screen("5.1 columns")
def test_a_row_shows_what_the_columns_say(several):
    text = visible(several.client().get("/admin/employees/?q=ida"))
    assert "Name Username Email Address Primary Role Team Status Actions" in text
    assert re.search(r"Ida Imp IdP ida@ ?acme.example ida@ ?acme.example Bob's role Default Team Active", text)


@pytest.mark.screen("5.1 search and sort")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=DELETED", ["Gus Green"]),
        ("status=UNREGISTERED&status=PENDING", ["Dana Doe", "Eve Eden"]),
        ("status=BLOCKED", ["Finn Fox"]),
        ("source=scim", ["Ida Imp"]),
        ("source=local&status=ACTIVE", [ACME, "Alice Archer", "Bob Brown"]),
        ("source=nonsense&status=nonsense&role=nonsense", None),
        ("q=DOE", ["Dana Doe"]),
        ("q=eve@acme", ["Eve Eden"]),
        ("sort=-name&status=ACTIVE", ["Ida Imp", "Bob Brown", "Alice Archer", ACME]),
    ],
)
def test_it_can_be_searched_filtered_and_sorted(several, query, found):
    answer = several.client().get(f"/admin/employees/?{query}")
    assert answer.status_code == 200
    assert names(answer) == found if found else len(names(answer)) == 7


@pytest.mark.screen("5.1 search and sort")
def test_it_is_searched_by_an_address_that_differs_from_the_username(several):
    employees.update(several.dana, {"email": "other@x.example"}, actor=several.actor)
    assert names(several.client().get("/admin/employees/?q=other@X")) == ["Dana Doe"]


@pytest.mark.screen("5.1 search and sort")
@pytest.mark.parametrize("column", ["name", "username", "email", "role", "team", "status"])
def test_every_column_but_actions_sorts_both_ways(several, column):
    forth = names(several.client().get(f"/admin/employees/?sort={column}"))
    back = names(several.client().get(f"/admin/employees/?sort=-{column}"))
    assert forth == back[::-1]
    assert len(forth) == 7


@pytest.mark.screen("5.1 filters")
def test_the_filters_offer_the_tenants_own_roles_and_teams(several):
    page = several.client().get("/admin/employees/").content.decode()
    strange = Role.objects.filter(business_unit=several.strange).values_list("pk", flat=True)
    assert str(several.role.pk) in page
    assert not any(str(pk) in page for pk in strange)
    found = several.client().get(f"/admin/employees/?role={several.alice.primary_role_id}")
    assert names(found) == [ACME, "Alice Archer"]
    assert len(names(several.client().get(f"/admin/employees/?team={several.alice.team_id}"))) == 7


@pytest.mark.screen("5.1 columns")
def test_each_status_has_its_word_and_colour(several):
    page = several.client().get("/admin/employees/?" + "&".join(f"status={value}" for value in Employee.Status.values))
    chips = set(re.findall(r'<td class="narrow"><span class="chip chip-(\w+)">([^<]*)</span>', page.content.decode()))
    assert chips == {
        ("blue", "Not Invited"),
        ("amber", "Pending"),
        ("green", "Active"),
        ("red", "Locked"),
        ("grey", "Inactive"),
    }


@pytest.mark.screen("5.1 empty")
def test_without_anybody_to_see_it_says_so(world, monkeypatch):
    """Who looks at the list is in it, so the records are taken away behind it."""
    monkeypatch.setattr(queries, "employees", lambda _unit: Employee.objects.none())
    assert "No employees yet Create Employee" in visible(world.client().get("/admin/employees/"))


@pytest.mark.parametrize("words", ["%25", "_", "%00", "x" * 5000, "\U0001f600"])
def test_no_search_breaks_the_list(several, words):
    answer = several.client().get(f"/admin/employees/?q={words}")
    assert answer.status_code == 200
    assert ("Nothing matches your search" in visible(answer)) == (words != "%00")


@pytest.mark.rule("R-LOCK-3")
def test_a_lock_whose_time_is_over_is_gone_from_the_list(several, time_machine):
    time_machine.move_to(clock.now() + timedelta(seconds=61))
    assert names(several.client().get("/admin/employees/?status=BLOCKED")) == []


def test_it_costs_the_same_however_many_there_are(world, django_assert_max_num_queries):
    client = world.client()
    client.get("/admin/employees/")
    with django_assert_max_num_queries(30) as few:
        client.get("/admin/employees/?per=100")
    for number in range(98):
        hire(world.acme, f"Person{number} Example", world.role)
    with django_assert_max_num_queries(30) as many:
        page = client.get("/admin/employees/?per=100")
    assert len(names(page)) == 100
    assert len(many) == len(few)


# What the actor may


@pytest.mark.screen("5.1 row menu")
def test_buttons_and_menus_follow_the_permissions(several):
    page = several.bob_may(VIEW).get("/admin/employees/")
    for word in ("Create Employee", "Reset P/W", "Deactivate", "Unlock User"):
        assert word not in visible(page)
    assert "/invite/" not in page.content.decode()
    assert "/invite/" in several.bob_may(VIEW, INVITE).get("/admin/employees/").content.decode()
    assert "Unlock User" in visible(several.bob_may(VIEW, EDIT).get("/admin/employees/"))
    assert "Reset P/W" in visible(several.bob_may(VIEW, "admin.can_manage_passwords.on").get("/admin/employees/"))
    page = several.bob_may(VIEW, DELETE).get("/admin/employees/")
    assert "Deactivate" in visible(page)
    assert 'name="employee"' in page.content.decode()


@pytest.mark.screen("5.1 buttons")
@pytest.mark.rule("R-EMP-10")
@pytest.mark.parametrize(
    "missing", [CREATE, "admin.can_manage_passwords.on", "admin.role_management.user_assignment", None]
)
def test_creating_takes_three_permissions(world, missing):
    held = {VIEW, CREATE, "admin.can_manage_passwords.on", "admin.role_management.user_assignment"} - {missing}
    page = visible(world.bob_may(*held).get("/admin/employees/"))
    assert ("Create Employee" in page) == (missing is None)


@pytest.mark.screen("5.1 row menu")
@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("alice", ["Reset P/W", "Deactivate"]),
        ("dana", ["Deactivate"]),
        ("finn", ["Reset P/W", "Unlock User", "Deactivate"]),
        ("gus", ["Reactivate"]),
    ],
)
def test_the_menu_offers_what_the_status_allows(several, name, offered):
    page = several.client().get(
        f"/admin/employees/?q={name}&status=DELETED&status=ACTIVE&status=BLOCKED&status=UNREGISTERED"
    )
    menu = re.search(r'(?s)role="menu"(.*?)</div>', page.content.decode())[1]
    words = re.sub(r"(?s)<[^>]*>", " ", menu)
    assert [word for word in ("Reset P/W", "Unlock User", "Deactivate", "Reactivate") if word in words] == offered


@pytest.mark.screen("5.1 managed")
@pytest.mark.rule("R-SCIM-9")
def test_the_status_of_a_managed_employee_is_the_providers(several):
    page = visible(several.client().get("/admin/employees/?q=ida"))
    assert "Deactivate Status is managed by your identity provider." in page
    answer = several.client().post(f"/admin/employees/{several.ida.pk}/deactivate/")
    assert (answer.status_code, "Status is managed by your identity provider." in visible(answer)) == (422, True)
    assert fresh(several.ida).status == "ACTIVE"


# Several at once


def deactivate(client, *people, **more):
    return client.post("/admin/employees/deactivate/", {"employee": [person.pk for person in people], **more})


@pytest.mark.screen("5.1 bulk")
def test_ticked_rows_are_deactivated_after_one_question(several):
    client = several.client()
    asked = client.get("/admin/employees/deactivate/", {"employee": [several.dana.pk, several.finn.pk]})
    assert "Deactivate 2 employees? Dana Doe dana@acme.example Finn Fox finn@acme.example" in visible(asked)
    assert fresh(several.dana).status == "UNREGISTERED"
    answer = deactivate(client, several.dana, several.finn, next="/admin/employees/?q=o")
    assert answer.url == "/admin/employees/?q=o"
    assert "2 employees deactivated" in visible(client.get(answer.url))
    assert {fresh(several.dana).status, fresh(several.finn).status} == {"DELETED"}


@pytest.mark.screen("5.1 bulk")
@pytest.mark.rule("R-EMP-8")
def test_those_that_cannot_be_done_stay_ticked_and_are_listed_with_the_reason(several):
    client = several.client()
    answer = deactivate(client, several.alice, several.ida, several.dana, next="/admin/employees/?q=a&page=1")
    text = visible(answer)
    assert "1 employee was deactivated, these were not:" in text
    assert "Alice Archer You cannot deactivate your own account." in text
    assert "Ida Imp Status is managed by your identity provider." in text
    back = re.search(r'href="([^"]*employee=[^"]*)"', answer.content.decode())[1].replace("&amp;", "&")
    page = client.get(back).content.decode()
    ticked = re.findall(r'(?s)value="([0-9a-f-]{36})"[^>]*form="tick-form"[^>]*checked', page)
    assert set(ticked) == {str(several.alice.pk), str(several.ida.pk)}


@pytest.mark.screen("5.1 bulk")
def test_at_most_twenty_are_deactivated_at_once(world):
    people = [hire(world.acme, f"Person{number} Example", world.role) for number in range(21)]
    answer = deactivate(world.client(), *people)
    assert (answer.status_code, "Deactivate at most 20 employees at once." in visible(answer)) == (422, True)
    assert not Employee.objects.filter(status="DELETED").exists()
    assert deactivate(world.client(), *people[1:]).status_code == 302
    assert Employee.objects.filter(status="DELETED").count() == 20


def test_without_a_tick_it_says_so(world):
    assert "Tick the employees to deactivate first." in visible(deactivate(world.client()))


@pytest.mark.parametrize("tenant", ["strange", "none", "nonsense"])
def test_strangers_are_not_found_and_nobody_is_deactivated(world, tenant):
    wanted = {"strange": world.charlie.pk, "none": "0" * 32, "nonsense": "x"}[tenant]
    answer = world.client().post("/admin/employees/deactivate/", {"employee": [world.bob.pk, wanted]})
    assert answer.status_code == 404
    assert {fresh(world.bob).status, fresh(world.charlie).status} == {"ACTIVE"}


# Another team for several


def move(client, team, *people, **more):
    values = {"employee": [person.pk for person in people], "team": team.pk if team else "", **more}
    return client.post("/admin/employees/team/", values)


@pytest.fixture
def blue(world):
    return teams.create({"name": "Blue Team"}, actor=world.actor)


@pytest.mark.screen("5.1 team of several")
def test_ticked_rows_are_moved_to_another_team(several, blue):
    client = several.client()
    assert "Change Team" in visible(client.get("/admin/employees/"))
    asked = client.get("/admin/employees/team/", {"employee": [several.dana.pk, several.finn.pk]})
    assert "Move 2 employees to another team." in visible(asked)
    assert "Blue Team" in asked.content.decode()
    answer = move(client, blue, several.dana, several.finn, next="/admin/employees/?q=o")
    assert answer.url == "/admin/employees/?q=o"
    assert "2 employees moved" in client.get(answer.url).content.decode()
    assert {fresh(several.dana).team, fresh(several.finn).team} == {blue}
    assert ("User.team", "Default Team", "Blue Team") in history_of(several.dana)
    assert ("Team.assignedUser", "", "Dana Doe") in history_of(blue)


@pytest.mark.screen("5.1 team of several")
def test_those_that_cannot_be_moved_are_listed_and_stay_ticked(several, blue):
    answer = move(several.client(), blue, several.dana, several.gus)
    assert "1 employee was moved, these were not: Gus Green This employee is inactive." in visible(answer)
    assert f"?employee={several.gus.pk}" in answer.content.decode()
    assert fresh(several.gus).team != blue
    assert fresh(several.dana).team == blue


def test_moving_asks_for_an_active_team_of_the_tenant(several, blue):
    client = several.client()
    answer = move(client, None, several.dana)
    assert (answer.status_code, "New team is required." in visible(answer)) == (422, True)
    teams.update(blue, {"status": "INACTIVE"}, actor=several.actor)
    for other in (blue, several.charlie.team):
        answer = move(client, other, several.dana)
        assert (answer.status_code, "Choose an active team." in visible(answer)) == (422, True)
    assert fresh(several.dana).team.name == "Default Team"


@pytest.mark.screen("5.1 team of several")
def test_at_most_twenty_are_moved_at_once_and_no_strangers(several, blue):
    client = several.client()
    crowd = [several.employee(f"Person{n} Example") for n in range(21)]
    answer = move(client, blue, *crowd)
    assert (answer.status_code, "Move at most 20 employees at once." in visible(answer)) == (422, True)
    assert "Tick the employees to move first." in visible(move(client, blue))
    assert move(client, blue, several.charlie).status_code == 404
    assert not Employee.objects.filter(team=blue).exists()


def test_moving_needs_the_right_to_edit_teams_and_employees(several):
    for held in ((VIEW, EDIT), (VIEW, "admin.teams.edit")):
        assert "Change Team" not in visible(several.bob_may(*held).get("/admin/employees/"))
    page = several.bob_may(VIEW, EDIT, "admin.teams.edit").get("/admin/employees/")
    assert "Change Team" in visible(page)
    assert 'name="employee"' in page.content.decode()
