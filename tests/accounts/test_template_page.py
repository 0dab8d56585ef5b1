"""The page of an employee template: what Save and Activate do (screens §6)."""

import pytest

from accounts import queries
from accounts.actions import templates
from accounts.models import AuditEvent, EmployeeTemplate, Role
from tests.accounts.test_template_list import LIST, VIEW, fresh, template
from tests.pages import form_in
from tests.world import history_of, visible

NEW, FORM = f"{LIST}new/", "template-form"


def add(world, client=None, **given):
    """Press Save in the window as it opens, with the required fields filled in; None leaves a box unticked."""
    client = client or world.client()
    filled = {"name": "Night shift", "team": queries.default_team(world.acme.pk).pk, "primary_role": world.role.pk}
    return client.post(NEW, sent(form_in(client.get(NEW), FORM) | filled | given))


def save(client, found, **given):
    """Press Save on the page as it is shown, with these entries."""
    address = f"{LIST}{found.pk}/"
    return client.post(address, sent(form_in(client.get(address), FORM) | given))


def sent(given):
    return {name: value for name, value in given.items() if value is not None}


def named(name="Night shift"):
    return EmployeeTemplate.objects.get(name=name)


@pytest.mark.screen("6 fields")
def test_a_new_one_opens_ignoring_what_need_not_be_filled_in(world):
    shown = form_in(world.client().get(NEW), FORM)
    assert {name for name in shown if name.startswith("ignore_")} == {
        "ignore_time_zone",
        "ignore_attributes",
        "ignore_secondary_roles",
        "ignore_views",
    }
    assert shown["login_authenticator"] == [str(world.authenticator.pk)]


@pytest.mark.screen("6 buttons")
def test_save_stores_a_draft_and_stays(world):
    client = world.client()
    answer = add(world, client, ignore_attributes=None, attributes=["voice"])
    assert answer.url == f"{LIST}{named().pk}/"
    assert "Employee template saved" in visible(client.get(answer.url))
    assert (named().status, named().attributes) == ("DRAFT", ["voice"])
    assert sorted(named().ignored) == ["secondary_roles", "time_zone", "views"]
    assert (named().team.is_default, named().primary_role) == (True, world.role)
    assert ("EmployeeTemplate.primaryRole", "", "Bob's role") in history_of(named())


@pytest.mark.screen("6 buttons")
def test_activate_stores_it_as_active_and_returns_to_the_list(world):
    client = world.client()
    assert add(world, client, activate="true").url == LIST
    assert "Employee template activated" in visible(client.get(LIST))
    assert named().status == "ACTIVE"
    assert "Cancel Save" in visible(client.get(f"{LIST}{named().pk}/"))
    assert "Activate" not in visible(client.get(f"{LIST}{named().pk}/"))


@pytest.mark.screen("6 buttons")
def test_save_keeps_the_status(world):
    found = template(world)
    save(world.client(), found, name="Day shift")
    assert (fresh(found).name, fresh(found).status) == ("Day shift", "ACTIVE")
    assert history_of(found)[-1] == ("EmployeeTemplate.name", "Night shift", "Day shift")


@pytest.mark.screen("6 fields")
@pytest.mark.rule("R-TPL-1")
def test_an_ignored_field_keeps_no_value_and_is_not_required(world):
    nonsense = {"team": "nonsense", "time_zone": "Mars/Base"}
    assert add(world, ignore_team="on", ignore_primary_role="on", primary_role="", **nonsense).status_code == 302
    assert (named().team, named().primary_role, named().time_zone) == (None, None, "")
    assert {"team", "primary_role", "time_zone"} <= set(named().ignored)


@pytest.mark.screen("6 fields")
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": ""}, "Template Name is required."),
        ({"name": "x" * 51}, "Template Name can have at most 50 characters."),
        ({"team": ""}, "Team is required."),
        ({"primary_role": ""}, "Primary Role is required."),
        ({"team": "nonsense"}, "Choose an active team."),
        ({"primary_role": "00000000-0000-0000-0000-000000000000"}, "Choose an active role."),
        ({"ignore_time_zone": None, "time_zone": "Mars/Base"}, "Mars/Base is not a time zone."),
        ({"ignore_attributes": None, "attributes": "flying"}, "Choose attributes from the list."),
        ({"login_authenticator": "x"}, "Choose an active login authenticator."),
        ({"ignore_secondary_roles": None, "secondary_roles": "x"}, "Choose an active role."),
    ],
)
def test_what_a_rule_forbids_is_said_and_nothing_is_stored(world, given, message):
    answer = add(world, **given)
    assert (answer.status_code, message in visible(answer)) == (422, True)
    assert not EmployeeTemplate.objects.exists()


def test_all_messages_come_at_once_and_the_entries_stay(world):
    answer = add(world, name="x" * 60, team="", primary_role="", ignore_time_zone=None, time_zone="Mars/Base")
    text = visible(answer)
    for message in ("Template Name can have at most", "Team is required.", "Primary Role is required.", "Mars/Base is"):
        assert text.count(message) == 2
    assert form_in(answer, FORM)["name"] == ["x" * 60]


def test_a_name_is_unique_whatever_its_case(world):
    template(world)
    assert "Template Name is already in use." in visible(add(world, name="NIGHT shift"))
    other = template(world, "Other")
    assert "Template Name is already in use." in visible(save(world.client(), other, name="night shift"))
    assert save(world.client(), other, name="OTHER").status_code == 302


@pytest.mark.rule("R-ROLE-9")
def test_secondary_roles_follow_the_rules_of_employees(world):
    several = [world.draft(f"Role {number}", activate=True).pk for number in range(11)]
    answer = add(world, ignore_secondary_roles=None, secondary_roles=several)
    assert "Choose at most 10 secondary roles." in visible(answer)
    answer = add(world, ignore_secondary_roles=None, secondary_roles=[world.role.pk])
    assert "The primary role cannot also be a secondary role." in visible(answer)
    assert add(world, ignore_secondary_roles=None, secondary_roles=several[:2]).status_code == 302
    assert save(world.client(), named(), secondary_roles=several[:1]).status_code == 302
    assert ("EmployeeTemplate.secondaryRoles", "Role 0, Role 1", "Role 0") in history_of(named())


def test_what_became_inactive_stays_shown_until_another_one_is_chosen(world):
    role = world.draft("Gone", activate=True)
    found = template(world, primary_role=role)
    Role.objects.filter(pk=role.pk).update(status="INACTIVE")
    client = world.client()
    assert form_in(client.get(f"{LIST}{found.pk}/"), FORM)["primary_role"] == [str(role.pk)]
    assert "Choose an active role." in visible(save(client, found))
    assert save(client, found, primary_role=world.role.pk).status_code == 302


def test_records_of_another_tenant_cannot_be_chosen(world):
    answer = add(world, team=queries.default_team(world.strange.pk).pk, primary_role=world.charlie.primary_role_id)
    assert "Choose an active team." in visible(answer)
    assert "Choose an active role." in visible(answer)


@pytest.mark.screen("1.4 form overtaken")
def test_who_was_overtaken_reads_by_whom_and_nothing_is_written(world):
    found, client = template(world), world.client()
    shown = form_in(client.get(f"{LIST}{found.pk}/"), FORM)
    save(client, found, name="Mine")
    answer = client.post(f"{LIST}{found.pk}/", shown | {"name": "Yours"})
    assert answer.status_code == 422
    assert "This record was changed by Alice Archer. Reload to continue." in visible(answer)
    assert fresh(found).name == "Mine"


def test_saving_without_a_change_leaves_no_trace(world):
    found = template(world, secondary_roles=[world.alice.primary_role])
    before = AuditEvent.objects.count()
    assert save(world.client(), found).status_code == 302
    assert AuditEvent.objects.count() == before


def test_leaving_a_field_checks_it_and_stores_nothing(world):
    template(world)
    answer = world.client().post(f"{NEW}?check=name", {"name": "night shift"})
    assert (answer.status_code, visible(answer)) == (200, "Template Name is already in use.")
    assert EmployeeTemplate.objects.count() == 1


def test_without_edit_the_page_can_be_read_only(world):
    found = template(world)
    client = world.bob_may(VIEW)
    page = client.get(f"{LIST}{found.pk}/")
    assert "Save" not in visible(page)
    assert client.post(f"{LIST}{found.pk}/", {"name": "Mine"}).status_code == 403
    assert client.post(NEW, {"name": "Mine"}).status_code == 403
    assert fresh(found).name == "Night shift"


@pytest.mark.screen("6 audit")
def test_the_history_is_a_tab_of_the_page(world):
    found = template(world)
    templates.deactivate(found, actor=world.actor)
    page = visible(world.client().get(f"{LIST}{found.pk}/history/"))
    assert "EmployeeTemplate.status ACTIVE INACTIVE Alice Archer" in page
