"""The frame of every page: app selector, menu, footer (screens §0, §1.2, §1.3), and error pages."""

import re

import pytest
from django.test import Client

from accounts.models import ActivityEvent
from tests.world import VIEW_ROLES, visible

FOOTER = "cxadmin – independent emulator, not affiliated with or endorsed by NICE"


def test_every_page_says_what_it_is(world, client):
    assert FOOTER in visible(client.get("/login/"))
    assert FOOTER in visible(world.client().get("/me/"))
    assert FOOTER in visible(world.client().get("/nowhere/"))


@pytest.mark.screen("1.3 navigation")
def test_the_menu_lists_only_what_one_may_see(world):
    assert "Security Settings Roles and Permissions" in visible(world.bob_may(VIEW_ROLES).get("/me/"))
    assert "Roles and Permissions" not in visible(world.bob_may().get("/me/"))


@pytest.mark.screen("1.2 app selector")
def test_the_app_selector_lists_admin_for_whoever_can_open_a_page_in_it(world):
    assert "General Admin Developer Developer Portal cxadmin" in visible(world.bob_may(VIEW_ROLES).get("/me/"))
    assert "General Admin" not in visible(world.bob_may().get("/me/"))
    world.alice.is_lab_operator = True
    world.alice.save()
    assert "Developer Developer Portal Lab Lab cxadmin" in visible(world.client().get("/me/"))


@pytest.mark.screen("1.2 app selector")
def test_an_application_needs_a_licence(world):
    world.acme.licences = ["acd"]
    world.acme.save()
    assert "Roles and Permissions" not in visible(world.client().get("/me/"))


@pytest.mark.screen("1.3 security label")
@pytest.mark.parametrize(
    ("choice", "language", "label"),
    [
        ("auto", "en", "Security Settings"),
        ("auto", "ja", "セキュリティ設定"),
        ("auto", "de", "Sicherheit"),
        ("security", "en", "Security"),
        ("security_settings", "de", "Sicherheitseinstellungen"),
    ],
)
def test_the_heading_over_security_follows_the_setting(world, settings, choice, language, label):
    settings.NAV_SECURITY_LABEL = choice
    client = world.client()
    client.post("/language/", {"language": language})
    heading = client.get("/admin/roles/").content.decode().split('class="side-bar"')[1].split("</h2>")[0]
    assert heading.split("<h2>")[1].strip() == label


@pytest.mark.screen("1.3 navigation")
def test_the_present_page_is_marked_in_the_menu(world):
    client = world.client()
    assert 'aria-current="page"' in client.get("/admin/roles/").content.decode().split("<main")[0]
    assert 'aria-current="true"' in client.get("/admin/roles/new/").content.decode().split("<main")[0]


@pytest.mark.screen("1.3 navigation")
def test_a_missing_permission_is_named_as_the_role_editor_names_it(world):
    page = world.bob_may().get("/admin/roles/")
    assert page.status_code == 403
    assert "You need the permission Admin > Role Management > View for this." in visible(page)


NOT_BUILT = (
    "Hierarchies",
    "WEM Skills",
    "Divisions",
    "Location Definitions",
    "Recording Policies",
    "Tenant Management",
    "Impersonate",
    "Studio",
)


@pytest.mark.screen("17 navigation")
@pytest.mark.parametrize(
    "path", ["/admin/employees/", "/acd/business-unit/", "/reporting/change-audit/", "/developer/"]
)
def test_what_the_specification_leaves_out_has_no_entry(world, path):
    frame = world.client().get(path).content.decode().split("<main")[0]
    assert 'href="/developer/"' in frame
    assert [name for name in NOT_BUILT if name in frame] == []


def test_a_refusal_is_in_the_activity_log(world):
    world.bob_may().get("/admin/roles/")
    logged = ActivityEvent.objects.get(instance="/admin/roles/")
    assert (logged.triggered_by_name, logged.result) == ("Bob Brown", "FAILURE")
    assert logged.activity == "Refused: needs Admin > Role Management > View"


def test_htmx_gets_an_error_as_one_sentence(world):
    page = world.bob_may().get("/admin/roles/", headers={"HX-Request": "true"})
    assert page.content.decode() == "You need the permission Admin > Role Management > View for this."


def test_an_unknown_address_is_a_page_of_ours_for_everybody(world, client):
    assert "Not found" in visible(world.client().get("/nowhere/"))
    assert "Not found" in visible(client.get("/nowhere/"))
    assert client.get("/nowhere/").status_code == 404


def test_a_form_from_elsewhere_is_refused_on_a_page_of_ours(world):
    client = Client(enforce_csrf_checks=True)
    page = client.post("/login/", {"username": "alice@acme.example"})
    assert (page.status_code, "This form is out of date." in visible(page)) == (403, True)


def test_a_failure_of_ours_is_a_page_of_ours(world, monkeypatch):
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("accounts.queries.roles", broken)
    client = world.client()
    client.raise_request_exception = False
    page = client.get("/admin/roles/")
    assert page.status_code == 500
    assert "Something went wrong on our side." in visible(page)
    assert page["X-Request-Id"] in visible(page)
    assert "secret detail" not in page.content.decode()


@pytest.mark.screen("1.4 page weight")
def test_a_page_runs_no_inline_code_and_loads_nothing_foreign(world, client):
    for page in (client.get("/login/"), world.client().get("/admin/roles/new/")):
        policy = page["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "style-src 'self'" in policy
        html = page.content.decode()
        assert " style=" not in html
        assert "<style" not in html
        assert " onclick=" not in html
        assert "http://" not in html.replace("http://testserver", "").replace("http://www.w3.org", "")


@pytest.mark.screen("1.2 help")
def test_help_opens_in_a_window_of_its_own(world):
    assert 'target="_blank"' in world.client().get("/me/").content.decode().split('href="/help/"')[1].split(">")[0]
    assert "Roles and Permissions" in visible(world.client().get("/help/"))


MENU = [
    "/admin/employees/",
    "/admin/employee-templates/",
    "/admin/teams/",
    "/admin/groups/",
    "/admin/bulk-upload/",
    "Security Settings",
    "/admin/roles/",
    "/admin/login-authenticators/",
    "/admin/views/",
    "/admin/locked-employees/",
    "Tenant Configuration",
    "/admin/account-settings/",
    "/admin/applications/",
]


@pytest.mark.screen("1.3 navigation")
def test_the_menu_has_the_sections_and_the_order_of_the_specification(world):
    side_bar = world.client().get("/admin/employees/").content.decode().split('class="side-bar"')[1].split("</nav>")[0]
    found = re.findall(r'(?s)<h2[^>]*>\s*(.*?)\s*</h2>|href="(/admin/[^"]*)"', side_bar)
    assert [heading or address for heading, address in found] == MENU


@pytest.mark.screen("1.2 user menu")
def test_the_user_menu_names_person_and_tenant(world):
    page = world.client().get("/admin/roles/")
    html = page.content.decode()
    menu = html[html.index('id="user-menu"') :].split("</header>")[0]
    assert re.search(r'popovertarget="user-menu"[^>]*>\s*AA\s*<', html)
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", menu))
    assert "Alice Archer Acme" in words
    assert words.index("My Profile") < words.index("Log out")


@pytest.mark.screen("1.2 toasts")
def test_success_is_a_green_status_and_failure_a_red_alert(world):
    dana = world.employee("Dana Doe", status="UNREGISTERED", ever_activated=False)
    client = world.client()
    for person, toast in ((dana, 'toast toast-success" role="status"'), (world.bob, 'toast toast-error" role="alert"')):
        client.post(f"/admin/employees/{person.pk}/invite/")
        assert toast in client.get("/admin/employees/").content.decode()
