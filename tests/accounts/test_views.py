"""Views: the list, the page, and what they hide (screens §11, R-VIEW)."""

import re

import pytest

from accounts import queries
from accounts.actions import employees, groups, locks, roles, teams, templates, views
from accounts.models import Employee, EmployeeTemplate, EmployeeView, View
from tests.accounts.test_employee_list import names
from tests.pages import form_in
from tests.world import history_of, visible

LIST = "/admin/views/"
VIEW, CREATE, EDIT, DELETE = (f"admin.view_management.{action}" for action in ("view", "create", "edit", "delete"))
SEES = ("admin.employees.view", "admin.employees.edit", "admin.role_management.view")


def view(world, name="Blue only", kind=View.Type.USER_DATA, **values):
    given = {"name": name, "type": kind, "teams": [queries.default_team(world.acme.pk)]}
    return views.create(given | values, actor=world.actor)


def limit(world, *given, who=None):
    employees.update(who or world.bob, {"views": list(given)}, actor=world.actor)


@pytest.fixture
def blue(world):
    """The team Blue with Dana in it; Bob sees only Blue."""
    world.team = teams.create({"name": "Blue"}, actor=world.actor)
    world.dana = world.employee(team=world.team)
    world.view = view(world, teams=[world.team])
    limit(world, world.view)
    return world


# The list


@pytest.mark.screen("11 list")
def test_it_lists_the_views_with_whom_they_limit(blue):
    view(blue, "Roles too", View.Type.ROLES, roles=[blue.role])
    page = blue.client().get(LIST)
    assert "View Name Type Employees Last Modified Actions" in visible(page)
    assert re.search(r"Blue only User data 1 \d{4}", visible(page))
    assert re.search(r"Roles too Roles 0 \d{4}", visible(page))
    assert "2 views" in visible(page)
    assert "No views yet New View" in visible(blue.client(blue.charlie).get(LIST))


@pytest.mark.screen("11 list")
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=BLUE", ["Blue only"]),
        ("type=ROLES", ["Roles too"]),
        ("type=nonsense&sort=-name", ["Roles too", "Blue only"]),
        ("sort=-users", ["Blue only", "Roles too"]),
        ("type=EVALUATION", []),
    ],
)
def test_it_is_searched_filtered_and_sorted(blue, query, shown):
    view(blue, "Roles too", View.Type.ROLES, roles=[blue.role])
    assert names(blue.client().get(f"{LIST}?{query}")) == shown


def test_a_longer_list_costs_no_more_statements(world, django_assert_max_num_queries):
    client = world.client()
    view(world)
    with django_assert_max_num_queries(10) as few:
        client.get(f"{LIST}?per=100")
    for number in range(30):
        view(world, f"Number {number}")
    with django_assert_max_num_queries(len(few)):
        assert len(names(client.get(f"{LIST}?per=100"))) == 31


@pytest.mark.screen("11 list")
@pytest.mark.parametrize(("granted", "offered"), [((), set()), ((DELETE,), {"Delete"})])
def test_buttons_and_row_menu_follow_the_permissions(blue, granted, offered):
    page = blue.bob_may(VIEW, *granted).get(LIST)
    assert "New View" not in visible(page)
    assert set(re.findall(r'(?s)role="menuitem".*?</svg>\s*(\w+)', page.content.decode())) == offered


@pytest.mark.screen("11 list", "11 audit")
def test_deleting_says_whom_it_frees(blue):
    client = blue.client()
    templates.create(
        {"name": "Night", "ignored": ["team", "primary_role"], "views": [blue.view]}, actor=blue.actor, activate=True
    )
    asked = visible(client.get(f"{LIST}{blue.view.pk}/delete/"))
    assert "Delete view Blue only? 1 employee loses this restriction." in asked
    assert client.post(f"{LIST}{blue.view.pk}/delete/").status_code == 302
    assert not View.objects.exists()
    assert not EmployeeView.objects.exists()
    assert ("User.views", "Blue only", "") in history_of(blue.bob)
    assert ("EmployeeTemplate.views", "Blue only", "") in history_of(EmployeeTemplate.objects.get())
    assert ("View", "Blue only", "deleted") in history_of(blue.view)
    views.delete(blue.view, actor=blue.actor)
    assert history_of(blue.view).count(("View", "Blue only", "deleted")) == 1


# The page


def submit(world, path="new/", client=None, **given):
    return (client or world.client()).post(f"{LIST}{path}", given)


@pytest.mark.screen("11 fields")
def test_a_view_is_created(world):
    team = queries.default_team(world.acme.pk)
    answer = submit(world, name="Day", description="Shift", type="USER_DATA", teams=[team.pk], roles=[world.role.pk])
    assert answer.url == LIST
    made = View.objects.get()
    assert (made.name, made.description, made.type, list(made.teams.all())) == ("Day", "Shift", "USER_DATA", [team])
    assert list(made.roles.all()) == []
    assert ("View.teams", "", "Default Team") in history_of(made)
    assert ("View", "", "created") in history_of(made)


@pytest.mark.screen("11 fields")
@pytest.mark.parametrize(
    ("given", "messages"),
    [
        ({}, ["View Name is required.", "Type is required."]),
        ({"name": "Blue ONLY", "type": "USER_DATA"}, ["View Name is already in use.", "Teams is required."]),
        ({"name": "x" * 51, "type": "ROLES"}, ["View Name can have at most 50 characters.", "Roles is required."]),
        ({"name": "x", "type": "NONE"}, ["Choose one of the values offered."]),
        ({"name": "x", "type": "USER_DATA", "teams": ["nonsense"]}, ["Choose an active team."]),
        (
            {"name": "x", "description": "y" * 201, "type": "EVALUATION"},
            ["Description can have at most 200 characters.", "Teams is required."],
        ),
    ],
)
def test_what_is_wrong_is_said_all_at_once(blue, given, messages):
    answer = submit(blue, **given)
    assert answer.status_code == 422
    for message in messages:
        assert message in visible(answer)
    assert View.objects.count() == 1


def test_a_strangers_team_cannot_be_listed(blue):
    strange = queries.default_team(blue.strange.pk)
    answer = submit(blue, name="x", type="USER_DATA", teams=[strange.pk])
    assert (answer.status_code, "Choose an active team." in visible(answer)) == (422, True)


@pytest.mark.screen("11 fields", "11 audit")
def test_the_type_is_fixed_and_the_rest_changes(blue):
    client = blue.client()
    path = f"{blue.view.pk}/"
    sent = form_in(client.get(f"{LIST}{path}"), "view-form")
    assert "type" not in sent
    team = queries.default_team(blue.acme.pk)
    answer = client.post(f"{LIST}{path}", sent | {"name": "All", "type": "ROLES", "teams": [team.pk, blue.team.pk]})
    assert answer.status_code == 302
    made = View.objects.get()
    assert (made.name, made.type, made.teams.count()) == ("All", "USER_DATA", 2)
    assert ("View.name", "Blue only", "All") in history_of(made)
    assert ("View.teams", "Blue", "Blue, Default Team") in history_of(made)
    assert "View saved" in visible(client.get(LIST))
    # Nothing changed, nothing written.
    before = len(history_of(made))
    client.post(f"{LIST}{path}", form_in(client.get(f"{LIST}{path}"), "view-form"))
    assert len(history_of(made)) == before


def test_two_people_editing_one_view(blue):
    client = blue.client()
    sent = form_in(client.get(f"{LIST}{blue.view.pk}/"), "view-form")
    views.update(blue.view, {"name": "Mine", "description": "", "teams": [blue.team]}, actor=blue.actor)
    answer = client.post(f"{LIST}{blue.view.pk}/", sent | {"name": "Yours"})
    assert answer.status_code == 422
    assert "This record was changed by Alice Archer. Reload to continue." in visible(answer)
    assert View.objects.get().name == "Mine"


@pytest.mark.screen("11 fields")
def test_all_segments_belong_to_one_type(world):
    team = queries.default_team(world.acme.pk).pk
    submit(world, name="Segments", type="INTERACTION_SEGMENT", teams=[team], all_segments="on")
    submit(world, name="Other", type="EVALUATION", teams=[team], all_segments="on")
    assert dict(View.objects.values_list("name", "all_segments")) == {"Segments": True, "Other": False}


def test_who_may_only_look_changes_nothing(blue):
    client = blue.bob_may(VIEW)
    page = client.get(f"{LIST}{blue.view.pk}/")
    assert "Save" not in visible(page).split("General")[-1].split("cxadmin –")[0]
    assert submit(blue, f"{blue.view.pk}/", client, name="x").status_code == 403


# What they hide


@pytest.mark.screen("11 effect")
@pytest.mark.rule("R-VIEW-1")
def test_without_a_view_everything_is_seen_with_one_only_what_it_lists(blue):
    client = blue.bob_may(*SEES)
    assert names(client.get("/admin/employees/")) == ["Bob Brown", "Dana Doe"]
    limit(blue)
    assert len(names(client.get("/admin/employees/"))) == 4


@pytest.mark.screen("11 effect")
@pytest.mark.rule("R-VIEW-1")
def test_several_views_add_up_and_other_types_hide_nobody(blue):
    client = blue.bob_may(*SEES)
    other = view(blue, "Default")
    limit(blue, blue.view, other)
    assert len(names(client.get("/admin/employees/"))) == 4
    limit(blue, view(blue, "Evaluated", View.Type.EVALUATION, teams=[blue.team]))
    assert len(names(client.get("/admin/employees/"))) == 4


@pytest.mark.rule("R-VIEW-1")
@pytest.mark.parametrize("page", ["", "history/", "deactivate/", "reset-password/"])
def test_who_is_hidden_is_not_found(blue, page):
    client = blue.client(blue.bob)
    client.get("/me/")
    client = blue.bob_may(*SEES, "admin.employees.delete", "admin.can_manage_passwords.on")
    assert client.get(f"/admin/employees/{blue.alice.pk}/{page}").status_code == 404
    assert client.get(f"/admin/employees/{blue.dana.pk}/{page}").status_code == 200
    assert client.get(f"/admin/employees/{blue.bob.pk}/{page}").status_code == 200


@pytest.mark.screen("11 effect")
@pytest.mark.rule("R-VIEW-1")
def test_who_is_hidden_is_in_no_picker_and_no_other_list(blue):
    group = groups.create({"name": "Crew"}, actor=blue.actor, members={blue.alice.pk: None, blue.dana.pk: None})
    locks.lock_for_failed_logins(blue.alice)
    held = ("teams.view", "teams.edit", "groups.view", "groups.edit", "role_management.user_assignment")
    client = blue.bob_may(*SEES, *(f"admin.{code}" for code in held))
    for path in (
        "/admin/teams/leads/",
        "/admin/locked-employees/",
        f"/admin/groups/{group.pk}/users/",
        f"/admin/groups/{group.pk}/users/add/",
        f"/admin/teams/{blue.alice.team_id}/users/",
        f"/admin/roles/{blue.alice.primary_role_id}/users/",
        f"/admin/roles/{blue.alice.primary_role_id}/users/add/",
    ):
        page = client.get(path)
        assert page.status_code == 200
        assert "Alice" not in page.content.decode(), path
    assert "Dana" in client.get(f"/admin/groups/{group.pk}/users/").content.decode()
    added = client.post(f"/admin/groups/{group.pk}/", {"name": "Crew", "version": group.version, "add": blue.alice.pk})
    assert added.status_code == 404


@pytest.mark.screen("11 effect")
@pytest.mark.rule("R-VIEW-1")
def test_a_view_of_roles_limits_the_roles(blue):
    limit(blue, view(blue, "Own role", View.Type.ROLES, roles=[blue.role]))
    client = blue.bob_may(*SEES, "admin.role_management.create")
    assert names(client.get("/admin/roles/")) == ["Bob&#x27;s role"]
    assert client.get(f"/admin/roles/{blue.alice.primary_role_id}/").status_code == 404
    assert len(names(client.get("/admin/employees/"))) == 4
    # A role that the view leaves out leads to the list once it is stored.
    answer = client.post("/admin/roles/new/", {"name": "Hidden"})
    assert answer.url == "/admin/roles/"
    assert roles.Role.objects.filter(name="Hidden").exists()


def test_a_view_costs_the_list_no_more_statements(blue, django_assert_max_num_queries):
    client = blue.bob_may(*SEES)
    limit(blue)
    client.get("/admin/employees/")
    with django_assert_max_num_queries(30) as free:
        client.get("/admin/employees/")
    limit(blue, blue.view)
    with django_assert_max_num_queries(len(free)):
        client.get("/admin/employees/")


# Employees and templates have them


@pytest.mark.screen("5.2 views", "11 audit")
def test_an_employee_is_given_views_on_the_tab_security(blue):
    client, path = blue.client(), f"/admin/employees/{blue.dana.pk}/"
    sent = form_in(client.get(path), "employee-form")
    assert client.post(path, sent | {"views": [blue.view.pk]}).status_code == 302
    assert list(blue.dana.views.all()) == [blue.view]
    assert ("User.views", "", "Blue only") in history_of(blue.dana)
    assert form_in(client.get(path), "employee-form")["views"] == [str(blue.view.pk)]


def test_nobody_changes_the_own_views(blue):
    client = blue.bob_may(*SEES)
    path = f"/admin/employees/{blue.bob.pk}/"
    page = client.get(path)
    assert "You cannot change your own views." in visible(page)
    client.post(path, form_in(page, "employee-form") | {"views": []})
    assert list(blue.bob.views.all()) == [blue.view]


@pytest.mark.screen("5.2 views")
def test_a_new_employee_gets_views(blue):
    given = {
        "first_name": "Nora", "last_name": "New", "email": "nora@acme.example", "primary_role": blue.role.pk,
        "team": blue.team.pk, "time_zone": "Europe/Berlin", "views": [blue.view.pk],
    }  # fmt: skip
    assert blue.client().post("/admin/employees/new/", given).status_code == 302
    assert list(Employee.objects.get(first_name="Nora").views.all()) == [blue.view]


@pytest.mark.rule("R-TPL-1")
def test_a_template_gives_views(blue):
    answer = blue.client().post(
        "/admin/employee-templates/new/",
        {
            "name": "Night",
            "ignore_team": "on",
            "ignore_primary_role": "on",
            "views": [blue.view.pk],
            "activate": "true",
        },
    )
    assert answer.status_code == 302
    made = EmployeeTemplate.objects.get()
    assert list(made.views.all()) == [blue.view]
    assert ("EmployeeTemplate.views", "", "Blue only") in history_of(made)
    assert templates.values_for(made)["views"] == [blue.view]
    page = blue.client().post("/admin/employees/new/", {"load_template": made.pk})
    assert form_in(page, "employee-form")["views"] == [str(blue.view.pk)]
    copy = templates.duplicate(made, "Copy", actor=blue.actor)
    assert list(copy.views.all()) == [blue.view]


def test_a_strangers_view_cannot_be_given(blue):
    strange = views.create(
        {"name": "S", "type": "USER_DATA", "teams": [queries.default_team(blue.strange.pk)]}, actor=blue.strange_actor
    )
    client, path = blue.client(), f"/admin/employees/{blue.dana.pk}/"
    answer = client.post(path, form_in(client.get(path), "employee-form") | {"views": [strange.pk]})
    assert (answer.status_code, "Choose an active view." in visible(answer)) == (422, True)


@pytest.mark.screen("11 fields")
def test_what_a_type_cannot_do_without_carries_the_star(world):
    page = world.client().get("/admin/views/new/").content.decode()
    for label in ("View Name", "Type", "Teams", "Roles"):
        assert re.search(rf'(?s)<label for="[^"]+">\s*{label}\s*<span class="star"', page), label
    assert not re.search(r'(?s)>\s*Description\s*<span class="star"', page)


@pytest.mark.screen("11 effect")
def test_a_report_does_not_name_somebody_whom_the_view_hides(world):
    hidden = world.employee("Hidden Person", team=teams.create({"name": "Elsewhere"}, actor=world.actor))
    held = views.create(
        {"name": "Mine", "type": "USER_DATA", "teams": [queries.default_team(world.acme.pk)]}, actor=world.actor
    )
    client = world.bob_may("admin.change_audit_report_access.on")
    path = f"/reporting/change-audit/?by={hidden.pk}"
    assert "Hidden Person (hidden@acme.example)" in client.get(path).content.decode()
    limit(world, held)
    assert "Hidden Person (hidden@acme.example)" not in client.get(path).content.decode()
    assert client.get("/reporting/change-audit/people/?q=hidden").json() == []
