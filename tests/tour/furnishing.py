"""What the tenant `demo` holds on the pictures: the same people, records and events each time.

Runs beside the tour's server, in the days before the moment at which its clock stands still.
"""

import random
import time
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password

from accounts import permissions, queries
from accounts.actions import (
    account_settings,
    applications,
    authenticators,
    bulk_uploads,
    employees,
    groups,
    locks,
    roles,
    sign_in,
    teams,
    templates,
    views,
)
from accounts.models import BulkUpload, BusinessUnit, Employee, Role, Team
from cxadmin import clock
from cxadmin.lab import generation
from cxadmin.lab.models import Exchange
from tests import certificates
from tests.world import REGISTRATION, actor_of, hire

NOW = clock.now()
UNUSABLE = make_password(None)
PUSHED = 64
OFFICE, HOTEL = "203.0.113.24", "198.51.100.7"
STAFF = """\
User ID,Username,First Name,Last Name,Email Address,Role Name,Team Name,Mobile Number,Hire Date,Rank,Type
,jonas.winkler@demo.example,Jonas,Winkler,jonas.winkler@demo.example,Agent,Customer Care Berlin,+49 30 5550117,2026-05-01,3,
,sakura.mori@demo.example,Sakura,Mori,sakura.mori@demo.example,Agent,Customer Care Tokyo,+81 3 5550 0172,2026-05-01,2,Full time
,pat.doyle@demo.example,Pat,Doyle,pat.doyle@demo.example,Agnet,Retention,,01.05.2026,,
,rui.costa@demo.example,Rui,Costa,rui.costa at demo.example,Agent,Retention,,,,
,amy.chen@demo.example,Amy,Chen,amy.chen@demo.example,Agent,Technical Support,,2026-04-27,1,Part time
,olga.petrova@demo.example,Olga,Petrova,olga.petrova@demo.example,Agent,Customer Care Paris,,2026-04-27,,
"""
CORRECTED = """\
User ID,Username,First Name,Last Name,Email Address,Role Name,Team Name
,pat.doyle@demo.example,Pat,Doyle,pat.doyle@demo.example,Agent,Retention
,rui.costa@demo.example,Rui,Costa,rui.costa@demo.example,Agent,Retention
,olga.petrova@demo.example,Olga,Petrova,olga.petrova@demo.example,Agent,Customer Care Tokyo
"""


def furnish() -> None:
    """Fill the tenant."""
    unit = BusinessUnit.objects.select_related("settings").get(tenant_name="demo")
    admin = Employee.objects.get(business_unit=unit, username="admin@demo.example")
    actor = actor_of(admin, queries.effective_permissions(admin))
    agent, manager = (Role.objects.get(business_unit=unit, ootb_code=code) for code in ("agent", "manager"))

    at(days=26)
    supervisor = roles.create(
        {"name": "Supervisor", "description": "Leads a team and looks after its employees."},
        permissions.preset("manager"),
        actor=actor,
        activate=True,
    )
    auditor = roles.create(
        {"name": "Quality Auditor", "description": "Reads reports, changes nothing."},
        AUDITOR,
        actor=actor,
        activate=True,
    )
    roles.create({"name": "Payroll Export"}, ["admin.employees.view"], actor=actor)
    roles.deactivate(roles.create({"name": "Back Office 2024"}, [], actor=actor, activate=True), actor=actor)
    saml = authenticators.create(
        {
            "name": "Company Sign-in",
            "description": "Everybody in the office.",
            "type": "SAML2",
            "endpoint_url": "https://login.partner.example/saml",
            "certificate": certificates.certificate("login.partner.example"),
        },
        actor=actor,
    )

    at(days=25)
    leads = [
        hire(unit, name, supervisor, password=UNUSABLE, display_name=name)
        for name in ("Katrin Vogel", "Haruka Sato", "Marc Dubois", "Grace Okafor")
    ]
    made = [
        teams.create({"name": name, "description": text, "lead": lead}, actor=actor)
        for (name, text), lead in zip(TEAMS, leads, strict=True)
    ]
    closed = teams.create({"name": "Winter Campaign 2025"}, actor=actor)
    teams.update(closed, {"status": Team.Status.INACTIVE}, actor=actor)
    for lead, team in zip(leads, made, strict=True):
        teams.move([lead], team, actor=actor)

    at(days=24)
    for _ in generation.generate(unit, PUSHED):
        pass
    people = list(Employee.objects.filter(business_unit=unit, source=Employee.Source.SCIM).order_by("pk"))
    spread = random.Random(5)  # noqa: S311
    for place, person in enumerate(people):
        person.team, person.primary_role = spread.choice(made), auditor if place % 17 == 0 else agent
        if place % 8:
            person.status, person.ever_activated = Employee.Status.ACTIVE, True
        if place % 21 == 5:
            person.status, person.deactivated_at = Employee.Status.DELETED, clock.now()
        person.save(update_fields=["team", "primary_role", "status", "ever_activated", "deactivated_at"])

    at(days=20)
    chosen = {name: people[place : place + 9] for place, name in enumerate(GROUPS, 3)}
    for name, members in chosen.items():
        groups.create({"name": name}, actor=actor, members={member.pk: None for member in members})
    berlin = views.create(
        {"name": "Berlin only", "type": "USER_DATA", "description": "Sees the people of Berlin.", "teams": made[:1]},
        actor=actor,
    )
    views.create({"name": "Supervisor and Agent", "type": "ROLES", "roles": [supervisor, agent]}, actor=actor)
    employees.update(leads[0], {"views": [berlin]}, actor=actor)
    templates.create(
        {
            "name": "Agent in Berlin",
            "team": made[0],
            "primary_role": agent,
            "time_zone": "Europe/Berlin",
            "attributes": ["voice", "digital"],
            "login_authenticator": saml,
            "ignored": [],
        },
        actor=actor,
        activate=True,
    )
    templates.create(
        {
            "name": "Agent in Tokyo",
            "team": made[1],
            "primary_role": agent,
            "time_zone": "Asia/Tokyo",
            "ignored": ["attributes", "login_authenticator", "secondary_roles", "views"],
        },
        actor=actor,
        activate=True,
    )
    templates.create({"name": "Trainee", "primary_role": agent, "ignored": ["team", "time_zone"]}, actor=actor)

    at(days=5)
    for name in ("Noor Haddad", "Tim Berger", "Lucia Ferrer"):
        invited = hire(unit, name, agent, status="UNREGISTERED", ever_activated=False, password=UNUSABLE, team=made[2])
        employees.invite(invited, actor=actor)
    hire(unit, "Erik Lund", manager, status="UNREGISTERED", ever_activated=False, password=UNUSABLE, team=made[3])

    at(days=3)
    locks.lock_for_inactivity(people[9])
    locks.lock_for_inactivity(people[26])
    account_settings.update(
        unit.settings,
        {"idle_timeout_minutes": 60, "lock_on": True, "lock_days": 60, "custom_host_name": "login.demo.example"},
        actor=actor,
    )
    chat = applications.register(
        REGISTRATION | {"name": "Entra provisioning", "description": "Entra ID provisions employees."},
        unit=unit,
        actor=actor,
    )
    applications.approve(chat, actor=actor)

    at(days=1)
    roles.update(
        supervisor,
        {"name": "Supervisor", "description": "Leads a team, plans its shifts."},
        [*permissions.preset("manager"), "admin.employees.invite"],
        actor=actor,
    )
    employees.update(people[12], {"primary_role": supervisor, "team": made[3]}, actor=actor)
    teams.update(made[3], {"description": "Second level: devices and networks."}, actor=actor)
    teams.move(people[30:33], made[0], actor=actor)

    for minutes, person, password, address in SIGN_INS:
        at(minutes=minutes)
        found = leads[person] if person is not None else admin
        sign_in.attempt(found, password, "", address=address)
    at(minutes=4)
    people[40].lock_step = 2  # a quarter of an hour, so that the lock is not over yet
    locks.lock_for_failed_logins(people[40])
    applications.register(
        REGISTRATION | {"name": "Shift planner", "description": "Reads teams and employees.", "scopes": ["AdminAPI"]},
        unit=unit,
        actor=actor,
    )
    for name, minutes in (("new-hires-may.csv", 150), ("new-hires-corrected.csv", 12)):
        at(minutes=minutes)
        staff = STAFF if minutes > 60 else CORRECTED
        bulk_uploads.submit(
            BulkUpload.RecordType.EMPLOYEES, name, staff.encode(), changed_only=False, by=admin, actor=actor
        )


AUDITOR = ["admin.employees.view", "admin.teams.view", "admin.role_management.view"]
TEAMS = (
    ("Customer Care Berlin", "Telephone and chat, German and English."),
    ("Customer Care Tokyo", "Telephone and chat, Japanese."),
    ("Retention", "Keeps customers who want to leave."),
    ("Technical Support", "Devices and networks."),
)
GROUPS = ("Night shift", "Trainers", "First aiders", "Languages: Spanish")
# How many minutes ago who (a lead, or the administrator) tried which password, from where.
SIGN_INS = (
    (2900, 1, "wrong", HOTEL),
    (2880, None, "Rehearsal-1", OFFICE),
    (1500, 2, "wrong", HOTEL),
    (1499, 2, "wrong", HOTEL),
    (1440, None, "Rehearsal-1", OFFICE),
    (200, None, "wrong", OFFICE),
    (199, None, "Rehearsal-1", OFFICE),
)


def at(**before: float) -> None:
    """Let it be this long before the moment of the pictures."""
    moment = NOW - timedelta(**before)
    clock.now = lambda: moment


def settle() -> None:
    """Wait for the worker, and distribute what the journal recorded over the last hour, as a provider's cycles would have."""
    until = time.monotonic() + 60
    while BulkUpload.objects.filter(status__in=BulkUpload.OPEN).exists():
        if time.monotonic() > until:
            raise TimeoutError("The worker did not end the uploads")
        time.sleep(0.2)
    exchanges = list(Exchange.objects.order_by("pk"))
    for exchange, moment in zip(exchanges, _moments(len(exchanges)), strict=True):
        exchange.at, exchange.address, exchange.duration_us = moment, OFFICE, 3_000 + exchange.pk * 937 % 9_000
    Exchange.objects.bulk_update(exchanges, ["at", "address", "duration_us"])


def _moments(count: int) -> list[datetime]:
    """Moments in rising order, in bursts with quiet minutes between them."""
    chance = random.Random(11)  # noqa: S311
    minutes = sorted(chance.choice((2, 3, 4, 12, 13, 14, 15, 27, 28, 29, 41, 42, 43, 44, 55, 56)) for _ in range(count))
    return [NOW - timedelta(minutes=58 - minute, seconds=-place % 60) for place, minute in enumerate(minutes)]
