"""axe finds nothing on any page or dialog, in both themes; and a page weighs little."""

import json
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe

PUBLIC = {
    "username": "/login/",
    "domain": "/login/domain/",
    "check your mail": "/login/forgot/",
    "dead link": "/activate/dead/",
    "not found": "/nowhere/",
    "registration": "/developer/register/",
}
SIGNED_IN = {
    "employees": "/admin/employees/",
    "new employee": "/admin/employees/new/",
    "new employee, security": "/admin/employees/new/?tab=security",
    "locked employees": "/admin/locked-employees/",
    "teams": "/admin/teams/",
    "new team": "/admin/teams/new/",
    "new team, unavailable codes": "/admin/teams/new/?tab=codes",
    "new team, contact settings": "/admin/teams/new/?tab=contact",
    "new team, features": "/admin/teams/new/?tab=features",
    "import employees": "/admin/employees/import/",
    "bulk upload portal": "/admin/bulk-upload/",
    "bulk upload activity": "/admin/bulk-upload/activity/",
    "upload of team assignments": "/admin/bulk-upload/team-assignment/",
    "groups": "/admin/groups/",
    "new group": "/admin/groups/new/",
    "roles": "/admin/roles/",
    "no match": "/admin/roles/?q=zzz",
    "compare roles": "/admin/roles/compare/",
    "new role": "/admin/roles/new/",
    "permissions": "/admin/roles/new/?tab=permissions",
    "employee templates": "/admin/employee-templates/",
    "new employee template": "/admin/employee-templates/new/",
    "login authenticators": "/admin/login-authenticators/",
    "new login authenticator": "/admin/login-authenticators/new/",
    "views": "/admin/views/",
    "new view": "/admin/views/new/",
    "account settings": "/admin/account-settings/",
    "account settings history": "/admin/account-settings/history/",
    "change audit report": "/reporting/change-audit/",
    "change audit report, no match": "/reporting/change-audit/?q=zzz",
    "activity audit report": "/reporting/activity-audit/",
    "notifications": "/me/notifications/",
    "go to": "/me/find/?q=a",
    "profile": "/me/",
    "own access keys": "/me/?tab=access-keys-tab",
    "accessibility": "/me/?tab=accessibility",
    "mail outbox": "/lab/mail/",
    "lab overview": "/lab/",
    "requests": "/lab/requests/",
    "tenants": "/lab/tenants/",
    "new disposable tenant": "/lab/tenants/new/",
    "apply a tenant file": "/lab/tenants/apply/",
    "sequence": "/lab/requests/sequence/",
    "integration checklist": "/lab/checklist/",
    "integration checklist of another tenant": "/lab/checklist/?tenant=bare",
    "simulations": "/lab/simulator/",
    "new simulation": "/lab/simulator/new/",
    "fault rules": "/lab/faults/",
    "new fault rule": "/lab/faults/new/",
    "clocks": "/lab/clock/",
    "password": "/me/password/",
    "help": "/help/",
    "log out": "/logout/",
    "developer portal": "/developer/",
    "registration": "/developer/register/",
    "registration file": "/developer/registration-file/",
    "applications": "/admin/applications/",
    "business unit": "/acd/business-unit/",
    "not found": "/nowhere/",
}
MOST_BYTES = 150_000


@pytest.fixture(params=["light", "dark"])
def scheme(request):
    return request.param


def check(page):
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.screen("1.1 accessibility")
@pytest.mark.parametrize("path", PUBLIC.values(), ids=PUBLIC)
def test_pages_before_sign_in(open_page, scheme, path):
    page = open_page(color_scheme=scheme)
    page.goto(path)
    check(page)


@pytest.mark.screen("1.1 accessibility")
@pytest.mark.parametrize("path", SIGNED_IN.values(), ids=SIGNED_IN)
def test_pages_after_sign_in(open_page, signed_in, scheme, path):
    page = open_page(color_scheme=scheme, storage_state=signed_in)
    page.goto(path)
    check(page)


def test_the_second_step_and_its_failure(open_page, scheme):
    page = open_page(color_scheme=scheme)
    page.goto("/login/")
    page.get_by_label("Username").fill("nobody@demo.example")
    page.keyboard.press("Enter")
    page.get_by_label("Password").wait_for()
    check(page)
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    check(page)


def test_the_activation_page_and_its_messages(open_page, scheme, invite):
    page = open_page(color_scheme=scheme)
    page.goto(invite(f"Axel{scheme}"))
    check(page)
    page.get_by_label("New Password").fill("abc")
    check(page)
    page.get_by_role("button", name="Activate").click()
    page.get_by_role("alert").wait_for()
    check(page)


def test_two_roles_side_by_side(open_page, signed_in, scheme):
    page = open_page(color_scheme=scheme, storage_state=signed_in)
    page.goto("/admin/roles/?q=administrator")
    page.get_by_role("link", name="Administrator").click()
    page.get_by_role("link", name="Compare").click()
    page.get_by_role("combobox", name="Second role").fill("Agent")
    page.get_by_role("option", name="Agent", exact=True).click()
    page.get_by_role("columnheader", name="Agent").wait_for()
    page.get_by_role("checkbox", name="Only differences").check()
    page.wait_for_url("**only=differences")
    check(page)


def test_every_tab_of_a_role(open_page, signed_in, scheme):
    page = open_page(color_scheme=scheme, storage_state=signed_in)
    page.goto("/admin/roles/?q=administrator")
    page.get_by_role("link", name="Administrator").click()
    for tab in ("Permissions", "Assigned Users", "Change History"):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_load_state("networkidle")
        check(page)
    page.get_by_role("link", name="More Details").first.click()
    page.get_by_role("dialog").wait_for()
    check(page)


def test_every_tab_of_a_team_and_its_dialogs(open_page, signed_in, scheme):
    page = open_page(color_scheme=scheme, storage_state=signed_in)
    page.goto("/admin/teams/?q=default")
    page.get_by_role("link", name="Default Team", exact=True).click()
    check(page)
    for tab in ("Contact Settings", "Features", "Change History", "Assigned Users"):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_load_state("networkidle")
        check(page)
    page.get_by_role("link", name="Remove SCIM AccessKey").click()
    page.get_by_role("dialog").wait_for()
    check(page)
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Unavailable Codes").click()
    page.get_by_role("button", name="Add Unavailable Codes").click()
    dialog = page.get_by_role("dialog", name="Add Unavailable Codes")
    check(page)
    dialog.get_by_label("Break").check()
    dialog.get_by_role("button", name="Confirm").click()
    check(page)


def test_every_tab_of_an_employee(open_page, signed_in, scheme):
    page = open_page(color_scheme=scheme, storage_state=signed_in)
    page.goto("/admin/employees/?q=accesskey")
    page.get_by_role("button", name="Actions for SCIM AccessKey").click()
    check(page)
    page.keyboard.press("Escape")
    page.get_by_role("checkbox", name="SCIM AccessKey").check()
    page.get_by_role("button", name="Deactivate", exact=True).click()
    page.get_by_role("dialog").wait_for()
    check(page)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="SCIM AccessKey").click()
    check(page)
    page.get_by_role("button", name="Attributes").click()
    check(page)
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Security").click()
    page.get_by_role("button", name="Add access key").click()
    page.get_by_text("(SHOW SECRET KEY)").click()
    check(page)
    page.get_by_role("button", name="Delete").first.click()
    page.get_by_role("dialog").wait_for()
    check(page)


def test_the_messages_of_a_new_employee(open_page, signed_in, scheme):
    page = open_page(color_scheme=scheme, storage_state=signed_in)
    page.goto("/admin/employees/new/")
    page.get_by_role("button", name="Create", exact=True).click()
    page.get_by_role("alert").wait_for()
    check(page)


def test_the_messages_of_a_new_template_and_its_ignored_fields(open_page, signed_in, scheme):
    page = open_page(color_scheme=scheme, storage_state=signed_in)
    page.goto("/admin/employee-templates/new/")
    page.get_by_label("Ignore Team").check()
    page.get_by_role("button", name="Activate").click()
    page.get_by_role("alert").wait_for()
    check(page)


def test_every_type_of_a_new_login_authenticator_and_its_messages(open_page, signed_in, scheme):
    page = open_page(color_scheme=scheme, storage_state=signed_in)
    page.goto("/admin/login-authenticators/new/")
    page.get_by_label("Require Multi-Factor Authentication").check()
    check(page)
    for kind in ("SAML 2.0", "OpenID Connect"):
        page.get_by_label("Authentication Type").select_option(kind)
        check(page)
        page.get_by_role("button", name="Save & Activate").click()
        page.get_by_role("alert").wait_for()
        check(page)


def test_the_pages_of_the_registration_form_and_what_is_wrong_there(open_page, signed_in, scheme):
    page = open_page(color_scheme=scheme, storage_state=signed_in)
    page.goto("/developer/register/")
    page.get_by_role("button", name="Next").click()
    check(page)
    page.get_by_role("button", name="Next").click()
    page.get_by_role("alert").wait_for()
    check(page)
    for label, text in (
        ("Application name", f"Axe {scheme}"),
        ("Description", "x"),
        ("Technical contacts", "a@x.example"),
    ):
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Back-end").check()
    check(page)
    page.get_by_role("button", name="Submit").click()
    page.get_by_role("alert").wait_for()
    check(page)
    page.get_by_label("client_secret_post").check()
    page.get_by_label("All CXone ACD API scopes").check()
    page.get_by_role("button", name="Submit").click()
    page.get_by_role("heading", name="Registration received").wait_for()
    check(page)
    page.goto("/admin/applications/")
    page.get_by_role("link", name=f"Axe {scheme}").click()
    check(page)
    page.get_by_role("link", name="New secret").click()
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    page.get_by_text("This is the only time").wait_for()
    check(page)


def test_the_registration_file(browser, server, scheme, tmp_path):
    file, password = json.loads(server.run(FILE.format(scheme=scheme)))
    path = tmp_path / "registration.html"
    path.write_text(file, encoding="utf-8")
    context = browser.new_context(color_scheme=scheme, offline=True, bypass_csp=True)  # axe is a script of its own
    page = context.new_page()
    page.goto(path.as_uri())
    check(page)
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    check(page)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    page.get_by_text("Client Secret", exact=True).wait_for()
    check(page)
    context.close()


@pytest.mark.screen("1.4 dialogs")
def test_open_menus_and_dialogs(open_page, signed_in, scheme):
    page = open_page(color_scheme=scheme, storage_state=signed_in)
    page.goto("/admin/roles/?q=manager")
    for button in ("app selector", "Notifications", "Language", "Demo Administrator", "Actions for Manager"):
        page.get_by_role("button", name=button).click()
        check(page)
        page.keyboard.press("Escape")
    for action in ("Duplicate", "Deactivate"):
        page.get_by_role("button", name="Actions for Manager").click()
        page.get_by_role("menuitem", name=action).click()
        page.get_by_role("dialog").wait_for()
        check(page)
        page.keyboard.press("Escape")
    page.get_by_role("link", name="Manager").click()
    page.get_by_role("tab", name="Assigned Users").click()
    page.get_by_role("link", name="Add Users").click()
    page.get_by_role("dialog").wait_for()
    check(page)


def test_account_settings_with_messages_tokens_and_dialogs(open_page, signed_in, scheme):
    page = open_page(color_scheme=scheme, storage_state=signed_in)
    page.goto("/admin/account-settings/")
    page.get_by_role("combobox", name="Users").fill("Okta")
    page.get_by_role("option", name="Okta Connector").click()
    page.get_by_role("button", name="Generate").click()
    page.get_by_role("button", name="Show Token").focus()
    check(page)
    page.get_by_role("button", name="Configure SCIM Provisioned Fields").click()
    check(page)
    page.keyboard.press("Escape")
    page.get_by_label("Minutes").fill("1")
    page.get_by_role("textbox", name="Custom Host Name").fill("x")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("alert").wait_for()
    check(page)
    page.get_by_role("link", name="Delete").first.click()
    page.get_by_role("dialog").wait_for()
    check(page)


def test_a_mail(open_page, signed_in, scheme, invite):
    invite(f"Post{scheme}")
    page = open_page(color_scheme=scheme, storage_state=signed_in)
    page.goto("/lab/mail/")
    check(page)
    page.get_by_role("link", name="Activate your account").first.click()
    check(page)


def test_a_request_and_sending_it_again(open_page, signed_in, scheme, server):
    with pytest.raises(HTTPError):
        urlopen(f"{server.url}/oauth/scim/v2/Users/nobody", timeout=10)  # noqa: S310
    page = open_page(color_scheme=scheme, storage_state=signed_in)
    page.wait_for_timeout(500)  # until the journal has written it
    page.goto("/lab/requests/?status=4")
    page.locator("a.request-line").first.click()
    check(page)
    page.get_by_role("link", name="Send it again").click()
    page.get_by_role("dialog").wait_for()
    check(page)
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/compare/**")
    check(page)


@pytest.mark.screen("1.4 page weight")
@pytest.mark.parametrize("path", sorted({*PUBLIC.values(), *SIGNED_IN.values()}))
def test_a_page_weighs_little_at_the_first_visit(open_page, signed_in, path):
    page = open_page(storage_state=signed_in if path in SIGNED_IN.values() else None)
    sizes = []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.goto(path, wait_until="networkidle")
    assert 0 < sum(sizes) < MOST_BYTES


@pytest.mark.screen("1.1 accessibility")
@pytest.mark.parametrize("width", [1440, 1024, 800])
def test_nothing_sticks_out_of_the_window(open_page, signed_in, width):
    page = open_page(storage_state=signed_in)
    page.set_viewport_size({"width": width, "height": 768})
    for path in (*PUBLIC.values(), *SIGNED_IN.values()):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


NARROW = (
    "/admin/teams/new/",
    "/admin/employee-templates/",
    "/admin/login-authenticators/",
    "/admin/applications/",
    "/admin/account-settings/",
    "/reporting/change-audit/?channel=SYSTEM",
    "/developer/",
    "/acd/business-unit/",
)
CUT_OFF = """() => [...document.querySelectorAll(".table-frame, .token-table, .tabs")]
    .filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => box.className)"""


@pytest.mark.screen("1.1 accessibility")
@pytest.mark.parametrize("language", ["en", "ja", "de"])
def test_no_table_or_row_of_tabs_is_cut_off_on_a_narrow_screen(open_page, signed_in, language):
    page = open_page(storage_state=signed_in, locale=language)
    page.set_viewport_size({"width": 1024, "height": 768})
    for path in NARROW:
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == language
        assert page.evaluate(CUT_OFF) == [], path
    page.goto("/admin/teams/?q=default")
    page.get_by_role("link", name="Default Team").click()
    page.wait_for_url("**/teams/*-*/**")
    assert page.evaluate(CUT_OFF) == []


FILE = """
import json
from accounts import registration_files
from accounts.models import Application
application = Application(name="Axe file {scheme}", type="public", auth_method="client_secret_post", scopes=["AdminAPI"])
print(json.dumps([registration_files.page(application, "secret", "password"), "password"]))
"""
