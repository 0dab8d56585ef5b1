"""Employee templates at creation (R-TPL, R-SCIM-4, R-SCIM-6, R-SCIM-7)."""

import pytest

from accounts import queries
from accounts.actions import roles, templates
from accounts.actors import system
from accounts.errors import Invalid
from accounts.models import Employee, EmployeeTemplate, Role, Team
from tests.scim.client import NICE, refused, replace, user
from tests.world import history_of


def role(acme, name):
    return roles.create({"name": name}, [], actor=system(acme.unit.pk), activate=True)


def template(acme, name="Night shift", *, activate=True, **values):
    given = {"name": name, "team": queries.default_team(acme.unit.pk), "primary_role": acme.role("Agent")}
    return templates.create(given | values, actor=system(acme.unit.pk), activate=activate)


def by(name):
    return {NICE: {"employeeTemplate": {"display": name}}}


@pytest.fixture
def coach(acme):
    return role(acme, "Coach")


@pytest.mark.rule("R-TPL-3", "R-SCIM-4", "R-SCIM-6")
def test_a_template_fills_in_what_is_not_sent(acme, scim, coach):
    template(
        acme,
        primary_role=coach,
        time_zone="Asia/Tokyo",
        attributes=["voice"],
        secondary_roles=[acme.role("Agent")],
        login_authenticator=None,
    )
    document = scim.user("ada", **by("NIGHT shift"))
    assert [entry["display"] for entry in document["roles"]] == ["Coach", "Agent"]
    assert document["timezone"] == "Asia/Tokyo"
    assert "loginAuthenticator" not in document[NICE]
    assert "employeeTemplate" not in document[NICE]
    assert scim.read(document) == document
    employee = acme.employee(document)
    assert employee.attributes == ["voice"]
    assert employee.login_authenticator is None


@pytest.mark.rule("R-SCIM-6")
def test_what_is_sent_and_enabled_wins_over_the_template(acme, scim, coach):
    template(acme, primary_role=coach, time_zone="Asia/Tokyo", secondary_roles=[acme.role("Agent")])
    sent = {"timezone": "Europe/Berlin", "roles": [{"display": "Agent"}]}
    document = scim.user("ada", **sent, **by("Night shift"))
    assert document["timezone"] == "Europe/Berlin"
    assert [entry["display"] for entry in document["roles"]] == ["Agent"]
    acme.set(scim_fields=["employee_template"])
    document = scim.user("bob", **sent, **by("Night shift"))
    assert document["timezone"] == "Asia/Tokyo"
    assert document["roles"][0]["display"] == "Coach"


@pytest.mark.rule("R-TPL-1")
def test_what_it_ignores_keeps_its_default(acme, scim):
    ignored = ["team", "primary_role", "time_zone", "attributes", "login_authenticator", "secondary_roles"]
    template(acme, team=None, primary_role=None, ignored=ignored)
    with_template, without = scim.user("ada", **by("Night shift")), scim.user("bob")
    for name in ("roles", "timezone", NICE):
        assert with_template[name] == without[name]
    assert acme.employee(with_template).attributes == list(Employee.ATTRIBUTES)


def test_it_can_be_named_by_id(acme, scim, coach):
    found = template(acme, primary_role=coach)
    document = scim.user("ada", **{NICE: {"employeeTemplate": {"value": str(found.pk)}}})
    assert document["roles"][0]["display"] == "Coach"


@pytest.mark.rule("R-SCIM-7", "R-TPL-2")
def test_an_unknown_or_inactive_one_is_refused_and_nothing_is_created(acme, scim):
    template(acme, "Draft", activate=False)
    for name in ("Draft", "Nobody's"):
        refused(scim.post("/Users", user(**by(name))), 400, "invalidValue", name)
    assert not Employee.objects.filter(username="ada@acme.example").exists()


@pytest.mark.rule("R-SCIM-7", "R-SCIM-3")
def test_it_is_passed_over_where_the_field_is_not_enabled(acme, scim):
    acme.set(scim_fields=[])
    assert scim.user("ada", **by("Nobody's"))["roles"][0]["display"] == "Agent"


def test_a_template_of_another_tenant_is_unknown(acme, stranger, scim):
    template(stranger)
    refused(scim.post("/Users", user(**by("Night shift"))), 400, "invalidValue")


@pytest.mark.rule("R-TPL-1")
def test_one_that_points_to_something_inactive_is_refused(acme, scim, coach):
    template(acme, primary_role=coach)
    Role.objects.filter(pk=coach.pk).update(status="INACTIVE")
    refused(scim.post("/Users", user(**by("Night shift"))), 400, "invalidValue", "Night shift", "inactive role")
    Role.objects.filter(pk=coach.pk).update(status="ACTIVE")
    Team.objects.filter(business_unit=acme.unit).update(status="INACTIVE")
    refused(scim.post("/Users", user(**by("Night shift"))), 400, "invalidValue", "inactive team")
    assert not Employee.objects.filter(username="ada@acme.example").exists()


@pytest.mark.rule("R-TPL-3")
def test_it_is_ignored_after_creation(acme, scim, coach):
    template(acme, primary_role=coach)
    ada = scim.user("ada")
    scim.put(f"/Users/{ada['id']}", user("ada", **by("Night shift")))
    scim.patch(f"/Users/{ada['id']}", replace(f"{NICE}:employeeTemplate.display", "Nobody's"))
    assert scim.read(ada)["roles"][0]["display"] == "Agent"


def test_the_schema_names_it_only_where_one_can_be_named(acme, scim):
    def published():
        attributes = scim.get(f"/Schemas/{NICE}").json()["attributes"]
        return next((attribute for attribute in attributes if attribute["name"] == "employeeTemplate"), None)

    assert published() is None
    template(acme)
    found = published()
    assert found["mutability"] == "writeOnly"
    assert found["returned"] == "never"
    assert found["subAttributes"][1]["canonicalValues"] == ["Night shift"]
    acme.set(scim_fields=[])
    assert published() is None


def test_it_can_be_filtered_by_nobody(scim):
    refused(scim.get("/Users", filter=f"{NICE}:employeeTemplate.display pr"), 400, "invalidFilter")


def test_bad_templates_are_refused(acme):
    def problems(**values):
        with pytest.raises(Invalid) as caught:
            template(acme, **values)
        return {problem.field for problem in caught.value.problems}

    draft = roles.create({"name": "Unfinished"}, [], actor=system(acme.unit.pk))
    template(acme, "Taken")
    assert problems(name="TAKEN") == {"name"}
    assert problems(name="") == {"name"}
    assert problems(name="x" * 51, team=None, primary_role=None) == {"name", "team", "primary_role"}
    assert problems(primary_role=draft) == {"primary_role"}
    assert problems(secondary_roles=[draft]) == {"secondary_roles"}
    assert problems(secondary_roles=[acme.role("Agent")]) == {"secondary_roles"}
    assert problems(time_zone="Nowhere/Land") == {"time_zone"}
    assert problems(attributes=["fly"]) == {"attributes"}
    assert problems(ignored=["name"]) == {"ignored"}
    assert EmployeeTemplate.objects.count() == 1


def test_its_creation_is_in_the_audit_trail(acme):
    entries = history_of(template(acme))
    assert ("EmployeeTemplate", "", "created") in entries
    assert ("EmployeeTemplate.name", "", "Night shift") in entries
    assert ("EmployeeTemplate.primaryRole", "", "Agent") in entries


def test_a_create_with_a_template_costs_four_statements_more(acme, scim, coach, django_assert_max_num_queries):
    template(acme, primary_role=coach, secondary_roles=[acme.role("Agent")])
    scim.user("warm")
    with django_assert_max_num_queries(1 + 5 + 5):
        scim.user("ada", **by("Night shift"))
