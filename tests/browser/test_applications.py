"""Registering an application, opening its file offline, and the Applications screen, in a real browser."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.walkthrough import PATIENCE

CALLBACK = "https://system-admin.okta.com/admin/app/cpc/demo_app/oauth/callback"


def register(page, name: str, *, kind: str = "User, Confidential", contact: str = "tech@partner.example") -> None:
    """Fill in all three pages, page 1 as it is prefilled."""
    page.goto("/developer/register/")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Application name").fill(name)
    page.get_by_label("Description").fill("Browser test over SCIM")
    page.get_by_label("Technical contacts").fill(contact)
    page.get_by_role("button", name="Next").click()
    page.get_by_label("client_secret_post").check()
    page.get_by_label("All CXone ACD API scopes").check()
    page.get_by_label(kind).check()
    if kind != "Back-end":
        page.get_by_label("Redirect URL").fill(CALLBACK)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name="Registration received")).to_be_visible()


@pytest.fixture
def mailed(server, tmp_path):
    """Answers the path of the newest registration file for an address, and its password."""

    def found(address: str):
        file, password = json.loads(server.run(MAILED.format(address=address)))
        path = tmp_path / file["name"]
        path.write_text(file["content"], encoding="utf-8")
        return path, password

    return found


@pytest.fixture
def offline(browser):
    """A window that reaches nothing and has never seen the product; complaints of the browser fail the test."""
    context = browser.new_context(offline=True)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    complaints = []
    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


# The form


def test_the_three_pages_lead_forward_and_back_without_losing_anything(admin):
    admin.goto("/developer/")
    admin.get_by_role("main").get_by_role("link", name="Register an application").click()
    expect(admin.get_by_label("Email address")).to_have_value("admin@demo.example")
    expect(admin.get_by_label("Business unit ID")).to_have_value("4500123")
    admin.get_by_role("button", name="Next").click()
    admin.get_by_label("Application name").fill("Back and forth")
    admin.get_by_label("Description").fill("Kept")
    admin.get_by_label("Technical contacts").fill("a@x.example, b@x.example")
    admin.get_by_label("Multiple Tenants").check()
    admin.get_by_role("button", name="Next").click()
    admin.get_by_label("client_secret_basic").check()
    admin.get_by_label("ReportingAPI").check()
    admin.get_by_role("button", name="Back").click()
    expect(admin.get_by_label("Application name")).to_have_value("Back and forth")
    expect(admin.get_by_label("Multiple Tenants")).to_be_checked()
    admin.get_by_role("button", name="Next").click()
    expect(admin.get_by_label("client_secret_basic")).to_be_checked()
    expect(admin.get_by_label("ReportingAPI")).to_be_checked()
    admin.go_back()
    expect(admin.get_by_label("Technical contacts")).to_have_value("a@x.example, b@x.example")


def test_enter_goes_on_and_not_back(admin):
    admin.goto("/developer/register/")
    admin.get_by_role("button", name="Next").click()
    for label, text in (("Description", "x"), ("Technical contacts", "a@x.example"), ("Application name", "Enter")):
        admin.get_by_label(label).fill(text)
    admin.keyboard.press("Enter")
    expect(admin.get_by_label("client_secret_post")).to_be_visible()


def test_all_scopes_are_ticked_and_cleared_by_one_box(admin):
    admin.goto("/developer/register/")
    admin.get_by_role("button", name="Next").click()
    for label, text in (("Description", "x"), ("Technical contacts", "a@x.example"), ("Application name", "Scopes")):
        admin.get_by_label(label).fill(text)
    admin.get_by_role("button", name="Next").click()
    everything = admin.get_by_label("All CXone ACD API scopes")
    everything.check()
    expect(admin.get_by_label("PatronAPI")).to_be_checked()
    admin.get_by_label("PatronAPI").uncheck()
    expect(everything).not_to_be_checked()
    everything.check()
    everything.uncheck()
    expect(admin.get_by_label("AdminAPI")).not_to_be_checked()


def test_back_end_brings_a_warning_and_takes_the_redirect_url_away(admin):
    admin.goto("/developer/register/")
    admin.get_by_role("button", name="Next").click()
    for label, text in (("Description", "x"), ("Technical contacts", "a@x.example"), ("Application name", "Warned")):
        admin.get_by_label(label).fill(text)
    admin.get_by_role("button", name="Next").click()
    warning = admin.get_by_text("Back-end applications have no sign-in page")
    expect(warning).to_be_hidden()
    admin.get_by_label("Back-end").check()
    expect(warning).to_be_visible()
    expect(admin.get_by_label("Redirect URL")).to_be_hidden()
    admin.get_by_label("User, Public").check()
    expect(warning).to_be_hidden()
    expect(admin.get_by_label("Redirect URL")).to_be_visible()


def test_a_placeholder_is_pointed_out_on_leaving_the_field(admin):
    admin.goto("/developer/register/")
    admin.get_by_role("button", name="Next").click()
    for label, text in (("Description", "x"), ("Technical contacts", "a@x.example"), ("Application name", "Hinted")):
        admin.get_by_label(label).fill(text)
    admin.get_by_role("button", name="Next").click()
    admin.get_by_label("Redirect URL").fill(CALLBACK.replace("demo_app", "${appName}"))
    admin.get_by_label("Origin").focus()
    expect(admin.get_by_text("Replace ${appName} with the name of your application.")).to_be_visible()


def test_the_form_works_without_scripts_and_without_sign_in(open_page, server):
    plain = open_page(java_script_enabled=False)
    plain.goto("/developer/register/")
    plain.get_by_label("Email address").fill("ann@partner.example")
    plain.get_by_role("textbox", name=re.compile("^Name")).fill("Ann Partner")
    plain.get_by_label("Business unit ID").fill("4500123")
    plain.get_by_role("button", name="Next").click()
    plain.get_by_label("Application name").fill("Plain application")
    plain.get_by_label("Description").fill("Without scripts")
    plain.get_by_label("Technical contacts").fill("plain@partner.example")
    plain.get_by_role("button", name="Next").click()
    plain.get_by_label("client_secret_post").check()
    plain.get_by_label("All CXone ACD API scopes").check()
    plain.get_by_label("User, Public").check()
    plain.get_by_label("Redirect URL").fill(CALLBACK)
    plain.get_by_role("button", name="Submit").click()
    expect(plain.get_by_text(re.compile("REG-"))).to_be_visible()
    assert server.run(SCOPES.format(name="Plain application")) == "7"


# The file


@pytest.mark.screen("14.2 mails")
def test_the_attachment_opens_offline_with_its_password(admin, mailed, offline):
    register(admin, "Offline application", contact="offline@partner.example")
    path, password = mailed("offline@partner.example")
    assert path.name == "Offline application-registration.html"
    offline.goto(path.as_uri())
    offline.context.grant_permissions(["clipboard-read", "clipboard-write"])
    expect(offline.get_by_text("Client Secret", exact=True)).to_be_hidden()
    offline.get_by_label("Password").fill("wrong")
    offline.keyboard.press("Enter")
    expect(offline.get_by_role("alert")).to_contain_text("The file cannot be opened with this password.")
    expect(offline.get_by_label("Password")).to_be_focused()
    offline.get_by_label("Password").fill(f" {password}\n")
    offline.get_by_role("button", name="Open").click()
    facts = offline.locator("dl")
    expect(facts).to_contain_text(CALLBACK)
    for fact in ("client_secret_post", "User, Confidential", "AdminAPI", "/auth/token", "/auth/authorize?scope=openid"):
        expect(facts).to_contain_text(fact)
    expect(offline.get_by_label("Password")).to_be_hidden()
    offline.get_by_role("button", name="Copy Client Secret").click()
    expect(offline.get_by_role("button", name="Copied")).to_be_visible()
    secret = offline.evaluate("navigator.clipboard.readText()")
    assert len(secret) == 43
    expect(facts).to_contain_text(secret)


def test_a_damaged_file_says_so(admin, mailed, offline):
    register(admin, "Damaged application", contact="damaged@partner.example")
    path, password = mailed("damaged@partner.example")
    page = path.read_text(encoding="utf-8")
    path.write_text(page.replace('"format": "cxadmin-registration/1"', '"format": "other/1"'), encoding="utf-8")
    offline.goto(path.as_uri())
    offline.get_by_label("Password").fill(password)
    offline.keyboard.press("Enter")
    expect(offline.get_by_role("alert")).to_contain_text("This is not a registration file, or it is damaged.")


def test_the_developer_portal_opens_the_file_without_sending_it(admin, mailed, tmp_path):
    register(admin, "Opened application", contact="opened@partner.example")
    path, password = mailed("opened@partner.example")
    admin.get_by_role("link", name="Open registration file").click()
    sent = []
    admin.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    admin.get_by_role("button", name="Open").click()
    expect(admin.get_by_role("alert")).to_contain_text("Choose a registration file.")
    other = tmp_path / "other.html"
    other.write_text("<p>Something else</p>", encoding="utf-8")
    admin.get_by_label("Registration file").set_input_files(other)
    admin.get_by_role("button", name="Open").click()
    expect(admin.get_by_role("alert")).to_contain_text("This is not a registration file")
    admin.get_by_label("Registration file").set_input_files(path)
    admin.get_by_label("Password").fill(password)
    admin.get_by_role("button", name="Open").click()
    expect(admin.locator("main dl")).to_contain_text("client_secret_post")
    expect(admin.get_by_role("button", name="Copy Client ID")).to_be_visible()
    assert sent == []


# Applications


def test_disabling_and_enabling_from_the_list(admin):
    register(admin, "Switched application")
    admin.goto("/admin/applications/?q=switched")
    for action, status in (("Disable", "Disabled"), ("Enable", "Enabled")):
        admin.get_by_role("button", name="Actions for Switched application").click()
        admin.get_by_role("menuitem", name=action, exact=True).click()
        admin.get_by_role("dialog").get_by_role("button", name=action, exact=True).click()
        expect(admin.get_by_text(f"Application {status.lower()}")).to_be_visible()
        expect(admin.get_by_role("row", name="Switched application").get_by_text(status)).to_be_visible()
        expect(admin).to_have_url(re.compile(r"\?q=switched$"))


def test_a_new_secret_is_shown_in_the_dialog_and_the_page_stays_usable(admin, mailed):
    register(admin, "Renewed application", contact="renewed@partner.example")
    admin.goto("/admin/applications/?q=renewed")
    admin.get_by_role("link", name="Renewed application").click()
    admin.get_by_role("link", name="New secret").click()
    dialog = admin.get_by_role("dialog", name="New secret")
    expect(dialog).to_contain_text("Create a new secret? The present one stops working.")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog).to_contain_text("This is the only time it is shown here.")
    expect(dialog.get_by_role("button", name="Copy")).to_have_count(2)
    admin.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    admin.wait_for_load_state("networkidle")
    admin.get_by_label("Description").fill("Saved after the renewal")
    admin.get_by_role("button", name="Save").click()
    expect(admin.get_by_text("Application saved")).to_be_visible()
    admin.get_by_role("tab", name="Change History").click()
    expect(admin.get_by_role("cell", name="Application.secret")).to_be_visible()


def test_deleting_and_keeping(admin):
    register(admin, "Doomed application")
    admin.goto("/admin/applications/?q=doomed")
    admin.get_by_role("link", name="Doomed application").click()
    admin.get_by_role("link", name="Delete").click()
    admin.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(admin.get_by_role("main").get_by_text("Scheduled for deletion").first).to_be_visible()
    admin.get_by_role("link", name="Cancel deletion").click()
    admin.get_by_role("dialog").get_by_role("button", name="Cancel deletion").click()
    expect(admin.get_by_text("Deletion cancelled")).to_be_visible()
    expect(admin.get_by_role("main").get_by_text("Enabled", exact=True)).to_be_visible()


@pytest.mark.screen("14.3 actions")
def test_copy_to_new_form_fills_in_all_three_pages(admin):
    register(admin, "Robot application", kind="Back-end")
    admin.goto("/admin/applications/?q=robot")
    admin.get_by_role("button", name="Actions for Robot application").click()
    admin.get_by_role("menuitem", name="Copy to new form").click()
    admin.get_by_role("button", name="Next").click()
    expect(admin.get_by_label("Application name")).to_have_value("Robot application (2)")
    admin.get_by_role("button", name="Next").click()
    expect(admin.get_by_label("Back-end")).to_be_checked()
    expect(admin.get_by_label("All CXone ACD API scopes")).to_be_checked()
    admin.get_by_label("User, Confidential").check()
    admin.get_by_label("Redirect URL").fill(CALLBACK)
    admin.get_by_role("button", name="Submit").click()
    expect(admin.get_by_role("heading", name="Registration received")).to_be_visible()


def test_business_unit_details_are_edited_and_copied(admin):
    admin.context.grant_permissions(["clipboard-read", "clipboard-write"])
    admin.goto("/developer/")
    admin.get_by_role("button", name="app selector").click()
    admin.get_by_role("link", name="ACD", exact=True).click()
    expect(admin.get_by_role("heading", name="Demo Company", level=1)).to_be_visible()
    row = admin.get_by_role("row", name="SCIM with SCIM token")
    row.get_by_role("button", name="Copy").nth(1).click()
    assert admin.evaluate("navigator.clipboard.readText()") == "https://na1.nice-incontact.com/oauth/scim/v2"
    zone = admin.get_by_role("combobox", name="Time Zone")
    zone.fill("berlin")
    admin.get_by_role("option", name="Europe/Berlin").click()
    admin.get_by_role("button", name="Save").click()
    expect(admin.get_by_text("Business unit saved")).to_be_visible()
    admin.get_by_role("tab", name="Change History").click()
    expect(admin.get_by_role("cell", name="BusinessUnit.timeZone")).to_be_visible()


MAILED = """
import json
from accounts.models import OutboxMail
mails = OutboxMail.objects.filter(to="{address}").order_by("-created_at")
file = next(mail for mail in mails if mail.attachments)
password = next(mail for mail in mails if not mail.attachments)
print(json.dumps([file.attachments[0], password.text]))
"""
SCOPES = """
from accounts.models import Application
print(len(Application.objects.get(name="{name}").scopes))
"""
