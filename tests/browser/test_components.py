"""Components that later screens use, on a page made for the test."""

import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect


def put(page, html):
    """Add markup to the page as htmx would."""
    page.goto("/help/")
    page.evaluate(
        """html => {
            const place = document.querySelector("article");
            place.innerHTML = html;
            place.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: place } }));
        }""",
        html,
    )


@pytest.fixture
def select(admin):
    """A searchable single select of four roles."""
    options = "".join(f"<option>{name}</option>" for name in ("Agent", "Manager", "Évaluator", "Administrator"))
    put(
        admin,
        f"""<form class="fields"><div class="field"><label for="role">Primary Role</label>
        <select id="role" name="role" data-combobox><option value="">None</option>{options}</select></div></form>""",
    )
    return admin


def value(page):
    return page.evaluate("document.querySelector('select[name=role]').value")


def test_a_searchable_select_narrows_while_one_types_and_takes_the_choice_by_keyboard(select):
    box = select.get_by_role("combobox", name="Primary Role")
    box.click()
    expect(select.get_by_role("option")).to_have_count(5)
    box.press_sequentially("eva")
    expect(select.get_by_role("option")).to_have_text(["Évaluator"])
    box.press("Enter")
    expect(box).to_have_value("Évaluator")
    assert value(select) == "Évaluator"


def test_its_arrow_keys_move_and_esc_gives_up(select):
    box = select.get_by_role("combobox", name="Primary Role")
    box.focus()
    box.press("ArrowDown")
    box.press("ArrowDown")
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "combobox-1-2")
    box.press("Escape")
    expect(select.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_value("")
    assert value(select) == ""


def test_emptying_it_takes_the_empty_choice(select):
    box = select.get_by_role("combobox", name="Primary Role")
    box.click()
    select.get_by_role("option", name="Agent").click()
    assert value(select) == "Agent"
    box.fill("")
    box.blur()
    assert value(select) == ""


def test_what_does_not_exist_is_not_taken(select):
    box = select.get_by_role("combobox", name="Primary Role")
    box.press_sequentially("Emperor")
    box.blur()
    expect(box).to_have_value("")


def test_an_open_one_has_no_violations(select):
    select.get_by_role("combobox", name="Primary Role").click()
    found = Axe().run(select)
    assert found.violations_count == 0, found.generate_report()


def test_its_options_may_come_from_the_server(admin):
    admin.route(
        "**/people/?q=*", lambda route: route.fulfill(json=[{"value": "7", "label": f"Found {route.request.url[-2:]}"}])
    )
    put(
        admin,
        """<form><label for="who">Users</label>
        <select id="who" name="who" data-combobox data-source="/people/"><option value=""></option></select></form>""",
    )
    admin.get_by_role("combobox", name="Users").press_sequentially("an")
    admin.get_by_role("option", name="Found an").click()
    assert admin.evaluate("document.querySelector('select[name=who]').value") == "7"


@pytest.mark.screen("1.2 toasts")
def test_toasts_of_an_answer_without_a_page_appear_above_and_leave_again(admin):
    admin.clock.install()
    admin.goto("/me/")
    admin.evaluate(
        """document.body.dispatchEvent(new CustomEvent("toasts", { bubbles: true, detail: [
            { level: "success", text: "Done" }, { level: "error", text: "Not done" }] }))"""
    )
    expect(admin.get_by_role("status").filter(has_text="Done")).to_be_visible()
    expect(admin.get_by_role("alert")).to_have_text("Not done")
    admin.get_by_role("alert").get_by_role("button", name="Close").click()
    expect(admin.get_by_role("alert")).to_have_count(0)
    admin.clock.run_for(6_000)
    expect(admin.locator(".toast")).to_have_count(0)


def test_a_value_can_be_copied(open_page, signed_in):
    page = open_page(storage_state=signed_in, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/me/")
    page.get_by_role("button", name="Copy").last.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "4500123"


@pytest.mark.screen("1.2 toasts")
def test_the_message_of_a_save_is_seen_although_a_field_is_still_being_checked(admin):
    """The check of a field may end after the Save that overtook it; what Save has to say is not lost with the session it read."""
    admin.goto("/admin/groups/new/")
    waiting = []
    admin.route("**/admin/groups/new/?check=*", lambda route: waiting.append(route))
    name = f"Overtaken {time.time_ns()}"
    admin.get_by_label("Group Name").fill(name)
    admin.get_by_label("Group Name").press("Tab")
    admin.get_by_role("button", name="Create", exact=True).click()
    expect(admin.get_by_text("Group created")).to_be_visible()
    assert waiting, "the field was not checked on leaving it"
    expect(admin.get_by_text(name).first).to_be_visible()
