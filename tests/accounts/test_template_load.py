"""Load Template in the window Create Employee and in the profile (R-TPL, screens §5.2, §6)."""

import pytest

from accounts.actions import authenticators, templates
from accounts.models import Employee, LoginAuthenticator, Role, Team
from tests.accounts.test_employee_create import NEW, TO_CREATE
from tests.accounts.test_template_list import template
from tests.pages import form_in
from tests.world import visible

FORM = "employee-form"
FIELDS = ("team", "primary_role", "time_zone", "attributes", "login_authenticator", "secondary_roles")


def load(client, found, address=NEW, **entered):
    """Choose a template in the menu, with these entries in the form."""
    shown = form_in(client.get(address), FORM) | entered
    return client.post(address, shown | {"load_template": str(getattr(found, "pk", found))})


@pytest.fixture
def coach(world):
    return world.draft("Coach", activate=True)


@pytest.mark.screen("5.2 load template")
@pytest.mark.rule("R-TPL-1")
def test_filled_overwrites_empty_clears_and_ignored_stays(world, coach):
    found = template(world, primary_role=coach, attributes=[], login_authenticator=None, ignored=["time_zone"])
    entered = {"first_name": "Dana", "time_zone": "Asia/Tokyo", "login_authenticator": str(world.authenticator.pk)}
    page = load(world.client(), found, **entered)
    shown = form_in(page, FORM)
    assert page.status_code == 200
    assert (shown["first_name"], shown["time_zone"]) == (["Dana"], ["Asia/Tokyo"])
    assert (shown["primary_role"], shown["login_authenticator"]) == ([str(coach.pk)], [""])
    assert "attributes" not in shown
    assert "Filled in from Night shift; nothing is saved yet." in visible(page)
    assert "is required" not in visible(page)
    assert not Employee.objects.filter(first_name="Dana").exists()


@pytest.mark.screen("5.2 load template")
def test_the_values_stay_editable_and_are_stored_by_create(world, coach):
    client, second = world.client(), world.draft("Second", activate=True)
    found = template(world, primary_role=coach, secondary_roles=[second], attributes=["voice"], time_zone="Asia/Tokyo")
    shown = form_in(load(client, found), FORM)
    person = {"first_name": "Dana", "last_name": "Doe", "email": "dana@acme.example", "time_zone": "Europe/Berlin"}
    assert client.post(NEW, shown | person).status_code == 302
    dana = Employee.objects.get(username="dana@acme.example")
    assert (dana.primary_role, list(dana.secondary_roles.all())) == (coach, [second])
    assert (dana.attributes, dana.time_zone) == (["voice"], "Europe/Berlin")


@pytest.mark.screen("5.2 load template", "6 use")
@pytest.mark.rule("R-TPL-2")
def test_only_active_ones_are_offered_and_applied(world):
    template(world, "Draft one", activate=False)
    assert "Load Template" not in visible(world.client().get(NEW))
    found = template(world, "Winter")
    assert "Load Template Winter" in visible(world.client().get(NEW))
    templates.deactivate(found, actor=world.actor)
    answer = load(world.client(), found, first_name="Dana")
    assert (answer.status_code, "Choose an active employee template." in visible(answer)) == (422, True)
    assert form_in(answer, FORM)["first_name"] == ["Dana"]


@pytest.mark.screen("6 transitions")
@pytest.mark.parametrize("thing", ["team", "role", "login authenticator"])
def test_what_points_to_something_inactive_says_so(world, coach, thing):
    made = authenticators.create({"name": "Second"}, actor=world.actor)
    found = template(world, primary_role=coach, login_authenticator=made)
    model = {"team": Team, "role": Role, "login authenticator": LoginAuthenticator}[thing]
    pointed = {"team": found.team_id, "role": coach.pk, "login authenticator": made.pk}[thing]
    model.objects.filter(pk=pointed).update(status="INACTIVE")
    answer = world.client().post(NEW, {"load_template": found.pk})
    assert answer.status_code == 422
    assert f"Template Night shift points to an inactive {thing}." in visible(answer)


@pytest.mark.parametrize("wanted", ["nonsense", "", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_one_is_not_found(world, wanted):
    assert world.client().post(NEW, {"load_template": wanted}).status_code == 404


def test_one_of_another_tenant_is_not_found(world):
    found = template(world)
    assert world.client(world.charlie).post(NEW, {"load_template": found.pk}).status_code == 404


def test_it_fills_the_profile_and_save_stores_it(world, coach):
    client, dana = world.client(), world.employee()
    address = f"/admin/employees/{dana.pk}/"
    found = template(world, primary_role=coach, ignored=[name for name in FIELDS if name != "primary_role"])
    page = load(client, found, address)
    shown = form_in(page, FORM)
    assert (page.status_code, shown["primary_role"]) == (200, [str(coach.pk)])
    dana.refresh_from_db()
    assert dana.primary_role == world.role
    assert client.post(address, shown).status_code == 302
    dana.refresh_from_db()
    assert (dana.primary_role, dana.attributes) == (coach, ["voice"])


def test_what_the_actor_may_not_change_stays(world, coach):
    client = world.bob_may("admin.employees.view", "admin.employees.edit")
    dana = world.employee()
    found = template(world, primary_role=coach, time_zone="Asia/Tokyo")
    page = load(client, found, f"/admin/employees/{dana.pk}/")
    shown = form_in(page, FORM)
    assert shown["time_zone"] == ["Asia/Tokyo"]
    assert "primary_role" not in shown


def test_the_profile_needs_edit(world):
    client, found = world.bob_may("admin.employees.view"), template(world)
    address = f"/admin/employees/{world.employee().pk}/"
    assert "Load Template" not in visible(client.get(address))
    assert client.post(address, {"load_template": found.pk}).status_code == 403


def test_the_window_needs_no_permission_for_templates(world):
    found = template(world)
    assert load(world.bob_may(*TO_CREATE), found).status_code == 200
