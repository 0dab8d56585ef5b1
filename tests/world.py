"""The world of the tests, built through the actions as a user would build it."""

import re
from dataclasses import dataclass
from html import unescape

import pyotp
from django.contrib.auth.hashers import make_password
from django.test import Client

from accounts import permissions, queries
from accounts.actions import applications, employees, roles
from accounts.actors import Actor, Channel, system
from accounts.models import (
    Application,
    AuditEvent,
    BusinessUnit,
    Employee,
    LoginAuthenticator,
    OutboxMail,
    Role,
    RolePermission,
)
from cxadmin import clock
from cxadmin.lab import seeds

PASSWORD = "Correct-Horse-7"
VIEW_ROLES = "admin.role_management.view"
MFA_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

CALLBACK = "https://system-admin.okta.com/admin/app/cpc/demo_app/oauth/callback"
REGISTRATION = {
    "requester_email": "ann@partner.example",
    "requester_name": "Ann Partner",
    "name": "Okta CXone Integration",
    "description": "Okta integration with CXone over SCIM",
    "contacts": ["tech@partner.example"],
    "tenancy": "single",
    "is_fedramp": False,
    "auth_method": "client_secret_post",
    "scopes": ["AdminAPI", "ReportingAPI"],
    "type": "confidential",
    "redirects": [CALLBACK],
    "origins": [],
    "logouts": [],
}


@dataclass
class World:
    """Two tenants and the people in them."""

    acme: BusinessUnit
    alice: Employee
    bob: Employee
    role: Role
    strange: BusinessUnit
    charlie: Employee

    @property
    def actor(self) -> Actor:
        """Alice at her desk, for setting things up."""
        held = queries.effective_permissions(self.alice)
        return actor_of(self.alice, held)

    @property
    def strange_actor(self) -> Actor:
        """Charlie at his desk."""
        return actor_of(self.charlie, queries.effective_permissions(self.charlie))

    @property
    def authenticator(self) -> LoginAuthenticator:
        return queries.default_authenticator(self.acme.pk)

    def client(self, who: Employee | None = None) -> Client:
        """A browser, signed in as this employee (Alice if nobody is named)."""
        client = Client()
        client.force_login(who or self.alice)
        return client

    def bob_may(self, *codes: str) -> Client:
        """Give Bob's role exactly these permissions, and answer his browser; a lab operator is one by a flag, not by a role."""
        self.role.permissions.all().delete()
        self.bob.is_lab_operator = permissions.LAB_OPERATOR in codes
        self.bob.save(update_fields=["is_lab_operator"])
        toggles = set(codes) - {permissions.LAB_OPERATOR}
        RolePermission.objects.bulk_create(RolePermission(role=self.role, code=code) for code in toggles)
        return self.client(self.bob)

    def employee(self, name: str = "Dana Doe", **values: object) -> Employee:
        """Another employee of Acme, Active unless said otherwise."""
        return hire(self.acme, name, self.role, **values)

    def draft(self, name: str = "Draft role", *codes: str, activate: bool = False) -> Role:
        return roles.create({"name": name}, codes, actor=self.actor, activate=activate)

    def application(self, **values: object) -> Application:
        """An application of Acme as the registration form makes one: Enabled at once."""
        return applications.register(REGISTRATION | values, unit=self.acme, actor=self.actor)

    def change_authenticator(self, **values: object) -> None:
        LoginAuthenticator.objects.filter(pk=self.authenticator.pk).update(**values)

    def external_authenticator(self) -> LoginAuthenticator:
        """A SAML authenticator, as the Login Authenticator screen makes one."""
        now = clock.now()
        return LoginAuthenticator.objects.create(
            business_unit=self.acme,
            name="Corporate SAML",
            type="SAML2",
            created_at=now,
            modified_at=now,
            created_by="Test",
            modified_by="Test",
        )

    def totp(self, at: float | None = None) -> str:
        return pyotp.TOTP(MFA_SECRET).at(int(at or clock.now().timestamp()))


def actor_of(employee: Employee, held: frozenset[str]) -> Actor:
    return Actor(
        employee.business_unit_id,
        Channel.UI,
        employee.pk,
        employee.full_name,
        employee.username,
        "web session",
        "",
        held,
    )


def hire(unit: BusinessUnit, name: str, role: Role, **values: object) -> Employee:
    first, last = name.split(" ", 1)
    username = f"{first}@{unit.tenant_name}.example".lower()
    given = {
        "username": username,
        "email": username,
        "first_name": first,
        "last_name": last,
        "primary_role": role,
        "team": queries.default_team(unit.pk),
        "time_zone": unit.time_zone,
        "status": "ACTIVE",
        "ever_activated": True,
        "login_authenticator": queries.default_authenticator(unit.pk),
        "password": make_password(PASSWORD),
        "password_changed_at": clock.now(),
        "attributes": ["voice"],
    }
    return employees.create(given | values, actor=system(unit.pk))


def build_world() -> World:
    acme = seeds.plant(seeds.Seed("acme", 1000001, "Acme", is_bare=True))
    strange = seeds.plant(seeds.Seed("strange", 1000002, "Strangers", is_bare=True))
    role = roles.create({"name": "Bob's role"}, [], actor=system(acme.pk), activate=True)
    return World(
        acme=acme,
        alice=hire(acme, "Alice Archer", administrator(acme)),
        bob=hire(acme, "Bob Brown", role),
        role=role,
        strange=strange,
        charlie=hire(strange, "Charlie Chan", administrator(strange)),
    )


def administrator(unit: BusinessUnit) -> Role:
    return Role.objects.get(business_unit=unit, ootb_code="administrator")


def visible(response) -> str:
    """The text of a page as people read it, in one line."""
    page = response.content.decode().replace("<wbr>", "")
    page = re.sub(r"(?s)<(script|style|template|dialog|head)\b.*?</\1>", " ", page)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page))).strip()


def link_in_mail(kind: str) -> str:
    """The path of the link in the newest mail that holds one of this kind: activate, reset or confirm-email."""
    mail = OutboxMail.objects.filter(text__contains=f"/{kind}/").order_by("-created_at").first()
    return re.search(rf"/{kind}/\S+", mail.text)[0]


def history_of(record) -> list[tuple[str, str, str]]:
    """Every entry in the audit trail of a record, oldest first."""
    events = AuditEvent.objects.filter(entity_id=record.pk).order_by("at", "pk")
    return [change for event in events for change in event.changes]


def toggles(*names: str) -> list[str]:
    """Codes of the category Admin: `toggles("employees.view")`."""
    return [code for name in names if (code := f"admin.{name}") in permissions.TOGGLES]
