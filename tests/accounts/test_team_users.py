"""The team page: the tab Assigned Users, Add Users and Remove (screens §7)."""

import pytest

from accounts.actions import employees, teams
from accounts.models import Employee, Team
from tests.accounts.test_role_users import DIALOG, offered
from tests.accounts.test_team_page import save
from tests.world import history_of, visible

VIEW, EDIT, EDIT_EMPLOYEES = "admin.teams.view", "admin.teams.edit", "admin.employees.edit"


@pytest.fixture
def blue(world):
    """The team Blue with Bob in it; Dana and Dora in the Default Team; Red is Inactive."""
    world.dana, world.dora = world.employee("Dana Doe"), world.employee("Dora Day")
    world.blue = teams.create({"name": "Blue"}, actor=world.actor)
    world.red = teams.create({"name": "Red", "status": "INACTIVE"}, actor=world.actor)
    teams.move([world.bob], world.blue, actor=world.actor)
    world.default = world.alice.team
    return world


def team_of(employee):
    return Employee.objects.get(pk=employee.pk).team


def test_the_tab_lists_who_belongs_to_it(blue):
    page = visible(blue.client().get(f"/admin/teams/{blue.blue.pk}/users/"))
    assert "1 employee" in page
    assert "Bob Brown bob@acme.example Bob's role Active Remove" in page
    assert "Dana" not in page
    assert "Nobody belongs to this team yet" in visible(blue.client().get(f"/admin/teams/{blue.red.pk}/users/"))
    found = visible(blue.client().get(f"/admin/teams/{blue.default.pk}/users/?q=dana"))
    assert ("Dana Doe" in found, "Dora" in found) == (True, False)


def test_add_users_offers_everybody_of_other_teams_who_is_not_inactive(blue):
    employees.deactivate(blue.dora, actor=blue.actor)
    answer = blue.client().get(f"/admin/teams/{blue.blue.pk}/users/add/", headers=DIALOG)
    assert sorted(offered(answer)) == ["Acme Administrator", "Alice Archer", "Dana Doe"]


@pytest.mark.screen("7 assigned users", "7 audit")
def test_save_moves_them_here_and_both_teams_and_they_say_so(blue):
    answer = save(blue.client(), blue.blue, add=[str(blue.dana.pk), str(blue.dora.pk)], tab="users")
    assert answer.url == f"/admin/teams/{blue.blue.pk}/?tab=users"
    assert {team_of(blue.dana), team_of(blue.dora)} == {blue.blue}
    assert history_of(blue.blue)[-2:] == [
        ("Team.assignedUser", "", "Dana Doe"),
        ("Team.assignedUser", "", "Dora Day"),
    ]
    assert ("Team.assignedUser", "Dana Doe", "") in history_of(blue.default)
    assert ("User.team", "Default Team", "Blue") in history_of(blue.dana)


def test_moving_employees_overtakes_nobody_who_edits_the_team(blue):
    version = Team.objects.get(pk=blue.blue.pk).version
    teams.move([blue.dana], blue.blue, actor=blue.actor)
    assert Team.objects.get(pk=blue.blue.pk).version == version


def test_an_inactive_team_takes_nobody(blue):
    page = visible(blue.client().get(f"/admin/teams/{blue.red.pk}/"))
    assert "Add Users Activate the team first" in page
    answer = save(blue.client(), blue.red, add=[str(blue.dana.pk)])
    assert (answer.status_code, "Activate the team first" in visible(answer)) == (422, True)
    assert team_of(blue.dana) == blue.default
    assert save(blue.client(), blue.red, add=[str(blue.dana.pk)], activate="true").status_code == 302
    assert team_of(blue.dana) == blue.red


def test_a_refused_save_keeps_who_was_added_and_moves_nobody(blue):
    answer = save(blue.client(), blue.blue, name="", add=[str(blue.dana.pk)])
    assert answer.status_code == 422
    assert str(blue.dana.pk) in answer.content.decode()
    assert team_of(blue.dana) == blue.default


def test_strangers_cannot_be_added(blue):
    assert save(blue.client(), blue.blue, add=[str(blue.charlie.pk)]).status_code == 404
    assert save(blue.client(), blue.blue, add=["nonsense"]).status_code == 404


@pytest.mark.screen("7 assigned users")
def test_moving_needs_both_permissions(blue):
    client = blue.bob_may(VIEW, EDIT)
    assert "Add Users" not in visible(client.get(f"/admin/teams/{blue.blue.pk}/"))
    assert "Remove" not in visible(client.get(f"/admin/teams/{blue.blue.pk}/users/"))
    assert save(client, blue.blue, add=[str(blue.dana.pk)]).status_code == 403
    assert team_of(blue.dana) == blue.default
    client = blue.bob_may(VIEW, EDIT, EDIT_EMPLOYEES)
    assert save(client, blue.blue, add=[str(blue.dana.pk)]).status_code == 302


@pytest.mark.screen("7 assigned users")
@pytest.mark.rule("R-TEAM-1")
def test_remove_asks_for_the_new_team_and_moves_there(blue):
    client, address = blue.client(), f"/admin/teams/{blue.blue.pk}/users/{blue.bob.pk}/remove/"
    asked = client.get(address, headers=DIALOG)
    assert "Choose the one that Bob Brown belongs to from now on." in visible(asked)
    options = asked.content.decode()
    assert ("Default Team" in options, ">Blue<" in options, ">Red<" in options) == (True, False, False)
    answer = client.post(address, {"team": ""}, headers=DIALOG)
    assert (answer.status_code, "New team is required." in visible(answer)) == (422, True)
    back = f"/admin/teams/{blue.blue.pk}/?tab=users"
    assert client.post(address, {"team": str(blue.default.pk), "next": back}).url == back
    assert team_of(blue.bob) == blue.default
    assert "Bob Brown now belongs to Default Team" in visible(client.get(back))
    assert history_of(blue.blue)[-1] == ("Team.assignedUser", "Bob Brown", "")
    assert history_of(blue.default)[-1] == ("Team.assignedUser", "", "Bob Brown")
    assert client.post(address, {"team": str(blue.default.pk)}).status_code == 404


@pytest.mark.rule("R-TEAM-1")
@pytest.mark.parametrize("which", ["same", "inactive", "strange", "nonsense"])
def test_the_new_team_must_be_another_active_one_of_the_tenant(blue, which):
    given = {
        "same": str(blue.blue.pk),
        "inactive": str(blue.red.pk),
        "strange": str(blue.charlie.team_id),
        "nonsense": "x",
    }[which]
    answer = blue.client().post(f"/admin/teams/{blue.blue.pk}/users/{blue.bob.pk}/remove/", {"team": given})
    assert (answer.status_code, "Choose an active team." in visible(answer)) == (422, True)
    assert team_of(blue.bob) == blue.blue


def test_only_members_can_be_removed(blue):
    for employee in (blue.dana, blue.charlie):
        url = f"/admin/teams/{blue.blue.pk}/users/{employee.pk}/remove/"
        assert blue.client().post(url, {"team": str(blue.default.pk)}).status_code == 404


def test_a_longer_list_costs_no_more_statements(blue, django_assert_max_num_queries):
    client, address = blue.client(), f"/admin/teams/{blue.default.pk}/users/?per=100"
    client.get(address)
    with django_assert_max_num_queries(10) as few:
        client.get(address)
    for number in range(30):
        blue.employee(f"N{number} Doe")
    with django_assert_max_num_queries(len(few)):
        client.get(address)
