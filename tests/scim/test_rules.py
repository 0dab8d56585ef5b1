"""What the emulated product does with provisioned people (spec §10)."""

import dataclasses

import pytest

from accounts.actions import employees, roles, views
from accounts.actors import system
from accounts.errors import Refused
from accounts.models import AuditEvent, Employee, LoginAuthenticator, OutboxMail, Role, Team
from cxadmin import clock
from tests.scim.client import NICE, refused, remove, replace, user
from tests.world import hire, history_of

AGENT_MISSING = "No active role named Agent exists and no other default role is set."


def role_of(resource: dict) -> str:
    return resource["roles"][0]["display"]


def change_role(role: Role, **values: object) -> None:
    Role.objects.filter(pk=role.pk).update(**values)


@pytest.fixture
def coach(acme) -> Role:
    return roles.create({"name": "Coach"}, [], actor=system(acme.unit.pk), activate=True)


@pytest.mark.rule("R-SCIM-4")
def test_whoever_is_provisioned_becomes_an_agent(scim):
    assert role_of(scim.user()) == "Agent"


@pytest.mark.rule("R-SCIM-4")
@pytest.mark.parametrize("status", ["INACTIVE", "DRAFT"])
def test_without_an_active_role_named_agent_nobody_is_created(scim, acme, status):
    change_role(acme.role("Agent"), status=status)
    events = AuditEvent.objects.count()
    refused(scim.post("/Users", user()), 400, "invalidValue", AGENT_MISSING)
    assert not Employee.objects.filter(username="ada@acme.example").exists()
    assert AuditEvent.objects.count() == events


@pytest.mark.rule("R-SCIM-4")
def test_the_role_agent_may_be_spelled_in_any_case_or_in_japanese(scim, acme, coach):
    agent = acme.role("Agent")
    change_role(coach, name="エージェント", name_key="エージェント")
    assert role_of(scim.user()) == "Agent"  # Agent comes first
    change_role(agent, name="AGENT")
    assert role_of(scim.user("bea")) == "AGENT"
    change_role(agent, status="INACTIVE")
    assert role_of(scim.user("cea")) == "エージェント"


@pytest.mark.rule("R-SCIM-4")
def test_a_default_role_wins_over_agent_and_has_no_fallback(scim, acme, coach):
    acme.set(scim_default_role=coach)
    assert role_of(scim.user()) == "Coach"
    change_role(coach, status="INACTIVE")
    refused(scim.post("/Users", user("bea")), 400, "invalidValue", "default role for SCIM is not active")


@pytest.mark.rule("R-SCIM-4", "R-SCIM-5")
@pytest.mark.parametrize(
    "entry", [{"value": "coach"}, {"display": "COACH"}, {"value": "{id}"}, {"value": "{id}", "display": "Agent"}]
)
def test_a_role_that_is_sent_wins_by_id_or_name(scim, acme, coach, entry):
    wanted = {name: text.replace("{id}", str(coach.pk)) for name, text in entry.items()}
    created = scim.user(roles=[{"value": "Agent"}, wanted | {"primary": True}])
    assert role_of(created) == "Coach"
    kept = scim.put(f"/Users/{created['id']}", user())
    assert role_of(kept.json()) == "Coach"  # R-SCIM-15
    changed = scim.put(f"/Users/{created['id']}", user(roles=[{"display": "agent"}]))
    assert role_of(changed.json()) == "Agent"


@pytest.mark.rule("R-SCIM-4")
def test_without_the_field_primary_role_a_sent_role_is_passed_over(scim, acme, coach):
    acme.set(scim_fields=[])
    created = scim.user(roles=[{"value": str(coach.pk)}])
    assert role_of(created) == "Agent"
    patched = scim.patch(f"/Users/{created['id']}", replace("roles", [{"value": str(coach.pk)}]))
    assert (patched.status_code, role_of(patched.json())) == (200, "Agent")


@pytest.mark.rule("R-SCIM-5")
def test_a_role_changed_in_the_console_survives_a_push(scim, acme, coach):
    acme.set(scim_fields=[])
    created = scim.user()
    employees.update(acme.employee(created), {"primary_role": coach}, actor=system(acme.unit.pk))
    assert role_of(scim.put(f"/Users/{created['id']}", user(roles=[{"value": "Agent"}])).json()) == "Coach"


@pytest.mark.rule("R-SCIM-4")
@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"roles": [{"value": "Nobody"}]}, "No active role named Nobody."),
        ({NICE: {"team": {"value": "Nobody"}}}, "No active team named Nobody."),
        ({NICE: {"loginAuthenticator": {"display": "Nobody"}}}, "No active login authenticator named Nobody."),
    ],
)
def test_a_reference_that_leads_nowhere_is_refused(scim, more, sentence):
    refused(scim.post("/Users", user(**more)), 400, "invalidValue", sentence)
    assert scim.found('userName sw "ada"') == []


@pytest.mark.rule("R-ROLE-7")
def test_a_role_or_team_that_is_not_active_cannot_be_named(scim, acme, coach):
    change_role(coach, status="INACTIVE")
    refused(scim.post("/Users", user(roles=[{"value": "Coach"}])), 400, "invalidValue", "No active role named Coach.")


@pytest.mark.rule("R-SCIM-6")
def test_what_is_not_sent_gets_the_defaults_of_the_form(scim, acme):
    employee = acme.employee(scim.user())
    assert employee.team.is_default
    assert employee.login_authenticator.is_default
    assert employee.time_zone == acme.unit.time_zone
    assert sorted(employee.attributes) == sorted(Employee.ATTRIBUTES)


@pytest.mark.rule("R-SCIM-3")
def test_optional_fields_that_are_not_enabled_are_passed_over(scim, acme):
    sent = {
        "displayName": "Ada L.",
        "userType": "Employee",
        "timezone": "Europe/London",
        "phoneNumbers": [{"value": "1", "type": "mobile"}],
        "name": {"givenName": "Ada", "familyName": "Lovelace", "middleName": "King"},
    }
    acme.set(scim_fields=[])
    created = scim.user(**sent)
    assert not {"displayName", "userType", "phoneNumbers"} & set(created)
    assert created["timezone"] == acme.unit.time_zone
    assert "middleName" not in created["name"]
    address = f"/Users/{created['id']}"
    assert scim.put(address, user(**sent)).json() == created | {"meta": scim.read(created)["meta"]}
    for path, value in (("displayName", "x"), ("name.middleName", "x"), ("phoneNumbers", sent["phoneNumbers"])):
        response = scim.patch(address, replace(path, value))
        assert response.status_code == 200
        assert response.json()["name"] == created["name"]
        assert "displayName" not in response.json()


@pytest.mark.rule("R-SCIM-3")
def test_what_was_stored_while_a_field_was_enabled_stays_and_is_returned(scim, acme):
    created = scim.user(displayName="Ada L.", phoneNumbers=[{"value": "1", "type": "home"}, {"value": "2"}])
    acme.set(scim_fields=[])
    for response in (
        scim.put(f"/Users/{created['id']}", user(displayName="Other")),
        scim.patch(f"/Users/{created['id']}", replace(None, {"displayName": "Other", "phoneNumbers": []})),
    ):
        assert response.json()["displayName"] == "Ada L."
        assert response.json()["phoneNumbers"] == created["phoneNumbers"]


@pytest.mark.rule("R-SCIM-8", "R-SCIM-2")
@pytest.mark.parametrize("how", ["put", "patch"])
def test_the_first_write_makes_a_local_employee_managed(scim, acme, how):
    local = hire(acme.unit, "Dana Doe", acme.role("Agent"))
    assert scim.found('userName eq "DANA@acme.example"') == ["dana@acme.example"]
    assert not local.scim_managed
    response = (
        scim.put(f"/Users/{local.pk}", user("dana", name={"givenName": "Dana", "familyName": "Doe"}))
        if how == "put"
        else scim.patch(f"/Users/{local.pk}", replace("active", True))
    )
    assert response.status_code == 200
    local.refresh_from_db()
    assert local.scim_managed
    assert local.status == "ACTIVE"


@pytest.mark.rule("R-SCIM-8")
def test_a_refused_write_makes_nobody_managed(scim, acme):
    local = hire(acme.unit, "Dana Doe", acme.role("Agent"))
    refused(scim.patch(f"/Users/{local.pk}", replace("userName", "")), 400, "mutability")
    assert not Employee.objects.get(pk=local.pk).scim_managed


@pytest.mark.rule("R-SCIM-11")
def test_active_deactivates_and_reactivates_and_is_audited_once(scim, acme):
    created = scim.user()
    address = f"/Users/{created['id']}"
    for value in (False, False, True, True):
        assert scim.patch(address, replace("active", value)).json()["active"] is value
    employee = acme.employee(created)
    assert employee.status == "UNREGISTERED"
    changes = [change for change in history_of(employee) if change[0] == "User.status"]
    assert changes == [
        ("User.status", "", "UNREGISTERED"),
        ("User.status", "UNREGISTERED", "DELETED"),
        ("User.status", "DELETED", "UNREGISTERED"),
    ]


@pytest.mark.rule("R-SCIM-11")
def test_an_employee_who_was_active_before_is_active_again(scim, acme):
    local = hire(acme.unit, "Dana Doe", acme.role("Agent"))
    epoch = local.session_epoch
    scim.patch(f"/Users/{local.pk}", replace("active", False))
    local.refresh_from_db()
    assert (local.status, local.session_epoch > epoch) == ("DELETED", True)
    scim.patch(f"/Users/{local.pk}", replace("active", True))
    local.refresh_from_db()
    assert local.status == "ACTIVE"


@pytest.mark.rule("R-SCIM-11", "R-EMP-12")
def test_nobody_comes_back_with_a_role_that_is_not_active(scim, acme):
    created = scim.user(active=False)
    change_role(acme.role("Agent"), status="INACTIVE")
    for response in (
        scim.patch(f"/Users/{created['id']}", replace("active", True)),
        scim.put(f"/Users/{created['id']}", user(active=True)),
    ):
        refused(response, 400, "invalidValue", "role")
    assert scim.read(created)["active"] is False


@pytest.mark.rule("R-SCIM-11")
def test_a_put_without_active_leaves_the_status(scim):
    created = scim.user(active=False)
    assert scim.put(f"/Users/{created['id']}", user(active=None)).json()["active"] is False


def test_a_user_created_inactive_is_inactive_and_gets_no_mail(scim, acme):
    acme.set(scim_auto_invite=True)
    created = scim.user(active=False)
    assert (created["active"], acme.employee(created).status) == (False, "DELETED")
    assert not OutboxMail.objects.exists()


def test_with_auto_invite_a_new_user_gets_a_mail(scim, acme):
    acme.set(scim_auto_invite=True)
    created = scim.user()
    assert acme.employee(created).status == "PENDING"
    assert OutboxMail.objects.get().to == "ada@acme.example"
    scim.patch(f"/Users/{created['id']}", replace("active", False))
    scim.patch(f"/Users/{created['id']}", replace("active", True))
    assert acme.employee(created).status == "PENDING"
    assert OutboxMail.objects.count() == 2


def test_somebody_with_an_external_authenticator_is_active_at_once(scim, acme):
    now = clock.now()
    LoginAuthenticator.objects.create(
        business_unit=acme.unit,
        name="SAML",
        type="SAML2",
        created_at=now,
        modified_at=now,
        created_by="",
        modified_by="",
    )
    created = scim.user(**{NICE: {"loginAuthenticator": {"value": "saml"}}})
    assert acme.employee(created).status == "ACTIVE"


@pytest.mark.rule("R-SCIM-12", "R-EMP-7")
def test_delete_hides_and_hands_the_record_back(scim, acme):
    created = scim.user()
    address = f"/Users/{created['id']}"
    response = scim.delete(address)
    assert (response.status_code, response.content) == (204, b"")
    for again in (scim.get(address), scim.put(address, user()), scim.patch(address, replace("title", "x"))):
        refused(again, 404, None)
    refused(scim.delete(address), 404, None)
    assert scim.found('userName eq "ada@acme.example"') == []
    employee = acme.employee(created)
    assert (employee.status, employee.scim_hidden, employee.scim_managed) == ("DELETED", True, False)


@pytest.mark.rule("R-SCIM-12", "R-SCIM-10")
def test_a_later_create_revives_the_record_under_its_old_id(scim, acme):
    created = scim.user(title="Countess")
    scim.delete(f"/Users/{created['id']}")
    response = scim.post("/Users", user(userName="ADA@acme.example", externalId="second"))
    assert response.status_code == 201
    revived = response.json()
    assert revived["id"] == created["id"]
    assert (revived["active"], revived["externalId"], revived["userName"]) == (True, "second", "ADA@acme.example")
    assert "title" not in revived
    assert acme.employee(revived).scim_managed
    refused(scim.post("/Users", user()), 409, "uniqueness")


@pytest.mark.rule("R-SCIM-12")
def test_a_revived_record_keeps_nothing_of_its_former_life(scim):
    created = scim.user(displayName="Ada L.", externalId="first", phoneNumbers=[{"value": "1", "type": "mobile"}])
    scim.delete(f"/Users/{created['id']}")
    revived = scim.user()
    assert not {"displayName", "externalId", "phoneNumbers"} & set(revived)


@pytest.mark.rule("R-SCIM-12")
def test_a_record_can_be_revived_inactive(scim):
    created = scim.user()
    scim.delete(f"/Users/{created['id']}")
    assert scim.user(active=False)["active"] is False


@pytest.mark.rule("R-SCIM-12")
def test_delete_takes_a_user_out_of_groups_as_scim_shows_them(scim):
    created = scim.user()
    staff = scim.group("Staff", created["id"])
    scim.delete(f"/Users/{created['id']}")
    assert "members" not in scim.read(staff)
    assert scim.found(f'members eq "{created["id"]}"', "Groups") == []


@pytest.mark.rule("R-SCIM-12")
def test_a_revived_user_is_back_in_its_groups(scim):
    staff = scim.group("Staff", scim.user()["id"])
    scim.delete(f"/Users/{staff['members'][0]['value']}")
    scim.user()
    assert scim.read(staff)["members"] == staff["members"]


@pytest.mark.rule("R-SCIM-13")
def test_inactive_employees_are_listed(scim):
    scim.user(active=False)
    assert scim.found("active eq false") == ["ada@acme.example"]


@pytest.mark.rule("R-SCIM-14")
def test_a_put_or_patch_that_fails_changes_nothing(scim):
    created = scim.user()
    scim.user("bea")
    address, events = f"/Users/{created['id']}", AuditEvent.objects.count()
    refused(scim.put(address, user("bea", title="x")), 409, "uniqueness")
    refused(scim.patch(address, replace("title", "x"), replace("nonsense", "x")), 400, "invalidPath")
    refused(scim.patch(address, replace("title", "x"), replace("userName", "bea@acme.example")), 409, "uniqueness")
    assert scim.read(created) == created
    assert AuditEvent.objects.count() == events


@pytest.mark.rule("R-SCIM-15")
def test_role_and_team_cannot_be_removed_and_the_authenticator_can(scim, acme):
    created = scim.user()
    address = f"/Users/{created['id']}"
    refused(scim.patch(address, remove("roles")), 400, "mutability", "roles is required")
    refused(scim.patch(address, remove(f"{NICE}:team")), 400, "mutability", "team is required")
    assert scim.patch(address, remove(f"{NICE}:loginAuthenticator")).json()[NICE].keys() == {"team"}
    assert acme.employee(created).login_authenticator is None
    assert scim.put(address, user()).json()[NICE].keys() == {"team"}


@pytest.mark.rule("R-SCIM-15")
def test_what_a_put_leaves_out_of_the_extension_stays(scim, acme):
    now = clock.now()
    team = Team.objects.create(
        business_unit=acme.unit, name="Night", created_at=now, modified_at=now, created_by="", modified_by=""
    )
    created = scim.user(**{NICE: {"team": {"value": str(team.pk)}}})
    assert created[NICE]["team"] == {"value": str(team.pk), "display": "Night"}
    assert scim.put(f"/Users/{created['id']}", user()).json()[NICE] == created[NICE]


@pytest.mark.rule("R-SCIM-1", "R-EMP-4")
def test_an_address_changed_by_the_provider_counts_at_once(scim, acme):
    local = hire(acme.unit, "Dana Doe", acme.role("Agent"))
    scim.patch(f"/Users/{local.pk}", replace('emails[type eq "work"].value', "new@acme.example"))
    local.refresh_from_db()
    assert (local.email, local.email_to_be_verified) == ("new@acme.example", "")
    assert not OutboxMail.objects.exists()


@pytest.mark.rule("R-SCIM-9")
def test_what_the_provider_manages_is_refused_elsewhere(scim, acme):
    employee = acme.employee(scim.user())
    actor = dataclasses.replace(system(acme.unit.pk), channel="REST")
    for change in (
        {"first_name": "x"},
        {"last_name": "x"},
        {"username": "x@acme.example"},
        {"email": "x@acme.example"},
    ):
        with pytest.raises(Refused, match="identity provider"):
            employees.update(employee, change, actor=actor)


@pytest.mark.rule("R-AUD-1", "R-AUD-2")
def test_every_changed_attribute_is_one_entry_and_reads_write_none(scim, acme):
    created = scim.user()
    events = AuditEvent.objects.count()
    scim.read(created)
    scim.put(f"/Users/{created['id']}", user())
    refused(scim.patch(f"/Users/{created['id']}", replace("userName", "")), 400, "mutability")
    assert AuditEvent.objects.count() == events
    scim.put(f"/Users/{created['id']}", user(name={"givenName": "Augusta", "familyName": "King"}, title="Countess"))
    assert AuditEvent.objects.count() == events + 1
    assert sorted(history_of(acme.employee(created))[-3:]) == [
        ("User.firstName", "Ada", "Augusta"),
        ("User.lastName", "Lovelace", "King"),
        ("User.title", "", "Countess"),
    ]


@pytest.mark.rule("R-AUD-4")
def test_the_audit_entry_has_the_id_of_the_request(scim, acme):
    response = scim.post("/Users", user(), **{"X-Request-Id": "from-the-provider-1"})
    assert response["X-Request-Id"] == "from-the-provider-1"
    assert AuditEvent.objects.get(entity_id=response.json()["id"]).request_id == "from-the-provider-1"


def test_a_push_that_names_a_secondary_role_as_primary_moves_it(scim, acme, coach):
    created = scim.user()
    employees.update(acme.employee(created), {"secondary_roles": [coach]}, actor=system(acme.unit.pk))
    shown = scim.read(created)["roles"]
    assert [(role["display"], role["primary"]) for role in shown] == [("Agent", True), ("Coach", False)]
    changed = scim.patch(f"/Users/{created['id']}", replace("roles", [{"value": "Coach", "primary": True}]))
    assert changed.status_code == 200
    assert [(role["display"], role["primary"]) for role in scim.read(created)["roles"]] == [("Coach", True)]


@pytest.mark.rule("R-ACC-7")
def test_views_do_not_limit_provisioning(acme, scim):
    team = Team.objects.create(
        business_unit=acme.unit,
        name="Blue",
        created_at=clock.now(),
        modified_at=clock.now(),
        created_by="T",
        modified_by="T",
    )
    view = views.create({"name": "Blue only", "type": "USER_DATA", "teams": [team]}, actor=system(acme.unit.pk))
    employees.update(acme.robot, {"views": [view]}, actor=system(acme.unit.pk))
    ada = scim.user()
    assert scim.get(f"/Users/{ada['id']}").status_code == 200
    assert scim.get("/Users").json()["totalResults"] == Employee.objects.filter(business_unit=acme.unit).count()
