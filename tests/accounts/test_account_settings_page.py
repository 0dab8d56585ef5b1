"""Account Settings: what the page shows and to whom (screens §12)."""

import re

import pytest

from accounts.actions import account_settings, scim_tokens
from accounts.models import AccountSettings, Role
from tests.pages import form_in
from tests.world import history_of, visible

PAGE = "/admin/account-settings/"
VIEW, EDIT = "admin.admin_account_settings.view", "admin.admin_account_settings.edit"
CONFIGURE = "admin.security_policy.configure"


@pytest.mark.screen("12 page")
def test_one_page_holds_all_sections_in_order(world):
    page = visible(world.client().get(PAGE))
    sections = (
        "Idle Timeout",
        "User inactivity lock",
        "Custom Host Name",
        "Login Banner",
        "Configure SCIM Provisioned Fields",
        "Default role",
        "Access rule",
        "Profile",
        "Tolerances",
        "Invite SCIM-created employees",
        "SCIM Tokens",
        "Cancel Save",
    )
    places = [page.index(section, page.index("Idle Timeout")) for section in sections]
    assert places == sorted(places)


@pytest.mark.screen("12.5 SCIM")
def test_a_new_tenant_has_the_documented_defaults(world):
    shown = form_in(world.client().get(PAGE), "settings-form")
    assert (shown["idle_timeout_on"], shown["idle_timeout_hours"], shown["idle_timeout_minutes"]) == (
        ["on"],
        ["0"],
        ["20"],
    )
    assert "lock_on" not in shown
    assert shown["lock_days"] == ["90"]
    assert shown["custom_host_name"] == [""]
    assert "banner_on" not in shown
    assert "scim_fields" not in shown
    assert (shown["scim_default_role"], shown["scim_access_rule"], shown["scim_profile"]) == (
        [""],
        ["by_credential"],
        ["rfc"],
    )
    assert shown["scim_tolerances"] == ["on"]
    assert "scim_auto_invite" not in shown


def test_it_is_reached_from_the_menu(world):
    menu = world.client().get(PAGE).content.decode().split('class="side-bar"')[1].split("</nav>")[0]
    assert re.search(r'href="/admin/account-settings/"[^>]* aria-current="page"', menu)
    assert "Tenant Configuration" in menu
    assert "Account Settings" not in visible(world.bob_may().get("/me/"))


@pytest.mark.screen("12.5 SCIM")
def test_the_four_fixed_fields_are_ticked_and_cannot_be_cleared(world):
    page = world.client().get(PAGE).content.decode()
    fixed, optional = page.split('id="scim-fields-always"')[1].split('id="scim-fields-optional"')
    assert len(re.findall(r'<input type="checkbox" checked disabled>', fixed)) == 4
    for label in ("Username", "First Name", "Last Name", "Email Address"):
        assert label in fixed
    assert len(re.findall(r'name="scim_fields"', optional)) == 9
    shown = (
        "Display Name Middle Name Mobile Number Time Zone Type Login Authenticator Primary Role Team Employee Template"
    )
    assert shown in visible(world.client().get(PAGE))


@pytest.mark.screen("12 permissions")
def test_without_edit_everything_can_be_read_and_nothing_changed(world):
    client = world.bob_may(VIEW, CONFIGURE)
    page = client.get(PAGE)
    text = visible(page)
    assert "Idle Timeout" in text
    assert "SCIM Tokens" in text
    for control in ("Cancel Save", "Generate", "Layout", "Actions"):
        assert control not in text
    assert set(form_in(page, "settings-form")) == {"csrfmiddlewaretoken", "version"}
    assert client.post(PAGE, {"idle_timeout_on": "on"}).status_code == 403
    assert client.post(PAGE, {"generate": "true"}).status_code == 403
    assert client.post(f"{PAGE}layout/", {"layout": "tabs"}).status_code == 403


@pytest.mark.screen("12 page", "12 permissions")
def test_the_lock_needs_security_policy_configure(world):
    client = world.bob_may(VIEW, EDIT)
    page = client.get(PAGE)
    shown = form_in(page, "settings-form")
    assert "lock_days" not in shown
    assert "To change this you need the permission Security Policy: Configure." in visible(page)
    assert client.post(PAGE, shown | {"lock_on": "on", "lock_days": "30"}).status_code == 403
    assert client.post(PAGE, shown | {"idle_timeout_minutes": "30"}).status_code == 302
    settings = AccountSettings.objects.get(pk=world.acme.pk)
    assert (settings.lock_on, settings.lock_days, settings.idle_timeout_minutes) == (False, 90, 30)


@pytest.mark.screen("12 page")
def test_the_layout_is_set_at_once(world):
    client = world.client()
    assert client.post(f"{PAGE}layout/", {"layout": "tabs"}).url == PAGE
    page = client.get(PAGE)
    assert "User Settings Login Page SCIM Change History" in visible(page)
    assert 'id="history"' in page.content.decode()
    assert ("AccountSettings.accountSettingsLayout", "single", "tabs") in history_of(world.acme)
    client.post(f"{PAGE}layout/", {"layout": "sideways"})
    assert AccountSettings.objects.get(pk=world.acme.pk).account_settings_layout == "tabs"


def test_a_message_opens_its_tab(world):
    client = world.client()
    client.post(f"{PAGE}layout/", {"layout": "tabs"})
    shown = form_in(client.get(f"{PAGE}?tab=scim"), "settings-form")
    assert shown["tab"] == ["scim"]
    page = client.post(PAGE, shown | {"custom_host_name": "nonsense"})
    assert page.status_code == 422
    assert re.search(r'tab-panel is-open" id="login-page"', page.content.decode())
    assert client.post(PAGE, shown).url == f"{PAGE}?tab=scim"


@pytest.mark.screen("12 page")
def test_the_history_is_linked_at_the_top_and_tells_everything(world):
    client = world.client()
    assert f'href="{PAGE}history/"' in client.get(PAGE).content.decode()
    account_settings.update(world.acme.settings, {"idle_timeout_minutes": 45}, actor=world.actor)
    page = visible(client.get(f"{PAGE}history/"))
    assert "AccountSettings.idleTimeoutMinutes 20 45 Alice Archer UI" in page


@pytest.mark.screen("12.5 SCIM")
def test_the_default_role_offers_active_roles_of_the_tenant_alone(world):
    world.draft("Not ready")
    page = world.client().get(PAGE).content.decode().split('name="scim_default_role"')[1].split("</select>")[0]
    assert "Agent (default)" in page
    assert "Bob&#x27;s role" in page
    assert "Not ready" not in page
    assert str(world.charlie.primary_role_id) not in page


def test_a_default_role_that_became_inactive_is_shown_and_has_to_be_replaced(world):
    role = world.draft("Gone", activate=True)
    account_settings.update(world.acme.settings, {"scim_default_role": role}, actor=world.actor)
    Role.objects.filter(pk=role.pk).update(status="INACTIVE")
    client = world.client()
    shown = form_in(client.get(PAGE), "settings-form")
    assert shown["scim_default_role"] == [str(role.pk)]
    answer = client.post(PAGE, shown)
    assert answer.status_code == 422
    assert "Choose an active role." in visible(answer)


@pytest.mark.rule("R-SCIM-4")
def test_it_warns_while_scim_has_no_role_to_give(world):
    warning = "No active role is named Agent"
    assert warning in visible(world.client().get(PAGE))
    world.draft("Agent", activate=True)
    assert warning not in visible(world.client().get(PAGE))


def test_the_page_costs_the_same_however_many_tokens_there_are(world, django_assert_max_num_queries):
    client = world.client()
    client.get(PAGE)
    for number in range(4):
        person = world.employee(f"Person{number} Doe")
        tokens = [scim_tokens.generate(person, actor=world.actor)[0].pk for _ in range(3)]
        scim_tokens.save(tokens, actor=world.actor)
    with django_assert_max_num_queries(12):
        client.get(PAGE)
