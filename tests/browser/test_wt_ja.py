"""WT-JA (spec §12.1): an application is registered for Okta, its two mails arrive, the attachment is opened, the roles get
ready, and Okta pushes a person. What else Okta does with the application is in tests/oauth/test_okta_procedure.py."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.walkthrough import PATIENCE, Labels, expect_status, fill_sign_in, sign_in
from tests.oauth.okta import Okta, callback

say = Labels("ja")
CALLBACK = "https://system-admin.okta.com/admin/app/cpc/bare_cxone_1/oauth/callback"
CONTACT = "tech@bare.example"
BACK_END = (
    "Back-end applications have no sign-in page and cannot be used for SCIM with Okta. "
    "You would have to submit the form again."
)  # fmt: skip


@pytest.fixture
def bare(instance, browser):
    """The administrator of `bare`, in a browser."""
    context = browser.new_context(base_url=instance.url, viewport={"width": 1440, "height": 900}, locale=say.language)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    credentials = instance.credentials("bare")
    sign_in(page, credentials["console"]["username"], credentials["console"]["password"], say)
    yield page
    context.close()


def fill_in(page: Page, name: str, *, fedramp: str = "No") -> None:
    """Steps 1 to 3: from the Developer Portal to page 3 of the form."""
    page.get_by_role("button", name=say("app selector")).click()
    page.get_by_role("link", name=say("Developer Portal"), exact=True).first.click()
    number = page.get_by_role("main").get_by_text("4500124").first
    expect(number).to_be_visible()
    business_unit = re.sub(r"\D", "", number.inner_text())
    page.get_by_role("main").get_by_role("link", name=say("Register an application")).click()
    say.field(page, "Email address").fill("admin@bare.example")
    say.field(page, "Name", "form").fill("Bare Administrator")
    say.field(page, "Business unit ID").fill(business_unit)
    page.get_by_role("button", name=say("Next")).click()
    say.field(page, "Application name").fill(name)
    say.field(page, "Description").fill("Integrates Okta with CXone over SCIM")
    say.field(page, "Technical contacts").fill(CONTACT)
    expect(page.get_by_label(say("Email"), exact=True)).to_be_checked()
    say.field(page, "Single Tenant").check()
    page.get_by_role("group", name=say("Is the system in FedRAMP?")).get_by_label(say(fedramp), exact=True).check()
    page.get_by_role("button", name=say("Next")).click()


def submit(page: Page, kind: str, redirect: str = CALLBACK) -> None:
    """Step 4."""
    page.get_by_label("client_secret_post").check()
    say.field(page, "All CXone ACD API scopes").check()
    page.get_by_label(say(kind)).check()
    if kind != "Back-end":
        say.field(page, "Redirect URL").fill(redirect)
    page.get_by_role("button", name=say("Submit")).click()


def open_attachment(instance, browser, tmp_path) -> dict[str, str]:
    """Step 5: the newest attachment, saved, opened offline, with the password of the second mail."""
    file, body, password = json.loads(instance.run(MAILS))
    path = tmp_path / file["name"]
    path.write_text(file["content"], encoding="utf-8")
    context = browser.new_context(offline=True, locale=say.language)
    page = context.new_page()
    page.goto(path.as_uri())
    say.field(page, "Password").fill(password)
    page.get_by_role("button", name=say("Open")).click()
    expect(page.get_by_role("button", name=say("Copy %(label)s", label=say("Client Secret")))).to_be_visible()
    found = {slot.get_attribute("data-value"): slot.inner_text() for slot in page.locator("[data-value]:visible").all()}
    context.close()
    return found | {"mail": body}


@pytest.mark.rule("R-APP-1")
def test_steps_1_to_5(instance, browser, bare, tmp_path):
    fill_in(bare, "Okta CXone Integration")
    submit(bare, "User, Confidential")
    expect(bare.get_by_text(re.compile(r"^REG-"))).to_be_visible()
    bare.goto("/admin/applications/")
    row = bare.get_by_role("row", name="Okta CXone Integration")
    expect_status(row, say("Enabled"))
    found = open_attachment(instance, browser, tmp_path)
    assert re.fullmatch(r"[0-9a-f-]{36}", found["client_id"])
    assert len(found["client_secret"]) == 43
    assert found["redirect_urls"] == CALLBACK
    assert found["token_endpoint"] == f"{instance.url}/auth/token"
    assert found["authorization_endpoint"] == f"{instance.url}/auth/authorize?scope=openid"
    assert "https://cxone.niceincontact.com/auth/token" in found["mail"]
    row.get_by_role("link", name="Okta CXone Integration").click()
    expect(bare.get_by_text(found["client_id"])).to_be_visible()


@pytest.mark.rule("R-APP-2", "R-APP-4")
def test_step_4a_a_public_application_gets_a_secret_as_well(instance, browser, bare, tmp_path):
    fill_in(bare, "Okta public")
    submit(bare, "User, Public")
    expect(bare.get_by_role("heading", name=say("Registration received"))).to_be_visible()
    assert len(open_attachment(instance, browser, tmp_path)["client_secret"]) == 43


@pytest.mark.rule("R-APP-3")
def test_step_4b_a_back_end_application_is_warned_about_and_submitted_again(bare):
    fill_in(bare, "Okta back-end")
    say.field(bare, "Back-end").check()
    expect(bare.get_by_text(say(BACK_END))).to_be_visible()
    submit(bare, "Back-end")
    expect(bare.get_by_role("heading", name=say("Registration received"))).to_be_visible()
    bare.goto("/admin/applications/?q=back-end")
    bare.get_by_role("link", name="Okta back-end").click()
    bare.get_by_role("link", name=say("Copy to new form")).click()
    bare.get_by_role("button", name=say("Next")).click()
    say.field(bare, "Application name").fill("Okta once more")
    bare.get_by_role("button", name=say("Next")).click()
    submit(bare, "User, Confidential")
    expect(bare.get_by_role("heading", name=say("Registration received"))).to_be_visible()


@pytest.mark.rule("R-APP-6")
def test_step_4c_the_placeholder_is_refused_with_the_hint(bare):
    fill_in(bare, "Okta placeholder")
    submit(bare, "User, Confidential", "https://system-admin.okta.com/admin/app/cpc/${appName}/oauth/callback")
    expect(bare.get_by_role("alert")).to_contain_text(say("Replace ${appName} with the name of your application."))


def switch_scim_on(page: Page) -> None:
    """Step 6."""
    page.goto("/admin/roles/")
    page.get_by_role("link", name=say("Administrator")).click()
    page.get_by_role("tab", name=say("Permissions")).click()
    page.get_by_role("tab", name=re.compile("^" + say("Admin", "permission category"))).click()
    page.get_by_role("switch", name=say("SCIM")).check()
    page.get_by_role("button", name=say("Save"), exact=True).click()
    expect(page.get_by_text(say("Role saved"))).to_be_visible()


def make_agent(page: Page) -> None:
    """Step 7."""
    page.goto("/admin/roles/")
    expect(page.get_by_role("link", name=say("Agent"), exact=True)).to_have_count(0)
    page.get_by_role("link", name=say("New Role")).click()
    say.field(page, "Name").fill("Agent")
    page.get_by_role("button", name=say("Save & Activate")).click()
    expect(page.get_by_text(say("Role activated"))).to_be_visible()


def person_in_list(page: Page, username: str):
    """The row of somebody, whatever the status."""
    page.goto(f"/admin/employees/?status=UNREGISTERED&status=DELETED&q={username}")
    return page.get_by_role("row").filter(has_text=username)


@pytest.mark.rule("R-APP-1", "R-APP-8", "R-ACC-1", "R-SCIM-4", "R-SCIM-9")
def test_the_whole_procedure(instance, browser, bare, tmp_path):
    with callback() as listening:
        fill_in(bare, "Okta procedure")
        submit(bare, "User, Confidential", listening.url)
        expect(bare.get_by_text(re.compile(r"^REG-"))).to_be_visible()
        found = open_attachment(instance, browser, tmp_path)
        okta = Okta(
            f"{instance.url}/scim/v2",
            found["authorization_endpoint"],
            found["token_endpoint"],
            found["client_id"],
            found["client_secret"],
            listening,
        )

        # 12: the window that Okta opens
        context = browser.new_context(locale=say.language)
        window = context.new_page()
        window.goto(okta.address("state of Okta"))
        fill_sign_in(window, "admin@bare.example", "Rehearsal-1", say)
        window.wait_for_url(f"{listening.url}?**")
        context.close()
        okta.exchange("state of Okta")
        assert list(okta.tokens) == ["access_token", "token_type", "expires_in", "refresh_token", "id_token"]

        # N1 and 13: before and after step 6
        refused = okta.test_connection()
        assert refused.status_code == 403
        assert "SCIM" in refused.json()["detail"]
        switch_scim_on(bare)
        bare.get_by_role("tab", name=say("Change History")).click()
        line = bare.get_by_role("row").filter(has=bare.get_by_role("cell", name="Role.permission Admin/SCIM"))
        expect(line).to_contain_text(say("Off"))
        expect(line).to_contain_text(say("On"))
        assert okta.test_connection().status_code == 200

        # N2 and 15: before and after step 7
        refused = okta.assign("one@bare.example", "Test", "One")
        assert refused.status_code == 400
        assert "No active role named Agent exists" in refused.json()["detail"]
        expect(person_in_list(bare, "one@bare.example")).to_have_count(0)
        make_agent(bare)
        created = okta.assign("one@bare.example", "Test", "One")
        assert created.status_code == 201
        pk = created.json()["id"]
        row = person_in_list(bare, "one@bare.example")
        for text in ("IdP", "Agent", say("Not Invited")):
            expect(row).to_contain_text(text)
        row.get_by_role("link", name="Test One").click()
        bare.get_by_role("tab", name=say("Change History")).click()
        expect(bare.get_by_role("row").filter(has_text=say("SCIM")).first).to_contain_text("Bare Administrator")

        # 16
        assert okta.change(pk, name={"givenName": "Test", "familyName": "Two"}).status_code == 200
        bare.reload()
        expect(bare.get_by_role("heading", name="Test Two")).to_be_visible()
        bare.get_by_role("tab", name=say("General")).click()
        expect(say.field(bare, "Last Name")).to_have_value("Two")
        expect(say.field(bare, "Last Name")).not_to_be_editable()

        # 17 and 18
        assert okta.deactivate(pk).json()["active"] is False
        row = person_in_list(bare, "one@bare.example")
        expect_status(row, say("Inactive"))
        row.get_by_role("button", name=say("Actions for %(name)s", name="Test Two")).click()
        expect(bare.get_by_role("menuitem", name=say("Reactivate"))).to_be_disabled()
        assert okta.change(pk, active=True).json()["active"] is True
        expect(person_in_list(bare, "one@bare.example")).to_contain_text(say("Not Invited"))

        # N4
        bare.goto("/admin/applications/?q=procedure")
        bare.get_by_role("link", name="Okta procedure").click()
        bare.get_by_role("link", name=say("Disable")).click()
        bare.get_by_role("dialog").get_by_role("button", name=say("Disable")).click()
        expect(bare.get_by_text(say("Disabled"), exact=True).first).to_be_visible()
        assert okta.call_once("GET", "/Users").status_code == 401
        ended = okta.refresh()
        assert (ended.status_code, ended.json()["error"]) == (400, "invalid_client")


@pytest.mark.rule("R-APP-11")
def test_n3_fedramp_prints_the_government_addresses(instance, browser, bare, tmp_path):
    fill_in(bare, "Okta FedRAMP", fedramp="Yes")
    submit(bare, "User, Confidential")
    expect(bare.get_by_role("heading", name=say("Registration received"))).to_be_visible()
    found = open_attachment(instance, browser, tmp_path)
    assert found["original_token_endpoint"] == "https://cxone-gov.niceincontact.com/auth/token"
    assert "https://cxone-gov.niceincontact.com/auth/authorize?scope=openid" in found["mail"]
    assert found["token_endpoint"] == f"{instance.url}/auth/token"


# The attachment, the text beside it, and the text of the second mail.
MAILS = """
import json
from accounts.models import OutboxMail
mails = OutboxMail.objects.filter(business_unit__tenant_name="bare").order_by("-created_at")
file = next(mail for mail in mails if mail.attachments)
password = next(mail for mail in mails if mail.to == file.to and mail.subject.endswith(file.subject[-12:]) and mail != file)
print(json.dumps([file.attachments[0], file.text, password.text]))
"""
