"""WT-DE, access key and SCIM token with any identity provider (spec §12.2): the rows about role, employee and access key,
in a browser and over real HTTP. Rows 13 to 17 are in test_wt_de_tokens.py."""

import base64
import itertools
import re

import pytest
from playwright.sync_api import expect

from tests.browser.walkthrough import Labels, Walk, basic, bearer, expect_status, patch, user

say = Labels("de")
ROLE = "SCIM-Zugriffsschlüssel"
BASIC = "/basic-auth/scim/v2"
number = itertools.count(1)


def test_from_a_role_to_provisioned_employees(walk: Walk):
    """Rows 1 to 12, 17 with the access key, and 18 and 19 with it."""
    address = "access.key@corp.example"
    make_role(walk, ROLE, "Create", "Edit")
    make_employee(walk, address, ROLE)
    key = add_key(walk, address)
    invite_and_activate(walk, address)
    assert walk.find(BASIC, "x@demo.example", key).status == 200
    exchanged = walk.exchange(key)
    assert exchanged.status == 200
    assert walk.find("/scim/v2", "x@demo.example", bearer(exchanged.body["access_token"])).status == 200
    provision(walk, key, credited_to="SCIM AccessKey")


def make_role(walk: Walk, name: str, *actions: str) -> None:
    """Rows 1 to 3: a role whose permissions bring View with them."""
    page = walk.page
    page.goto("/")
    page.get_by_role("button", name=say("app selector")).click()
    page.get_by_role("link", name=say("Admin"), exact=True).last.click()
    page.get_by_role("link", name=say("Roles and Permissions")).click()
    page.get_by_role("link", name=say("New Role")).click()
    expect(page.get_by_role("tab", name=say("General"))).to_have_attribute("aria-selected", "true")
    say.field(page, "Name").fill(name)
    page.get_by_role("tab", name=say("Permissions")).click()
    page.get_by_role("tab", name=re.compile(rf"^{say('Admin', 'permission category')}\b")).click()
    row = page.get_by_role("group", name=say("Employees"), exact=True)
    for action in actions:
        row.get_by_role("button", name=say(action, "action"), exact=True).click()
    expect(row.get_by_role("button", name=say("View"), exact=True)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name=say("Save & Activate")).click()
    expect(page.get_by_text(say("Role activated"))).to_be_visible()
    expect_status(page.get_by_role("row").filter(has_text=name), say("Active"))


def make_employee(walk: Walk, address: str, role: str) -> None:
    """Rows 4 to 6: an employee who is not billed and gets no mail."""
    page = walk.page
    page.get_by_role("link", name=say("Employees"), exact=True).click()
    page.get_by_role("link", name=say("Create Employee")).click()
    say.field(page, "Email Address").fill(address)
    say.field(page, "First Name").fill("SCIM")
    say.field(page, "Last Name").fill("AccessKey")
    expect(say.field(page, "Username")).to_have_value(address)
    expect(say.field(page, "Team")).to_have_value("Default Team")
    say.field(page, "Primary Role").click()
    page.get_by_role("option", name=role, exact=True).click()
    expect(page.get_by_text(say("Not billed"))).to_be_hidden()
    say.field(page, "Attributes").click()
    page.get_by_role("checkbox", name=say("All")).uncheck()
    page.keyboard.press("Escape")
    expect(page.get_by_text(say("Not billed"))).to_be_visible()
    page.get_by_role("tab", name=say("Security")).click()
    say.field(page, "Login Authenticator").select_option("System Default")
    page.get_by_role("button", name=say("Create"), exact=True).click()
    expect(page.get_by_text(say("Employee created"))).to_be_visible()
    expect(row_of(walk, address)).to_contain_text(say("Not Invited"))
    assert walk.mails(address) == 0


def row_of(walk: Walk, address: str):
    return walk.page.get_by_role("row").filter(has_text=address)


def open_security(walk: Walk, address: str) -> None:
    walk.page.goto(f"/admin/employees/?q={address}")
    row_of(walk, address).get_by_role("link").first.click()
    walk.page.get_by_role("tab", name=say("Security")).click()


def draft_key(walk: Walk, address: str) -> str:
    """Rows 7 and 8: a new pair, copied; answers it as Basic credential."""
    open_security(walk, address)
    page = walk.page
    rows = page.locator("#access-keys tbody tr")
    before = rows.count()
    page.get_by_role("button", name=say("Add access key")).click()
    expect(rows).to_have_count(before + 1)
    row = rows.last
    row.get_by_role("button", name=say("Copy"), exact=True).click()
    key_id = walk.copied()
    assert re.fullmatch(r"[A-Z2-7]{52}====", key_id)
    expect(row).to_contain_text(key_id)
    secret = row.get_by_role("button", name=say("Copy the secret"))
    expect(secret).to_be_hidden()
    row.get_by_text(say("(SHOW SECRET KEY)")).click()
    secret.click()
    return basic(key_id, walk.copied())


def save(walk: Walk) -> None:
    walk.page.get_by_role("button", name=say("Save"), exact=True).click()
    expect(walk.page.get_by_text(say("Employee saved"))).to_be_visible()


def add_key(walk: Walk, address: str) -> str:
    """Rows 7 to 9: it works once saved, and then nobody sees the secret any more."""
    key = draft_key(walk, address)
    save(walk)
    expect(walk.page.locator("#access-keys tbody tr").last).to_be_visible()
    expect(walk.page.get_by_text(say("(SHOW SECRET KEY)"))).to_have_count(0)
    return key


def invite_and_activate(walk: Walk, address: str) -> None:
    """Rows 10 and 11."""
    page = walk.page
    page.get_by_role("link", name=say("Employees"), exact=True).first.click()
    page.goto(f"/admin/employees/?q={address}")
    row_of(walk, address).get_by_role("button", name=say("Invite")).click()
    expect(page.get_by_text(say("Invitation sent to %(address)s", address=address))).to_be_visible()
    expect_status(row_of(walk, address), say("Pending"))
    assert walk.mails(address) == 1
    visitor = walk.window()
    visitor.goto(walk.mailed_link("activate", address))
    say.field(visitor, "New Password").fill("Zugriff-7")
    say.field(visitor, "Confirm Password").fill("Zugriff-7")
    expect(visitor.locator(".rules .is-unmet")).to_have_count(0)
    expect(visitor.locator(".rules .is-met")).not_to_have_count(0)
    visitor.get_by_role("button", name=say("Activate")).click()
    expect(visitor.get_by_text(say("Account activated. Sign in to continue."))).to_be_visible()
    visitor.goto("/me/")
    expect(visitor).to_have_url(re.compile("/login/"))
    visitor.context.close()
    page.reload()
    expect_status(row_of(walk, address), say("Active"))


def provision(walk: Walk, key: str, *, credited_to: str) -> None:
    """Rows 18 and 19: pushed, changed, deactivated, and who is credited with it."""
    username = f"pushed{next(number)}@demo.example"
    created = walk.request("POST", f"{BASIC}/Users", key, user(username, "Paula", "Pushed"))
    assert created.status == 201
    url = f"{BASIC}/Users/{created.body['id']}"
    assert walk.request("PUT", url, key, user(username, "Paula", "Married")).status == 200
    assert walk.request("PATCH", url, key, patch(active=False)).body["active"] is False
    page = walk.page
    page.goto(f"/admin/employees/?q={username}&status=DELETED")
    expect(row_of(walk, username)).to_contain_text("Paula Married")
    expect(row_of(walk, username)).to_contain_text(say("IdP"))
    expect_status(row_of(walk, username), say("Inactive"))
    row_of(walk, username).get_by_role("link").first.click()
    expect(say.field(page, "Last Name")).to_be_disabled()
    page.get_by_role("tab", name=say("Change History")).click()
    changed = page.get_by_role("row").filter(has_text="User.lastName").filter(has_text="Married")
    expect(changed).to_contain_text(credited_to)
    expect(changed).to_contain_text(say("SCIM"))
    page.get_by_role("link", name=say("More Details")).first.click()
    expect(page.get_by_role("dialog", name=say("More Details"))).to_contain_text(key_id_of(key))


def key_id_of(key: str) -> str:
    return base64.b64decode(key.removeprefix("Basic ")).decode().split(":")[0]


# N-rows


@pytest.fixture
def holder(walk):
    """The address of an active employee with role SCIM Access Key and no key yet."""
    address = f"holder{next(number)}@demo.example"
    walk.server.run(HOLDER.format(address=address, role="SCIM Access Key"))
    return address


def test_n2_a_role_with_view_only_reads_but_does_not_write(walk):
    make_role(walk, "Only a look", "View")
    walk.server.run(HOLDER.format(address="look@demo.example", role="Only a look"))
    key = add_key(walk, "look@demo.example")
    assert walk.find(BASIC, "x@demo.example", key).status == 200
    refused = walk.request("POST", f"{BASIC}/Users", key, user("never@demo.example"))
    assert refused.status == 403
    assert "look@demo.example" in refused.body["detail"]
    assert walk.find(BASIC, "never@demo.example", key).body["totalResults"] == 0


def test_n3_a_key_that_is_off_or_deleted_and_a_deactivated_owner_get_401(walk, holder):
    first, second = add_key(walk, holder), add_key(walk, holder)
    page = walk.page
    open_security(walk, holder)
    page.get_by_role("switch", name=say("STATE")).first.uncheck()
    assert status(walk, first) == 200
    save(walk)
    assert (status(walk, first), status(walk, second)) == (401, 200)
    page.get_by_role("switch", name=say("STATE")).first.check()
    save(walk)
    assert status(walk, first) == 200
    page.get_by_role("button", name=say("Delete")).first.click()
    dialog = page.get_by_role("dialog", name=say("Delete"))
    expect(dialog).to_contain_text(say("Delete this access key? Clients using it stop working."))
    dialog.get_by_role("button", name=say("Delete")).click()
    assert status(walk, first) == 200
    save(walk)
    assert (status(walk, first), status(walk, second)) == (401, 200)
    page.goto(f"/admin/employees/?q={holder}")
    row_of(walk, holder).get_by_role("button", name=say("Actions for %(name)s", name="")).click()
    page.get_by_role("menuitem", name=say("Deactivate")).click()
    page.get_by_role("dialog").get_by_role("button", name=say("Deactivate")).click()
    expect(page.get_by_text(say("%(name)s deactivated", name="Key Holder"))).to_be_visible()
    assert status(walk, second) == 401


def status(walk, key) -> int:
    return walk.find(BASIC, "x@demo.example", key).status


def test_n4_leaving_without_save_drops_the_key(walk, holder):
    key = draft_key(walk, holder)
    assert status(walk, key) == 401
    walk.page.get_by_role("link", name=say("Cancel")).click()
    walk.page.get_by_role("dialog", name=say("Discard your changes?")).get_by_role(
        "button", name=say("Discard")
    ).click()
    expect(walk.page.get_by_role("heading", name=say("Employees"), level=1)).to_be_visible()
    open_security(walk, holder)
    expect(walk.page.get_by_text(say("No access keys"))).to_be_visible()
    assert status(walk, key) == 401


def test_n7_a_second_key_replaces_a_lost_secret(walk, holder):
    lost, found = add_key(walk, holder), add_key(walk, holder)
    assert (status(walk, lost), status(walk, found)) == (200, 200)
    open_security(walk, holder)
    walk.page.get_by_role("switch", name=say("STATE")).first.uncheck()
    save(walk)
    assert (status(walk, lost), status(walk, found)) == (401, 200)


HOLDER = """
from accounts import queries
from accounts.actions import employees
from accounts.actors import system
from accounts.models import BusinessUnit, Role
unit = BusinessUnit.objects.get(tenant_name="demo")
employees.create({{
    "username": "{address}", "email": "{address}", "first_name": "Key", "last_name": "Holder",
    "primary_role": Role.objects.get(business_unit=unit, name="{role}"), "team": queries.default_team(unit.pk),
    "time_zone": unit.time_zone, "status": "ACTIVE", "ever_activated": True,
}}, actor=system(unit.pk))
"""
