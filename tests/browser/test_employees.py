"""Employees in the browser: live search, ticked rows, the form's help while one types, access keys, menus without dialogs."""

import itertools
import re

import pytest
from playwright.sync_api import expect

number = itertools.count(1)


@pytest.fixture
def hired(server):
    """The username of a new Active employee of `demo`."""
    address = f"browser{next(number)}@demo.example"
    server.run(HIRE.format(address=address, first_name=f"Browser{next(number)}"))
    return address


def row(page, address):
    return page.get_by_role("row").filter(has_text=address)


def open_profile(page, address):
    page.goto(f"/admin/employees/?q={address}")
    row(page, address).get_by_role("link").first.click()


@pytest.mark.screen("5.1 filters")
def test_the_status_filter_is_a_list_of_check_boxes(admin, hired):
    admin.goto(f"/admin/employees/?q={hired}")
    admin.get_by_role("button", name="Status:").click()
    expect(admin.get_by_role("checkbox", name="Inactive")).not_to_be_checked()
    admin.get_by_role("checkbox", name="Active", exact=True).uncheck()
    expect(admin.get_by_text("Nothing matches your search")).to_be_visible()
    expect(admin).to_have_url(re.compile("status=UNREGISTERED&status=PENDING&status=BLOCKED$"))
    admin.get_by_role("checkbox", name="Active", exact=True).check()
    expect(row(admin, hired)).to_be_visible()


@pytest.mark.screen("5.1 bulk")
def test_ticking_rows_enables_deactivate_and_lists_what_could_not_be_done(admin, hired):
    admin.goto("/admin/employees/")
    button = admin.get_by_role("button", name="Deactivate", exact=True)
    expect(button).to_be_disabled()
    every = admin.get_by_role("checkbox", name="All on this page")
    every.check()
    expect(button).to_be_enabled()
    every.uncheck()
    expect(button).to_be_disabled()
    admin.get_by_role("searchbox").fill("demo")
    expect(admin).to_have_url(re.compile("q=demo"))
    row(admin, hired).get_by_role("checkbox").check()
    row(admin, "admin@demo.example").get_by_role("checkbox").check()
    button.click()
    dialog = admin.get_by_role("dialog", name="Deactivate")
    expect(dialog).to_contain_text("Deactivate 2 employees?")
    dialog.get_by_role("button", name="Deactivate").click()
    expect(dialog.get_by_role("alert")).to_contain_text("1 employee was deactivated, these were not:")
    expect(dialog).to_contain_text("You cannot deactivate your own account.")
    admin.keyboard.press("Escape")
    expect(row(admin, hired)).to_have_count(0)
    expect(row(admin, "admin@demo.example").get_by_role("checkbox")).to_be_checked()
    expect(button).to_be_enabled()


@pytest.mark.screen("5.2 username")
def test_the_username_follows_the_address_until_it_is_edited(admin):
    admin.goto("/admin/employees/new/")
    admin.get_by_label("Email Address").press_sequentially("a@x.example")
    expect(admin.get_by_label("Username")).to_have_value("a@x.example")
    admin.get_by_label("Username").fill("b@x.example")
    admin.get_by_label("Email Address").fill("c@x.example")
    expect(admin.get_by_label("Username")).to_have_value("b@x.example")
    admin.get_by_label("Username").fill("ADMIN@demo.example")
    admin.get_by_label("Last Name").focus()
    expect(admin.get_by_text("Username is already in use.")).to_be_visible()


def test_enter_creates_and_what_is_wrong_leads_to_its_field_on_its_tab(admin):
    admin.goto("/admin/employees/new/?tab=security")
    admin.get_by_role("tab", name="General").click()
    admin.get_by_label("First Name").fill("Enter")
    admin.get_by_label("First Name").press("Enter")
    expect(admin.get_by_role("alert")).to_be_focused()
    expect(admin.get_by_label("First Name")).to_have_value("Enter")
    admin.get_by_role("tab", name="Security").click()
    admin.get_by_role("link", name="Primary Role is required.").click()
    expect(admin.get_by_label("Primary Role")).to_be_focused()


@pytest.mark.screen("5.2 buttons")
def test_the_new_row_is_marked(admin):
    admin.goto("/admin/employees/new/")
    address = f"marked{next(number)}@demo.example"
    admin.get_by_label("First Name").fill("Zzz")
    admin.get_by_label("Last Name").fill("Marked")
    admin.get_by_label("Email Address").fill(address)
    admin.get_by_label("Primary Role").fill("agen")
    expect(admin.get_by_role("option", name="Agent", exact=True)).to_be_visible()
    admin.keyboard.press("Enter")
    admin.get_by_role("button", name="Create & Invite").click()
    expect(admin.get_by_text(f"Employee created – Invitation sent to {address}")).to_be_visible()
    expect(admin.locator("tr.is-new")).to_contain_text(address)
    expect(admin.locator("tr.is-new")).to_contain_text("Pending")


@pytest.mark.screen("5.4 add")
def test_an_access_key_is_added_revealed_by_keyboard_and_guarded(admin, hired):
    open_profile(admin, hired)
    admin.get_by_role("tab", name="Security").click()
    expect(admin.get_by_text("No access keys")).to_be_visible()
    add = admin.get_by_role("button", name="Add access key")
    add.focus()
    admin.keyboard.press("Enter")
    rows = admin.locator("#access-keys tbody tr")
    expect(rows).to_have_count(1)
    expect(add).to_be_focused()
    admin.locator("summary").focus()
    expect(admin.get_by_text("(SHOW SECRET KEY)")).to_be_visible()
    admin.keyboard.press("Enter")
    expect(admin.get_by_role("button", name="Copy the secret")).to_be_visible()
    expect(admin.get_by_text("(SHOW SECRET KEY)")).to_be_hidden()
    admin.get_by_text("(HIDE SECRET KEY)").click()
    expect(admin.get_by_role("button", name="Copy the secret")).to_be_hidden()
    add.click()
    expect(rows).to_have_count(2)
    rows.first.get_by_role("button", name="Delete").click()
    asking = admin.get_by_role("dialog", name="Delete")
    asking.get_by_role("button", name="Close").click()
    expect(rows.first.get_by_role("button", name="Keep")).to_be_hidden()
    rows.first.get_by_role("button", name="Delete").click()
    asking.get_by_role("button", name="Delete").click()
    expect(rows.first.get_by_role("button", name="Keep")).to_be_focused()
    admin.get_by_role("link", name="Employees", exact=True).first.click()
    admin.get_by_role("dialog", name="Discard your changes?").get_by_role("button", name="Keep editing").click()
    admin.get_by_role("button", name="Save", exact=True).click()
    expect(admin.get_by_text("Employee saved")).to_be_visible()
    expect(rows).to_have_count(1)
    expect(admin.locator("summary")).to_have_count(0)
    admin.get_by_role("link", name="Employees", exact=True).first.click()
    expect(admin.get_by_role("heading", name="Employees", level=1)).to_be_visible()


@pytest.mark.screen("10 unlock")
def test_unlocking_acts_at_once(admin, hired, server):
    server.run(LOCK.format(address=hired))
    admin.goto("/admin/locked-employees/")
    row(admin, hired).get_by_role("button", name="Actions for").click()
    admin.get_by_role("menuitem", name="Unlock User").click()
    expect(admin.get_by_text("unlocked; must sign in within 2 days.")).to_be_visible()
    expect(row(admin, hired)).to_have_count(0)


@pytest.mark.screen("5.3 address")
def test_a_new_address_is_resent_and_discarded_from_the_profile(admin, hired):
    open_profile(admin, hired)
    admin.get_by_label("Email Address").fill("elsewhere@x.example")
    admin.get_by_role("button", name="Save", exact=True).click()
    expect(admin.get_by_text("To be verified: elsewhere@x.example")).to_be_visible()
    expect(admin.get_by_label("Email Address")).to_have_value(hired)
    admin.get_by_role("button", name="Resend").click()
    expect(admin.get_by_text("Confirmation sent to elsewhere@x.example")).to_be_visible()
    admin.get_by_role("button", name="Discard", exact=True).click()
    expect(admin.get_by_text("New address discarded")).to_be_visible()
    expect(admin.get_by_text("To be verified")).to_have_count(0)


def test_without_scripts_a_key_is_added_seen_and_saved(open_page, signed_in, hired):
    page = open_page(storage_state=signed_in, java_script_enabled=False)
    open_profile(page, hired)
    page.get_by_role("button", name="Add access key").click()
    page.get_by_text("(SHOW SECRET KEY)").click()
    expect(page.locator("details .mono")).to_have_text(re.compile(r"^[A-Z2-7]{52}====$"))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Employee saved")).to_be_visible()
    page.get_by_role("checkbox", name="Delete").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("No access keys")).to_be_visible()


HIRE = """
from accounts import queries
from accounts.actions import employees
from accounts.actors import system
from accounts.models import BusinessUnit, Role
unit = BusinessUnit.objects.get(tenant_name="demo")
employees.create({{
    "username": "{address}", "email": "{address}", "first_name": "{first_name}", "last_name": "Tester",
    "primary_role": Role.objects.get(business_unit=unit, name="Agent"), "team": queries.default_team(unit.pk),
    "time_zone": unit.time_zone, "login_authenticator": queries.default_authenticator(unit.pk), "status": "ACTIVE",
    "ever_activated": True,
}}, actor=system(unit.pk))
"""
LOCK = """
from accounts.actions import locks
from accounts.models import Employee
locks.lock_for_inactivity(Employee.objects.get(username="{address}"))
"""
