"""Roles and Permissions: the list (screens §4.1)."""

import re

import pytest

from accounts.actions import roles
from accounts.models import Role
from tests.world import VIEW_ROLES, visible

SEARCH = "admin.role_management.search"


def names(response) -> list[str]:
    """The first column, from top to bottom."""
    return [
        re.sub(r"<[^>]+>", "", cell).strip()
        for cell in re.findall(r'(?s)<th scope="row">(.*?)</th>', response.content.decode())
    ]


@pytest.fixture
def several(world):
    """Four roles in all: Administrator, Bob's role, Night watch (Draft), Zebra (Inactive)."""
    world.draft("Night watch")
    zebra = world.draft("Zebra", activate=True)
    roles.deactivate(zebra, actor=world.actor)
    return world


def test_it_lists_the_roles_of_the_tenant_by_name(several):
    page = several.client().get("/admin/roles/")
    assert names(page) == ["Administrator", "Bob&#x27;s role", "Night watch", "Zebra"]
    assert "4 roles" in visible(page)
    assert "Strangers" not in visible(page)


@pytest.mark.screen("4.1 columns")
def test_a_row_shows_description_status_users_and_last_change(several):
    roles.update(several.role, {"description": "For Bob"}, actor=several.actor)
    row = visible(several.client().get("/admin/roles/?q=bob"))
    assert re.search(r"Bob's role For Bob Active 1 \d{4}-\d\d-\d\d", row)


@pytest.mark.screen("4.1 buttons")
def test_internal_roles_are_not_listed(several):
    several.role.internal = True
    several.role.save()
    assert "Bob&#x27;s role" not in names(several.client().get("/admin/roles/"))


@pytest.mark.screen("4.1 columns")
@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("sort=name", "Administrator"),
        ("sort=-name", "Zebra"),
        ("sort=status", "Administrator"),
        ("sort=-status", "Zebra"),
        ("sort=-users", "Administrator"),
        ("sort=users", "Night watch"),
        ("sort=-modified", "Zebra"),
        ("sort=description", "Administrator"),
        ("sort=nonsense", "Administrator"),
    ],
)
def test_every_column_but_actions_sorts(several, query, first):
    assert names(several.client().get(f"/admin/roles/?{query}"))[0] == first


@pytest.mark.screen("1.4 list sort")
def test_a_click_on_the_sorted_column_turns_the_order_around(several):
    page = several.client().get("/admin/roles/").content.decode()
    assert 'aria-sort="ascending"' in page
    assert 'href="/admin/roles/?sort=-name"' in page
    page = several.client().get("/admin/roles/?sort=-name").content.decode()
    assert 'aria-sort="descending"' in page


@pytest.mark.screen("1.4 list search")
@pytest.mark.parametrize("words", ["night", "NIGHT", "  ght wa ", "NiGhT%20watch"])
def test_the_search_finds_parts_of_a_name_whatever_the_case(several, words):
    assert names(several.client().get(f"/admin/roles/?q={words}")) == ["Night watch"]


@pytest.mark.screen("1.4 list search")
@pytest.mark.parametrize("words", ["%25", "_", "\\", "%00", "x" * 5000, "'; drop table", "\U0001f600"])
def test_no_search_breaks_the_list(several, words):
    assert several.client().get(f"/admin/roles/?q={words}").status_code == 200


def test_a_percent_sign_is_searched_for_and_matches_nothing_else(several):
    assert names(several.client().get("/admin/roles/?q=%25")) == []


@pytest.mark.screen("4.1 search and filter")
def test_the_search_needs_its_permission(several):
    page = several.bob_may(VIEW_ROLES).get("/admin/roles/?q=night")
    assert len(names(page)) == 4
    toolbar = page.content.decode().partition('id="list-form"')[2].partition("</form>")[0]
    assert 'name="status"' in toolbar
    assert 'name="q"' not in toolbar
    assert names(several.bob_may(VIEW_ROLES, SEARCH).get("/admin/roles/?q=night")) == ["Night watch"]


@pytest.mark.screen("4.1 search and filter")
@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("", 4),
        ("ACTIVE", 2),
        ("INACTIVE", 1),
        ("DRAFT", 1),
        ("nonsense", 4),
    ],
)
def test_the_status_filter(several, status, shown):
    assert len(names(several.client().get(f"/admin/roles/?status={status}"))) == shown


@pytest.mark.screen("1.4 list empty")
def test_nothing_found_offers_to_clear_the_filters_and_keeps_the_order(several):
    page = several.client().get("/admin/roles/?q=qqq&status=DRAFT&sort=-name")
    assert "Nothing matches your search Clear filters" in visible(page)
    assert 'href="/admin/roles/?sort=-name"' in page.content.decode()


@pytest.mark.screen("1.4 list empty")
def test_without_any_role_it_says_so(several):
    Role.objects.filter(business_unit=several.acme).update(internal=True)
    page = visible(several.client().get("/admin/roles/"))
    assert "No roles yet New Role" in page


@pytest.mark.screen("4.1 buttons")
@pytest.mark.parametrize(
    ("granted", "items"),
    [
        ((), []),
        (("create",), ["Duplicate"]),
        (("edit",), ["Activate"]),
        (("create", "edit", "deactivate"), ["Duplicate", "Activate", "Deactivate"]),
    ],
)
def test_buttons_and_row_menu_follow_the_permissions(several, granted, items):
    client = several.bob_may(VIEW_ROLES, *(f"admin.role_management.{action}" for action in granted))
    page = client.get("/admin/roles/")
    assert ("New Role" in visible(page)) == ("create" in granted)
    found = re.findall(r'(?s)role="menuitem".*?</svg>\s*(\w+)', page.content.decode())
    assert sorted(set(found)) == sorted(items)


@pytest.mark.screen("4.1 buttons")
@pytest.mark.parametrize(
    ("status", "items"), [("DRAFT", "Activate"), ("INACTIVE", "Activate"), ("ACTIVE", "Deactivate")]
)
def test_a_row_offers_what_its_status_allows(several, status, items):
    client = several.bob_may(VIEW_ROLES, "admin.role_management.edit", "admin.role_management.deactivate")
    page = client.get(f"/admin/roles/?status={status}").content.decode()
    assert set(re.findall(r'(?s)role="menuitem".*?</svg>\s*(\w+)', page)) == {items}


def test_htmx_gets_the_table_and_the_count_alone(several):
    headers = {
        "HX-Request": "true",
        "HX-Target": "list",
        "HX-Trigger": "list-form",
        "HX-Current-URL": "http://testserver/admin/roles/?q=old",
    }
    answer = several.client().get("/admin/roles/?q=night&status=&sort=name&page=1", headers=headers)
    html = answer.content.decode()
    assert "<html" not in html
    assert names(answer) == ["Night watch"]
    assert 'hx-swap-oob="true"' in html
    assert answer["HX-Replace-Url"] == "/admin/roles/?q=night"
    assert "HX-Request" in answer["Vary"]


@pytest.mark.screen("1.4 list pages")
def test_pages_of_25_50_and_100(world):
    for number in range(58):
        world.draft(f"Role {number:02}")
    client = world.client()
    first = client.get("/admin/roles/")
    assert len(names(first)) == 25
    assert "60 roles" in visible(first)
    assert len(names(client.get("/admin/roles/?page=3"))) == 10
    assert len(names(client.get("/admin/roles/?page=99"))) == 10
    assert len(names(client.get("/admin/roles/?per=50"))) == 50
    assert len(names(client.get("/admin/roles/?per=100"))) == 60
    assert len(names(client.get("/admin/roles/?per=7&page=-3"))) == 25
    every = [name for page in (1, 2, 3) for name in names(client.get(f"/admin/roles/?sort=status&page={page}"))]
    assert len(set(every)) == 60


@pytest.mark.screen("1.4 list pages")
def test_the_address_keeps_the_state_in_every_link(world):
    for number in range(58):
        world.draft(f"Role {number:02}")
    page = world.client().get("/admin/roles/?q=role&status=DRAFT&sort=-name&page=2").content.decode()
    assert 'href="/admin/roles/?q=role&amp;status=DRAFT&amp;sort=-name&amp;page=3"' in page
    assert 'href="/admin/roles/?q=role&amp;status=DRAFT&amp;sort=users"' in page


def test_a_longer_list_costs_no_more_statements(world, django_assert_max_num_queries):
    client = world.client()
    with django_assert_max_num_queries(10) as few:
        client.get("/admin/roles/?per=100")
    for number in range(60):
        world.draft(f"Role {number:02}")
    with django_assert_max_num_queries(len(few)):
        client.get("/admin/roles/?per=100")


@pytest.mark.screen("4.1 buttons")
@pytest.mark.rule("R-ROLE-6")
def test_nothing_deletes_a_role(several):
    assert "Delete" not in visible(several.client().get("/admin/roles/"))
    assert several.client().delete(f"/admin/roles/{several.role.pk}/").status_code == 405
