"""The role page: the tab Permissions (screens §4.2, spec §5)."""

import re

import pytest

from accounts import permissions
from accounts.actions import roles
from accounts.models import Role, RolePermission
from tests.accounts.test_role_page import save
from tests.world import history_of, visible


def chosen(response) -> set[str]:
    """The toggles that are on, on the page."""
    return {
        re.search(r'value="([^"]+)"', box)[1]
        for box in re.findall(r'(?s)<input[^>]*name="permission"[^>]*>', response.content.decode())
        if " checked" in box
    }


def stored(role) -> set[str]:
    return set(role.permissions.values_list("code", flat=True))


def test_a_new_role_has_nothing_chosen(world):
    assert chosen(world.client().get("/admin/roles/new/")) == set()


@pytest.mark.rule("R-PERM-1", "R-PERM-4")
@pytest.mark.parametrize("action", ["create", "edit", "delete", "invite"])
def test_the_server_adds_the_view_an_action_needs(world, action):
    save(world.client(), world.role, permission=[f"admin.employees.{action}"])
    assert stored(world.role) == {f"admin.employees.{action}", "admin.employees.view"}


@pytest.mark.rule("R-PERM-2", "R-PERM-4")
def test_the_server_adds_all_that_import_needs(world):
    save(world.client(), world.role, permission=["admin.employees.import"])
    assert stored(world.role) == {f"admin.employees.{action}" for action in ("import", "view", "create", "edit")}


@pytest.mark.rule("R-PERM-4")
def test_unknown_toggles_are_dropped(world):
    save(world.client(), world.role, permission=["admin.scim.on", "admin.world.rule", "' or 1=1"])
    assert stored(world.role) == {"admin.scim.on"}


@pytest.mark.rule("R-PERM-1", "R-PERM-3")
def test_the_page_tells_the_browser_what_each_action_needs(world):
    page = world.client().get("/admin/roles/new/").content.decode()

    def needs(code):
        box = re.search(rf'(?s)<input[^>]*value="{re.escape(code)}"[^>]*>', page)[0]
        return set(re.search(r'data-needs="([^"]*)"', box)[1].split())

    assert needs("admin.employees.import") == {"view", "create", "edit"}
    assert needs("admin.employees.edit") == {"view"}
    assert needs("admin.employees.view") == set()


@pytest.mark.screen("4.2 permissions")
@pytest.mark.rule("R-PERM-5")
def test_only_licensed_categories_are_shown_and_the_others_stay_untouched(world):
    page = visible(world.client().get(f"/admin/roles/{world.role.pk}/"))
    assert "QM Tools" in page
    assert "Engagement Manager" not in page
    RolePermission.objects.create(role=world.role, code="em.programs.on")
    save(world.client(), world.role, permission=["admin.scim.on", "em.setup.manage"])
    assert stored(world.role) == {"em.programs.on", "admin.scim.on"}
    save(world.client(), Role.objects.get(pk=world.role.pk), permission=[])
    assert stored(world.role) == {"em.programs.on"}


@pytest.mark.screen("4.2 permissions")
def test_categories_come_in_the_order_of_the_catalogue(world):
    page = world.client().get("/admin/roles/new/").content.decode()
    slugs = re.findall(r'href="#category-(\w+)"', page)
    assert slugs == [c.slug for c in permissions.CATALOGUE if c.slug in world.acme.licences]


def test_a_permission_of_another_licence_is_not_shown(world):
    assert "WEM Skills" not in visible(world.client().get("/admin/roles/new/"))
    world.acme.licences = [*world.acme.licences, "wfm"]
    world.acme.save()
    assert "WEM Skills" in visible(world.client().get("/admin/roles/new/"))


@pytest.mark.screen("4.2 set to default")
def test_set_to_default_offers_the_out_of_the_box_roles(world):
    offered = re.search(
        r'(?s)<select[^>]*name="default_role".*?</select>', world.client().get("/admin/roles/new/").content.decode()
    )[0]
    assert re.findall(r">\s*(\w+)\s*</option>", offered) == ["Agent", "Manager", "Administrator", "Evaluator"]
    world.acme.licences = ["admin"]
    world.acme.save()
    assert "Evaluator" not in visible(world.client().get("/admin/roles/new/")).split("General Permissions")[0]


@pytest.mark.screen("4.2 set to default")
@pytest.mark.parametrize("preset", ["agent", "manager", "administrator", "evaluator"])
def test_apply_replaces_the_selection_on_screen_and_stores_nothing(world, preset):
    answer = save(
        world.client(),
        world.role,
        name="Typed meanwhile",
        permission=["admin.scim.on"],
        set_default="true",
        default_role=preset,
    )
    shown = {
        code
        for code in permissions.preset(preset)
        if permissions.TOGGLES[code].category.slug in world.acme.licences
        and permissions.TOGGLES[code].permission.licence is None
    }
    assert answer.status_code == 200
    assert chosen(answer) == shown
    assert 'value="Typed meanwhile"' in answer.content.decode()
    assert stored(world.role) == set()


def test_no_preset_holds_scim(world):
    for preset in ("agent", "manager", "administrator", "evaluator"):
        assert "admin.scim.on" not in permissions.preset(preset)


@pytest.mark.screen("4.2 restricted access")
def test_restricted_access_is_kept_and_in_the_history(world):
    team = str(world.bob.team_id)
    save(world.client(), world.role, restrict_campaigns="none", restrict_teams="custom", restrict_teams_ids=[team])
    role = Role.objects.get(pk=world.role.pk)
    assert role.restrictions == {
        "campaigns": {"mode": "none", "ids": []},
        "teams": {"mode": "custom", "ids": [team]},
    }
    assert ("Role.restrictedAccess Campaigns", "All & Future", "None") in history_of(role)
    assert ("Role.restrictedAccess Teams", "All & Future", "Custom (1)") in history_of(role)
    page = world.client().get(f"/admin/roles/{role.pk}/").content.decode()
    assert re.search(rf'(?s)value="{team}"\s+checked', page)


@pytest.mark.screen("4.2 restricted access")
def test_restricted_access_knows_three_modes(world):
    answer = save(world.client(), world.role, restrict_teams="most")
    assert (answer.status_code, "Choose All & Future, None or Custom." in visible(answer)) == (422, True)


def test_a_page_of_a_role_with_everything_stays_small(world):
    role = roles.create({"name": "All"}, permissions.TOGGLES, actor=world.actor)
    page = world.client().get(f"/admin/roles/{role.pk}/")
    assert len(page.content) < 100_000  # a tenth of it once compressed
