"""The team page: General, Unavailable Codes, Contact Settings, Features, Change History (screens §7)."""

import re

import pytest

from accounts.actions import teams
from accounts.models import AuditEvent, Employee, Team
from tests.pages import form_in
from tests.world import history_of, visible

VIEW, CREATE, EDIT, DEACTIVATE = (f"admin.teams.{action}" for action in ("view", "create", "edit", "deactivate"))


@pytest.fixture
def blue(world):
    """The Active team Blue."""
    world.blue = teams.create({"name": "Blue", "description": "Sea"}, actor=world.actor)
    return world


def save(client, team=None, **given):
    """Press Save; what is not given stays as the page shows it."""
    address = f"/admin/teams/{team.pk}/" if team else "/admin/teams/new/"
    return client.post(address, form_in(client.get(address), "team-form") | given)


def fresh(team):
    return Team.objects.get(pk=team.pk)


def test_save_stores_a_new_team_as_inactive_and_stays(blue):
    client = blue.client()
    answer = save(client, name=" Red ", description="Fire", lead=str(blue.bob.pk), tab="contact")
    team = Team.objects.get(name="Red")
    assert answer.url == f"/admin/teams/{team.pk}/?tab=contact"
    assert (team.status, team.description, team.lead) == ("INACTIVE", "Fire", blue.bob)
    page = visible(client.get(answer.url))
    assert "Team saved" in page
    assert "Red Inactive" in page
    assert "Cancel Save Save and Activate" in page


@pytest.mark.screen("7 buttons")
def test_save_and_activate_stores_it_as_active_and_returns_to_the_list(blue):
    client = blue.client()
    assert save(client, name="Red", activate="true").url == "/admin/teams/"
    assert "Team activated" in visible(client.get("/admin/teams/"))
    assert Team.objects.get(name="Red").status == "ACTIVE"


def test_save_and_activate_works_on_an_inactive_team_and_needs_the_right_to_reactivate(blue):
    teams.update(blue.blue, {"status": "INACTIVE"}, actor=blue.actor)
    bob = blue.bob_may(VIEW, EDIT)
    assert "Save and Activate" not in visible(bob.get(f"/admin/teams/{blue.blue.pk}/"))
    assert save(bob, blue.blue, activate="true").status_code == 403
    assert save(bob, blue.blue, description="New").status_code == 302
    assert (fresh(blue.blue).status, fresh(blue.blue).description) == ("INACTIVE", "New")
    assert save(blue.client(), blue.blue, activate="true").url == "/admin/teams/"
    assert fresh(blue.blue).status == "ACTIVE"


@pytest.mark.screen("7 buttons")
def test_tabs_and_buttons(blue):
    page = visible(blue.client().get("/admin/teams/new/"))
    assert "General Unavailable Codes Contact Settings Features" in page
    page = visible(blue.client().get(f"/admin/teams/{blue.blue.pk}/"))
    assert "General Assigned Users Unavailable Codes Contact Settings Features Change History" in page
    assert "Save and Activate" not in page


@pytest.mark.screen("7 general")
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": ""}, "Team Name is required."),
        ({"name": "x" * 51}, "Team Name can have at most 50 characters."),
        ({"name": "BLUE"}, "Team Name is already in use."),
        ({"description": "x" * 201}, "Description can have at most 200 characters."),
        ({"lead": "nonsense"}, "Choose an active employee."),
        ({"chatThreshold": "-1"}, "Chat threshold must be between 0 and 100."),
        ({"chatThreshold": "101"}, "Chat threshold must be between 0 and 100."),
        ({"totalContactCount": "many"}, "Total contacts must be between 0 and 100."),
        ({"voiceThreshold": "9" * 5000}, "Voice threshold must be between 0 and 100."),
        ({"deliveryMode": "x" * 51}, "Delivery mode can have at most 50 characters."),
        ({"unavailable_codes": ["9"]}, "Unavailable Codes"),
        ({"features": ["nonsense"]}, "Features"),
    ],
)
def test_what_a_rule_forbids_is_said_and_nothing_is_stored(blue, given, message):
    answer = save(blue.client(), **{"name": "Fine"} | given)
    assert (answer.status_code, message in visible(answer)) == (422, True)
    assert not Team.objects.filter(name="Fine").exists()


def test_all_messages_come_at_once_and_the_entries_stay(blue):
    answer = save(blue.client(), name="blue", description="d" * 201, chatThreshold="x", tab="contact")
    text = visible(answer)
    for message in ("Team Name is already in use.", "Description can have at most", "Chat threshold must be between"):
        assert text.count(message) == 2
    html = answer.content.decode()
    assert 'value="blue"' in html
    assert re.search(r'id="general"', html)
    assert 'class="tab-panel card card-body is-open" id="general"' in html


def test_the_tab_of_the_first_wrong_field_opens(blue):
    html = save(blue.client(), blue.blue, chatThreshold="500").content.decode()
    assert 'class="tab-panel card card-body is-open" id="contact"' in html


@pytest.mark.screen("7 general")
def test_strangers_and_inactive_employees_cannot_lead(blue):
    gone = blue.employee(status="DELETED")
    for employee in (blue.charlie, gone):
        answer = save(blue.client(), blue.blue, lead=str(employee.pk))
        assert (answer.status_code, "Choose an active employee." in visible(answer)) == (422, True)
        assert employee.full_name not in visible(answer)
    assert fresh(blue.blue).lead is None


@pytest.mark.screen("7 general")
@pytest.mark.rule("R-TEAM-2")
def test_one_may_lead_several_teams(blue):
    for name in ("Red", "Green"):
        save(blue.client(), name=name, lead=str(blue.bob.pk))
    assert blue.bob.leads.count() == 2
    save(blue.client(), Team.objects.get(name="Red"), lead="")
    assert blue.bob.leads.count() == 1


def test_a_lead_who_has_left_stays_until_another_is_chosen(blue):
    teams.update(blue.blue, {"lead": blue.bob}, actor=blue.actor)
    Employee.objects.filter(pk=blue.bob.pk).update(status="DELETED")
    assert save(blue.client(), blue.blue, description="New").status_code == 302
    assert (fresh(blue.blue).lead, fresh(blue.blue).description) == (blue.bob, "New")


def test_the_drop_down_of_leads_searches_active_employees_of_the_tenant(blue):
    blue.employee("Gone Girl", status="DELETED")
    found = blue.client().get("/admin/teams/leads/?q=BOB").json()
    assert found == [{"value": str(blue.bob.pk), "label": "Bob Brown (bob@acme.example)"}]
    everybody = [choice["label"] for choice in blue.client().get("/admin/teams/leads/").json()]
    assert not [label for label in everybody if "Gone" in label or "Charlie" in label]


def test_who_is_beyond_the_first_choices_stays_chosen_on_a_refused_page(blue):
    for number in range(25):
        blue.employee(f"A{number:02} Doe")
    zoe = blue.employee("Zoe Zorn")
    page = save(blue.client(), blue.blue, lead=str(zoe.pk), name="").content.decode()
    assert re.search(rf'<option value="{zoe.pk}" selected', page)


@pytest.mark.screen("7 codes, contact, features")
def test_contact_settings_codes_and_features_are_stored_and_shown_again(blue):
    given = {
        "chatThreshold": "3",
        "voiceThreshold": "0",
        "deliveryMode": "Longest idle",
        "requestContact": "on",
        "unavailable_codes": ["4", "1"],
        "features": ["qm2Enabled"],
    }
    assert save(blue.client(), blue.blue, **given).status_code == 302
    assert fresh(blue.blue).acd_settings == {
        "chatThreshold": 3,
        "voiceThreshold": 0,
        "deliveryMode": "Longest idle",
        "requestContact": True,
        "unavailableCodes": [1, 4],
        "qm2Enabled": True,
    }
    assert set(history_of(blue.blue)) >= {
        ("Team.chatThreshold", "", "3"),
        ("Team.voiceThreshold", "", "0"),
        ("Team.requestContact", "", "On"),
        ("Team.qm2Enabled", "", "On"),
        ("Team.unavailableCode", "", "Break"),
        ("Team.unavailableCode", "", "Training"),
    }
    shown = form_in(blue.client().get(f"/admin/teams/{blue.blue.pk}/"), "team-form")
    assert {name: shown[name] for name in ("chatThreshold", "unavailable_codes", "features", "requestContact")} == {
        "chatThreshold": ["3"],
        "unavailable_codes": ["1", "4"],
        "features": ["qm2Enabled"],
        "requestContact": ["on"],
    }


def test_taking_them_away_again(blue):
    settings = {"chatThreshold": 3, "contactAutoFocus": True, "unavailableCodes": [1, 2], "qm2Enabled": True}
    teams.update(blue.blue, {"acd_settings": settings}, actor=blue.actor)
    given = {"chatThreshold": "", "contactAutoFocus": [], "unavailable_codes": ["2"], "features": []}
    assert save(blue.client(), blue.blue, **given).status_code == 302
    assert fresh(blue.blue).acd_settings == {
        "contactAutoFocus": False,
        "unavailableCodes": [2],
        "qm2Enabled": False,
    }
    assert history_of(blue.blue)[-4:] == [
        ("Team.chatThreshold", "3", ""),
        ("Team.contactAutoFocus", "On", "Off"),
        ("Team.qm2Enabled", "On", "Off"),
        ("Team.unavailableCode", "Break", ""),
    ]


def test_what_a_program_stored_and_the_page_does_not_change_stays(blue):
    settings = {"totalContactCount": 5000, "smsThreshold": 7, "deliveryMode": 2, "wfm2Enabled": True}
    teams.update(blue.blue, {"acd_settings": settings}, actor=blue.actor)
    assert save(blue.client(), blue.blue, description="New").status_code == 302
    assert fresh(blue.blue).acd_settings == settings


@pytest.mark.screen("7 codes, contact, features")
def test_features_are_those_of_licensed_products(blue):
    page = visible(blue.client().get(f"/admin/teams/{blue.blue.pk}/"))
    assert "Billed for each agent of the team" in page
    assert "QM Tools" in page
    assert "WFM" not in page.split("Billed")[0].split("Stored for programs")[1]
    blue.acme.licences = ["admin"]
    blue.acme.save()
    assert "No licensed product has features for teams." in visible(blue.client().get("/admin/teams/new/"))


@pytest.mark.screen("1.4 form overtaken")
def test_who_was_overtaken_reads_by_whom_and_nothing_is_written(blue):
    client, address = blue.client(), f"/admin/teams/{blue.blue.pk}/"
    typed = form_in(client.get(address), "team-form") | {"description": "Yours"}
    teams.update(blue.blue, {"description": "Mine"}, actor=blue.actor)
    answer = client.post(address, typed)
    assert answer.status_code == 422
    assert "This record was changed by Alice Archer. Reload to continue." in visible(answer)
    assert fresh(blue.blue).description == "Mine"


def test_the_same_save_twice_is_refused_the_second_time(blue):
    client = blue.client()
    given = form_in(client.get("/admin/teams/new/"), "team-form") | {"name": "Once"}
    assert client.post("/admin/teams/new/", given).status_code == 302
    assert "Team Name is already in use." in visible(client.post("/admin/teams/new/", given))


def test_saving_without_a_change_leaves_no_trace(blue):
    before = history_of(blue.blue)
    assert save(blue.client(), blue.blue).status_code == 302
    assert history_of(blue.blue) == before


def test_leaving_a_field_checks_it_by_the_same_rules(blue):
    client = blue.client()
    assert visible(client.post("/admin/teams/new/?check=name", {"name": "blue"})) == "Team Name is already in use."
    answer = client.post("/admin/teams/new/?check=chatThreshold", {"name": "x", "chatThreshold": "101"})
    assert visible(answer) == "Chat threshold must be between 0 and 100."
    assert visible(client.post(f"/admin/teams/{blue.blue.pk}/?check=name", {"name": "blue"})) == ""


def test_without_edit_the_page_can_be_read_only(blue):
    client = blue.bob_may(VIEW)
    page = client.get(f"/admin/teams/{blue.blue.pk}/")
    assert "Save" not in visible(page).replace("Blue", "")
    assert "Add" not in visible(page)
    assert len(re.findall(r'<fieldset class="fields[^>]* disabled', page.content.decode())) == 3
    given = {"name": "Sneaky", "version": blue.blue.version}
    assert client.post(f"/admin/teams/{blue.blue.pk}/", given).status_code == 403
    assert fresh(blue.blue).name == "Blue"


@pytest.mark.screen("7 audit")
def test_the_history_is_that_of_the_team(blue):
    save(blue.client(), blue.blue, name="Navy")
    page = visible(blue.client().get(f"/admin/teams/{blue.blue.pk}/history/"))
    assert re.search(r"Team\.name Blue Navy Alice Archer", page)
    event = AuditEvent.objects.filter(entity_id=blue.blue.pk).latest("at")
    details = visible(blue.client().get(f"/admin/teams/{blue.blue.pk}/history/{event.pk}/"))
    assert "web session" in details


def test_the_employee_page_offers_active_teams(blue):
    red = teams.create({"name": "Red", "status": "INACTIVE"}, actor=blue.actor)
    client, address = blue.client(), f"/admin/employees/{blue.bob.pk}/"
    given = form_in(client.get(address), "employee-form")
    assert client.post(address, given | {"team": str(blue.blue.pk)}).status_code == 302
    assert Employee.objects.get(pk=blue.bob.pk).team == blue.blue
    given = form_in(client.get(address), "employee-form")
    answer = client.post(address, given | {"team": str(red.pk)})
    assert "Choose an active team." in visible(answer)
