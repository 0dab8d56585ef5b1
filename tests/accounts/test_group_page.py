"""The group page: name, Assigned Users, Change History (screens §8)."""

import re

import pytest

from accounts.actions import employees, groups
from accounts.models import AuditEvent, Employee, Group
from tests.accounts.test_role_users import DIALOG, offered
from tests.pages import form_in
from tests.world import history_of, visible

VIEW, CREATE, EDIT = (f"admin.groups.{action}" for action in ("view", "create", "edit"))


@pytest.fixture
def crew(world):
    """The group Crew with Bob in it; Dana and Dora beside him."""
    world.dana, world.dora = world.employee("Dana Doe"), world.employee("Dora Day")
    world.crew = groups.create({"name": "Crew"}, actor=world.actor, members={world.bob.pk: None})
    return world


def save(client, group=None, **given):
    """Press Save or Create; what is not given stays as the page shows it."""
    address = f"/admin/groups/{group.pk}/" if group else "/admin/groups/new/"
    return client.post(address, form_in(client.get(address), "group-form") | given)


def members(group) -> list[str]:
    return sorted(group.members.values_list("first_name", flat=True))


@pytest.mark.screen("8 page")
def test_create_stores_a_group_with_its_first_members(crew):
    client = crew.client()
    page = visible(client.get("/admin/groups/new/"))
    assert "Cancel Create" in page
    assert "Change History" not in page
    answer = save(client, name="  Night watch ", add=[str(crew.dana.pk), str(crew.dora.pk)])
    group = Group.objects.get(name="Night watch")
    assert answer.url == f"/admin/groups/{group.pk}/?tab=users"
    assert members(group) == ["Dana", "Dora"]
    assert "Group created" in visible(client.get(answer.url))
    assert history_of(group) == [
        ("Group", "", "created"),
        ("Group.name", "", "Night watch"),
        ("Group.assignedUser", "", "dana@acme.example, dora@acme.example"),
    ]


@pytest.mark.screen("8 page")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "Group Name is required."),
        ("   ", "Group Name is required."),
        ("x" * 51, "Group Name can have at most 50 characters."),
        ("CREW", "Group Name is already in use."),
        ("a\x07b", "Group Name must not contain control characters."),
    ],
)
def test_what_a_rule_forbids_is_said_and_nothing_is_stored(crew, name, message):
    answer = save(crew.client(), name=name, add=[str(crew.dana.pk)])
    assert (answer.status_code, message in visible(answer)) == (422, True)
    assert str(crew.dana.pk) in answer.content.decode()
    assert Group.objects.filter(business_unit=crew.acme).count() == 1


def test_the_name_of_a_strangers_group_is_free(crew):
    groups.create({"name": "Theirs"}, actor=crew.strange_actor)
    assert save(crew.client(), name="Theirs").status_code == 302


def test_leaving_the_name_checks_it(crew):
    assert visible(crew.client().post("/admin/groups/new/?check=name", {"name": "crew"})) == (
        "Group Name is already in use."
    )
    own = crew.client().post(f"/admin/groups/{crew.crew.pk}/?check=name", {"name": "crew"})
    assert visible(own) == ""


@pytest.mark.screen("8 page")
@pytest.mark.rule("R-GRP-1")
def test_save_renames_and_adds_at_once(crew):
    client = crew.client()
    groups.create({"name": "Other"}, actor=crew.actor, members={crew.dana.pk: None})
    answer = save(client, crew.crew, name="Watch", add=[str(crew.dana.pk)])
    assert answer.status_code == 302
    assert "Group saved" in visible(client.get(answer.url))
    assert members(crew.crew) == ["Bob", "Dana"]
    assert crew.dana.groups.count() == 2
    assert history_of(crew.crew)[-2:] == [
        ("Group.name", "Crew", "Watch"),
        ("Group.assignedUser", "", "dana@acme.example"),
    ]


def test_saving_without_a_change_leaves_no_trace(crew):
    before = history_of(crew.crew)
    assert save(crew.client(), crew.crew).status_code == 302
    assert history_of(crew.crew) == before


def test_who_was_overtaken_reads_by_whom_and_nothing_is_written(crew):
    client, address = crew.client(), f"/admin/groups/{crew.crew.pk}/"
    typed = form_in(client.get(address), "group-form") | {"name": "Yours", "add": [str(crew.dana.pk)]}
    groups.update(crew.crew, {"name": "Mine"}, actor=crew.actor)
    answer = client.post(address, typed)
    assert answer.status_code == 422
    assert "This record was changed by Alice Archer. Reload to continue." in visible(answer)
    crew.crew.refresh_from_db()
    assert (crew.crew.name, members(crew.crew)) == ("Mine", ["Bob"])


def test_the_tab_lists_who_is_in_it(crew):
    page = visible(crew.client().get(f"/admin/groups/{crew.crew.pk}/users/"))
    assert "1 employee" in page
    assert "Bob Brown bob@acme.example Default Team Active" in page
    assert "Dana" not in page
    assert "Nothing matches" in visible(crew.client().get(f"/admin/groups/{crew.crew.pk}/users/?q=dana"))
    empty = groups.create({"name": "Empty"}, actor=crew.actor)
    assert "Nobody is in this group yet" in visible(crew.client().get(f"/admin/groups/{empty.pk}/users/"))


def test_add_users_offers_everybody_outside_who_is_not_inactive(crew):
    employees.deactivate(crew.dora, actor=crew.actor)
    answer = crew.client().get(f"/admin/groups/{crew.crew.pk}/users/add/", headers=DIALOG)
    assert sorted(offered(answer)) == ["Acme Administrator", "Alice Archer", "Dana Doe"]
    answer = crew.client().get("/admin/groups/new/users/add/", headers=DIALOG)
    assert "Bob Brown" in offered(answer)
    assert "Dora Day" not in offered(answer)


def test_somebody_whom_scim_no_longer_sees_can_be_a_member(crew):
    Employee.objects.filter(pk=crew.dana.pk).update(scim_hidden=True)
    assert save(crew.client(), crew.crew, add=[str(crew.dana.pk)]).status_code == 302
    assert members(crew.crew) == ["Bob", "Dana"]


def test_strangers_cannot_be_added(crew):
    assert save(crew.client(), crew.crew, add=[str(crew.charlie.pk)]).status_code == 404
    assert save(crew.client(), crew.crew, add=["nonsense"]).status_code == 404
    assert save(crew.client(), name="New", add=[str(crew.charlie.pk)]).status_code == 404
    assert not Group.objects.filter(name="New").exists()


@pytest.mark.screen("8 page")
def test_removing_somebody_asks_and_is_done_at_once(crew):
    client, address = crew.client(), f"/admin/groups/{crew.crew.pk}/users/{crew.bob.pk}/remove/"
    page = client.get(f"/admin/groups/{crew.crew.pk}/users/").content.decode()
    assert 'aria-label="Remove Bob Brown"' in page
    assert "Remove Bob Brown from the group Crew?" in visible(client.get(address, headers=DIALOG))
    assert members(crew.crew) == ["Bob"]
    back = f"/admin/groups/{crew.crew.pk}/?tab=users"
    assert client.post(address, {"next": back}).url == back
    assert "Bob Brown removed from the group" in visible(client.get(back))
    assert members(crew.crew) == []
    assert history_of(crew.crew)[-1] == ("Group.assignedUser", "bob@acme.example", "")
    assert client.post(address).status_code == 302
    assert len(history_of(crew.crew)) == 4


def test_strangers_cannot_be_removed(crew):
    url = f"/admin/groups/{crew.crew.pk}/users/{crew.charlie.pk}/remove/"
    assert crew.client().post(url).status_code == 404


def test_without_edit_the_page_can_be_read_only(crew):
    client = crew.bob_may(VIEW)
    page = client.get(f"/admin/groups/{crew.crew.pk}/")
    assert "Save" not in visible(page)
    assert "Add Users" not in visible(page)
    assert re.search(r'<fieldset class="fields[^>]* disabled', page.content.decode())
    assert "Remove" not in visible(client.get(f"/admin/groups/{crew.crew.pk}/users/"))
    assert client.post(f"/admin/groups/{crew.crew.pk}/", {"name": "Sneaky", "version": 1}).status_code == 403
    crew.crew.refresh_from_db()
    assert crew.crew.name == "Crew"


@pytest.mark.screen("8 audit")
def test_the_history_is_that_of_the_group(crew):
    save(crew.client(), crew.crew, name="Watch")
    page = visible(crew.client().get(f"/admin/groups/{crew.crew.pk}/history/"))
    assert re.search(r"Group\.name Crew Watch Alice Archer", page)
    event = AuditEvent.objects.filter(entity_id=crew.crew.pk).latest("at")
    details = visible(crew.client().get(f"/admin/groups/{crew.crew.pk}/history/{event.pk}/"))
    assert "web session" in details


def test_the_employee_page_offers_the_group(crew):
    client, address = crew.client(), f"/admin/employees/{crew.dana.pk}/"
    given = form_in(client.get(address), "employee-form") | {"groups": [str(crew.crew.pk)]}
    assert client.post(address, given).status_code == 302
    assert members(crew.crew) == ["Bob", "Dana"]
    assert ("User.groups", "", "Crew") in history_of(crew.dana)


def test_a_longer_list_of_users_costs_no_more_statements(crew, django_assert_max_num_queries):
    client, address = crew.client(), f"/admin/groups/{crew.crew.pk}/users/?per=100"
    client.get(address)
    with django_assert_max_num_queries(10) as few:
        client.get(address)
    more = {crew.employee(f"N{number} Doe").pk: None for number in range(30)}
    groups.update(crew.crew, {}, actor=crew.actor, add=more)
    with django_assert_max_num_queries(len(few)):
        client.get(address)
