"""Login Authenticator and Employee Templates in the browser: fields that depend on others, files, Load Template."""

import re

from playwright.sync_api import expect

from tests.browser.walkthrough import expect_status
from tests.certificates import certificate


def test_the_fields_follow_the_authentication_type(admin):
    admin.goto("/admin/login-authenticators/new/")
    expect(admin.get_by_label("Minimum length")).to_be_visible()
    expect(admin.get_by_text("HOTP (HMAC-Based)")).to_be_hidden()
    admin.get_by_label("Require Multi-Factor Authentication").check()
    expect(admin.get_by_text("HOTP (HMAC-Based)")).to_be_visible()
    admin.get_by_label("Authentication Type").select_option("SAML 2.0")
    expect(admin.get_by_label("Minimum length")).to_be_hidden()
    expect(admin.get_by_label("Certificate")).to_be_visible()
    admin.get_by_label("Authentication Type").select_option("OpenID Connect")
    expect(admin.get_by_label("Certificate")).to_be_hidden()
    expect(admin.get_by_label("Client Secret")).to_have_attribute("type", "password")


def test_a_saml_authenticator_is_added_with_its_file_and_deactivated(admin):
    admin.goto("/admin/login-authenticators/new/")
    admin.get_by_label("Authentication Type").select_option("SAML 2.0")
    admin.get_by_label("Certificate").set_input_files(
        {"name": "idp.pem", "mimeType": "application/x-pem-file", "buffer": certificate()}
    )
    admin.get_by_label("Endpoint URL").fill("https://idp.example.com/saml")
    admin.get_by_role("button", name="Save & Activate").click()
    expect(admin.get_by_role("alert")).to_contain_text("Name is required.")
    expect(admin.get_by_text("This certificate will be saved:")).to_be_visible()
    admin.get_by_label("Name").fill("Browser SAML")
    admin.get_by_role("button", name="Save & Activate").click()
    expect(admin).to_have_url(re.compile(r"/admin/login-authenticators/$"))
    admin.get_by_role("button", name="Actions for Browser SAML").click()
    admin.get_by_role("menuitem", name="Deactivate").click()
    admin.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
    expect_status(admin.get_by_role("row").filter(has_text="Browser SAML"), "Inactive")


def test_a_template_is_made_and_loaded_into_a_new_employee(admin):
    admin.goto("/admin/employee-templates/new/")
    admin.get_by_label("Template Name").fill("Browser template")
    admin.get_by_label("Ignore Team").check()
    admin.get_by_role("combobox", name="Primary Role").fill("Evaluator")
    admin.get_by_role("option", name="Evaluator").click()
    admin.get_by_label("Ignore Time Zone").uncheck()
    admin.get_by_role("combobox", name="Time Zone").fill("Tokyo")
    admin.get_by_role("option", name="Asia/Tokyo").click()
    admin.get_by_role("button", name="Activate").click()
    expect(admin).to_have_url(re.compile(r"/admin/employee-templates/$"))
    admin.goto("/admin/employees/new/")
    admin.get_by_label("First Name").fill("Terry")
    admin.get_by_role("button", name="Load Template").press("Enter")
    expect(admin.get_by_role("menuitem", name="Browser template")).to_be_focused()
    admin.keyboard.press("Enter")
    expect(admin.get_by_role("status").filter(has_text="nothing is saved yet")).to_be_visible()
    expect(admin.get_by_label("First Name")).to_have_value("Terry")
    expect(admin.get_by_role("combobox", name="Primary Role")).to_have_value("Evaluator")
    expect(admin.get_by_role("combobox", name="Time Zone")).to_have_value("Asia/Tokyo")


def test_looking_around_is_no_unsaved_change_and_ignoring_a_field_is_one(admin):
    admin.goto("/admin/employee-templates/new/")
    admin.get_by_role("link", name="Cancel").click()
    expect(admin).to_have_url(re.compile(r"/admin/employee-templates/$"))
    admin.goto("/admin/employee-templates/new/")
    admin.get_by_label("Ignore Team").check()
    admin.get_by_role("link", name="Cancel").click()
    expect(admin.get_by_role("dialog")).to_contain_text("Discard your changes?")
