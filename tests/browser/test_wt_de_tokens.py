"""WT-DE rows 13–18 with N1, N4, N5 and N6: a SCIM token from Account Settings, then any identity provider (spec §12.2)."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.walkthrough import Labels, bearer, expect_status, patch, user

say = Labels("de")
SCIM = "/oauth/scim/v2"
SETTINGS = "/admin/account-settings/"
ROBOT = "SCIM AccessKey"


def open_settings(page):
    """Row 13: the way through the navigation."""
    page.goto("/")
    page.get_by_role("button", name=say("app selector")).click()
    page.get_by_role("link", name=say("Admin"), exact=True).click()
    page.get_by_role("link", name=say("Account Settings")).click()
    page.wait_for_url(f"**{SETTINGS}")


def generate(page, name=ROBOT) -> str:
    """Rows 14 and 15: the masked row, and the token out of it by Show Token and Copy."""
    page.get_by_role("combobox", name=say("Users")).fill(name)
    page.get_by_role("option", name=name).click()
    page.get_by_role("button", name=say("Generate")).click()
    expect(page.get_by_text(say("New token for %(name)s", name=name))).to_be_visible()
    expect(page.locator(".token-value")).to_be_hidden()
    page.get_by_role("button", name=say("Show Token")).hover()
    expect(page.locator(".token-value")).to_be_visible()
    page.locator(".token-draft").get_by_role("button", name=say("Copy")).click()
    return page.evaluate("navigator.clipboard.readText()")


def save(page):
    page.get_by_role("button", name=say("Save"), exact=True).click()
    expect(page.get_by_text(say("Account settings saved"))).to_be_visible()


@pytest.fixture(scope="module")
def kept() -> dict[str, str]:
    """What the administrator stored away: one token for all rows after 15."""
    return {}


@pytest.fixture
def token(walk, kept) -> str:
    if "token" not in kept:
        open_settings(walk.page)
        kept["token"] = generate(walk.page)
        save(walk.page)
    return bearer(kept["token"])


def test_13_the_section_is_near_the_bottom_of_one_page(walk):
    open_settings(walk.page)
    headings = walk.page.locator("main h2")
    assert headings.all_text_contents()[-1] == say("SCIM Tokens")
    section = walk.page.get_by_role("heading", name=say("SCIM Tokens"))
    assert section.bounding_box()["y"] > walk.page.viewport_size["height"]
    section.scroll_into_view_if_needed()
    expect(walk.page.get_by_role("button", name=say("Generate"))).to_be_visible()


@pytest.mark.rule("R-TOK-2", "R-TOK-3")
def test_14_and_15_generate_show_copy_and_save(walk, kept):
    page = walk.page
    open_settings(page)
    found = generate(page)
    assert re.fullmatch(r"cxs_[\w-]{43}", found)
    before = walk.find(SCIM, "nobody@demo.example", bearer(found))
    assert (before.status, "only after Save" in before.body["detail"]) == (401, True)
    save(page)
    assert found not in page.content()
    expect_status(page.get_by_role("row", name=f"{ROBOT} …{found[-4:]}"), say("Active"))
    page.reload()
    assert found not in page.content()
    expect(page.get_by_role("button", name=say("Show Token"))).to_have_count(0)
    kept["token"] = found


@pytest.mark.rule("R-TOK-4")
def test_16_the_identity_provider_is_let_in(walk, token):
    answer = walk.find(SCIM, "admin@demo.example", token)
    assert (answer.status, answer.body["totalResults"]) == (200, 1)


@pytest.mark.rule("R-TOK-1", "R-AUD-3", "R-AUD-4")
def test_18_what_is_pushed_is_credited_to_the_employee_of_the_token(walk, token):
    made = walk.request("POST", f"{SCIM}/Users", token, user("pushed@demo.example", "Pushed", "Person"))
    assert made.status == 201
    path = f"{SCIM}/Users/{made.body['id']}"
    changed = walk.request("PATCH", path, token, patch(**{"name.familyName": "Changed"}))
    assert (changed.status, changed.body["name"]["familyName"]) == (200, "Changed")
    off = walk.request("PATCH", path, token, patch(active=False))
    assert (off.status, off.body["active"]) == (200, False)
    page = walk.page
    page.goto(f"/admin/employees/{made.body['id']}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pushed Changed")
    expect_status(page.locator(".page-head"), say("Inactive"))
    page.get_by_role("tab", name=say("Change History")).click()
    history = page.locator("#history")
    for attribute in ("User.status", "User.lastName", "User.userName"):
        expect(history.get_by_role("row").filter(has_text=attribute).first).to_be_visible()
    by = history.locator("tbody tr:first-child")
    assert all(ROBOT in text and "SCIM" in text for text in by.all_inner_texts())
    history.get_by_role("link", name=say("More Details")).first.click()
    expect(page.get_by_role("dialog", name=say("More Details"))).to_contain_text(f"SCIM token …{token[-4:]}")


@pytest.mark.rule("R-TOK-4")
def test_n1_the_token_opens_no_other_door(walk, token):
    for family in ("/scim/v2", "/basic-auth/scim/v2"):
        answer = walk.find(family, "admin@demo.example", token)
        assert (answer.status, "under /oauth/scim/v2 only" in answer.body["detail"]) == (401, True), family


@pytest.mark.rule("R-TOK-2")
def test_n4_leaving_without_save_loses_the_token(walk):
    page = walk.page
    open_settings(page)
    lost = generate(page)
    page.get_by_role("link", name=say("Roles and Permissions")).click()
    page.get_by_role("dialog", name=say("Discard your changes?")).get_by_role("button", name=say("Discard")).click()
    page.wait_for_url("**/admin/roles/")
    open_settings(page)
    expect(page.get_by_text(say("New token for %(name)s", name=""))).to_have_count(0)
    save(page)
    assert walk.find(SCIM, "admin@demo.example", bearer(lost)).status == 401


def test_n5_generate_for_an_employee_without_rights_warns_and_requests_are_refused(walk):
    walk.server.run(POWERLESS)
    page = walk.page
    open_settings(page)
    found = generate(page, "Paula Powerless")
    refused = "Requests with this token will be refused until %(name)s may create and edit employees."
    warning = say(refused, name="Paula Powerless")
    expect(page.get_by_text(warning)).to_be_visible()
    save(page)
    answer = walk.find(SCIM, "admin@demo.example", bearer(found))
    assert answer.status == 403
    assert "paula@demo.example needs the permission" in answer.body["detail"]


@pytest.mark.rule("R-SCIM-3")
def test_n6_an_optional_field_counts_only_once_it_is_enabled_and_saved(walk, token):
    page = walk.page
    made = walk.request("POST", f"{SCIM}/Users", token, user("fields@demo.example", displayName="First"))
    path = f"{SCIM}/Users/{made.body['id']}"

    def tick(*, on: bool) -> None:
        open_settings(page)
        page.get_by_role("button", name=say("Configure SCIM Provisioned Fields")).click()
        page.get_by_role("checkbox", name=say("Display Name")).set_checked(on)
        page.keyboard.press("Escape")

    def pushed(value: str) -> str:
        answer = walk.request("PATCH", path, token, patch(displayName=value))
        assert answer.status == 200
        return answer.body["displayName"]

    tick(on=False)
    assert pushed("Second") == "Second"  # ticked off, not saved
    save(page)
    assert pushed("Third") == "Second"
    tick(on=True)
    assert pushed("Fourth") == "Second"
    save(page)
    assert pushed("Fifth") == "Fifth"


@pytest.mark.rule("R-TOK-7")
def test_n3_a_deactivated_employee_suspends_the_token_and_deleting_ends_it(walk, token):
    page = walk.page
    walk.server.run(SET_STATUS.format(status="DELETED"))
    answer = walk.find(SCIM, "admin@demo.example", token)
    assert (answer.status, "is inactive" in answer.body["detail"]) == (401, True)
    open_settings(page)
    row = page.get_by_role("row", name=f"{ROBOT} …{token[-4:]}")
    expect(row).to_contain_text(say("Suspended"))
    walk.server.run(SET_STATUS.format(status="ACTIVE"))
    assert walk.find(SCIM, "admin@demo.example", token).status == 200
    row.get_by_role("link", name=say("Delete")).click()
    page.get_by_role("dialog").get_by_role("button", name=say("Delete")).click()
    expect(page.get_by_text(say("SCIM token deleted"))).to_be_visible()
    expect(row).to_have_count(0)
    assert walk.find(SCIM, "admin@demo.example", token).status == 401
    page.get_by_role("link", name=say("Change History")).click()
    expect(page.get_by_text(f"{ROBOT} …{token[-4:]} {say('deleted')}")).to_be_visible()


SET_STATUS = """
from accounts.models import Employee
Employee.objects.filter(username="scim@demo.example").update(status="{status}")
"""
POWERLESS = """
from accounts import queries
from accounts.actions import employees
from accounts.actors import system
from accounts.models import BusinessUnit, Role
unit = BusinessUnit.objects.get(tenant_name="demo")
employees.create({
    "username": "paula@demo.example", "email": "paula@demo.example", "first_name": "Paula", "last_name": "Powerless",
    "primary_role": Role.objects.get(business_unit=unit, name="Agent"), "team": queries.default_team(unit.pk),
    "time_zone": unit.time_zone, "login_authenticator": queries.default_authenticator(unit.pk),
    "status": "ACTIVE", "ever_activated": True,
}, actor=system(unit.pk))
"""
