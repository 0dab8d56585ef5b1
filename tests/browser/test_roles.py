"""Roles and Permissions in the browser: live search, menus, the permission editor, unsaved changes, Add Users."""

import itertools
import re

import pytest
from playwright.sync_api import expect

number = itertools.count(1)


@pytest.fixture
def editor(admin):
    """A new role of its own name, open on the tab Permissions."""
    admin.goto("/admin/roles/new/")
    admin.get_by_label("Name").fill(f"Browser role {next(number)}")
    admin.get_by_role("tab", name="Permissions").click()
    return admin


def toggle(page, permission, action):
    return page.get_by_role("group", name=permission, exact=True).get_by_role("button", name=action, exact=True)


def pressed(locator):
    expect(locator).to_have_attribute("aria-pressed", "true")


def released(locator):
    expect(locator).to_have_attribute("aria-pressed", "false")


@pytest.mark.screen("1.4 list search")
def test_the_list_follows_while_one_types_and_the_address_keeps_it(admin):
    admin.goto("/admin/roles/")
    admin.get_by_role("searchbox", name="Search").press_sequentially("ADMINI")
    expect(admin.get_by_role("row")).to_have_count(2)
    expect(admin.get_by_text("1 role", exact=True)).to_be_visible()
    expect(admin).to_have_url(re.compile(r"/admin/roles/\?q=ADMINI$"))
    expect(admin.get_by_role("searchbox")).to_be_focused()
    admin.get_by_role("searchbox").fill("zzz")
    expect(admin.get_by_text("Nothing matches your search")).to_be_visible()
    admin.get_by_role("link", name="Clear filters").click()
    expect(admin.get_by_role("link", name="Administrator")).to_be_visible()


@pytest.mark.screen("1.4 list sort")
def test_sorting_keeps_the_search_the_focus_and_the_way_back(admin):
    admin.goto("/admin/roles/?q=a")
    admin.get_by_role("link", name="Name").click()
    expect(admin.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "descending")
    expect(admin).to_have_url(re.compile(r"\?q=a&sort=-name$"))
    expect(admin.get_by_role("link", name="Name", exact=True)).to_be_focused()
    admin.get_by_label("Status").select_option("Active")
    expect(admin).to_have_url(re.compile(r"\?q=a&status=ACTIVE&sort=-name$"))
    admin.go_back()
    expect(admin.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")


def test_a_row_menu_works_with_the_keyboard(admin):
    admin.goto("/admin/roles/?q=evaluator")
    button = admin.get_by_role("button", name="Actions for Evaluator")
    button.focus()
    admin.keyboard.press("Enter")
    expect(admin.get_by_role("menuitem", name="Duplicate")).to_be_focused()
    admin.keyboard.press("ArrowDown")
    expect(admin.get_by_role("menuitem", name="Deactivate")).to_be_focused()
    admin.keyboard.press("ArrowDown")
    expect(admin.get_by_role("menuitem", name="Duplicate")).to_be_focused()
    admin.keyboard.press("Escape")
    expect(button).to_be_focused()
    admin.keyboard.press("Enter")
    expect(admin.get_by_role("menuitem", name="Duplicate")).to_be_focused()
    admin.keyboard.press("Enter")
    dialog = admin.get_by_role("dialog", name="Duplicate")
    expect(dialog.get_by_label("Name")).to_be_focused()
    admin.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_duplicating_says_what_is_wrong_in_the_dialog_and_then_opens_the_copy(admin):
    admin.goto("/admin/roles/?q=evaluator")
    admin.get_by_role("button", name="Actions for Evaluator").click()
    admin.get_by_role("menuitem", name="Duplicate").click()
    dialog = admin.get_by_role("dialog", name="Duplicate")
    dialog.get_by_role("button", name="Duplicate").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Name is required.")
    expect(dialog.get_by_label("Name")).to_be_focused()
    dialog.get_by_label("Name").fill("Browser copy")
    dialog.get_by_role("button", name="Duplicate").click()
    expect(admin.get_by_role("heading", name="Browser copy", level=1)).to_be_visible()


def test_deactivating_and_activating_from_the_list(admin, server):
    server.run(ROLE.format(name="Browser night watch"))
    admin.goto("/admin/roles/?q=night+watch")
    for action, status in (("Deactivate", "Inactive"), ("Activate", "Active")):
        admin.get_by_role("button", name="Actions for").click()
        admin.get_by_role("menuitem", name=action, exact=True).click()
        admin.get_by_role("dialog").get_by_role("button", name=action, exact=True).click()
        expect(admin.get_by_role("status").filter(has_text=f"Role {action.lower()}d")).to_be_visible()
        expect(admin.get_by_role("row").filter(has_text=status)).to_have_count(1)
        expect(admin).to_have_url(re.compile(r"\?q=night\+watch$"))


@pytest.mark.screen("4.2 permissions")
@pytest.mark.rule("R-PERM-1", "R-PERM-2", "R-PERM-3")
def test_an_action_brings_what_it_needs_and_view_takes_it_all_away(editor):
    toggle(editor, "Employees", "Import").click()
    for action in ("Import", "View", "Create", "Edit"):
        pressed(toggle(editor, "Employees", action))
    released(toggle(editor, "Employees", "Delete"))
    toggle(editor, "Employees", "Edit").click()
    released(toggle(editor, "Employees", "Import"))
    pressed(toggle(editor, "Employees", "Create"))
    toggle(editor, "Employees", "View").click()
    for action in ("Import", "View", "Create", "Edit"):
        released(toggle(editor, "Employees", action))


def test_toggles_and_switches_work_with_the_keyboard(editor):
    toggle(editor, "Teams", "Edit").focus()
    editor.keyboard.press("Space")
    pressed(toggle(editor, "Teams", "Edit"))
    pressed(toggle(editor, "Teams", "View"))
    editor.keyboard.press("Enter")
    released(toggle(editor, "Teams", "Edit"))
    switch = editor.get_by_role("switch", name="SCIM")
    switch.focus()
    editor.keyboard.press("Space")
    expect(switch).to_be_checked()


def test_categories_are_tabs_that_count(editor):
    editor.get_by_role("tab", name="Admin").focus()
    editor.keyboard.press("ArrowDown")
    expect(editor.get_by_role("tab", name="ACD")).to_be_focused()
    toggle(editor, "Skills", "Create").click()
    expect(editor.get_by_role("tab", name="ACD 2")).to_be_visible()
    editor.get_by_role("tab", name="Restricted Access").click()
    editor.get_by_role("group", name="Teams").get_by_label("Custom").check()
    editor.get_by_role("button", name="Teams").click()
    editor.get_by_label("Default Team").check()
    expect(editor.locator("[data-multi-summary]")).to_have_text("Default Team")


@pytest.mark.screen("4.2 set to default")
def test_set_to_default_asks_before_it_replaces_a_selection(editor):
    editor.get_by_label("Set To Default").select_option("Manager")
    editor.get_by_role("button", name="Apply").click()
    pressed(toggle(editor, "Teams", "Deactivate"))
    released(toggle(editor, "Employees", "Delete"))
    editor.get_by_label("Set To Default").select_option("Administrator")
    editor.get_by_role("button", name="Apply").click()
    dialog = editor.get_by_role("dialog", name="Replace permissions")
    expect(dialog).to_contain_text("Replace all permissions of this role with those of Administrator?")
    dialog.get_by_role("button", name="Cancel").click()
    released(toggle(editor, "Employees", "Delete"))
    editor.get_by_role("button", name="Apply").click()
    dialog.get_by_role("button", name="Apply").click()
    pressed(toggle(editor, "Employees", "Delete"))
    expect(editor.get_by_role("switch", name="SCIM")).not_to_be_checked()


def test_save_stays_on_the_tab_and_keeps_what_was_chosen(editor):
    toggle(editor, "Employees", "Create").click()
    editor.get_by_role("button", name="Save", exact=True).click()
    expect(editor.get_by_text("Role saved")).to_be_visible()
    expect(editor.get_by_role("tab", name="Permissions")).to_have_attribute("aria-selected", "true")
    pressed(toggle(editor, "Employees", "View"))
    editor.get_by_role("button", name="Save & Activate").click()
    expect(editor.get_by_text("Role activated")).to_be_visible()


@pytest.mark.screen("1.4 form unsaved")
def test_leaving_with_unsaved_changes_asks(editor):
    editor.get_by_role("link", name="Cancel").click()
    dialog = editor.get_by_role("dialog", name="Discard your changes?")
    dialog.get_by_role("button", name="Keep editing").click()
    expect(editor).to_have_url(re.compile("/admin/roles/new/"))
    editor.get_by_role("link", name="My Profile").or_(editor.get_by_role("link", name="Cancel")).first.click()
    dialog.get_by_role("button", name="Discard").click()
    expect(editor.get_by_role("heading", name="Roles and Permissions", level=1)).to_be_visible()


@pytest.mark.screen("1.4 form unsaved")
def test_without_changes_nothing_asks(admin):
    admin.goto("/admin/roles/new/?tab=permissions")
    admin.get_by_role("tab", name="General").click()
    admin.get_by_role("link", name="Cancel").click()
    expect(admin.get_by_role("heading", name="Roles and Permissions", level=1)).to_be_visible()


@pytest.mark.screen("1.4 form check")
def test_a_field_is_checked_on_leaving_it(admin):
    admin.goto("/admin/roles/new/")
    name = admin.get_by_label("Name")
    name.fill("a/b")
    admin.get_by_label("Description").focus()
    expect(admin.get_by_text("Name must not contain any of")).to_be_visible()
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_have_accessible_description(re.compile("Name must not contain"))
    name.fill("Fine name")
    admin.get_by_label("Description").focus()
    expect(admin.get_by_text("Name must not contain any of")).to_be_hidden()


@pytest.mark.screen("1.4 form check")
def test_the_summary_of_what_is_wrong_leads_to_the_field_on_its_tab(editor):
    editor.get_by_role("tab", name="General").click()
    editor.get_by_label("Name").fill("")
    editor.get_by_role("tab", name="Permissions").click()
    editor.get_by_role("button", name="Save", exact=True).click()
    expect(editor.get_by_role("alert")).to_be_focused()
    editor.get_by_role("tab", name="Permissions").click()
    editor.get_by_role("link", name="Name is required.").click()
    expect(editor.get_by_label("Name")).to_be_focused()


@pytest.mark.screen("1.4 assign dialog")
def test_adding_users_moves_them_and_stores_them_with_save(admin, server, invite):
    invite("Ulla")
    server.run(ROLE.format(name="Browser crew"))
    admin.goto("/admin/roles/?q=browser+crew")
    admin.get_by_role("link", name="Browser crew").click()
    admin.get_by_role("tab", name="Assigned Users").click()
    admin.get_by_role("link", name="Add Users").click()
    window = admin.get_by_role("dialog", name="Add Users")
    window.get_by_role("searchbox").fill("ulla")
    expect(window.get_by_role("row")).to_have_count(2)
    window.get_by_role("checkbox", name="All on this page").check()
    window.get_by_role("button", name="Move").click()
    expect(window.get_by_text("Selected (1)")).to_be_visible()
    window.get_by_role("button", name="Take back: Ulla Tester").click()
    expect(window.get_by_text("Selected (0)")).to_be_visible()
    window.get_by_role("checkbox", name="Ulla Tester").check()
    window.get_by_role("button", name="Move").click()
    window.get_by_role("button", name="Confirm").click()
    expect(window).to_be_hidden()
    expect(admin.get_by_role("row", name="Ulla Tester")).to_be_visible()
    admin.get_by_role("button", name="Save", exact=True).click()
    expect(admin.get_by_text("1 employee", exact=True)).to_be_visible()
    expect(admin.get_by_role("row", name="Ulla Tester ulla@demo.example")).to_be_visible()
    admin.get_by_role("tab", name="Change History").click()
    expect(admin.get_by_role("cell", name="Role.assignedUser")).to_be_visible()
    admin.get_by_role("link", name="More Details").first.click()
    expect(admin.get_by_role("dialog", name="More Details")).to_contain_text("web session")


@pytest.mark.screen("1.4 form twice")
def test_a_form_is_sent_once_however_often_one_clicks(editor):
    sent = []
    editor.on("request", lambda request: request.method == "POST" and "check=" not in request.url and sent.append(1))
    editor.get_by_role("button", name="Save", exact=True).dblclick()
    expect(editor.get_by_text("Role saved")).to_be_visible()
    assert len(sent) == 1


ROLE = """
from accounts.actions import roles
from accounts.actors import system
from accounts.models import BusinessUnit
roles.create({{"name": "{name}"}}, [], actor=system(BusinessUnit.objects.get(tenant_name="demo").pk), activate=True)
"""


def test_enter_in_a_field_saves_and_leaves_the_permissions_alone(admin):
    admin.goto("/admin/roles/new/")
    name = f"Browser role {next(number)}"
    admin.get_by_label("Name").fill(name)
    admin.get_by_label("Name").press("Enter")
    expect(admin.get_by_role("dialog")).to_have_count(0)
    expect(admin.get_by_role("heading", name=name)).to_be_visible()
    expect(admin).not_to_have_url(re.compile("/new/"))
