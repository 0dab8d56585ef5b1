"""Groups: the list and Delete (screens §8)."""

import re

import pytest

from accounts.actions import groups
from accounts.errors import Refused
from accounts.models import AuditEvent, Employee, Group
from tests.accounts.test_role_list import names
from tests.world import history_of, visible

HTMX = {"HX-Request": "true", "HX-Target": "dialog", "HX-Current-URL": "http://testserver/admin/groups/?q=night"}
VIEW, DELETE = "admin.groups.view", "admin.groups.delete"


@pytest.fixture
def several(world):
    """Three groups: alpha (nobody), Night watch (Alice and Bob), Zebra (Bob); and one of strangers."""
    members = {world.alice.pk: None, world.bob.pk: None}
    world.night = groups.create({"name": "Night watch"}, actor=world.actor, members=members)
    world.zebra = groups.create({"name": "Zebra"}, actor=world.actor, members={world.bob.pk: None})
    groups.create({"name": "alpha"}, actor=world.actor)
    groups.create({"name": "Strangers"}, actor=world.strange_actor)
    return world


@pytest.mark.screen("8 list")
def test_it_lists_the_groups_of_the_tenant_by_name_with_their_users(several):
    page = several.client().get("/admin/groups/")
    assert names(page) == ["alpha", "Night watch", "Zebra"]
    text = visible(page)
    assert "3 groups" in text
    assert "Group Name Users Last Modified Actions" in text
    assert re.search(r"alpha 0 \d{4}-\d\d-\d\d .*Night watch 2 \d{4}-\d\d-\d\d", text)


@pytest.mark.screen("8 list")
@pytest.mark.parametrize(
    ("query", "first"),
    [("sort=-name", "Zebra"), ("sort=-users", "Night watch"), ("sort=users", "alpha"), ("sort=-modified", "alpha")],
)
def test_every_column_but_actions_sorts(several, query, first):
    assert names(several.client().get(f"/admin/groups/?{query}"))[0] == first


@pytest.mark.screen("8 list")
def test_the_search_looks_at_the_name(several):
    assert names(several.client().get("/admin/groups/?q=%20NIGHT")) == ["Night watch"]
    assert "Nothing matches your search" in visible(several.client().get("/admin/groups/?q=bob"))
    assert several.client().get("/admin/groups/?q=%00%25").status_code == 200


@pytest.mark.screen("1.4 list empty")
def test_without_any_group_it_says_so(world):
    assert "No groups yet New Group" in visible(world.client().get("/admin/groups/"))


@pytest.mark.screen("8 list")
def test_buttons_and_row_menu_follow_the_permissions(several):
    page = several.bob_may(VIEW).get("/admin/groups/")
    assert "New Group" not in visible(page)
    assert 'role="menuitem"' not in page.content.decode()
    page = several.bob_may(VIEW, DELETE, "admin.groups.create").get("/admin/groups/")
    assert "New Group" in visible(page)
    assert set(re.findall(r'(?s)role="menuitem".*?</svg>\s*(\w+)', page.content.decode())) == {"Delete"}


def test_the_menu_entry_is_shown_to_whoever_may_see_groups(several):
    assert 'href="/admin/groups/"' in several.bob_may(VIEW).get("/me/").content.decode()
    assert 'href="/admin/groups/"' not in several.bob_may().get("/me/").content.decode()


@pytest.mark.screen("8 delete")
@pytest.mark.rule("R-GRP-1")
def test_delete_asks_and_keeps_the_members_as_employees(several):
    client, address = several.client(), f"/admin/groups/{several.night.pk}/delete/"
    asked = client.get(address, headers=HTMX)
    assert "Delete group Night watch? Its 2 members stay employees." in visible(asked)
    assert Group.objects.filter(pk=several.night.pk).exists()
    answer = client.post(address, {"next": "/admin/groups/?q=night"}, headers=HTMX)
    assert answer["HX-Redirect"] == "/admin/groups/?q=night"
    assert "Group deleted" in visible(client.get("/admin/groups/?q=night"))
    assert not Group.objects.filter(pk=several.night.pk).exists()
    assert Employee.objects.filter(pk__in=[several.alice.pk, several.bob.pk]).count() == 2
    event = AuditEvent.objects.filter(entity_id=several.night.pk).latest("at")
    assert history_of(several.night)[-1] == ("Group", "Night watch", "deleted")
    assert (event.entity_label, event.triggered_by_name) == ("Night watch", "Alice Archer")


def test_one_member_is_one(several):
    asked = visible(several.client().get(f"/admin/groups/{several.zebra.pk}/delete/"))
    assert "Delete group Zebra? Its 1 member stays an employee." in asked


def test_deleting_twice_finds_nothing_the_second_time(several):
    address = f"/admin/groups/{several.zebra.pk}/delete/"
    assert several.client().post(address).status_code == 302
    assert several.client().post(address).status_code == 404
    assert AuditEvent.objects.filter(entity_id=several.zebra.pk).count() == 2


def test_two_who_delete_at_once_leave_one_event(several):
    groups.delete(several.zebra, actor=several.actor)
    groups.delete(several.zebra, actor=several.actor)
    assert AuditEvent.objects.filter(entity_id=several.zebra.pk).count() == 2


def test_who_saves_what_is_being_deleted_is_told(several):
    """The record is gone between reading and writing it."""
    groups.delete(Group.objects.get(pk=several.zebra.pk), actor=several.actor)
    with pytest.raises(Refused, match=r"This record has been deleted\."):
        groups.update(several.zebra, {"name": "Yak"}, actor=several.actor, add={several.alice.pk: None})
    assert AuditEvent.objects.filter(entity_id=several.zebra.pk).count() == 2


def test_a_longer_list_costs_no_more_statements(several, django_assert_max_num_queries):
    client = several.client()
    client.get("/admin/groups/?per=100")
    with django_assert_max_num_queries(10) as few:
        client.get("/admin/groups/?per=100")
    for number in range(60):
        groups.create({"name": f"Group {number}"}, actor=several.actor, members={several.bob.pk: None})
    with django_assert_max_num_queries(len(few)):
        client.get("/admin/groups/?per=100")
