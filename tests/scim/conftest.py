"""Two tenants as the seed plants them, clients with their credentials, and a running server."""

import contextlib
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.apps import apps
from django.db.models import AutoField, Model

from accounts import edits
from accounts.actions import access_keys, scim_tokens
from accounts.actions.account_settings import SCIM_OPTIONAL_FIELDS
from accounts.actors import system
from accounts.models import AccountSettings, BusinessUnit, Employee, LoginAuthenticator, Role, RolePermission, Team
from cxadmin import clock
from cxadmin.lab import seeds
from tests.live import ROOT, Server, fresh_database
from tests.scim.client import KEY_BASE, ScimClient, basic, bearer

SCIM_ROLE = "SCIM Access Key"
EDITS_ROLES = ("admin.role_management.view", "admin.role_management.edit")
EMPLOYEE_RIGHTS = ("admin.employees.view", "admin.employees.create", "admin.employees.edit")


@dataclass
class Door:
    """Where a client of a running server goes, and with what."""

    base_url: str
    authorization: str


@dataclass
class Tenant:
    """A tenant with the roles Administrator, Agent and SCIM Access Key; "SCIM AccessKey" holds a token and an access key."""

    seed: seeds.Seed
    unit: BusinessUnit

    @property
    def robot(self) -> Employee:
        return Employee.objects.get(business_unit=self.unit, username=self.seed.username("scim"))

    def by_token(self) -> ScimClient:
        return ScimClient(bearer(self.seed.secrets.scim_token))

    def by_key(self) -> ScimClient:
        return ScimClient(basic(self.seed.secrets.access_key_id, self.seed.secrets.access_key_secret), KEY_BASE)

    def set(self, **settings: object) -> None:
        """Change account settings, as the page of that name does."""
        AccountSettings.objects.filter(pk=self.unit.pk).update(**settings)

    def may(self, *codes: str) -> None:
        """Give the role of "SCIM AccessKey" exactly these permissions."""
        role = self.role(SCIM_ROLE)
        role.permissions.all().delete()
        RolePermission.objects.bulk_create(RolePermission(role=role, code=code) for code in codes)

    def role(self, name: str) -> Role:
        return Role.objects.get(business_unit=self.unit, name=name)

    def employee(self, resource: dict) -> Employee:
        """The employee behind a User resource."""
        return Employee.objects.get(business_unit=self.unit, pk=resource["id"])


PLANTED: dict[str, list[list[Model]]] = {}


def planted(name: str, number: int) -> Tenant:
    """A tenant; the rows of the first one of this name serve the others, as planting costs more than most tests."""
    if name not in PLANTED:
        before = {record.pk for record in everything()}
        tenant = plant(name, number)
        new = [record for record in everything() if record.pk not in before]
        PLANTED[name] = [list(group) for _, group in itertools.groupby(new, type)]
        return tenant
    for records in PLANTED[name]:
        if isinstance(records[0]._meta.pk, AutoField):
            for record in records:
                record.pk = None  # numbered anew: another tenant may have been planted first
        type(records[0])._default_manager.bulk_create(records)
    seed = seeds.Seed(name, number, name.capitalize())
    return Tenant(seed, BusinessUnit.objects.get(pk=seed.id))


def everything() -> Iterator[Model]:
    for model in apps.get_app_config("accounts").get_models():
        yield from model._default_manager.all()


def plant(name: str, number: int) -> Tenant:
    """A tenant with what the seed gives `demo` as far as SCIM sees it; the full catalogue of rights would take the tests
    most of their time."""
    seed, now = seeds.Seed(name, number, name.capitalize()), clock.now()
    unit = BusinessUnit.objects.create(
        id=seed.id,
        number=number,
        name=seed.name,
        tenant_name=name,
        area=seed.area,
        created_at=now,
        modified_at=now,
        modified_by="System",
    )
    AccountSettings.objects.create(
        business_unit=unit, scim_fields=list(SCIM_OPTIONAL_FIELDS), modified_at=now, modified_by="System"
    )
    actor = system(unit.pk)
    team, authenticator = (
        Team(name="Default Team", is_default=True),
        LoginAuthenticator(name="System Default", is_default=True),
    )
    edits.create(team, "Team", actor, {"name": team.name})
    edits.create(authenticator, "LoginAuthenticator", actor, {"name": authenticator.name})
    planter = seeds.Planter(unit, actor, team, authenticator)
    planter.person("admin", name, "Administrator", planter.role("Administrator", EDITS_ROLES), None)
    planter.role("Agent", [])
    robot = planter.person("scim", "SCIM", "AccessKey", planter.role(SCIM_ROLE, EMPLOYEE_RIGHTS), None)
    secrets = seed.secrets
    key, _ = access_keys.draft(
        robot, actor=actor, access_key_id=secrets.access_key_id, secret=secrets.access_key_secret
    )
    access_keys.save(robot, {key.pk: "on"}, actor=actor)
    token, _ = scim_tokens.generate(robot, actor=actor, token=secrets.scim_token)
    scim_tokens.save([token.pk], actor=actor)
    return Tenant(seed, unit)


@pytest.fixture
def acme(db) -> Tenant:
    return planted("acme", 1000001)


@pytest.fixture
def stranger(db) -> Tenant:
    return planted("strange", 1000002)


@pytest.fixture
def scim(acme) -> ScimClient:
    """Acme's SCIM token at the address for SCIM tokens."""
    return acme.by_token()


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Server]:
    """A running instance of two processes: on SQLite, or with DATABASE_URL in a new database beside that one."""
    url = os.environ.get("DATABASE_URL", "")
    with fresh_database(url) if url else contextlib.nullcontext("") as own:
        running = Server(tmp_path_factory.mktemp("instance"), database_url=own, workers=2)
        running.start()
        yield running
        running.stop()


@pytest.fixture(scope="session")
def demo(server) -> dict:
    """The credentials of the seeded tenant, as scripts get them."""
    printed = subprocess.run(
        [sys.executable, "-m", "cxadmin", "credentials", "--tenant", "demo", "--json"],
        cwd=ROOT,
        env=server.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(printed.stdout)


@pytest.fixture(scope="session", params=["scim_token", "access_key"])
def door(request, demo) -> Door:
    """Each family that takes a credential of the seed: its base address and the headers."""
    if request.param == "scim_token":
        return Door(demo["scim_token"]["base_url"], bearer(demo["scim_token"]["token"]))
    key = demo["access_key"]
    return Door(key["basic_base_url"], basic(key["id"], key["secret"]))
