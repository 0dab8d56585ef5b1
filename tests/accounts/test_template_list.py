"""Employee Templates: the list and its row menu (screens §6)."""

import re

import pytest

from accounts import queries
from accounts.actions import templates
from accounts.models import EmployeeTemplate, Team
from tests.accounts.test_role_list import names
from tests.world import history_of, visible

LIST = "/admin/employee-templates/"
VIEW, CREATE, EDIT = (f"admin.employee_templates.{action}" for action in ("view", "create", "edit"))


def template(world, name="Night shift", *, activate=True, **values):
    given = {"name": name, "team": queries.default_team(world.acme.pk), "primary_role": world.role}
    return templates.create(given | values, actor=world.actor, activate=activate)


def fresh(found):
    return EmployeeTemplate.objects.get(pk=found.pk)


def press(world, found, verb, client=None, **given):
    return (client or world.client()).post(f"{LIST}{found.pk}/{verb}/", given)


@pytest.fixture
def several(world):
    """Three: Night shift (Active), Office (Draft) and Winter (Inactive)."""
    template(world)
    template(world, "Office", activate=False, team=None, primary_role=None, ignored=["team", "primary_role"])
    templates.deactivate(template(world, "Winter"), actor=world.actor)
    return world


@pytest.mark.screen("6 list")
def test_it_lists_the_templates_of_the_tenant_by_name(several):
    page = several.client().get(LIST)
    assert names(page) == ["Night shift", "Office", "Winter"]
    assert "Template Name Team Primary Role Status Last Modified Actions" in visible(page)
    assert re.search(r"Night shift Default Team Bob's role Active \d{4}-\d\d-\d\d", visible(page))
    assert "Office – – Draft" in visible(page)
    assert "No employee templates yet Create Template" in visible(several.client(several.charlie).get(LIST))


@pytest.mark.screen("6 list")
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=OFF", ["Office"]),
        ("status=ACTIVE", ["Night shift"]),
        ("status=DRAFT", ["Office"]),
        ("status=INACTIVE", ["Winter"]),
        ("status=nonsense&sort=-name", ["Winter", "Office", "Night shift"]),
        ("sort=-modified", ["Winter", "Office", "Night shift"]),
        ("sort=-team", ["Winter", "Night shift", "Office"]),
        ("sort=-role", ["Winter", "Night shift", "Office"]),
        ("sort=status", ["Night shift", "Office", "Winter"]),
    ],
)
def test_search_filter_and_sort(several, query, shown):
    assert names(several.client().get(f"{LIST}?{query}")) == shown


@pytest.mark.screen("6 list")
@pytest.mark.parametrize(
    ("granted", "offered"),
    [((), set()), ((CREATE,), {"Duplicate"}), ((CREATE, EDIT), {"Duplicate", "Activate", "Deactivate"})],
)
def test_buttons_and_row_menu_follow_the_permissions(several, granted, offered):
    page = several.bob_may(VIEW, *granted).get(LIST)
    assert ("Create Template" in visible(page)) == (CREATE in granted)
    assert set(re.findall(r'(?s)role="menuitem".*?</svg>\s*(\w+)', page.content.decode())) == offered


def test_a_longer_list_costs_no_more_statements(world, django_assert_max_num_queries):
    client = world.client()
    template(world)
    with django_assert_max_num_queries(10) as few:
        client.get(f"{LIST}?per=100")
    for number in range(30):
        template(world, f"Number {number}")
    with django_assert_max_num_queries(len(few)):
        assert len(names(client.get(f"{LIST}?per=100"))) == 31


@pytest.mark.screen("6 transitions")
def test_deactivating_asks_and_activating_brings_it_back(world):
    found, client = template(world), world.client()
    asked = visible(client.get(f"{LIST}{found.pk}/deactivate/"))
    assert "Deactivate Night shift? It can no longer be applied. Cancel Deactivate" in asked
    assert press(world, found, "deactivate", client).status_code == 302
    assert fresh(found).status == "INACTIVE"
    assert "Employee template deactivated" in visible(client.get(LIST))
    assert press(world, found, "activate", client).status_code == 302
    assert fresh(found).status == "ACTIVE"
    assert ("EmployeeTemplate.status", "INACTIVE", "ACTIVE") in history_of(found)


def test_a_draft_is_not_deactivated(world):
    found = template(world, activate=False)
    assert press(world, found, "deactivate").status_code == 422
    assert fresh(found).status == "DRAFT"


@pytest.mark.screen("6 transitions")
def test_what_points_to_an_inactive_team_is_not_activated(world):
    found = template(world, activate=False)
    Team.objects.filter(business_unit=world.acme).update(status="INACTIVE")
    answer = press(world, found, "activate")
    assert (answer.status_code, fresh(found).status) == (422, "DRAFT")
    assert "Template Night shift points to an inactive team." in visible(answer)


@pytest.mark.screen("6 duplicate")
def test_duplicate_opens_a_draft_with_the_same_values(world):
    found = template(world, time_zone="Asia/Tokyo", secondary_roles=[world.alice.primary_role], ignored=["attributes"])
    answer = press(world, found, "duplicate", name="Copy")
    copy = EmployeeTemplate.objects.get(name="Copy")
    assert answer.url == f"{LIST}{copy.pk}/"
    assert (copy.status, copy.time_zone, copy.ignored) == ("DRAFT", "Asia/Tokyo", ["attributes"])
    assert list(copy.secondary_roles.all()) == [world.alice.primary_role]


@pytest.mark.screen("6 duplicate")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "Template Name is required."),
        ("night SHIFT", "Template Name is already in use."),
        ("x" * 51, "Template Name can have at most 50 characters."),
    ],
)
def test_the_name_of_a_copy_follows_the_same_rules(world, name, message):
    answer = press(world, template(world), "duplicate", name=name)
    assert (answer.status_code, message in visible(answer)) == (422, True)
    assert EmployeeTemplate.objects.count() == 1
