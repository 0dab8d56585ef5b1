"""Everything works without JavaScript, except what only a browser can do."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import sign_in


@pytest.fixture
def plain(open_page):
    page = open_page(java_script_enabled=False)
    sign_in(page)
    return page


def test_a_role_can_be_made_filled_activated_and_deactivated(plain):
    plain.goto("/admin/roles/")
    plain.get_by_role("link", name="New Role").click()
    plain.get_by_label("Name").fill("Plain role")
    plain.get_by_role("group", name="Employees", exact=True).get_by_role("checkbox", name="Create").check()
    plain.get_by_role("button", name="Save & Activate").click()
    expect(plain.get_by_text("Role activated")).to_be_visible()
    plain.get_by_role("searchbox").fill("plain")
    plain.get_by_role("button", name="Search").click()
    expect(plain).to_have_url(re.compile("q=plain"))
    plain.get_by_role("link", name="Plain role").click()
    expect(
        plain.get_by_role("group", name="Employees", exact=True).get_by_role("checkbox", name="View")
    ).to_be_checked()
    plain.goto("/admin/roles/?q=plain")
    plain.get_by_role("button", name="Actions for Plain role").click()
    plain.get_by_role("menuitem", name="Deactivate").click()
    plain.get_by_role("button", name="Deactivate").click()
    expect(plain.get_by_text("Role deactivated")).to_be_visible()


def test_every_tab_of_a_role_can_be_reached(plain):
    plain.goto("/admin/roles/?q=agent")
    plain.get_by_role("link", name="Agent", exact=True).click()
    expect(plain.get_by_label("Name")).to_be_visible()
    expect(plain.get_by_role("switch", name="SCIM")).to_be_visible()
    plain.locator("#history").get_by_role("link", name="Change History").click()
    expect(plain.get_by_role("heading", name="Change History", level=1)).to_be_visible()
    plain.get_by_role("link", name="More Details").first.click()
    expect(plain.get_by_text("Credential")).to_be_visible()


def test_two_roles_can_be_compared(plain):
    plain.goto("/admin/roles/")
    plain.get_by_role("link", name="Compare Roles").click()
    plain.get_by_label("First role").select_option("Agent")
    plain.get_by_label("Second role").select_option("Manager")
    plain.get_by_label("Only differences").check()
    plain.get_by_role("button", name="Apply").click()
    expect(plain.get_by_role("columnheader", name="Manager")).to_be_visible()
    expect(plain.get_by_label("Only differences")).to_be_checked()
    expect(plain.get_by_role("rowheader", name="Employees Different")).to_be_visible()
    expect(plain.get_by_role("rowheader", name="SCIM")).to_have_count(0)


def test_set_to_default_fills_the_form_on_the_server(plain):
    plain.goto("/admin/roles/new/")
    plain.get_by_label("Set To Default").select_option("Manager")
    plain.get_by_role("button", name="Apply").click()
    expect(
        plain.get_by_role("group", name="Teams", exact=True).get_by_role("checkbox", name="Deactivate")
    ).to_be_checked()


def test_users_can_be_added(plain, invite):
    invite("Vera")
    plain.goto("/admin/roles/?q=manager")
    plain.get_by_role("link", name="Manager").click()
    plain.get_by_role("link", name="Add Users").click()
    plain.get_by_role("checkbox", name="Vera Tester").check()
    plain.get_by_role("button", name="Move").click()
    expect(plain.get_by_text("Selected (1)")).to_be_visible()
    plain.get_by_role("button", name="Confirm").click()
    expect(plain.get_by_role("row", name="Vera Tester")).to_be_visible()
    plain.get_by_role("button", name="Save", exact=True).click()
    expect(plain.get_by_text("Role saved")).to_be_visible()


def test_settings_are_saved_and_a_token_is_made_and_deleted(plain):
    plain.goto("/admin/account-settings/")
    plain.get_by_label("Minutes").fill("19")
    plain.get_by_label("Users", exact=True).select_option(label="Okta Connector (okta@demo.example)")
    plain.get_by_role("button", name="Generate").click()
    expect(plain.get_by_text("New token for Okta Connector")).to_be_visible()
    expect(plain.get_by_label("Minutes")).to_have_value("19")
    plain.get_by_role("button", name="Show Token").hover()
    expect(plain.locator(".token-value")).to_have_text(re.compile("^cxs_"))
    plain.get_by_role("button", name="Save", exact=True).click()
    expect(plain.get_by_text("Account settings saved")).to_be_visible()
    expect(plain.get_by_label("Minutes")).to_have_value("19")
    plain.get_by_role("link", name="Delete the SCIM token of Okta Connector").click()
    plain.get_by_role("button", name="Delete").click()
    expect(plain.get_by_text("SCIM token deleted")).to_be_visible()
    plain.get_by_label("Layout").select_option("Tabs")
    plain.get_by_role("button", name="Apply").click()
    expect(plain.get_by_role("link", name="Login Page")).to_be_visible()
    expect(plain.get_by_label("Minutes")).to_be_visible()
    plain.get_by_label("Layout").select_option("One page")
    plain.get_by_role("button", name="Apply").click()


def test_language_theme_and_log_out(plain):
    plain.goto("/me/")
    plain.get_by_role("button", name="Demo Administrator").click()
    plain.get_by_role("button", name="Dark").click()
    expect(plain.locator("html")).to_have_attribute("data-theme", "dark")
    plain.get_by_role("button", name="Demo Administrator").click()
    plain.get_by_role("link", name="Log out").click()
    plain.get_by_role("button", name="Yes").click()
    expect(plain.get_by_label("Username")).to_be_visible()
