"""Teams and Groups in a browser: Add Users, Remove, unavailable codes, unsaved changes."""

import itertools
import re

import pytest
from playwright.sync_api import expect

number = itertools.count(1)


def add(admin, words, name):
    """Put somebody on the page with the Add Users window."""
    admin.get_by_role("link", name="Add Users").click()
    window = admin.get_by_role("dialog", name="Add Users")
    window.get_by_role("searchbox").fill(words)
    window.get_by_role("checkbox", name=name).check()
    window.get_by_role("button", name="Move").click()
    window.get_by_role("button", name="Confirm").click()
    expect(window).to_be_hidden()


def new_team(admin) -> str:
    """A team that is Active, open on its page."""
    name = f"Browser team {next(number)}"
    admin.goto("/admin/teams/new/")
    admin.get_by_label("Team Name").fill(name)
    admin.get_by_role("button", name="Save and Activate").click()
    expect(admin.get_by_text("Team activated")).to_be_visible()
    admin.goto(f"/admin/teams/?q={name.replace(' ', '+')}")
    admin.get_by_role("link", name=name, exact=True).click()
    expect(admin.get_by_role("heading", name=name, level=1)).to_be_visible()
    return name


def test_a_group_is_created_with_its_members_and_loses_one(admin, invite):
    invite("Gwen")
    name = f"Browser group {next(number)}"
    admin.goto("/admin/groups/")
    admin.get_by_role("link", name="New Group").first.click()
    admin.get_by_label("Group Name").fill(name)
    add(admin, "gwen", "Gwen Tester")
    expect(admin.get_by_role("row", name="Gwen Tester")).to_be_visible()
    admin.get_by_role("button", name="Create").click()
    expect(admin.get_by_text("Group created")).to_be_visible()
    expect(admin.get_by_role("row", name="Gwen Tester gwen@demo.example")).to_be_visible()
    admin.get_by_role("link", name="Remove Gwen Tester").click()
    admin.get_by_role("dialog", name="Remove").get_by_role("button", name="Remove").click()
    expect(admin.get_by_text("Gwen Tester removed from the group")).to_be_visible()
    expect(admin.get_by_text("Nobody is in this group yet")).to_be_visible()
    admin.goto("/admin/groups/?q=browser+group")
    admin.get_by_role("button", name=f"Actions for {name}").click()
    admin.get_by_role("menuitem", name="Delete").click()
    admin.get_by_role("dialog", name="Delete").get_by_role("button", name="Delete").click()
    expect(admin.get_by_text("Group deleted")).to_be_visible()


def test_a_team_takes_somebody_in_and_gives_them_to_another(admin, invite):
    invite("Tara")
    new_team(admin)
    admin.get_by_role("tab", name="Assigned Users").click()
    add(admin, "tara", "Tara Tester")
    admin.get_by_role("button", name="Save", exact=True).click()
    expect(admin.get_by_text("Team saved")).to_be_visible()
    expect(admin.get_by_role("row", name="Tara Tester tara@demo.example")).to_be_visible()
    admin.get_by_role("link", name="Remove Tara Tester").click()
    dialog = admin.get_by_role("dialog", name="Remove")
    dialog.get_by_role("button", name="Remove").click()
    expect(dialog.get_by_role("alert")).to_contain_text("New team is required.")
    dialog.locator("input[role=combobox]").fill("default")  # not the select that is about to become one
    dialog.get_by_role("option", name="Default Team").click()
    dialog.get_by_role("button", name="Remove").click()
    expect(admin.get_by_text("Tara Tester now belongs to Default Team")).to_be_visible()
    expect(admin.get_by_text("Nobody belongs to this team yet")).to_be_visible()


@pytest.mark.screen("7 codes, contact, features")
def test_unavailable_codes_are_picked_removed_and_saved(admin):
    new_team(admin)
    admin.get_by_role("tab", name="Unavailable Codes").click()
    expect(admin.get_by_text("No unavailable codes yet")).to_be_visible()
    admin.get_by_role("button", name="Add Unavailable Codes").click()
    dialog = admin.get_by_role("dialog", name="Add Unavailable Codes")
    dialog.get_by_label("Break").check()
    dialog.get_by_label("Training").check()
    dialog.get_by_role("button", name="Confirm").click()
    expect(admin.get_by_role("row", name="Break No 30")).to_be_visible()
    admin.get_by_role("row", name="Training").get_by_role("checkbox").uncheck(force=True)
    expect(admin.get_by_role("row", name="Training")).to_be_hidden()
    admin.get_by_role("button", name="Add Unavailable Codes").click()
    expect(dialog.get_by_label("Break")).to_be_hidden()
    expect(dialog.get_by_label("Training")).not_to_be_checked()
    admin.keyboard.press("Escape")
    admin.get_by_role("link", name="Cancel").click()
    admin.get_by_role("dialog", name="Discard your changes?").get_by_role("button", name="Keep editing").click()
    admin.get_by_role("button", name="Save", exact=True).click()
    expect(admin.get_by_text("Team saved")).to_be_visible()
    expect(admin).to_have_url(re.compile("tab=codes"))
    expect(admin.get_by_role("row", name="Break No 30")).to_be_visible()
    expect(admin.get_by_role("row", name="Training")).to_be_hidden()


def test_the_lead_is_found_by_typing(admin, server):
    new_team(admin)
    admin.get_by_role("combobox", name="Team Lead").fill("okta")
    admin.get_by_role("option", name=re.compile("Okta Connector")).click()
    admin.get_by_role("button", name="Save", exact=True).click()
    expect(admin.get_by_text("Team saved")).to_be_visible()
    expect(admin.get_by_role("combobox", name="Team Lead")).to_have_value(re.compile("Okta Connector"))


def test_without_scripts_codes_are_check_boxes_and_users_a_page(open_page, signed_in):
    page = open_page(storage_state=signed_in, java_script_enabled=False)
    page.goto("/admin/teams/?q=default")
    page.get_by_role("link", name="Default Team", exact=True).click()
    expect(page.get_by_role("checkbox", name="Lunch")).to_be_visible()
    page.get_by_role("link", name="Assigned Users").last.click()
    expect(page.get_by_role("heading", name="Assigned Users")).to_be_visible()
    page.get_by_role("link", name="Remove SCIM AccessKey").click()
    expect(page.get_by_label("New team")).to_be_visible()
