"""The role page: the tab Assigned Users and the Add Users window (screens §4.2, §1.4)."""

import re

import pytest

from accounts.actions import employees
from accounts.models import Employee
from tests.accounts.test_role_page import save
from tests.world import history_of, visible

DIALOG = {"HX-Request": "true", "HX-Target": "dialog"}


def offered(response) -> list[str]:
    return re.findall(r'aria-label="([^"]+)"\s+data-username', response.content.decode())


@pytest.fixture
def team(world):
    """Dana and Dora beside Bob; and a role to give them."""
    world.dana, world.dora = world.employee("Dana Doe"), world.employee("Dora Day")
    world.other = world.draft("Other", activate=True)
    return world


@pytest.mark.screen("4.2 assigned users")
def test_the_tab_lists_who_has_it_as_primary_role(team):
    page = visible(team.client().get(f"/admin/roles/{team.role.pk}/users/"))
    assert "3 employees" in page
    assert "Bob Brown bob@acme.example Default Team Active" in page
    assert "Alice" not in page.split("Assigned Users")[1]


def test_it_searches_name_and_username(team):
    page = visible(team.client().get(f"/admin/roles/{team.role.pk}/users/?q=DANA@"))
    assert ("1 employee" in page, "Dana Doe" in page, "Bob Brown" in page) == (True, True, False)


def test_the_role_page_loads_it_when_the_tab_opens(team):
    page = team.client().get(f"/admin/roles/{team.role.pk}/").content.decode()
    assert f'hx-get="/admin/roles/{team.role.pk}/users/"' in page
    fragment = team.client().get(f"/admin/roles/{team.role.pk}/users/", headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode()
    assert "toolbar" in fragment.content.decode()


@pytest.mark.screen("1.4 assign dialog")
def test_add_users_offers_everybody_who_can_get_the_role(team):
    employees.deactivate(team.dora, actor=team.actor)
    answer = team.client().get(f"/admin/roles/{team.other.pk}/users/add/", headers=DIALOG)
    assert sorted(offered(answer)) == ["Acme Administrator", "Bob Brown", "Dana Doe"]
    assert "Selected ( 0 )" in visible(answer)
    assert "Cancel Confirm" in visible(answer)
    assert offered(team.client().get(f"/admin/roles/{team.other.pk}/users/add/?q=dana", headers=DIALOG)) == ["Dana Doe"]


def test_without_scripts_the_window_is_a_page_that_keeps_who_was_ticked(team):
    page = team.client().get(f"/admin/roles/{team.other.pk}/users/add/?add={team.dana.pk}")
    assert "Selected ( 1 ) Dana Doe" in visible(page)
    back = team.client().get(f"/admin/roles/{team.other.pk}/?tab=users&add={team.dana.pk}")
    assert f'name="add" value="{team.dana.pk}"' in re.sub(r"\s+", " ", back.content.decode())
    assert Employee.objects.get(pk=team.dana.pk).primary_role == team.role


@pytest.mark.screen("4.2 assigned users")
@pytest.mark.rule("R-ROLE-9")
def test_save_makes_it_their_primary_role(team):
    employees.update(team.dana, {"secondary_roles": [team.other]}, actor=team.actor)
    answer = save(team.client(), team.other, add=[str(team.dana.pk), str(team.dora.pk)], tab="users")
    assert answer.url == f"/admin/roles/{team.other.pk}/?tab=users"
    for employee in (team.dana, team.dora):
        employee.refresh_from_db()
        assert (employee.primary_role, list(employee.secondary_roles.all())) == (team.other, [])
    assert ("Role.assignedUser", "", "Dana Doe") in history_of(team.other)
    assert ("User.primaryRole", "Bob's role", "Other") in history_of(team.dana)


@pytest.mark.screen("4.2 assigned users")
@pytest.mark.rule("R-ROLE-7")
def test_only_an_active_role_can_be_given(team):
    draft = team.draft("Draft role")
    page = team.client().get(f"/admin/roles/{draft.pk}/")
    assert "Add Users Activate the role first" in visible(page)
    assert re.search(r'(?s)<button[^>]*disabled[^>]*aria-describedby="activate-first"', page.content.decode())
    answer = save(team.client(), draft, add=[str(team.dana.pk)])
    assert (answer.status_code, "Activate the role first" in visible(answer)) == (422, True)
    assert Employee.objects.get(pk=team.dana.pk).primary_role == team.role


def test_save_and_activate_can_give_it_at_once(team):
    draft = team.draft("Draft role")
    save(team.client(), draft, add=[str(team.dana.pk)], activate="true")
    assert Employee.objects.get(pk=team.dana.pk).primary_role == draft


def test_a_refused_save_keeps_who_was_added(team):
    answer = save(team.client(), team.other, name="a/b", add=[str(team.dana.pk)])
    assert answer.status_code == 422
    assert str(team.dana.pk) in answer.content.decode()


def test_strangers_cannot_be_added(team):
    assert save(team.client(), team.other, add=[str(team.charlie.pk)]).status_code == 404
    assert save(team.client(), team.other, add=["nonsense"]).status_code == 404
    assert team.client().get(f"/admin/roles/{team.other.pk}/users/add/?add={team.charlie.pk}").status_code == 404


def test_nobody_changes_the_own_primary_role(team):
    answer = save(team.client(), team.other, add=[str(team.alice.pk)])
    assert "You cannot change your own primary role." in visible(answer)


@pytest.mark.screen("4.2 assigned users")
def test_add_users_needs_its_permission(team):
    client = team.bob_may("admin.role_management.view", "admin.role_management.edit")
    assert "Add Users" not in visible(client.get(f"/admin/roles/{team.other.pk}/"))
    assert save(client, team.other, add=[str(team.dana.pk)]).status_code == 403


@pytest.mark.rule("R-ROLE-12")
def test_giving_it_to_the_last_who_can_edit_roles_is_refused(team):
    Employee.objects.filter(username="admin@acme.example").update(status="DELETED")
    carol = team.employee(
        "Carol Cole",
        primary_role=team.draft(
            "Helper", "admin.role_management.user_assignment", "admin.role_management.view", activate=True
        ),
    )
    answer = save(team.client(carol), team.other, add=[str(team.alice.pk)])
    assert "At least one active employee must be able to edit roles." in visible(answer)


def test_a_longer_list_costs_no_more_statements(team, django_assert_max_num_queries):
    client, address = team.client(), f"/admin/roles/{team.role.pk}/users/?per=100"
    client.get(address)
    with django_assert_max_num_queries(10) as few:
        client.get(address)
    for number in range(40):
        team.employee(f"N{number} Doe")
    with django_assert_max_num_queries(len(few)):
        client.get(address)
