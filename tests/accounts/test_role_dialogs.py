"""What the row menu of Roles and Permissions does: Duplicate, Activate, Deactivate (screens §4)."""

import re

import pytest

from accounts.actions import account_settings, employees, roles
from accounts.models import Role
from tests.world import VIEW_ROLES, history_of, visible

HTMX = {"HX-Request": "true", "HX-Target": "dialog", "HX-Current-URL": "http://testserver/admin/roles/?q=x"}


def status(role):
    return Role.objects.get(pk=role.pk).status


@pytest.mark.screen("4.2 duplicate")
def test_duplicate_opens_a_draft_with_the_same_description_and_permissions(world):
    roles.update(world.role, {"description": "Same"}, [VIEW_ROLES], actor=world.actor)
    answer = world.client().post(f"/admin/roles/{world.role.pk}/duplicate/", {"name": "Copy"})
    copy = Role.objects.get(name="Copy")
    assert answer.url == f"/admin/roles/{copy.pk}/"
    assert (copy.status, copy.description) == ("DRAFT", "Same")
    assert [p.code for p in copy.permissions.all()] == [VIEW_ROLES]
    assert ("Role.copiedFrom", "", "Bob's role") in history_of(copy)


@pytest.mark.rule("R-ROLE-1", "R-ROLE-2")
@pytest.mark.parametrize(
    ("name", "message"), [("", "Name is required."), ("bob's role", "Name is already in use."), ("a/b", "Name must")]
)
def test_the_name_of_a_copy_follows_the_same_rules(world, name, message):
    answer = world.client().post(f"/admin/roles/{world.role.pk}/duplicate/", {"name": name}, headers=HTMX)
    assert (answer.status_code, message in visible(answer)) == (422, True)
    assert "<html" not in answer.content.decode()


@pytest.mark.screen("1.4 dialogs")
@pytest.mark.parametrize(
    ("what", "sentence", "button"),
    [
        ("duplicate", "The copy is a draft", "Duplicate"),
        ("activate", "Activate Night watch?", "Activate"),
        ("deactivate", "Deactivate Night watch? It can no longer be assigned.", "Deactivate"),
    ],
)
def test_a_dialog_is_a_fragment_for_htmx_and_a_page_otherwise(world, what, sentence, button):
    role = world.draft("Night watch")
    page = world.client().get(f"/admin/roles/{role.pk}/{what}/")
    fragment = world.client().get(f"/admin/roles/{role.pk}/{what}/", headers=HTMX)
    for answer in (page, fragment):
        assert sentence in visible(answer)
        assert f"Cancel {button}" in visible(answer)
    assert "<html" in page.content.decode()
    assert "<html" not in fragment.content.decode()
    assert status(role) == "DRAFT"


def test_activating_leads_back_to_the_list_as_it_was_with_a_toast(world):
    role, client = world.draft("Night watch"), world.client()
    page = client.get(f"/admin/roles/{role.pk}/activate/", headers=HTMX).content.decode()
    assert 'name="next" value="http://testserver/admin/roles/?q=x"' in page
    answer = client.post(f"/admin/roles/{role.pk}/activate/", {"next": "/admin/roles/?q=x"}, headers=HTMX)
    assert answer["HX-Redirect"] == "/admin/roles/?q=x"
    assert status(role) == "ACTIVE"
    assert "Role activated" in visible(client.get("/admin/roles/?q=x"))


def test_without_scripts_it_leads_back_as_well(world):
    role = world.draft("Night watch")
    answer = world.client().post(f"/admin/roles/{role.pk}/activate/", {"next": "//evil.example/"})
    assert (answer.status_code, answer.url) == (302, "/admin/roles/")


@pytest.mark.screen("4.2 transitions")
def test_an_active_role_can_be_deactivated_and_activated_again(world):
    role, client = world.draft("Night watch", activate=True), world.client()
    assert client.post(f"/admin/roles/{role.pk}/deactivate/").status_code == 302
    assert status(role) == "INACTIVE"
    assert ("Role.status", "ACTIVE", "INACTIVE") in history_of(role)
    client.post(f"/admin/roles/{role.pk}/activate/")
    assert status(role) == "ACTIVE"


@pytest.mark.screen("4.2 transitions")
@pytest.mark.rule("R-ROLE-8")
@pytest.mark.parametrize("held_as", ["primary", "secondary"])
def test_a_role_that_somebody_has_cannot_be_deactivated(world, held_as):
    role = world.draft("Night watch", activate=True)
    for name in ("Dana Doe", "Dora Day"):
        given = {"primary_role": role} if held_as == "primary" else {"secondary_roles": [role]}
        world.employee(name, **given)
    answer = world.client().post(f"/admin/roles/{role.pk}/deactivate/", headers=HTMX)
    assert answer.status_code == 422
    assert "2 active employees have this role. Give them another role first." in visible(answer)
    assert status(role) == "ACTIVE"


@pytest.mark.rule("R-ROLE-8")
def test_inactive_employees_do_not_keep_a_role_active(world):
    role = world.draft("Night watch", activate=True)
    employees.deactivate(world.employee(primary_role=role), actor=world.actor)
    assert world.client().post(f"/admin/roles/{role.pk}/deactivate/").status_code == 302


@pytest.mark.rule("R-ROLE-5")
def test_a_draft_stays_a_draft(world):
    role = world.draft("Night watch")
    answer = world.client().post(f"/admin/roles/{role.pk}/deactivate/")
    assert (answer.status_code, status(role)) == (422, "DRAFT")


@pytest.mark.screen("4.2 transitions")
@pytest.mark.rule("R-SCIM-4")
@pytest.mark.parametrize(
    ("name", "how"), [("Night watch", "chosen"), ("Agent", "by name"), ("エージェント", "by name")]
)
def test_deactivating_the_scim_default_role_warns(world, name, how):
    role = world.draft(name, activate=True)
    warning = "New SCIM users cannot be created until another default role is chosen."
    if how == "chosen":
        assert warning not in visible(world.client().get(f"/admin/roles/{role.pk}/deactivate/"))
        account_settings.update(world.acme.settings, {"scim_default_role": role}, actor=world.actor)
    assert warning in visible(world.client().get(f"/admin/roles/{role.pk}/deactivate/"))


@pytest.mark.rule("R-SCIM-4")
def test_deactivating_one_of_two_roles_that_scim_takes_does_not(world):
    agents = [world.draft(name, activate=True) for name in ("Agent", "エージェント")]
    for role in agents:
        assert "New SCIM users" not in visible(world.client().get(f"/admin/roles/{role.pk}/deactivate/"))


@pytest.mark.screen("1.4 dialogs")
def test_every_dialog_that_asks_has_a_cross(world):
    """Those that scripts open are on the page already; the end of the session has nothing to cancel."""
    client = world.client()
    dana = world.employee()
    pages = [f"/admin/employees/{dana.pk}/", f"/admin/roles/{world.role.pk}/", f"/admin/teams/{dana.team_id}/"]
    asking = {}
    for page in pages:
        html = client.get(page).content.decode()
        asking |= re.findall(r'(?s)<dialog id="([\w-]+)"(.*?)</dialog>', html)
    crosses = {name: 'aria-label="Close"' in dialog for name, dialog in asking.items() if "dialog-foot" in dialog}
    assert crosses == {
        "discard-dialog": True,
        "delete-key-dialog": True,
        "default-dialog": True,
        "codes-dialog": True,
        "idle-dialog": False,
    }
    assert 'aria-label="Close"' in client.get(f"/admin/roles/{world.role.pk}/duplicate/", headers=HTMX).content.decode()
