"""Statements that are built once say what the ORM says, and a record is never stored without its audit event."""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime

import orjson
import psycopg
import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from accounts import audit, credentials, statements, writes
from accounts.actions import provisioning, scim_tokens
from accounts.models import AuditEvent, Employee, Team
from cxadmin import clock
from scim import rows
from tests.world import build_world


@pytest.fixture
def committed_world(transactional_db):
    """A world outside any transaction, as requests find it."""
    return build_world()


def event_about(world, record, **values):
    event = audit.event(world.actor, "Team", record.pk, "Support", [("Team.name", "", "Support")])
    for name, value in values.items():
        setattr(event, name, value)
    return event


def new_team(world, **values):
    copied = Team.objects.filter(business_unit=world.acme).first()
    kept = {
        f.attname: getattr(copied, f.attname) for f in Team._meta.concrete_fields if f.attname not in ("id", "number")
    }
    return Team(**{**kept, "name": "Support", "is_default": False, **values})


def test_a_record_loaded_by_a_compiled_statement_is_what_the_orm_loads(world):
    employee = world.employee(rank=7, mfa_secret="JBSWY3DPEHPK3PXP", scim_attributes={"title": "Ms"})
    expected = rows.user_records(rows.listed_users(world.acme.pk)).get(pk=employee.pk)
    loaded = rows.USER_RECORD.load(rows.USER_RECORD.row(world.acme.pk, employee.pk))
    for field in Employee._meta.concrete_fields:
        assert getattr(loaded, field.attname) == getattr(expected, field.attname), field.attname
    assert loaded.primary_role.name == expected.primary_role.name
    assert loaded.team.name == expected.team.name
    assert loaded.login_authenticator.name == expected.login_authenticator.name
    assert bool(loaded.edits_roles) is bool(expected.edits_roles) is False
    alice = rows.USER_RECORD.load(rows.USER_RECORD.row(world.acme.pk, world.alice.pk))
    assert bool(alice.edits_roles) is True


def test_a_page_of_employees_is_what_the_orm_cuts(world):
    for number in range(5):
        world.employee(f"Dana{number} Doe")
    everybody = [row.username for row in rows.listed_users(world.acme.pk).order_by("pk")]
    page = [rows.UserRow(*row).username for row in rows.USER_PAGE.rows(world.acme.pk, 2, 3)]
    assert page == everybody[2:5]
    assert rows.USER_TOTAL.row(world.acme.pk)[0] == len(everybody)


def test_an_inserted_record_is_what_save_would_have_stored(world):
    inserted, saved = new_team(world), new_team(world, name="Sales")
    writes.insert(inserted)
    saved.save()
    columns = Team.objects.in_bulk([inserted.pk, saved.pk])
    for field in Team._meta.concrete_fields:
        if field.attname not in ("id", "number", "name", "name_key"):
            assert getattr(columns[inserted.pk], field.attname) == getattr(columns[saved.pk], field.attname)
    assert columns[inserted.pk].name_key == "support"


@pytest.mark.parametrize(
    "values",
    [
        {
            "scim_attributes": {"title": "Ms", "n": [1, None]},
            "attributes": [],
            "rank": 7,
            "mfa_secret": "JBSWY3DPEHPK3PXP",
        },
        {"hire_date": date(2026, 1, 2), "external_id": "", "scim_managed": True, "deactivated_at": clock.now()},
    ],
)
def test_a_fresh_employee_is_stored_as_the_orm_stores_it(world, values):
    team, role = Team.objects.filter(business_unit=world.acme).first(), world.alice.primary_role
    now = clock.now().replace(microsecond=120)
    common = {
        "business_unit_id": world.acme.pk, "team": team, "primary_role": role, "time_zone": "UTC", "created_at": now,
        "modified_at": now, "last_activity_at": now, "created_by": "x", "modified_by": "x", "email": "É@x.example", **values,
    }  # fmt: skip
    first = writes.fresh(Employee, {**common, "username": "One@x.example"})
    assert first._state.adding
    writes.insert(first)
    second = Employee(**common, username="Two@x.example")
    second.save()
    for field in Employee._meta.concrete_fields:
        if field.attname not in ("id", "agent_id", "username", "username_key"):
            found, expected = (Employee.objects.values_list(field.attname).get(pk=e.pk)[0] for e in (first, second))
            assert found == expected, field.attname
    assert Employee.objects.get(username_key="one@x.example").team == team


def test_a_fresh_record_has_no_other_fields_than_its_model():
    with pytest.raises(TypeError):
        writes.fresh(Team, {"nmae": "Support"})


def test_a_time_is_written_alike_however_the_database_writes_it():
    at = datetime(2026, 1, 2, 3, 4, 5, 617250, tzinfo=UTC)
    assert statements.instant(at) == "2026-01-02T03:04:05.617250Z"
    for text in ("2026-01-02 03:04:05.61725+00", "2026-01-02 03:04:05.617250"):
        assert statements.instant(text) == statements.instant(at)
        assert statements.moment(text) == at
    assert statements.instant("2026-01-02 03:04:05+00") == statements.instant(at.replace(microsecond=0))


POSTGRESQL = pytest.mark.skipif(connection.vendor != "postgresql", reason="about PostgreSQL")


@POSTGRESQL
def test_a_statement_that_postgresql_forgot_is_prepared_again(committed_world):
    unit = committed_world.acme.pk
    total = rows.USER_TOTAL.row(unit)
    for _attempt in range(2):
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")
        assert rows.USER_TOTAL.row(unit) == total
    with transaction.atomic():
        assert rows.USER_TOTAL.row(unit) == total


@POSTGRESQL
def test_errors_of_libpq_are_those_of_django(committed_world):
    world = committed_world
    with pytest.raises(DataError):
        rows.USER_NAMED.row(world.acme.pk, "a\x00b")
    with pytest.raises(IntegrityError):
        writes.insert(new_team(world, business_unit_id=uuid.uuid4()))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (process,) = cursor.fetchone()
    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [process])
    with pytest.raises(OperationalError):
        rows.USER_TOTAL.row(world.acme.pk)
    assert connection.errors_occurred
    connection.close_if_unusable_or_obsolete()
    assert rows.USER_TOTAL.row(world.acme.pk)


@POSTGRESQL
def test_rows_of_libpq_are_those_of_django(world):
    columns = "id", "version", "scim_hidden", "hire_date", "created_at", "rank", "username", "scim_attributes"
    found = Employee.objects.filter(pk=world.alice.pk).values_list(*columns)
    sql, params = found.query.sql_with_params()
    (row,) = statements.fetch(sql, params)
    read = dict(zip(columns, row, strict=True))
    expected = dict(zip(columns, found[0], strict=True))
    assert read["id"] == str(expected["id"])
    assert statements.moment(read["created_at"]) == expected["created_at"]
    for name in ("version", "scim_hidden", "rank", "username"):
        assert read[name] == expected[name]
    assert orjson.loads(read["scim_attributes"]) == expected["scim_attributes"]


@POSTGRESQL
def test_a_prepared_statement_reads_its_columns_alike_every_time(committed_world):
    columns = "id", "version", "scim_hidden", "hire_date", "created_at", "username"
    found = Employee.objects.filter(business_unit=committed_world.acme).order_by("pk").values_list(*columns)
    sql, params = found.query.sql_with_params()
    for _time in ("prepared", "remembered"):
        read = [
            (uuid.UUID(pk), *row[:3], statements.moment(row[3]), row[4]) for pk, *row in statements.fetch(sql, params)
        ]
        assert read == list(found)
    with pytest.raises(DataError):  # division by zero, whether or not the statement was prepared
        statements.fetch("SELECT 1 / %s", [0])
    assert statements.fetch("SELECT 1 / %s", [1]) == [(1,)]


def test_members_of_enumerations_and_related_records_are_stored_as_the_orm_stores_them(world):
    employee = world.employee()
    event = audit.event(world.actor, "User", employee.pk, "Dana", [("User.status", "", "ACTIVE")])
    writes.insert(event)
    stored = AuditEvent.objects.values("channel", "triggered_by_id").get(pk=event.pk)
    assert stored == {"channel": world.actor.channel.value, "triggered_by_id": world.actor.employee_id}
    team = Team.objects.filter(business_unit=world.acme).first()
    made = writes.fresh(Employee, {"team": team, "login_authenticator": None})
    assert (made.team_id, made.team, made.login_authenticator_id, made.login_authenticator) == (
        team.pk,
        team,
        None,
        None,
    )
    employee.status = Employee.Status.PENDING
    assert writes.update(employee, ["status"], version=employee.version)
    assert list(Employee.objects.filter(pk=employee.pk).values_list("status", flat=True)) == ["PENDING"]


def test_a_constraint_raises_what_django_raises_and_leaves_the_connection_usable(committed_world):
    world = committed_world
    team = new_team(world, is_default=True)
    with pytest.raises(IntegrityError) as caught:
        writes.insert(team)
    assert type(caught.value.__cause__).__module__.startswith(("sqlite3", "psycopg"))
    writes.insert(new_team(world))
    assert Team.objects.filter(business_unit=world.acme, name="Support").count() == 1


def test_no_record_is_stored_whose_event_cannot_be(committed_world):
    world = committed_world
    team, told = new_team(world), AuditEvent.objects.first()
    with pytest.raises(IntegrityError):
        writes.insert(team, event_about(world, team, pk=told.pk))
    assert not Team.objects.filter(pk=team.pk).exists()


def test_no_event_is_stored_whose_record_cannot_be(committed_world):
    world = committed_world
    team, events = new_team(world, is_default=True), AuditEvent.objects.count()
    with pytest.raises(IntegrityError):
        writes.insert(team, event_about(world, team))
    assert AuditEvent.objects.count() == events


def test_an_update_of_another_version_stores_nothing(committed_world):
    world = committed_world
    team, events = Team.objects.filter(business_unit=world.acme).first(), AuditEvent.objects.count()
    before = team.description
    team.description = "Changed"
    assert writes.update(team, ["description"], version=team.version + 1, event=event_about(world, team)) is False
    team.refresh_from_db()
    assert (team.description, AuditEvent.objects.count()) == (before, events)
    team.description = "Changed"
    assert writes.update(team, ["description"], version=team.version, event=event_about(world, team)) is True
    team.refresh_from_db()
    assert (team.description, team.version, AuditEvent.objects.count()) == ("Changed", 2, events + 1)


@pytest.mark.parametrize("name", ["dana.doe@acme.example", "nobody@acme.example"])
def test_a_question_is_answered_beside_a_credential_as_it_is_alone(world, name):
    dana, stranger = world.employee(), world.charlie
    token, secret = scim_tokens.generate(world.alice, actor=world.actor)
    scim_tokens.save([token.pk], actor=world.actor)
    alone, together = credentials.scim_token(secret), credentials.scim_token(secret, (rows.USER_NAMED, name))
    assert replace(together, found=alone.found) == alone
    found = rows.USER_NAMED.row(world.acme.pk, name)
    assert together.found == ([found] if found else [])
    assert bool(found) is (name == dana.username_key)
    for pk in (dana.pk, stranger.pk):
        found = rows.USER.row(world.acme.pk, pk)
        assert credentials.scim_token(secret, (rows.USER, pk)).found == ([found] if found else [])
    assert credentials.scim_token(secret, (rows.USER_TOTAL,)).found == [rows.USER_TOTAL.row(world.acme.pk)]
    defaults = credentials.scim_token(secret, (provisioning.DEFAULTS,)).found
    assert sorted(map(str, defaults)) == sorted(map(str, provisioning.DEFAULTS.alone.rows(world.acme.pk)))
    assert credentials.scim_token("cxs_unknown", (rows.USER, dana.pk)) is None
