"""The registration form in three pages, and what comes of it (screens §14.2, R-APP)."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import Application, AuditEvent, OutboxMail
from tests.world import CALLBACK, history_of, visible

START, ABOUT, SECURITY = (f"/developer/register/{page}" for page in ("", "application/", "security/"))
PAGE_1 = {"requester_email": "ann@partner.example", "requester_name": "Ann Partner", "business_unit": "1000001"}
PAGE_2 = {
    "name": "Okta CXone Integration",
    "description": "Okta integration with CXone over SCIM",
    "contacts": "tech@partner.example, ops@partner.example",
    "method": "email",
    "tenancy": "single",
    "is_fedramp": "false",
}
PAGE_3 = {
    "auth_method": "client_secret_post",
    "scopes": ["AdminAPI", "ReportingAPI"],
    "type": "confidential",
    "redirects": CALLBACK,
    "origins": "",
    "logouts": "",
}


def fill_in(client, one=None, two=None, three=None):
    """Go through the three pages; answers what Submit answered."""
    for url, page, changes in ((START, PAGE_1, one), (ABOUT, PAGE_2, two), (SECURITY, PAGE_3, three)):
        answer = client.post(url, page | (changes or {}))
    return answer


def registered(**values):
    return Application.objects.get(**values)


# The way through


@pytest.mark.screen("14.2 registration")
@pytest.mark.rule("R-APP-1")
def test_a_visitor_registers_in_three_pages_and_gets_a_tracking_number(world):
    client = Client()
    assert "Register an application You Application Security Email address" in visible(client.get(START))
    answer = client.post(START, PAGE_1)
    assert answer.url == ABOUT
    assert "Technical contacts" in visible(client.get(ABOUT))
    answer = client.post(ABOUT, PAGE_2)
    assert answer.url == SECURITY
    assert "All CXone ACD API scopes" in visible(client.get(SECURITY))
    answer = client.post(SECURITY, PAGE_3)
    application = registered()
    page = visible(client.get(answer.url))
    assert f"Registration received Tracking number {application.tracking_number}" in page
    assert "The application has been approved." in page
    assert re.fullmatch(r"REG(-[A-Z2-9]{4}){3}", application.tracking_number)


@pytest.mark.rule("R-APP-2")
def test_everything_that_was_entered_is_kept(world):
    fill_in(Client(), three={"origins": "https://app.example", "logouts": "https://app.example/bye"})
    found = registered()
    assert found.business_unit_id == world.acme.pk
    assert (found.requester_name, found.requester_email) == ("Ann Partner", "ann@partner.example")
    assert (found.name, found.description) == ("Okta CXone Integration", "Okta integration with CXone over SCIM")
    assert found.contacts == ["tech@partner.example", "ops@partner.example"]
    assert (found.type, found.tenancy, found.auth_method) == ("confidential", "single", "client_secret_post")
    assert found.scopes == ["AdminAPI", "ReportingAPI"]
    assert (found.redirects, found.origins, found.logouts) == (
        [CALLBACK],
        ["https://app.example"],
        ["https://app.example/bye"],
    )
    assert (found.is_fedramp, found.status) == (False, "ENABLED")


def test_all_scopes_are_one_click_without_javascript_too(world):
    fill_in(Client(), three={"scopes": ["all"]})
    assert registered().scopes == list(Application.SCOPES)


@pytest.mark.screen("14.2 registration")
def test_back_keeps_the_entries_even_unfinished_ones(world):
    client = Client()
    client.post(START, PAGE_1)
    answer = client.post(ABOUT, PAGE_2 | {"name": "", "description": "half a thought", "back": "true"})
    assert answer.url == START
    assert "Ann Partner" in client.get(START).content.decode()
    assert client.post(START, PAGE_1).url == ABOUT
    page = client.get(ABOUT).content.decode()
    assert "half a thought" in page
    assert "tech@partner.example, ops@partner.example" in page


def test_back_from_the_last_page_keeps_choices_and_scopes(world):
    client = Client()
    client.post(START, PAGE_1)
    client.post(ABOUT, PAGE_2)
    assert client.post(SECURITY, PAGE_3 | {"back": "true"}).url == ABOUT
    page = client.get(SECURITY).content.decode()
    for value in ("client_secret_post", "confidential", "AdminAPI", "ReportingAPI"):
        assert re.search(rf'value="{value}"[^>]*checked', page), value
    assert not re.search(r'value="PatronAPI"[^>]*checked', page)


@pytest.mark.parametrize(("url", "leads_to"), [(ABOUT, START), (SECURITY, START)])
def test_a_later_page_is_not_reached_without_the_earlier_ones(world, url, leads_to):
    assert Client().get(url).url == leads_to
    assert Client().post(url, PAGE_3).url == leads_to
    assert not Application.objects.exists()


def test_page_3_is_not_reached_without_page_2(world):
    client = Client()
    client.post(START, PAGE_1)
    assert client.post(SECURITY, PAGE_3).url == ABOUT


def test_after_submit_the_form_is_empty_again(world):
    client = Client()
    fill_in(client)
    assert "Ann Partner" not in client.get(START).content.decode()
    assert client.post(SECURITY, PAGE_3).url == START
    assert Application.objects.count() == 1


def test_two_visitors_do_not_see_each_other(world):
    first, second = Client(), Client()
    first.post(START, PAGE_1)
    fill_in(second)
    assert "Ann Partner" in first.get(START).content.decode()
    assert first.get("/developer/register/received/").status_code == 404
    assert visible(second.get("/developer/register/received/")).count("REG-") == 1


def test_the_next_person_at_the_same_browser_sees_nothing_of_it(world):
    client = world.client()
    client.post(START, PAGE_1)
    assert "Ann Partner" in client.get(START).content.decode()
    client.force_login(world.bob)
    assert "Ann Partner" not in client.get(START).content.decode()
    client.logout()
    assert "Ann Partner" not in client.get(START).content.decode()


def test_a_field_checked_meanwhile_does_not_undo_what_next_has_stored(world):
    """Both requests begin with the same state; the one that only checks must not write it back."""
    client = world.client()
    client.post(START, PAGE_1)
    client.post(ABOUT, PAGE_2)
    before = Session.objects.count()
    answer = client.post(f"{ABOUT}?check=name", PAGE_2 | {"name": "Typed later"})
    assert "cxadmin_registration" not in answer.cookies
    assert Session.objects.count() == before
    assert "Typed later" not in client.get(ABOUT).content.decode()


def test_page_1_is_prefilled_for_whoever_is_signed_in(world):
    page = world.bob_may().get(START).content.decode()
    for value in ("bob@acme.example", "Bob Brown", "1000001"):
        assert f'value="{value}"' in page


# Who did it


def test_the_history_names_the_employee_or_what_the_visitor_said(world):
    fill_in(world.client())
    fill_in(Client(), two={"name": "Second"})
    event = AuditEvent.objects.get(entity_label="Okta CXone Integration")
    assert (event.triggered_by_name, event.triggered_by_id, event.channel) == ("Alice Archer", world.alice.pk, "UI")
    event = AuditEvent.objects.get(entity_label="Second")
    assert (event.triggered_by_name, event.triggered_by_id) == ("Ann Partner <ann@partner.example>", None)
    assert event.credential == "registration form, not signed in"


def test_an_employee_of_another_tenant_is_a_visitor_here(world):
    fill_in(world.client(world.charlie))
    event = AuditEvent.objects.get(entity_label="Okta CXone Integration")
    assert (event.business_unit_id, event.triggered_by_id) == (world.acme.pk, None)
    assert world.client(world.charlie).get(f"/admin/applications/{registered().pk}/").status_code == 404


@pytest.mark.screen("14.3 audit")
def test_the_history_holds_every_attribute_and_no_secret(world):
    fill_in(Client())
    application = registered()
    entries = {attribute: changed for attribute, _, changed in history_of(application)}
    assert entries["Application.name"] == "Okta CXone Integration"
    assert entries["Application.status"] == "ENABLED"
    assert entries["Application.redirects"] == CALLBACK
    assert application.secret_hash not in str(entries)


# Settings


@pytest.mark.screen("14.2 modes")
@pytest.mark.rule("R-APP-1", "R-APP-8")
def test_with_manual_approval_it_is_submitted_and_nothing_is_mailed(world, settings):
    settings.APP_REGISTRATION_MODE = "manual"
    client = Client()
    answer = fill_in(client)
    assert "Somebody has to approve the application first." in visible(client.get(answer.url))
    assert (registered().status, registered().secret_hash) == ("SUBMITTED", "")
    assert not OutboxMail.objects.exists()


@pytest.mark.screen("14.2 modes")
def test_a_form_that_is_not_public_needs_a_sign_in_and_a_permission(world, settings):
    settings.APP_REGISTRATION_PUBLIC = False
    for url in (START, ABOUT, SECURITY, "/developer/register/received/"):
        assert Client().get(url).url.startswith("/login/?next=")
    assert Client().post(START, PAGE_1).url.startswith("/login/")
    assert world.bob_may("admin.applications.view").get(START).status_code == 403
    assert fill_in(world.bob_may("admin.applications.create")).url == "/developer/register/received/"
    assert registered().created_by == "Bob Brown"


def test_a_form_that_is_not_public_leads_into_no_other_tenant(world, settings):
    settings.APP_REGISTRATION_PUBLIC = False
    answer = world.client().post(START, PAGE_1 | {"business_unit": "1000002"})
    assert answer.status_code == 422
    assert "There is no business unit with this ID." in visible(answer)


# Bad input


@pytest.mark.screen("14.2 registration")
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"requester_email": ""}, "Email address is required."),
        ({"requester_email": "ann"}, "Enter an address in the form name@example.com."),
        ({"requester_email": "a" * 250 + "@x.example"}, "Email address can have at most 254 characters."),
        ({"requester_name": " "}, "Name is required."),
        ({"requester_name": "Ann\r\nPartner"}, "Name must be one line."),
        ({"requester_name": "x" * 101}, "Name can have at most 100 characters."),
        ({"business_unit": ""}, "Business unit ID is required."),
        ({"business_unit": "4711"}, "There is no business unit with this ID."),
        ({"business_unit": "abc"}, "There is no business unit with this ID."),
        ({"business_unit": "-1"}, "There is no business unit with this ID."),
        ({"business_unit": "9" * 30}, "There is no business unit with this ID."),
    ],
)
def test_page_1_says_what_is_wrong(world, given, message):
    answer = Client().post(START, PAGE_1 | given)
    assert answer.status_code == 422
    assert message in visible(answer)


@pytest.mark.screen("14.2 registration")
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": ""}, "Application name is required."),
        ({"name": "x" * 101}, "Application name can have at most 100 characters."),
        ({"name": "a\x00b"}, "Null characters are not allowed."),
        ({"name": "a\nBcc: all@x.example"}, "Application name must be one line."),
        ({"description": ""}, "Description is required."),
        ({"description": "x" * 501}, "Description can have at most 500 characters."),
        ({"contacts": " ,\n, "}, "Technical contacts is required."),
        ({"contacts": "tech"}, "Enter an address in the form name@example.com."),
        ({"contacts": "a@b.example, tech"}, "tech: Enter an address in the form name@example.com."),
        ({"contacts": ",".join(f"t{n}@b.example" for n in range(11))}, "Technical contacts takes at most 10 entries."),
        ({"method": ""}, "Method is required."),
        ({"tenancy": ""}, "Tenancy is required."),
        ({"tenancy": "some"}, "Choose one of the values offered."),
        ({"is_fedramp": ""}, "Is the system in FedRAMP? is required."),
    ],
)
def test_page_2_says_what_is_wrong(world, given, message):
    client = Client()
    client.post(START, PAGE_1)
    answer = client.post(ABOUT, PAGE_2 | given)
    assert answer.status_code == 422
    assert message in visible(answer)


URL = "Enter an absolute https address (http is allowed for localhost)."


@pytest.mark.screen("14.2 registration")
@pytest.mark.rule("R-APP-6")
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"auth_method": ""}, "Authentication method is required."),
        ({"auth_method": "none"}, "Choose one of the values offered."),
        ({"scopes": []}, "Scopes is required."),
        ({"scopes": ["RootAPI"]}, "Choose one of the values offered."),
        ({"type": ""}, "Application type is required."),
        ({"redirects": ""}, "Redirect URL is required."),
        ({"redirects": "/callback"}, URL),
        ({"redirects": "http://app.example/callback"}, URL),
        ({"redirects": "javascript:alert(1)"}, URL),
        ({"redirects": "https://"}, URL),
        ({"redirects": "https://app.example:99999/"}, URL),
        ({"redirects": "https://app.example/a b"}, URL),
        ({"redirects": "https://app.example/#part"}, "Redirect URL must not contain a #."),
        ({"redirects": f"{CALLBACK}\nhttp://b.example"}, f"http://b.example: {URL}"),
        ({"redirects": "https://a.example/" + "x" * 2000}, "Redirect URL can have at most 2000 characters."),
        (
            {"redirects": "\n".join(f"https://a.example/{n}" for n in range(11))},
            "Redirect URL takes at most 10 entries.",
        ),
        (
            {"redirects": "https://system-admin.okta.com/admin/app/cpc/${appName}/oauth/callback"},
            "Replace ${appName} with the name of your application.",
        ),
        ({"origins": "app.example"}, URL),
        ({"origins": "https://app.example/path"}, "Enter an origin without a path, such as https://app.example.com."),
        ({"logouts": "http://app.example"}, URL),
    ],
)
def test_page_3_says_what_is_wrong_and_registers_nothing(world, given, message):
    client = Client()
    answer = fill_in(client, three=given)
    assert answer.status_code == 422
    assert message in visible(answer)
    assert not Application.objects.exists()
    assert not OutboxMail.objects.exists()


def test_http_is_allowed_for_the_machine_itself(world):
    redirects = "http://localhost:8080/cb\nhttp://127.0.0.1/cb\nhttp://[::1]:1/cb"
    fill_in(Client(), three={"redirects": redirects})
    assert registered().redirects == redirects.split("\n")


def test_a_redirect_is_kept_letter_by_letter(world):
    wanted = "https://App.Example/Callback/?b=2&a=%20"
    fill_in(Client(), three={"redirects": f"  {wanted}  \r\n\r\n{wanted}"})
    assert registered().redirects == [wanted]


@pytest.mark.screen("14.2 registration")
@pytest.mark.rule("R-APP-2", "R-APP-3")
def test_a_back_end_application_is_warned_about_and_accepted_without_redirects(world):
    client = Client()
    client.post(START, PAGE_1)
    client.post(ABOUT, PAGE_2)
    assert "Back-end applications have no sign-in page and cannot be used for SCIM with Okta." in visible(
        client.get(SECURITY)
    )
    answer = client.post(SECURITY, PAGE_3 | {"type": "backend", "redirects": "left from ${appName}"})
    assert answer.url == "/developer/register/received/"
    assert (registered().type, registered().redirects) == ("backend", [])


def test_the_name_is_unique_in_the_tenant_whatever_the_case(world):
    fill_in(Client())
    client = Client()
    client.post(START, PAGE_1)
    answer = client.post(ABOUT, PAGE_2 | {"name": "OKTA cxone INTEGRATION"})
    assert answer.status_code == 422
    assert "Application name is already in use." in visible(answer)
    assert fill_in(Client(), one={"business_unit": "1000002"}).url == "/developer/register/received/"


def test_of_two_forms_with_one_name_the_second_is_told_so_at_submit(world):
    slow = Client()
    slow.post(START, PAGE_1)
    slow.post(ABOUT, PAGE_2)
    fill_in(Client())
    answer = slow.post(SECURITY, PAGE_3)
    assert "Application name is already in use." in visible(answer)
    assert Application.objects.count() == 1


def test_a_field_is_checked_on_leaving_it(world):
    answer = Client().post(f"{START}?check=business_unit", PAGE_1 | {"business_unit": "1"})
    assert answer.status_code == 200
    assert "There is no business unit with this ID." in visible(answer)


def test_a_form_from_elsewhere_is_refused(world):
    client = Client(enforce_csrf_checks=True)
    assert client.post(START, PAGE_1).status_code == 403


# The mails


@pytest.mark.screen("14.2 mails")
@pytest.mark.rule("R-APP-1")
def test_each_contact_gets_the_file_and_by_itself_its_password(world):
    fill_in(Client())
    mails = list(OutboxMail.objects.order_by("to", "subject"))
    assert [(mail.to, mail.subject) for mail in mails] == [
        ("ops@partner.example", "Application registration – Okta CXone Integration"),
        ("ops@partner.example", "Password for your application registration – Okta CXone Integration"),
        ("tech@partner.example", "Application registration – Okta CXone Integration"),
        ("tech@partner.example", "Password for your application registration – Okta CXone Integration"),
    ]
    file, password = mails[0], mails[1]
    assert [attachment["name"] for attachment in file.attachments] == ["Okta CXone Integration-registration.html"]
    assert password.attachments == []
    assert re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){4}", password.text)
    assert password.text not in file.text + file.attachments[0]["content"]


@pytest.mark.rule("R-APP-11")
@pytest.mark.parametrize(("fedramp", "host"), [("false", "cxone"), ("true", "cxone-gov")])
def test_fedramp_changes_the_original_addresses_in_the_mail_and_nothing_else(world, settings, fedramp, host):
    fill_in(Client(), two={"is_fedramp": fedramp})
    text = OutboxMail.objects.filter(subject__startswith="Application").first().text
    assert f"https://{host}.niceincontact.com/auth/token" in text
    assert f"https://{host}.niceincontact.com/auth/authorize?scope=openid" in text
    assert f"{settings.PUBLIC_URL}/auth/token" in text
    assert registered().is_fedramp is (fedramp == "true")
    assert registered().status == "ENABLED"


def test_a_back_end_application_is_told_no_authorization_endpoint(world):
    fill_in(Client(), three={"type": "backend"})
    text = OutboxMail.objects.filter(subject__startswith="Application").first().text
    assert "/auth/token" in text
    assert "/auth/authorize" not in text


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ('../a/b: "c"?', "-a-b- -c--registration.html"),
        ("Okta統合", "Okta統合-registration.html"),
    ],
)
def test_the_file_is_named_after_the_application_as_far_as_file_systems_allow(world, name, file):
    fill_in(Client(), two={"name": name})
    mail = OutboxMail.objects.filter(subject__startswith="Application").first()
    assert mail.attachments[0]["name"] == file


def test_no_secret_is_kept_in_clear(world):
    client = Client()
    fill_in(client)
    assert len(registered().secret_hash) == 64
    assert "secret" not in "".join(str(session.get_decoded()) for session in Session.objects.all())
