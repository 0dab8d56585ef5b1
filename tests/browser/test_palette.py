"""The command palette, the sheet of keys and the keys that lead there, in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_palette_leads_to_a_screen_and_to_an_employee_by_keyboard_alone(open_page, signed_in, scheme):
    page = open_page(color_scheme=scheme, storage_state=signed_in)
    page.goto("/admin/employees/")
    page.keyboard.press("Control+k")
    words = page.get_by_role("combobox", name="Go to a screen")
    page.get_by_role("option", name="Teams").wait_for()
    assert words.evaluate("words => words === document.activeElement")
    assert Axe().run(page).violations_count == 0
    page.keyboard.type("groups")
    page.get_by_role("option", name="Teams").wait_for(state="detached")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/groups/")
    page.keyboard.press("Control+k")
    page.keyboard.type("okta con")
    option = page.get_by_role("option", name="Okta Connector")
    option.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert words.get_attribute("aria-activedescendant")
    page.keyboard.press("Escape")
    assert not words.is_visible()
    page.get_by_role("link", name="Go to").click()
    page.keyboard.type("okta con")
    option.wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Okta Connector").wait_for()


def test_single_keys_show_the_keys_and_lead_into_the_search_until_they_are_switched_off(admin):
    admin.goto("/admin/roles/")
    admin.keyboard.press("?")
    sheet = admin.get_by_role("dialog", name="Keyboard")
    sheet.wait_for()
    assert Axe().run(admin).violations_count == 0
    admin.keyboard.press("Escape")
    admin.keyboard.press("/")
    search = admin.get_by_role("searchbox", name="Search")
    assert search.evaluate("search => search === document.activeElement")
    admin.keyboard.press("?")
    assert search.input_value() == "?"
    admin.get_by_role("button", name="Demo Administrator").click()
    admin.get_by_role("button", name="Keyboard").click()
    sheet.get_by_label("React to the single keys").uncheck()
    admin.goto("/admin/roles/")
    admin.locator("h1").click()
    admin.keyboard.press("?")
    assert not sheet.is_visible()
