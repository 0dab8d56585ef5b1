"""Signing in and activation, with the keyboard and by eye."""

import pytest
from playwright.sync_api import expect


def test_signing_in_needs_no_mouse(visitor):
    visitor.goto("/login/")
    visitor.keyboard.type("admin@demo.example")
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_label("Password")).to_be_focused()
    visitor.keyboard.type("Rehearsal-1")
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_role("heading", name="Employees", level=1)).to_be_visible()


def test_a_wrong_password_is_announced_and_can_be_typed_again_at_once(visitor):
    visitor.goto("/login/")
    visitor.keyboard.type("nobody@demo.example")
    visitor.keyboard.press("Enter")
    visitor.get_by_label("Password").fill("wrong")
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_role("alert")).to_have_text("Username or password is incorrect.")
    expect(visitor.get_by_label("Password")).to_be_focused()
    expect(visitor.get_by_label("Password")).to_have_value("")


@pytest.mark.screen("3.1 activation")
def test_the_rules_of_the_password_turn_green_one_by_one(visitor, invite):
    visitor.goto(invite("Rita"))
    field = visitor.get_by_label("New Password")
    for typed, met in (("A", 1), ("Ab", 2), ("Ab1", 3), ("Ab1-long", 4)):
        field.fill(typed)
        expect(visitor.locator("[data-rules] .is-met")).to_have_count(met)
        expect(visitor.get_by_role("status").filter(has_text=f"{met} of 4 rules")).to_be_attached()
    field.fill("Brave-Otter-9")
    visitor.get_by_label("Confirm Password").fill("Brave-Otter-9")
    visitor.get_by_role("button", name="Activate").click()
    expect(visitor.get_by_text("Account activated. Sign in to continue.")).to_be_visible()
    expect(visitor.get_by_label("Username")).to_be_focused()


@pytest.mark.screen("1.2 log out")
def test_logging_out_asks_in_a_dialog(open_page):
    page = open_page()
    page.goto("/login/")
    page.get_by_label("Username").fill("okta@demo.example")
    page.keyboard.press("Enter")
    page.get_by_label("Password").fill("Rehearsal-2")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Okta Connector").click()
    page.get_by_role("link", name="Log out").click()
    dialog = page.get_by_role("dialog", name="Log out")
    expect(dialog).to_contain_text("Log out of cxadmin?")
    expect(dialog.get_by_role("link", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Okta Connector").click()
    page.get_by_role("link", name="Log out").click()
    dialog.get_by_role("button", name="Yes").click()
    expect(page.get_by_label("Username")).to_be_visible()


def test_theme_and_side_bar_change_at_once_and_stay(admin):
    admin.goto("/me/")
    admin.get_by_role("button", name="Demo Administrator").click()
    admin.get_by_role("button", name="Dark").click()
    expect(admin.locator("html")).to_have_attribute("data-theme", "dark")
    admin.keyboard.press("Escape")
    admin.get_by_role("button", name="Collapse the menu").click()
    expect(admin.get_by_role("button", name="Expand the menu")).to_be_focused()
    admin.reload()
    expect(admin.locator("html")).to_have_attribute("data-theme", "dark")
    expect(admin.get_by_role("button", name="Expand the menu")).to_be_visible()


@pytest.mark.screen("1.2 idle end")
def test_an_idle_end_is_announced_and_can_be_put_off(admin):
    admin.clock.install()
    admin.goto("/me/")
    admin.clock.run_for(18 * 60 * 1000 + 10_000)
    dialog = admin.get_by_role("dialog", name="Are you still there?")
    expect(dialog).to_be_visible()
    with admin.expect_response("**/me/stay/"):
        dialog.get_by_role("button", name="Stay signed in").click()
    expect(dialog).to_be_hidden()
    admin.clock.run_for(60_000)
    expect(dialog).to_be_hidden()
