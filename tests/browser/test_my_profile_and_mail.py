"""My Profile and the mail outbox in the browser."""

import re

import pytest
from playwright.sync_api import expect


def test_an_access_key_of_ones_own_is_made_and_deleted(admin):
    admin.goto("/me/")
    admin.get_by_role("tab", name="Access Keys").click()
    admin.get_by_role("button", name="Add access key").click()
    admin.get_by_text("(SHOW SECRET KEY)").click()
    expect(admin.locator(".secret .mono")).to_have_text(re.compile("^[A-Z2-7]{52}====$"))
    admin.locator("#access-keys-tab").get_by_role("button", name="Save").click()
    expect(admin.get_by_text("Access keys saved")).to_be_visible()
    expect(admin.get_by_role("tab", name="Access Keys")).to_have_attribute("aria-selected", "true")
    expect(admin.get_by_text("(SHOW SECRET KEY)")).to_have_count(0)
    admin.get_by_role("button", name="Delete").click()
    admin.get_by_role("dialog", name="Delete").get_by_role("button", name="Delete").click()
    admin.locator("#access-keys-tab").get_by_role("button", name="Save").click()
    expect(admin.get_by_text("No access keys")).to_be_visible()


@pytest.mark.screen("1.2 toasts")
def test_messages_stay_as_long_as_one_chose(admin):
    admin.goto("/me/?tab=accessibility")
    panel = admin.locator("#accessibility")
    panel.get_by_label("Duration of messages").fill("2")
    panel.get_by_label("Until closed").focus()
    expect(panel.get_by_text("Duration of messages must be between 3 and 30.")).to_be_visible()
    panel.get_by_label("Duration of messages").fill("3")
    panel.get_by_role("button", name="Save").click()
    toast = admin.get_by_text("Preferences saved")
    expect(toast).to_be_visible()
    expect(toast).to_be_hidden(timeout=5_000)
    panel.get_by_label("Until closed").check()
    panel.get_by_role("button", name="Save").click()
    expect(toast).to_be_visible()
    admin.wait_for_timeout(3_500)
    expect(toast).to_be_visible()
    panel.get_by_label("Until closed").uncheck()
    panel.get_by_label("Duration of messages").fill("5")
    panel.get_by_role("button", name="Save").click()
    expect(admin.locator("body")).to_have_attribute("data-toast-seconds", "5")


def test_a_mail_is_found_through_the_app_selector_and_its_link_followed(admin, invite):
    invite("Mailja")
    admin.goto("/admin/roles/")
    admin.get_by_role("button", name="app selector").click()
    admin.get_by_role("link", name="Lab").click()
    admin.get_by_role("link", name="Mail outbox").click()
    expect(admin.get_by_role("heading", name="Mail outbox")).to_be_visible()
    admin.get_by_role("searchbox").fill("mailja")
    expect(admin.get_by_text("1 message", exact=True)).to_be_visible()
    admin.get_by_role("link", name=re.compile("Activate your account")).click()
    expect(admin.get_by_role("heading", level=1)).to_contain_text("Activate your account")
    expect(admin.frame_locator("iframe").get_by_role("link", name="Activate your account")).to_be_visible()
    admin.get_by_role("tab", name="Links").click()
    admin.get_by_role("link", name=re.compile("activate.")).click()
    expect(admin.get_by_text("mailja@demo.example")).to_be_visible()
