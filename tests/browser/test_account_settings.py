"""Account Settings in the browser: tokens shown once, the multi-select, the banner editor, questions before Save."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.walkthrough import expect_status

PAGE = "/admin/account-settings/"


@pytest.fixture
def page(open_page, signed_in):
    page = open_page(storage_state=signed_in, permissions=["clipboard-read", "clipboard-write"])
    page.goto(PAGE)
    return page


def generate(page, name="Demo Administrator"):
    page.get_by_role("combobox", name="Users").fill(name)
    page.get_by_role("option", name=name).click()
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_text(f"New token for {name}").last).to_be_visible()


def save(page):
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Account settings saved")).to_be_visible()


def row(page, name="Demo Administrator"):
    return page.get_by_role("row", name=re.compile(name)).first


def delete_first(page, name="Demo Administrator"):
    row(page, name).get_by_role("link", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("SCIM token deleted")).to_be_visible()


@pytest.mark.screen("12.6 tokens")
@pytest.mark.rule("R-TOK-2")
def test_the_token_is_masked_until_show_token_is_hovered_or_focused(page):
    generate(page)
    token, show = page.locator(".token-value"), page.get_by_role("button", name="Show Token")
    copy = page.locator(".token-draft .copy")
    expect(token).to_be_hidden()
    expect(copy).to_be_hidden()
    show.hover()
    expect(token).to_be_visible()
    expect(token).to_have_text(re.compile("^cxs_"))
    copy.click()
    assert page.evaluate("navigator.clipboard.readText()") == token.text_content()
    page.mouse.move(5, 5)
    page.get_by_role("heading", name="Account Settings", level=1).click()
    expect(token).to_be_hidden()
    show.focus()
    expect(token).to_be_visible()


def test_leaving_with_an_unsaved_token_asks_and_drops_it(page):
    generate(page)
    page.get_by_role("link", name="Roles and Permissions").click()
    dialog = page.get_by_role("dialog", name="Discard your changes?")
    dialog.get_by_role("button", name="Keep editing").click()
    expect(page.get_by_text("New token for Demo Administrator")).to_be_visible()
    page.get_by_role("link", name="Roles and Permissions").click()
    dialog.get_by_role("button", name="Discard").click()
    page.wait_for_url("**/admin/roles/")
    page.goto(PAGE)
    expect(page.get_by_text("New token for")).to_have_count(0)


def test_a_token_is_listed_after_save_and_deleting_another_keeps_what_is_entered(page):
    generate(page)
    save(page)
    expect(page.get_by_text("New token for")).to_have_count(0)
    expect_status(row(page), "Active")
    page.get_by_label("Minutes").fill("21")
    delete_first(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_label("Minutes")).to_have_value("21")
    expect(page.get_by_role("row", name=re.compile("Demo Administrator"))).to_have_count(0)


def test_generate_without_an_employee_says_what_to_do_beside_it(page):
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_text("Choose an active employee.")).to_be_visible()


def test_enter_in_a_field_saves_and_does_not_generate(page):
    page.get_by_label("Hours").press("Enter")
    expect(page.get_by_text("Account settings saved")).to_be_visible()


def test_the_drop_down_counts_the_optional_fields(page):
    button = page.get_by_role("button", name="Configure SCIM Provisioned Fields")
    expect(button).to_contain_text("4 fixed + 9 optional")
    button.click()
    username = page.get_by_role("checkbox", name="Username", exact=True)
    expect(username).to_be_checked()
    expect(username).to_be_disabled()
    page.get_by_role("checkbox", name="Team", exact=True).uncheck()
    page.keyboard.press("Escape")
    expect(button).to_contain_text("4 fixed + 8 optional")
    save(page)
    expect(button).to_contain_text("4 fixed + 8 optional")
    button.click()
    page.get_by_role("checkbox", name="Team", exact=True).check()
    page.keyboard.press("Escape")
    save(page)


def test_a_number_behind_a_switch_that_is_off_cannot_be_edited(page):
    days = page.get_by_label("Inactive Days Before User Can Be Locked")
    expect(days).not_to_be_editable()
    page.get_by_role("switch", name="Lock Users").check()
    expect(days).to_be_editable()


def test_a_field_is_checked_on_leaving_it(page):
    page.get_by_role("textbox", name="Custom Host Name").fill("nonsense")
    page.get_by_label("Minutes").focus()
    expect(page.get_by_text("Enter a host name such as login.example.com.")).to_be_visible()


def test_the_layout_changes_at_once_and_a_message_opens_its_tab(page):
    page.get_by_label("Layout").select_option("Tabs")
    tabs = page.get_by_role("tablist", name="Account Settings")
    expect(tabs).to_be_visible()
    expect(page.get_by_label("Minutes")).to_be_visible()
    tabs.get_by_role("tab", name="SCIM").click()
    expect(page.get_by_label("Minutes")).to_be_hidden()
    expect(page.get_by_role("button", name="Generate")).to_be_visible()
    tabs.get_by_role("tab", name="Login Page").click()
    page.get_by_role("textbox", name="Custom Host Name").fill("nonsense")
    tabs.get_by_role("tab", name="SCIM").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("textbox", name="Custom Host Name")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("Enter a host name")
    page.goto(PAGE)
    page.get_by_role("tab", name="Change History").click()
    expect(page.get_by_text("AccountSettings.accountSettingsLayout").first).to_be_visible()
    page.get_by_label("Layout").select_option("One page")
    expect(tabs).to_have_count(0)
    expect(page.get_by_label("Minutes")).to_be_visible()


def test_the_banner_is_written_with_its_buttons_and_shown_at_sign_in(page, visitor):
    page.get_by_role("textbox", name="Custom Host Name").fill("login.demo.example")
    page.get_by_role("switch", name="Login Banner").check()
    text = page.get_by_role("textbox", name="Text", exact=True)
    text.click()
    page.keyboard.type("For members ")
    page.get_by_role("button", name="Bold").click()
    page.keyboard.type("only")
    page.get_by_role("button", name="Bold").click()
    page.keyboard.press("Enter")
    page.get_by_label("Font size").select_option("Large")
    page.keyboard.type("Welcome")
    page.keyboard.press("Shift+Home")
    page.get_by_role("button", name="Link").click()
    page.get_by_label("Address of the link").fill("https://intranet.example/")
    page.keyboard.press("Enter")
    page.get_by_label("Text colour").fill("#ffffff")
    expect(page.get_by_text("hard to read together")).to_be_visible()
    page.get_by_label("Background colour").fill("#203040")
    expect(page.get_by_text("hard to read together")).to_be_hidden()
    save(page)
    visitor.goto("/login/?domain=login.demo.example")
    banner = visitor.get_by_role("complementary", name="Login Banner")
    expect(banner).to_have_css("background-color", "rgb(32, 48, 64)")
    expect(banner.locator("b").first).to_have_text("only")
    expect(banner.locator("big")).to_have_text("Welcome")
    expect(banner.get_by_role("link", name="Welcome")).to_have_attribute("href", "https://intranet.example/")
    expect(page.get_by_role("textbox", name="Text", exact=True)).to_contain_text("For members only")
    page.get_by_role("switch", name="Login Banner").uncheck()
    save(page)


def test_what_is_pasted_into_the_banner_is_plain_text(page):
    text = page.get_by_role("textbox", name="Text", exact=True)
    text.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    text.evaluate(
        """(editor) => {
            const data = new DataTransfer();
            data.setData("text/html", "<img src=x onerror=alert(1)><h1>Big</h1>");
            data.setData("text/plain", "Big");
            editor.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    expect(text).to_have_text("Big")
    expect(text.locator("img, h1")).to_have_count(0)


def test_locking_people_asks_first(page, server):
    server.run(SLEEPER)
    page.get_by_role("switch", name="Lock Users").check()
    page.get_by_label("Inactive Days Before User Can Be Locked").fill("30")
    page.get_by_role("button", name="Save", exact=True).click()
    dialog = page.get_by_role("dialog", name="Lock Users")
    expect(dialog).to_contain_text("1 employee will be locked now. Continue?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Inactive Days Before User Can Be Locked")).to_have_value("30")
    page.get_by_role("button", name="Save", exact=True).click()
    dialog.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("1 employee was locked.")).to_be_visible()
    page.get_by_role("switch", name="Lock Users").uncheck()
    save(page)


SLEEPER = """
from datetime import timedelta
from accounts import queries
from accounts.actions import employees
from accounts.actors import system
from accounts.models import BusinessUnit, Employee, Role
from cxadmin import clock
unit = BusinessUnit.objects.get(tenant_name="demo")
person = employees.create({
    "username": "sleeper@demo.example", "email": "sleeper@demo.example", "first_name": "Sleepy", "last_name": "Tester",
    "primary_role": Role.objects.get(business_unit=unit, name="Agent"), "team": queries.default_team(unit.pk),
    "time_zone": unit.time_zone, "login_authenticator": queries.default_authenticator(unit.pk),
    "status": "ACTIVE", "ever_activated": True,
}, actor=system(unit.pk))
Employee.objects.filter(pk=person.pk).update(last_activity_at=clock.ago(days=60))
"""
