"""Who may open which page: a row for every address of the console. A new page without a row fails the last test."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts import emails, queries
from accounts.actions import (
    account_settings,
    applications,
    bulk_uploads,
    business_units,
    groups,
    notifications,
    scim_tokens,
    templates,
    views,
)
from accounts.actors import Actor, system
from accounts.models import Application, AuditEvent, BusinessUnit, Employee, EmployeeTemplate, Group, Notification, View
from accounts.permissions import LAB_OPERATOR as OPERATOR
from cxadmin import clock
from cxadmin.lab import faults, tenants
from cxadmin.lab.access import control_key
from cxadmin.lab.models import Exchange, Simulation
from tests.uploads import person, sheet
from tests.world import REGISTRATION, World

ROLES = "admin.role_management"
EMPLOYEES = "admin.employees"
SETTINGS = "admin.admin_account_settings"
UNIT = "admin.external_business_unit"
APPLICATIONS = "admin.applications"
GROUPS = "admin.groups"
TEAMS = "admin.teams"
TEMPLATES = "admin.employee_templates"
AUTHENTICATORS = "admin.login_authenticator"
CHANGE_REPORT = "admin.change_audit_report_access.on"
ACTIVITY_REPORT = "admin.activity_audit_report_access.on"
VIEWS = "admin.view_management"
PASSWORDS = "admin.can_manage_passwords.on"
BULK_UPLOAD = "admin.bulk_upload.on"


def nothing(world: World) -> list[object]:
    return []


def a_role(world: World) -> list[object]:
    return [world.role.pk]


def a_strange_role(world: World) -> list[object]:
    return [world.charlie.primary_role_id]


def an_employee(world: World) -> list[object]:
    return [world.alice.pk]


def a_strange_employee(world: World) -> list[object]:
    return [world.charlie.pk]


def an_event(of_record: Callable[[World], list[object]]) -> Callable[[World], list[object]]:
    def args(world: World) -> list[object]:
        (record_id,) = of_record(world)
        return [record_id, AuditEvent.objects.filter(entity_id=record_id).latest("at").pk]

    return args


def any_event(of_record: Callable[[World], list[object]]) -> Callable[[World], list[object]]:
    return lambda world: an_event(of_record)(world)[1:]


def a_settings_event(world: World) -> list[object]:
    account_settings.update(world.acme.settings, {"idle_timeout_minutes": 30}, actor=world.actor)
    return [AuditEvent.objects.filter(entity_id=world.acme.pk).latest("at").pk]


def a_strange_settings_event(world: World) -> list[object]:
    values = {"idle_timeout_minutes": 30}
    account_settings.update(world.strange.settings, values, actor=world.strange_actor)
    return [AuditEvent.objects.filter(entity_id=world.strange.pk).latest("at").pk]


def a_token(world: World) -> list[object]:
    token, _ = scim_tokens.generate(world.bob, actor=world.actor)
    scim_tokens.save([token.pk], actor=world.actor)
    return [token.pk]


def a_strange_token(world: World) -> list[object]:
    token, _ = scim_tokens.generate(world.charlie, actor=world.strange_actor)
    scim_tokens.save([token.pk], actor=world.strange_actor)
    return [token.pk]


def a_notification(world: World) -> list[object]:
    return [told(world.bob)]


def a_strange_notification(world: World) -> list[object]:
    return [told(world.charlie)]


def told(employee: Employee) -> object:
    """The notification of an employee."""
    kind = Notification.Kind.REGISTRATION
    notifications.tell([employee], kind, about="An application", about_id=employee.business_unit_id)
    return Notification.objects.get(employee=employee).pk


FILE = {"name": "a.txt", "media_type": "text/plain", "content": "A"}


def a_mail(world: World) -> list[object]:
    """A mail of another tenant."""
    return [emails.send(world.strange.pk, "charlie@strange.example", "Hello", "Text", [FILE]).pk]


def with_number(of_mail: Callable[[World], list[object]]) -> Callable[[World], list[object]]:
    return lambda world: [*of_mail(world), 1]


def a_unit_event(world: World) -> list[object]:
    return [unit_event(world.acme)]


def a_strange_unit_event(world: World) -> list[object]:
    return [unit_event(world.strange)]


def unit_event(unit: BusinessUnit) -> object:
    """The event of renaming a tenant's business unit."""
    business_units.update(unit, {"name": "Renamed"}, actor=system(unit.pk))
    return AuditEvent.objects.filter(entity_id=unit.pk).latest("at").pk


def an_application(world: World) -> list[object]:
    return [register(world.acme).pk]


def a_strange_application(world: World) -> list[object]:
    return [register(world.strange).pk]


def register(unit: BusinessUnit) -> Application:
    """The application of a tenant, registered at the first call."""
    found = Application.objects.filter(business_unit=unit).first()
    return found or applications.register(REGISTRATION, unit=unit, actor=system(unit.pk))


def a_group(world: World) -> list[object]:
    return [group_of(world.acme).pk]


def a_strange_group(world: World) -> list[object]:
    return [group_of(world.strange).pk]


def group_of(unit: BusinessUnit) -> Group:
    """The group of a tenant, made at the first call."""
    found = Group.objects.filter(business_unit=unit).first()
    return found or groups.create({"name": "Crew"}, actor=system(unit.pk))


def a_team(world: World) -> list[object]:
    return [world.alice.team_id]


def a_strange_team(world: World) -> list[object]:
    return [world.charlie.team_id]


def an_upload(world: World) -> list[object]:
    return [upload_of(world.alice, world.actor)]


def a_strange_upload(world: World) -> list[object]:
    return [upload_of(world.charlie, world.strange_actor)]


def upload_of(by: Employee, actor: Actor) -> object:
    content = sheet(person("Dana Doe")).encode()
    return bulk_uploads.submit("EMPLOYEES", "staff.csv", content, changed_only=False, by=by, actor=actor).pk


def for_employees(world: World) -> list[object]:
    return ["employees"]


def with_alice(of_record: Callable[[World], list[object]]) -> Callable[[World], list[object]]:
    return lambda world: [*of_record(world), world.alice.pk]


def an_authenticator(world: World) -> list[object]:
    return [world.authenticator.pk]


def a_strange_authenticator(world: World) -> list[object]:
    return [queries.default_authenticator(world.strange.pk).pk]


def a_template(world: World) -> list[object]:
    return [template_of(world.acme).pk]


def a_strange_template(world: World) -> list[object]:
    return [template_of(world.strange).pk]


def template_of(unit: BusinessUnit) -> EmployeeTemplate:
    """The employee template of a tenant, added at the first call."""
    values = {"name": "Night shift", "ignored": ["team", "primary_role"]}
    found = EmployeeTemplate.objects.filter(business_unit=unit).first()
    return found or templates.create(values, actor=system(unit.pk), activate=True)


def a_view(world: World) -> list[object]:
    return [view_of(world.acme).pk]


def a_strange_view(world: World) -> list[object]:
    return [view_of(world.strange).pk]


def view_of(unit: BusinessUnit) -> View:
    """The view of a tenant, added at the first call."""
    values = {"name": "Day shift", "type": View.Type.USER_DATA, "teams": [queries.default_team(unit.pk)]}
    return View.objects.filter(business_unit=unit).first() or views.create(values, actor=system(unit.pk))


def a_strange_tenant(world: World) -> list[object]:
    return [world.strange.pk]


def a_seeded_tenant(world: World) -> list[object]:
    """A tenant that was made from a seed."""
    return [tenants.create().pk]


def the_name_of(of_tenant: Callable[[World], list[object]]) -> Callable[[World], list[object]]:
    return lambda world: [BusinessUnit.objects.get(pk=of_tenant(world)[0]).tenant_name]


def a_fault_rule(world: World) -> list[object]:
    return [faults.create({"armed": False}).pk]


def an_exchange(world: World) -> list[object]:
    """An exchange of another tenant."""
    made = Exchange.objects.create(
        at=clock.now(),
        request_id="request-1",
        door="scim",
        method="GET",
        path="/scim/v2/Users",
        status=200,
        duration_us=900,
        business_unit_id=world.strange.pk,
        request_size=0,
        answer_size=0,
        request_headers_json="[]",
        answer_headers_json="[]",
    )
    return [made.pk]


def a_simulation(world: World) -> list[object]:
    """A simulation of another tenant that has ended."""
    made = Simulation.objects.create(
        business_unit_id=world.strange.pk,
        tenant_name="strange",
        plan={"provider": "okta", "style": "wizard", "steps": ["connect"], "people": 1, "seed": 1},
        status="COMPLETE",
        submitted_at=clock.now(),
    )
    return [made.pk]


@dataclass
class Page:
    """An address: which permission opens it (all of several), and how to find one of one's own and one of a stranger."""

    name: str
    permission: str | tuple[str, ...] = ()
    own: Callable[[World], list[object]] = nothing
    stranger: Callable[[World], list[object]] | None = None
    method: str = "get"
    answer: int = 200

    @property
    def permissions(self) -> tuple[str, ...]:
        return (self.permission,) if isinstance(self.permission, str) else self.permission

    def open(self, client, args):
        return getattr(client, self.method)(reverse(self.name, args=args))


# Open to everybody, signed in or not.
PUBLIC = [
    Page("accounts:login"),
    Page("accounts:company-domain"),
    Page("accounts:login-banner", own=lambda world: [world.acme.pk], answer=404),
    Page("accounts:identity-provider", answer=404),
    Page("accounts:forgot-password"),
    Page("accounts:authorize", answer=400),
    Page("accounts:authorize-logout"),
    Page("accounts:activate", own=lambda world: ["token"], answer=410),
    Page("accounts:password-reset", own=lambda world: ["token"], answer=410),
    Page("accounts:confirm-email", own=lambda world: ["token"], answer=410),
    Page("accounts:language", method="post", answer=302),
    Page("accounts:appearance", method="post", answer=302),
    Page("accounts:application-register"),
    Page("accounts:application-register-about", answer=302),
    Page("accounts:application-register-security", answer=302),
    Page("accounts:application-received", answer=404),
    Page("api-docs:swagger"),
    Page("api-docs:redoc"),
    Page("api-docs:document"),
    Page("api-docs:signed-in"),
    Page("api-docs:demo-credentials", answer=404),
    Page("api-docs:lab"),
    Page("api-docs:lab-document"),
    Page("healthz"),
]

# Open to everybody who is signed in.
SIGNED_IN = [
    Page("accounts:home", answer=302),
    Page("accounts:help"),
    Page("accounts:profile"),
    Page("accounts:profile-accessibility"),
    Page("accounts:developer-portal"),
    Page("accounts:registration-file"),
    Page("accounts:password-change"),
    Page("accounts:logout"),
    Page("accounts:stay", method="post", answer=204),
    Page("accounts:find"),
    Page("accounts:notification-list"),
    Page("accounts:notification-panel"),
    Page("accounts:notifications-read", method="post", answer=302),
    Page("accounts:notification-open", own=a_notification, stranger=a_strange_notification, method="post", answer=302),
]

# Open to whoever holds the permission.
PERMITTED = [
    Page("accounts:employee-list", f"{EMPLOYEES}.view"),
    Page(
        "accounts:employee-new",
        (f"{EMPLOYEES}.create", PASSWORDS, f"{ROLES}.user_assignment"),
    ),
    Page("accounts:employees-deactivate", f"{EMPLOYEES}.delete", answer=422),
    Page("accounts:employee-detail", f"{EMPLOYEES}.view", an_employee, a_strange_employee),
    Page("accounts:employee-invite", f"{EMPLOYEES}.invite", an_employee, a_strange_employee, "post", 302),
    Page("accounts:employee-unlock", f"{EMPLOYEES}.edit", an_employee, a_strange_employee, "post", 302),
    Page("accounts:employee-reset-password", PASSWORDS, an_employee, a_strange_employee),
    Page("accounts:employee-deactivate", f"{EMPLOYEES}.delete", an_employee, a_strange_employee),
    Page("accounts:employee-reactivate", f"{EMPLOYEES}.delete", an_employee, a_strange_employee),
    Page("accounts:employee-email-resend", f"{EMPLOYEES}.edit", an_employee, a_strange_employee, "post", 302),
    Page("accounts:employee-email-discard", f"{EMPLOYEES}.edit", an_employee, a_strange_employee, "post", 302),
    Page("accounts:employee-history", f"{EMPLOYEES}.view", an_employee, a_strange_employee),
    Page(
        "accounts:employee-history-event",
        f"{EMPLOYEES}.view",
        an_event(an_employee),
        an_event(a_strange_employee),
    ),
    Page("accounts:locked-employee-list", f"{EMPLOYEES}.edit"),
    Page("accounts:team-list", f"{TEAMS}.view"),
    Page("accounts:team-new", f"{TEAMS}.create"),
    Page("accounts:team-leads", f"{TEAMS}.view"),
    Page("accounts:team-detail", f"{TEAMS}.view", a_team, a_strange_team),
    Page("accounts:team-duplicate", f"{TEAMS}.create", a_team, a_strange_team),
    Page("accounts:team-deactivate", f"{TEAMS}.deactivate", a_team, a_strange_team),
    Page("accounts:team-reactivate", f"{TEAMS}.deactivate", a_team, a_strange_team),
    Page("accounts:team-users", f"{TEAMS}.view", a_team, a_strange_team),
    Page("accounts:team-users-add", (f"{TEAMS}.edit", f"{EMPLOYEES}.edit"), a_team, a_strange_team),
    Page(
        "accounts:team-user-remove",
        (f"{TEAMS}.edit", f"{EMPLOYEES}.edit"),
        with_alice(a_team),
        with_alice(a_strange_team),
    ),
    Page("accounts:team-history", f"{TEAMS}.view", a_team, a_strange_team),
    Page("accounts:team-history-event", f"{TEAMS}.view", an_event(a_team), an_event(a_strange_team)),
    Page("accounts:employees-team", (f"{TEAMS}.edit", f"{EMPLOYEES}.edit"), answer=422),
    Page("accounts:employee-import", f"{EMPLOYEES}.import"),
    Page("accounts:bulk-upload", BULK_UPLOAD),
    Page("accounts:bulk-upload-activity", BULK_UPLOAD),
    Page("accounts:bulk-upload-detail", BULK_UPLOAD, an_upload, a_strange_upload),
    Page("accounts:bulk-upload-errors", BULK_UPLOAD, an_upload, a_strange_upload),
    Page("accounts:bulk-upload-new", (BULK_UPLOAD, f"{EMPLOYEES}.import"), for_employees),
    Page("accounts:bulk-upload-template", f"{EMPLOYEES}.import", for_employees),
    Page("accounts:group-list", f"{GROUPS}.view"),
    Page("accounts:group-new", f"{GROUPS}.create"),
    Page("accounts:group-new-users-add", f"{GROUPS}.create"),
    Page("accounts:group-detail", f"{GROUPS}.view", a_group, a_strange_group),
    Page("accounts:group-delete", f"{GROUPS}.delete", a_group, a_strange_group),
    Page("accounts:group-users", f"{GROUPS}.view", a_group, a_strange_group),
    Page("accounts:group-users-add", f"{GROUPS}.edit", a_group, a_strange_group),
    Page("accounts:group-user-remove", f"{GROUPS}.edit", with_alice(a_group), with_alice(a_strange_group)),
    Page("accounts:group-history", f"{GROUPS}.view", a_group, a_strange_group),
    Page("accounts:group-history-event", f"{GROUPS}.view", an_event(a_group), an_event(a_strange_group)),
    Page("accounts:role-list", f"{ROLES}.view"),
    Page("accounts:role-compare", f"{ROLES}.view"),
    Page("accounts:role-new", f"{ROLES}.create"),
    Page("accounts:role-detail", f"{ROLES}.view", a_role, a_strange_role),
    Page("accounts:role-duplicate", f"{ROLES}.create", a_role, a_strange_role),
    Page("accounts:role-activate", f"{ROLES}.edit", a_role, a_strange_role),
    Page("accounts:role-deactivate", f"{ROLES}.deactivate", a_role, a_strange_role),
    Page("accounts:role-users", f"{ROLES}.view", a_role, a_strange_role),
    Page("accounts:role-users-add", f"{ROLES}.user_assignment", a_role, a_strange_role),
    Page("accounts:role-history", f"{ROLES}.view", a_role, a_strange_role),
    Page("accounts:role-history-event", f"{ROLES}.view", an_event(a_role), an_event(a_strange_role)),
    Page("accounts:template-list", f"{TEMPLATES}.view"),
    Page("accounts:template-new", f"{TEMPLATES}.create"),
    Page("accounts:template-detail", f"{TEMPLATES}.view", a_template, a_strange_template),
    Page("accounts:template-duplicate", f"{TEMPLATES}.create", a_template, a_strange_template),
    Page("accounts:template-activate", f"{TEMPLATES}.edit", a_template, a_strange_template),
    Page("accounts:template-deactivate", f"{TEMPLATES}.edit", a_template, a_strange_template),
    Page("accounts:template-history", f"{TEMPLATES}.view", a_template, a_strange_template),
    Page(
        "accounts:template-history-event",
        f"{TEMPLATES}.view",
        an_event(a_template),
        an_event(a_strange_template),
    ),
    Page("accounts:authenticator-list", f"{AUTHENTICATORS}.view"),
    Page("accounts:authenticator-new", f"{AUTHENTICATORS}.create"),
    Page("accounts:authenticator-detail", f"{AUTHENTICATORS}.view", an_authenticator, a_strange_authenticator),
    *(
        Page(
            f"accounts:authenticator-{verb}",
            (f"{AUTHENTICATORS}.edit", PASSWORDS),
            an_authenticator,
            a_strange_authenticator,
        )
        for verb in ("activate", "deactivate", "default")
    ),
    Page("accounts:authenticator-history", f"{AUTHENTICATORS}.view", an_authenticator, a_strange_authenticator),
    Page(
        "accounts:authenticator-history-event",
        f"{AUTHENTICATORS}.view",
        an_event(an_authenticator),
        an_event(a_strange_authenticator),
    ),
    Page("accounts:view-list", f"{VIEWS}.view"),
    Page("accounts:view-new", f"{VIEWS}.create"),
    Page("accounts:view-detail", f"{VIEWS}.view", a_view, a_strange_view),
    Page("accounts:view-delete", f"{VIEWS}.delete", a_view, a_strange_view),
    Page("accounts:view-history", f"{VIEWS}.view", a_view, a_strange_view),
    Page("accounts:view-history-event", f"{VIEWS}.view", an_event(a_view), an_event(a_strange_view)),
    Page("accounts:account-settings", f"{SETTINGS}.view"),
    Page("accounts:account-settings-layout", f"{SETTINGS}.edit", method="post", answer=302),
    Page("accounts:account-settings-history", f"{SETTINGS}.view"),
    Page("accounts:account-settings-history-event", f"{SETTINGS}.view", a_settings_event, a_strange_settings_event),
    Page("accounts:scim-token-users", f"{SETTINGS}.edit"),
    Page("accounts:scim-token-delete", f"{SETTINGS}.edit", a_token, a_strange_token),
    Page("accounts:business-unit", f"{UNIT}.view"),
    Page("accounts:business-unit-history", f"{UNIT}.view"),
    Page("accounts:business-unit-history-event", f"{UNIT}.view", a_unit_event, a_strange_unit_event),
    *(Page(f"accounts:change-report{part}", CHANGE_REPORT) for part in ("", "-export", "-people")),
    Page("accounts:change-report-event", CHANGE_REPORT, any_event(an_employee), any_event(a_strange_employee)),
    *(Page(f"accounts:activity-report{part}", ACTIVITY_REPORT) for part in ("", "-export")),
    Page("accounts:application-list", f"{APPLICATIONS}.view"),
    Page("accounts:application-detail", f"{APPLICATIONS}.view", an_application, a_strange_application),
    *(
        Page(f"accounts:application-{verb}", f"{APPLICATIONS}.edit", an_application, a_strange_application)
        for verb in ("approve", "reject", "enable", "disable", "secret")
    ),
    *(
        Page(f"accounts:application-{verb}", f"{APPLICATIONS}.delete", an_application, a_strange_application)
        for verb in ("delete", "keep")
    ),
    Page("accounts:application-copy", f"{APPLICATIONS}.create", an_application, a_strange_application, answer=302),
    Page("accounts:application-history", f"{APPLICATIONS}.view", an_application, a_strange_application),
    Page(
        "accounts:application-history-event",
        f"{APPLICATIONS}.view",
        an_event(an_application),
        an_event(a_strange_application),
    ),
]

# Of the instance rather than of a tenant: open to lab operators, who see the exchanges of all tenants.
LAB = [
    Page("lab:overview", OPERATOR),
    Page("lab:control-key", OPERATOR),
    Page("lab:exchange-list", OPERATOR),
    Page("lab:exchange-detail", OPERATOR, an_exchange),
    Page("lab:exchange-export", OPERATOR, lambda world: [*an_exchange(world), "curl"]),
    Page("lab:exchange-replay", OPERATOR, an_exchange, answer=422),  # the journal is off in tests
    Page("lab:exchange-compare", OPERATOR, lambda world: [*an_exchange(world), *an_exchange(world)]),
    Page("lab:exchange-sequence", OPERATOR),
    Page("lab:checklist", OPERATOR),
    Page("lab:simulation-list", OPERATOR),
    Page("lab:simulation-new", OPERATOR),
    Page("lab:simulation-detail", OPERATOR, a_simulation),
    Page("lab:simulation-stop", OPERATOR, a_simulation),
    Page("lab:fault-list", OPERATOR),
    Page("lab:fault-new", OPERATOR),
    Page("lab:fault-clear", OPERATOR),
    *(Page(f"lab:fault-{verb}", OPERATOR, a_fault_rule) for verb in ("detail", "delete")),
    *(Page(f"lab:fault-{verb}", OPERATOR, a_fault_rule, method="post", answer=302) for verb in ("arm", "disarm")),
    Page("lab:clock-list", OPERATOR),
    *(Page(f"lab:clock-{verb}", OPERATOR, lambda world: [world.strange.pk]) for verb in ("detail", "reset")),
    Page("lab:exchange-of-request", OPERATOR, lambda world: [an_exchange(world) and "request-1"], answer=302),
    Page("lab:mail-list", OPERATOR),
    Page("lab:mail-detail", OPERATOR, a_mail),
    Page("lab:mail-html", OPERATOR, a_mail),
    Page("lab:mail-attachment", OPERATOR, with_number(a_mail)),
    Page("lab:tenant-list", OPERATOR),
    Page("lab:tenant-new", OPERATOR),
    Page("lab:tenant-apply", OPERATOR),
    Page("lab:tenant-file", OPERATOR, a_seeded_tenant),
    Page("lab:tenant-credentials", OPERATOR, a_seeded_tenant),
    Page("lab:tenant-reset", OPERATOR, a_strange_tenant),
    Page("lab:tenant-delete", OPERATOR, a_strange_tenant),
]

# The control API: open to whoever presents the control key, and to no browser.
CONTROL = [
    Page("lab-control:index"),
    Page("lab-control:openapi"),
    Page("lab-control:request-list"),
    Page("lab-control:request-detail", own=an_exchange),
    Page("lab-control:request-replay", own=an_exchange),
    Page("lab-control:mail-list"),
    Page("lab-control:mail-latest", answer=404),
    Page("lab-control:mail-detail", own=a_mail),
    Page("lab-control:tenant-list"),
    Page("lab-control:tenant-detail", own=the_name_of(a_strange_tenant)),
    Page("lab-control:tenant-reset", own=the_name_of(a_seeded_tenant), method="post"),
    Page("lab-control:tenant-file", own=the_name_of(a_strange_tenant)),
    Page("lab-control:tenant-checklist", own=lambda world: [world.acme.tenant_name]),
    Page("lab-control:simulation-list"),
    Page("lab-control:simulation-detail", own=a_simulation),
    Page("lab-control:simulation-stop", own=a_simulation, method="post", answer=202),
    Page("lab-control:fault-list"),
    Page("lab-control:fault-detail", own=a_fault_rule),
    Page("lab-control:clock", own=lambda world: [world.acme.tenant_name]),
    Page("lab-control:not-here", own=lambda world: ["nothing/here"], answer=404),
]

OF_SOMEBODY = [page for page in SIGNED_IN + PERMITTED if page.stranger]

each = pytest.mark.parametrize


def ids(pages: list[Page]) -> list[str]:
    return [page.name for page in pages]


@each("page", PUBLIC, ids=ids(PUBLIC))
def test_a_public_page_is_open(world, client, page):
    assert page.open(client, page.own(world)).status_code == page.answer


@each("page", SIGNED_IN + PERMITTED + LAB, ids=ids(SIGNED_IN + PERMITTED + LAB))
def test_anybody_else_is_sent_to_sign_in(world, client, page):
    answer = page.open(client, page.own(world))
    assert answer.status_code == 302
    assert answer.url.startswith("/login/?next=")


@each("page", SIGNED_IN, ids=ids(SIGNED_IN))
def test_a_page_for_everybody_needs_no_permission(world, page):
    assert page.open(world.bob_may(), page.own(world)).status_code == page.answer


@pytest.mark.screen("1.3 navigation")
@each("page", PERMITTED + LAB, ids=ids(PERMITTED + LAB))
def test_a_page_needs_its_permission(world, page):
    for permission in page.permissions:
        others = held_by_administrators(world) - {permission}
        assert page.open(world.bob_may(*others), page.own(world)).status_code == 403
    assert page.open(world.bob_may(*page.permissions), page.own(world)).status_code == page.answer


def held_by_administrators(world: World) -> set[str]:
    return set(world.alice.primary_role.permissions.values_list("code", flat=True)) | {"admin.scim.on"}


@each("page", CONTROL, ids=ids(CONTROL))
def test_the_control_api_needs_its_key(world, client, page):
    alice = world.client()
    world.alice.is_lab_operator = True
    world.alice.save()
    url = reverse(page.name, args=page.own(world))
    for browser, key in ((client, None), (alice, None), (client, "cxl_wrong"), (client, "")):
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        answer = getattr(browser, page.method)(url, headers=headers)
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
        assert "cxadmin credentials" in answer.json()["detail"]
    with_key = {"Authorization": f"Bearer {control_key()}"}
    assert getattr(client, page.method)(url, headers=with_key).status_code == page.answer


@pytest.mark.screen("1.3 navigation")
@each("method", ["get", "post"])
@each("page", OF_SOMEBODY, ids=ids(OF_SOMEBODY))
def test_what_belongs_to_another_tenant_is_not_found(world, page, method):
    url = reverse(page.name, args=page.stranger(world))
    allowed = (404,) if method == page.method else (404, 405)
    assert getattr(world.client(), method)(url).status_code in allowed


def test_every_page_has_a_row_here():
    listed = {page.name for page in PUBLIC + SIGNED_IN + PERMITTED + LAB + CONTROL}
    assert set(names_of(get_resolver())) == listed


def names_of(resolver: URLResolver, namespace: str = "") -> list[str]:
    """The names of all addresses but those of programs."""
    found = []
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver) and pattern.namespace not in ("scim", "oauth", "api", "unserved"):
            found += names_of(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
        elif isinstance(pattern, URLPattern) and not pattern.lookup_str.startswith("accounts.api."):
            assert pattern.name, f"{pattern.pattern} has no name"
            found.append(namespace + pattern.name)
    return found
