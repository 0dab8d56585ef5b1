"""Compare Roles: two roles' permissions side by side."""

import re
from uuid import uuid4

import pytest

from accounts.actions import employees, roles, views
from accounts.models import RolePermission, View
from tests.world import VIEW_ROLES, visible

PAGE = "/admin/roles/compare/"
EDIT, CREATE, SCIM = "admin.employees.edit", "admin.employees.create", "admin.scim.on"
EMPLOYEES, TEAMS = "admin.employees.view", "admin.teams.view"


@pytest.fixture
def two(world):
    """Day: Employees View, Edit and SCIM; Night: Employees View, Create."""
    return (
        world.draft("Day", EMPLOYEES, EDIT, SCIM, activate=True),
        world.draft("Night", EMPLOYEES, CREATE, activate=True),
    )


def address(first, second, more="") -> str:
    return f"{PAGE}?first={first.pk}&second={second.pk}{more}"


def row(page, label: str) -> str:
    """What one reads in the row of a permission, marks that tell it differs with a !."""
    content = re.sub(r'(<li class="mark[^"]*\bdiffers\b[^"]*">)', r"\1!", page.content.decode())
    found = re.findall(r"(?s)<tr[^>]*>\s*<th scope=\"row\">(.*?)</tr>", content)
    texts = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).strip().replace(" : ", ": ") for text in found]
    return next(text for text in texts if re.match(rf"{label}\b", text))


def test_it_shows_both_roles_and_marks_what_differs(world, two):
    page = world.client().get(address(*two))
    assert row(page, "Employees") == (
        "Employees Different View: On ! Edit: On ! Create: Off Delete: Off Invite: Off Import: Off"
        " View: On ! Edit: Off ! Create: On Delete: Off Invite: Off Import: Off"
    )
    assert row(page, "SCIM") == "SCIM Different ! On ! Off"
    assert row(page, "Teams").startswith("Teams View: Off")
    assert "3 differences" in visible(page)


def test_only_differences_leaves_out_what_the_roles_share(world, two):
    page = world.client().get(address(*two, "&only=differences"))
    assert re.findall(r'<th scope="row">\s*(.+)', page.content.decode()) == ["Employees", "SCIM"]
    assert "Off" in row(page, "SCIM")
    assert "3 differences" in visible(page)


def test_equal_roles_say_so_and_nothing_chosen_asks(world, two):
    day, _ = two
    copy = roles.duplicate(day, "Day as well", actor=world.actor)
    page = visible(world.client().get(address(day, copy, "&only=differences")))
    assert "Both roles have the same permissions" in page
    assert "0 differences" in page
    for query in ("", f"?first={day.pk}", f"?second={day.pk}", "?first=&second="):
        asked = world.client().get(PAGE + query)
        assert "Choose two roles" in visible(asked)
    assert f'<option value="{day.pk}" selected>' in world.client().get(f"{PAGE}?first={day.pk}").content.decode()


def test_restricted_access_is_compared(world, two):
    day, night = two
    team = world.bob.team
    custom = {"teams": {"mode": "custom", "ids": [str(team.pk)]}, "campaigns": {"mode": "all", "ids": []}}
    roles.update(day, {"restrictions": custom}, actor=world.actor)
    page = visible(world.client().get(address(day, night, "&only=differences")))
    assert f"Teams Different Custom: {team.name} All & Future" in page
    assert "Campaigns Different" not in page


def test_only_licensed_permissions_are_compared(world, two):
    RolePermission.objects.create(role=two[0], code="wfm.schedule_manager.view")
    for licences, shown, counted in (({"wfm"}, True, "4 differences"), (set(), False, "3 differences")):
        world.acme.licences = sorted(set(world.acme.licences) - {"wfm"} | licences)
        world.acme.save()
        page = visible(world.client().get(address(*two)))
        assert ("Schedule Manager Different" in page, counted in page) == (shown, True)


@pytest.mark.parametrize("name", ["first", "second"])
def test_a_role_that_is_not_there_is_not_found(world, two, name):
    for unknown in (world.charlie.primary_role_id, uuid4(), "nonsense", "%00"):
        assert world.client().get(f"{PAGE}?{name}={unknown}").status_code == 404
    assert "Strangers" not in visible(world.client().get(PAGE))


def test_a_role_outside_the_views_of_the_reader_is_not_there(world, two):
    day, night = two
    client = world.bob_may(VIEW_ROLES)
    view = views.create({"name": "Days", "type": View.Type.ROLES, "roles": [day]}, actor=world.actor)
    employees.update(world.bob, {"views": [view]}, actor=world.actor)
    assert client.get(f"{PAGE}?first={day.pk}").status_code == 200
    assert client.get(address(day, night)).status_code == 404
    assert "Night" not in visible(client.get(PAGE))


def test_it_costs_as_many_statements_whatever_the_roles_hold(world, two, django_assert_max_num_queries):
    client = world.client()
    client.get(address(*two))
    with django_assert_max_num_queries(100) as few:
        client.get(address(*two))
    for number in range(20):
        world.draft(f"Another {number}")
    with django_assert_max_num_queries(len(few)):
        client.get(address(world.alice.primary_role, two[0]))


def test_one_gets_there_from_the_list_and_from_a_role(world, two):
    client = world.bob_may(VIEW_ROLES)
    assert f'href="{PAGE}"' in client.get("/admin/roles/").content.decode()
    assert f'href="{PAGE}?first={two[0].pk}"' in client.get(f"/admin/roles/{two[0].pk}/").content.decode()


def test_htmx_gets_the_comparison_and_the_count_alone(world, two):
    page = world.client().get(address(*two), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert 'id="comparison-count"' in page
    assert "hx-swap-oob" not in world.client().get(address(*two)).content.decode()
