"""The tenants a new instance starts with: `demo`, `bare` and `gov` (spec §13), with well-known credentials (§13a).

Their ids and secrets are derived from fixed words, so that every instance has the same ones and examples can be copied.
"""

import base64
import hashlib
import secrets as random
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from accounts import audit, edits, permissions
from accounts.actions import access_keys, employees, oauth_sessions, roles, scim_tokens
from accounts.actions.account_settings import SCIM_OPTIONAL_FIELDS
from accounts.actors import Actor, system
from accounts.crypto import keyed_hash, matches, new_client_secret
from accounts.hashers import quick_hash
from accounts.models import (
    AccessKey,
    AccountSettings,
    Application,
    BusinessUnit,
    Employee,
    LoginAuthenticator,
    Role,
    ScimToken,
    Team,
)
from cxadmin import clock
from cxadmin.lab import catalogue

LICENCES = ["admin", "acd", "qm", "interactions", "reporting", "dashboard", "coaching"]
NAMESPACE = uuid.UUID("5b0c1a9e-8f0e-5d0a-9c61-c0ad31000000")


@dataclass(frozen=True, slots=True)
class Seed:
    """One tenant to start with."""

    tenant: str
    number: int
    name: str
    area: str = "na1"
    is_fedramp: bool = False
    is_bare: bool = False

    @property
    def id(self) -> uuid.UUID:
        """The tenant ID, the same on every instance."""
        return uuid.uuid5(NAMESPACE, self.tenant)

    @property
    def made_from(self) -> str:
        """The seed it looks like."""
        return self.tenant

    @property
    def has_operator(self) -> bool:
        """Whether its administrator may use the lab, which shows every tenant of the instance."""
        return True

    @property
    def secrets(self) -> "Secrets":
        """What the README tells everybody about this tenant."""
        return Secrets(
            admin_password=self._password(1),
            connector_password=self._password(2),
            access_key_id=base64.b32encode(self._fixed("access key id")).decode(),
            access_key_secret=base64.b32encode(self._fixed("access key secret")).decode(),
            client_secret=base64.urlsafe_b64encode(self._fixed("client secret")).decode().rstrip("="),
            scim_token=f"cxs_{base64.urlsafe_b64encode(self._fixed('scim token')).decode().rstrip('=')}",
        )

    @property
    def client_id(self) -> uuid.UUID:
        """The client ID of the seeded application, the same on every instance."""
        return uuid.uuid5(NAMESPACE, f"{self.tenant} application")

    def username(self, name: str) -> str:
        return f"{name}@{self.tenant}.example"

    def _password(self, number: int) -> str:
        return f"Rehearsal-{number}"

    def _fixed(self, purpose: str) -> bytes:
        return hashlib.sha256(f"cxadmin {self.tenant} {purpose}".encode()).digest()


@dataclass(frozen=True, slots=True)
class Secrets:
    """What opens a seeded tenant; None stands for what the tenant lacks or somebody has changed."""

    admin_password: str | None = None
    connector_password: str | None = None
    access_key_id: str | None = None
    access_key_secret: str | None = None
    scim_token: str | None = None
    client_secret: str | None = None


# Okta's callback as the procedure has it (spec §12.1), and one for clients on one's own machine.
REDIRECTS = (
    "https://system-admin.okta.com/admin/app/cpc/cxone_scim/oauth/callback",
    "http://127.0.0.1:8765/callback",
)

SEEDS = (
    Seed("demo", 4500123, "Demo Company"),
    Seed("bare", 4500124, "Bare Company", is_bare=True),
    Seed("gov", 4500125, "Government Company", area="na2", is_fedramp=True),
)


def seed_of(tenant: str) -> Seed | None:
    """The seed a tenant was made from, by tenant name."""
    return next((seed for seed in SEEDS if seed.tenant == tenant), None)


def plant_all() -> None:
    """Create the tenants in an instance that has none."""
    for seed in SEEDS:
        plant(seed)


@transaction.atomic
def plant(seed: Seed, expires_at: datetime | None = None) -> BusinessUnit:
    """Create one tenant with everything spec §13 gives it.

    Args:
        expires_at: when a disposable tenant goes.
    """
    now = clock.now()
    unit = BusinessUnit.objects.create(
        id=seed.id,
        number=seed.number,
        name=seed.name,
        tenant_name=seed.tenant,
        area=seed.area,
        is_fedramp=seed.is_fedramp,
        licences=LICENCES,
        made_from=seed.made_from,
        expires_at=expires_at,
        created_at=now,
        modified_at=now,
        modified_by="System",
    )
    AccountSettings.objects.create(
        business_unit=unit,
        scim_fields=[] if seed.is_bare else list(SCIM_OPTIONAL_FIELDS),
        scim_any_username=seed.made_from == "demo",
        modified_at=now,
        modified_by="System",
    )
    catalogue.plant(unit)
    actor = system(unit.pk)
    team = Team(name="Default Team", is_default=True)
    edits.create(team, "Team", actor, {"name": team.name})
    authenticator = LoginAuthenticator(name="System Default", is_default=True)
    edits.create(authenticator, "LoginAuthenticator", actor, {"name": authenticator.name})
    planter = Planter(unit, actor, team, authenticator)
    administrator = planter.ootb_role("administrator")
    admin = planter.person("admin", seed.name.split()[0], "Administrator", administrator, seed.secrets.admin_password)
    if seed.has_operator:
        Employee.objects.filter(pk=admin.pk).update(is_lab_operator=True)
    if not seed.is_bare:
        _furnish(seed, planter)
    return unit


def _furnish(seed: Seed, planter: "Planter") -> None:
    secrets = seed.secrets
    for code in ("agent", "manager", "evaluator"):
        planter.ootb_role(code)
    key_role = planter.role(
        "SCIM Access Key", ["admin.employees.view", "admin.employees.create", "admin.employees.edit"]
    )
    robot = planter.person("scim", "SCIM", "AccessKey", key_role, None, attributes=[])
    key, _ = access_keys.draft(
        robot, actor=planter.actor, access_key_id=secrets.access_key_id or "", secret=secrets.access_key_secret or ""
    )
    access_keys.save(robot, {key.pk: "on"}, actor=planter.actor)
    token, _ = scim_tokens.generate(robot, actor=planter.actor, token=secrets.scim_token or "")
    scim_tokens.save([token.pk], actor=planter.actor)
    okta_role = planter.role("Okta Provisioning", ["admin.scim.on"])
    planter.person("okta", "Okta", "Connector", okta_role, secrets.connector_password, attributes=[])
    planter.application(seed, secrets.client_secret or "")


@dataclass(frozen=True, slots=True)
class Planter:
    """Adds roles and employees to the tenant being created."""

    unit: BusinessUnit
    actor: Actor
    team: Team
    authenticator: LoginAuthenticator

    def ootb_role(self, code: str) -> Role:
        values = {"name": code.capitalize(), "ootb_code": code}
        return roles.create(values, permissions.preset(code), actor=self.actor, activate=True)

    def role(self, name: str, codes: Iterable[str]) -> Role:
        return roles.create({"name": name}, codes, actor=self.actor, activate=True)

    def person(
        self,
        name: str,
        first: str,
        last: str,
        role: Role,
        password: str | None,
        attributes: Iterable[str] = tuple(Employee.ATTRIBUTES),
    ) -> Employee:
        """An Active employee; without a password nobody can sign in as it, its credentials work all the same."""
        address = f"{name}@{self.unit.tenant_name}.example"
        values = {
            "username": address,
            "email": address,
            "first_name": first,
            "last_name": last,
            "primary_role": role,
            "team": self.team,
            "time_zone": self.unit.time_zone,
            "attributes": list(attributes),
            "status": Employee.Status.ACTIVE,
            "ever_activated": True,
            "login_authenticator": self.authenticator,
            "password": quick_hash(password) if password else make_password(None),
            "password_changed_at": clock.now(),
        }
        return employees.create(values, actor=self.actor)

    def application(self, seed: Seed, secret: str) -> Application:
        """The application of the Okta procedure, approved."""
        address = f"okta@{self.unit.tenant_name}.example"
        application = Application(
            id=seed.client_id,
            name="Okta CXone Integration",
            description="Okta provisions employees through the SCIM server.",
            contacts=[address],
            type=Application.Type.CONFIDENTIAL,
            tenancy=Application.Tenancy.SINGLE,
            auth_method=Application.AuthMethod.POST,
            scopes=list(Application.SCOPES),
            redirect_uris="\n".join(REDIRECTS),
            secret_hash=keyed_hash(secret),
            is_fedramp=self.unit.is_fedramp,
            status=Application.Status.ENABLED,
            tracking_number=f"SEED-{self.unit.number}",
            requester_name="Okta Connector",
            requester_email=address,
        )
        edits.create(application, "Application", self.actor, {"name": application.name, "type": application.type})
        return application


def present_secrets(seed: Seed) -> Secrets:
    """The well-known secrets that still open the tenant."""
    known = seed.secrets
    return replace(
        present_keys(seed),
        admin_password=_if_password_works(seed.username("admin"), known.admin_password),
        connector_password=_if_password_works(seed.username("okta"), known.connector_password),
    )


def present_keys(seed: Seed) -> Secrets:
    """`present_secrets` without the passwords, which take a while to try."""
    known = seed.secrets
    tokens = ScimToken.objects.filter(business_unit_id=seed.id, deleted_at__isnull=True).values_list(
        "token_hash", flat=True
    )
    keys = AccessKey.objects.filter(access_key_id=known.access_key_id, is_active=True).values_list(
        "secret_hash", flat=True
    )
    secret_hash = Application.objects.filter(pk=seed.client_id).values_list("secret_hash", flat=True).first()
    key_works = any(matches(known.access_key_secret or "", hashed) for hashed in keys)
    return Secrets(
        access_key_id=known.access_key_id if key_works else None,
        access_key_secret=known.access_key_secret if key_works else None,
        client_secret=known.client_secret if secret_hash and matches(known.client_secret or "", secret_hash) else None,
        scim_token=known.scim_token if any(matches(known.scim_token or "", hashed) for hashed in tokens) else None,
    )


def _if_password_works(username: str, password: str | None) -> str | None:
    hashes = (
        Employee.objects.filter(username_key=username)
        .exclude(status=Employee.Status.DELETED)
        .values_list("password", flat=True)
    )
    return password if any(check_password(password, hashed) for hashed in hashes) else None


def is_well_known(seed: Seed) -> bool:
    """Whether anybody who has read the README could get into this tenant."""
    return present_secrets(seed) != Secrets()


@transaction.atomic
def renew(seed: Seed) -> Secrets:
    """Replace what is well known by random secrets and answer them: nothing else ever shows them again."""
    people = {
        e.username: e
        for e in Employee.objects.filter(business_unit_id=seed.id, username_key__endswith=f"@{seed.tenant}.example")
    }
    actor = system(seed.id)
    made: dict[str, str] = {}
    for name, field in (("admin", "admin_password"), ("okta", "connector_password")):
        if (person := people.get(seed.username(name))) is not None:
            made[field] = random.token_urlsafe(15)
            person.set_password(made[field])
            person.password_changed_at, person.session_epoch = clock.now(), person.session_epoch + 1
            person.save(update_fields=["password", "password_changed_at", "session_epoch"])
            audit.record(actor, "User", person.pk, person.full_name, [("User.password", audit.MASK, audit.MASK)])
    if (robot := people.get(seed.username("scim"))) is not None:
        known = AccessKey.objects.filter(employee=robot, access_key_id=seed.secrets.access_key_id)
        key, made["access_key_secret"] = access_keys.draft(robot, actor=actor)
        made["access_key_id"] = key.access_key_id
        access_keys.save(robot, {key.pk: "on", **{old.pk: "delete" for old in known}}, actor=actor)
        for old in robot.scim_tokens.filter(deleted_at__isnull=True):
            scim_tokens.delete(old, actor=actor)
        token, made["scim_token"] = scim_tokens.generate(robot, actor=actor)
        scim_tokens.save([token.pk], actor=actor)
    application = Application.objects.filter(pk=seed.client_id).first()
    if application is not None:
        made["client_secret"] = new_client_secret()
        edit = edits.Edit(application, "Application", actor)
        edit.set("secret_hash", keyed_hash(made["client_secret"]), attribute="Application.secret", masked=True)
        edit.write()
        oauth_sessions.end_of_application(application)
    return Secrets(**made)
