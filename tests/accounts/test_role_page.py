"""The role page: General and what Save does (screens §4.2)."""

import re

import pytest

from accounts import queries
from accounts.actions import employees, roles
from accounts.models import Role
from tests.world import VIEW_ROLES, history_of, visible

EDIT, CREATE, ASSIGN = (f"admin.role_management.{action}" for action in ("edit", "create", "user_assignment"))


def save(client, role=None, **given):
    """Press Save; what is not given stays as the page shows it."""
    address = f"/admin/roles/{role.pk}/" if role else "/admin/roles/new/"
    shown = {"name": role.display_name, "description": role.description, "version": role.version} if role else {}
    if role and "permission" not in given:
        shown["permission"] = list(role.permissions.values_list("code", flat=True))
    return client.post(address, shown | given)


def fresh(role):
    return Role.objects.get(pk=role.pk)


@pytest.mark.rule("R-ROLE-4", "R-ROLE-5")
def test_save_stores_a_new_role_as_a_draft_without_permissions_and_stays(world):
    client = world.client()
    answer = save(client, name="Night watch", description="Sleeps by day", tab="permissions")
    role = Role.objects.get(name="Night watch")
    assert answer.url == f"/admin/roles/{role.pk}/?tab=permissions"
    assert (role.status, role.permissions.count()) == ("DRAFT", 0)
    page = visible(client.get(answer.url))
    assert "Role saved" in page
    assert "Night watch Draft" in page


@pytest.mark.screen("4.2 buttons")
@pytest.mark.rule("R-ROLE-5")
def test_save_and_activate_stores_it_as_active_and_returns_to_the_list(world):
    client = world.client()
    answer = save(client, name="Night watch", permission=["admin.scim.on"], activate="true")
    assert answer.url == "/admin/roles/"
    assert "Role activated" in visible(client.get("/admin/roles/"))
    assert Role.objects.get(name="Night watch").status == "ACTIVE"


@pytest.mark.screen("4.2 general")
def test_a_new_role_has_two_tabs_and_a_stored_one_four(world):
    page = visible(world.client().get("/admin/roles/new/"))
    assert ("Assigned Users" in page, "Change History" in page) == (False, False)
    page = visible(world.client().get(f"/admin/roles/{world.role.pk}/"))
    assert "General Permissions Assigned Users Change History" in page


@pytest.mark.screen("4.2 buttons")
def test_plain_save_never_changes_the_status(world):
    for role in (world.role, world.draft("Draft"), world.draft("Gone", activate=True)):
        before = role.status
        save(world.client(), role, description="New")
        assert (fresh(role).status, fresh(role).description) == (before, "New")


@pytest.mark.parametrize("status", ["DRAFT", "INACTIVE"])
def test_save_and_activate_works_from_draft_and_inactive(world, status):
    role = world.draft("Back")
    Role.objects.filter(pk=role.pk).update(status=status)
    assert save(world.client(), fresh(role), activate="true").url == "/admin/roles/"
    assert fresh(role).status == "ACTIVE"


@pytest.mark.screen("4.2 buttons")
def test_an_active_role_has_no_second_button(world):
    assert "Save & Activate" not in visible(world.client().get(f"/admin/roles/{world.role.pk}/"))
    assert "Cancel Save Save & Activate" in visible(world.client().get("/admin/roles/new/"))


@pytest.mark.screen("4.2 general")
@pytest.mark.rule("R-ROLE-1", "R-ROLE-3")
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": ""}, "Name is required."),
        ({"name": "   "}, "Name is required."),
        ({"name": "x" * 51}, "Name can have at most 50 characters."),
        ({"name": "BOB'S ROLE"}, "Name is already in use."),
        *(({"name": f"a{c}b"}, 'Name must not contain any of / \\ + ! ? < > # & , % "') for c in '/\\+!?<>#&,%"'),
        ({"description": "x" * 201}, "Description can have at most 200 characters."),
        ({"description": "see https://x.example"}, "Description must be plain text without links or HTML."),
        ({"description": "<b>bold</b>"}, "Description must be plain text without links or HTML."),
    ],
)
def test_what_a_rule_forbids_is_said_and_nothing_is_stored(world, given, message):
    before = Role.objects.count()
    answer = save(world.client(), **{"name": "Fine"} | given)
    assert (answer.status_code, message in visible(answer)) == (422, True)
    assert Role.objects.count() == before


@pytest.mark.screen("1.4 form check")
def test_all_messages_come_at_once_on_top_and_under_the_fields_and_the_entries_stay(world):
    answer = save(world.client(), name="a/b", description="<i>", permission=["admin.scim.on"])
    text = visible(answer)
    for message in ("Name must not contain any of", "Description must be plain text"):
        assert text.count(message) == 2
    html = answer.content.decode()
    assert 'value="a/b"' in html
    assert "&lt;i&gt;</textarea>" in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_error"' in html
    assert "admin.scim.on" in html.split("checked")[0]


@pytest.mark.screen("4.2 general")
@pytest.mark.rule("R-ROLE-1", "R-ROLE-3")
def test_everything_wrong_with_one_field_is_said_at_once(world):
    text = visible(save(world.client(), name="a/" + "b" * 49, description="<i>" + "y" * 198))
    for message in (
        "Name can have at most 50 characters.",
        "Name must not contain any of",
        "Description can have at most 200 characters.",
        "Description must be plain text without links or HTML.",
    ):
        assert text.count(message) == 2


@pytest.mark.screen("4.2 general")
@pytest.mark.rule("R-ROLE-2")
def test_a_name_once_used_is_gone_for_others_but_not_for_its_role(world):
    role = world.draft("First name")
    save(world.client(), role, name="Second name")
    answer = save(world.client(), name="FIRST NAME")
    assert "This name has been used before and cannot be used again." in visible(answer)
    assert save(world.client(), fresh(role), name="First name").status_code == 302


@pytest.mark.rule("R-ROLE-10")
def test_an_out_of_the_box_role_is_editable_and_translated_until_it_is_renamed(world, monkeypatch):
    manager = roles.create({"name": "Manager", "ootb_code": "manager"}, [], actor=world.actor, activate=True)
    monkeypatch.setitem(Role.OOTB_NAMES, "manager", "マネージャー")
    page = world.client().get(f"/admin/roles/{manager.pk}/")
    assert 'value="マネージャー"' in page.content.decode()
    save(world.client(), manager, description="Leads")
    assert (fresh(manager).name, fresh(manager).description) == ("Manager", "Leads")
    save(world.client(), fresh(manager), name="Team heads")
    assert (fresh(manager).name, fresh(manager).display_name) == ("Team heads", "Team heads")


@pytest.mark.rule("R-ROLE-11")
def test_the_translated_name_of_an_unrenamed_role_is_taken(world, monkeypatch):
    roles.create({"name": "Manager", "ootb_code": "manager"}, [], actor=world.actor, activate=True)
    monkeypatch.setitem(Role.OOTB_NAMES, "manager", "マネージャー")
    assert "Name is already in use." in visible(save(world.client(), name="マネージャー"))


@pytest.mark.rule("R-ROLE-12")
def test_somebody_must_be_able_to_edit_roles(world):
    role = world.alice.primary_role
    answer = save(world.client(), role, permission=["admin.scim.on"])
    assert "At least one active employee must be able to edit roles." in visible(answer)
    assert role.permissions.filter(code=EDIT).exists()


@pytest.mark.rule("R-ROLE-12")
def test_the_right_may_go_where_somebody_else_keeps_it(world):
    roles.update(world.role, {}, [EDIT], actor=world.actor)
    assert save(world.client(), world.alice.primary_role, permission=["admin.scim.on"]).status_code == 302


@pytest.mark.screen("1.4 form overtaken")
def test_who_was_overtaken_reads_by_whom_and_nothing_is_written(world):
    stale = fresh(world.role)
    roles.update(world.role, {"description": "Mine"}, actor=world.actor)
    answer = save(world.client(), stale, description="Yours")
    assert answer.status_code == 422
    assert "This record was changed by Alice Archer. Reload to continue." in visible(answer)
    assert fresh(stale).description == "Mine"


def test_the_same_save_twice_is_refused_the_second_time(world):
    assert save(world.client(), world.role, description="Once").status_code == 302
    assert save(world.client(), world.role, description="Once").status_code == 422
    assert save(world.client(), name="Only once").status_code == 302
    assert "Name is already in use." in visible(save(world.client(), name="Only once"))


@pytest.mark.screen("1.4 form check")
def test_leaving_a_field_checks_it_by_the_same_rules_and_stores_nothing(world):
    answer = world.client().post("/admin/roles/new/?check=name", {"name": "BOB'S ROLE", "description": "<i>"})
    assert answer.status_code == 200
    assert visible(answer) == "Name is already in use."
    assert visible(world.client().post("/admin/roles/new/?check=name", {"name": "Fine"})) == ""
    assert not Role.objects.filter(name="Fine").exists()


@pytest.mark.screen("4.2 audit")
def test_the_history_names_every_change(world):
    save(world.client(), world.role, name="Watch", description="Wakes", permission=["admin.employees.create"])
    assert set(history_of(world.role)) >= {
        ("Role", "", "created"),
        ("Role.name", "Bob's role", "Watch"),
        ("Role.description", "", "Wakes"),
        ("Role.permission Admin/Employees/Create", "Off", "On"),
        ("Role.permission Admin/Employees/View", "Off", "On"),
    }


def test_saving_without_a_change_leaves_no_trace(world):
    before = history_of(world.role)
    save(world.client(), world.role)
    assert history_of(world.role) == before


def test_without_edit_the_page_can_be_read_only(world):
    client = world.bob_may(VIEW_ROLES)
    page = client.get(f"/admin/roles/{world.role.pk}/")
    assert "Set To Default" not in visible(page)
    assert "Save" not in visible(page)
    boxes = re.findall(r'(?s)<input[^>]*name="permission"[^>]*>', page.content.decode())
    assert all("disabled" in box for box in boxes)
    assert re.search(r'<fieldset class="fields[^>]* disabled', page.content.decode())
    assert save(client, world.role, description="Sneaky").status_code == 403
    assert fresh(world.role).description == ""


def test_with_user_assignment_alone_only_people_are_added(world):
    client = world.bob_may(VIEW_ROLES, ASSIGN)
    dana = world.employee()
    other = world.draft("Other", activate=True)
    assert save(client, other, add=[str(dana.pk)], description="Sneaky").status_code == 302
    dana.refresh_from_db()
    assert (dana.primary_role, fresh(other).description) == (other, "")
    assert save(client, other, activate="true").status_code == 403


def test_without_create_there_is_no_new_role(world):
    client = world.bob_may(VIEW_ROLES, EDIT)
    assert client.get("/admin/roles/new/").status_code == 403
    assert save(client, name="Sneaky").status_code == 403


@pytest.mark.rule("R-PERM-6")
def test_permissions_are_the_sum_of_all_active_roles_at_every_request(world):
    second = world.draft("Second", VIEW_ROLES, activate=True)
    client = world.client(world.bob)
    assert client.get("/admin/roles/").status_code == 403
    employees.update(world.bob, {"secondary_roles": [second]}, actor=world.actor)
    assert client.get("/admin/roles/").status_code == 200
    Role.objects.filter(pk=second.pk).update(status="INACTIVE")
    assert client.get("/admin/roles/").status_code == 403
    assert queries.effective_permissions(world.bob) == frozenset()
