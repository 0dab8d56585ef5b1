"""Agents of the classic API: the same records as employees (apis.md §3.1, appendix A.1)."""

import pytest

from accounts.models import Employee
from tests.api.calls import agent_of, things
from tests.api.client import CLASSIC, ApiClient
from tests.world import history_of

AGENTS = f"{CLASSIC}/agents"


def test_an_agent_is_an_employee(world, alice):
    t = things(world)
    answer = alice.post(AGENTS, {"agents": [agent_of(t, custom1="blue", chatThreshold=4, telephone1="+49 228 0")]})
    assert answer.status_code == 200
    (result,) = answer.json()["agentResults"]
    assert result["success"]
    assert answer.json()["errorCount"] == 0
    made = Employee.objects.get(agent_id=result["agentId"])
    assert (made.username, made.team, made.status) == ("nora@acme.example", t.team, "UNREGISTERED")
    assert ("User", "", "created") in history_of(made)
    for known_as in (made.agent_id, made.pk):
        (agent,) = alice.get(f"{AGENTS}/{known_as}").json()["agents"]
        assert agent["userID"] == str(made.pk)
        assert (agent["city"], agent["country"], agent["countryName"]) == ("Bonn", "DE", "Germany")
        assert (agent["custom1"], agent["chatThreshold"], agent["telephone1"]) == ("blue", 4, "+49 228 0")
        assert (agent["profileId"], agent["teamName"]) == (world.role.number, "Blue Team")
    assert alice.get(f"/user-management/v1/users/{made.pk}").json()["user"]["country"] == "DE"


def test_a_batch_reports_every_item_and_stores_the_good_ones(world, alice):
    t = things(world)
    batch = [
        agent_of(t, userName="good@acme.example"),
        agent_of(t, userName="good@acme.example"),
        {"firstName": "Lonely"},
        agent_of(t, userName="odd@acme.example", teamId="7"),
        agent_of(t, userName="wild@acme.example", chatThreshold=99),
        "nonsense",
    ]
    answer = alice.post(AGENTS, {"agents": batch})
    assert answer.status_code == 206
    assert [result["success"] for result in answer.json()["agentResults"]] == [True, False, False, False, False, False]
    assert answer.json()["errorCount"] == 5
    errors = [result["error"] for result in answer.json()["agentResults"]]
    assert "already in use" in errors[1]
    assert "lastName" in errors[2]
    assert "teamId" in errors[3]
    assert "chatThreshold" in errors[4]
    assert answer.headers["icStatusDescription"].startswith("Username")
    assert Employee.objects.filter(username_key__endswith="@acme.example", first_name="Nora").count() == 1


def test_an_update_changes_what_it_names_and_keeps_the_rest(world, alice):
    t = things(world)
    answer = alice.put(f"{AGENTS}/{t.person.agent_id}", {"agent": {"lastName": "Post", "custom1": "red", "city": None}})
    assert (answer.status_code, answer.json()) == (200, {"error": ""})
    t.person.refresh_from_db()
    assert (t.person.first_name, t.person.last_name) == ("Petra", "Post")
    assert t.person.acd_settings["custom1"] == "red"
    assert t.person.acd_settings["country"] == "DE"
    assert "city" not in t.person.acd_settings
    assert ("User.custom1", "", "red") in history_of(t.person)


def test_switching_an_agent_off_takes_the_right_to_deactivate(world, alice):
    t = things(world)
    batch = {"agents": [{"agentId": str(t.person.agent_id), "isActive": False}]}
    world.bob_may("admin.employees.view", "admin.employees.edit")
    refused = ApiClient(world.bob).put(AGENTS, batch)
    assert refused.status_code == 206
    assert "admin.employees.delete" in refused.json()["agentResults"][0]["error"]
    assert alice.put(AGENTS, batch).status_code == 200
    t.person.refresh_from_db()
    assert t.person.is_inactive
    assert alice.put(AGENTS, {"agents": [{"agentId": str(t.person.agent_id), "isActive": True}]}).status_code == 200
    t.person.refresh_from_db()
    assert t.person.is_active


@pytest.mark.rule("R-SCIM-9")
def test_the_status_of_a_managed_agent_is_the_identity_providers(world, alice):
    t = things(world)
    Employee.objects.filter(pk=t.person.pk).update(scim_managed=True)
    answer = alice.put(f"{AGENTS}/{t.person.agent_id}", {"agent": {"isActive": False}})
    assert answer.status_code == 409
    t.person.refresh_from_db()
    assert t.person.is_active


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [agent["firstName"] for agent in answer.json()["agents"]]


def test_the_list_is_narrowed_and_ordered(world, alice):
    things(world)
    assert names(alice.get(AGENTS, isActive="False")) == ["Gone"]
    assert "Gone" not in names(alice.get(AGENTS, isActive="true"))
    assert names(alice.get(AGENTS, searchString="PETRA")) == ["Petra"]
    assert names(alice.get(AGENTS, orderBy="firstName%20desc", top=2)) == ["Wanda", "Petra"]
    assert alice.get(AGENTS, searchString="nobody").status_code == 204
    assert alice.get(AGENTS, updatedSince="2999-01-01").status_code == 204


def test_pages_are_walked_by_their_links_to_an_empty_end(world, alice):
    things(world)
    path, seen = f"{AGENTS}?top=2&fields=firstName", []
    while path:
        answer = alice.get(path).json()
        assert all(list(agent) == ["firstName"] for agent in answer["agents"])
        seen += [agent["firstName"] for agent in answer["agents"]]
        path = (answer["_links"]["next"] or "").removeprefix("http://127.0.0.1:8000")
    assert sorted(seen) == sorted(
        Employee.objects.filter(business_unit=world.acme).values_list("first_name", flat=True)
    )
    assert answer["totalRecords"] == len(seen)
    past = alice.get(AGENTS, skip=len(seen))
    assert (past.status_code, past.content) == (204, b"")


def test_agents_are_found_by_a_search(world, alice):
    t = things(world)
    body = {"agentIds": [str(t.person.agent_id), str(world.bob.pk), "7", "x"], "fields": "firstName"}
    (found,) = alice.post(f"{AGENTS}/search", body).json()["agentResults"]
    assert sorted(entry["agentRecord"]["firstName"] for entry in found) == ["Bob", "Petra"]
    assert alice.post(f"{AGENTS}/search", {"searchString": "nobody"}).status_code == 204


@pytest.mark.parametrize(
    "prefix",
    [
        "/InContactAPI/services/v6.0",
        "/incontactApi//services/v28.0",
        "/inContactAPI/services/v34.0",
        "/INCONTACTAPI/services/v27.1",
    ],
)
@pytest.mark.parametrize("end", ["", "/"])
def test_the_prefix_is_taken_in_every_spelling(world, alice, prefix, end):
    assert alice.get(f"{prefix}/server-time{end}").status_code == 200
    assert ApiClient(None).get(f"{prefix}/server-time{end}").status_code == 401


def test_a_missing_accept_header_is_a_switch(world, alice, settings):
    del alice.headers["Accept"]
    assert alice.get(AGENTS).headers["Content-Type"] == "application/json"
    settings.CLASSIC_NEEDS_ACCEPT = True
    assert alice.get(AGENTS).content == b"No known way to render data"
    alice.headers["Accept"] = "*/*"
    assert alice.get(AGENTS).headers["Content-Type"] == "application/json"


def test_passwords_are_reset_but_never_chosen_for_others(world, alice):
    t = things(world)
    path = f"{AGENTS}/{t.person.agent_id}/reset-password"
    assert alice.put(path, requestedPassword="Chosen-By-Me-1").status_code == 400
    assert alice.put(path, forceChangeOnLogon="true").status_code == 200
    t.person.refresh_from_db()
    assert t.person.must_change_password


def test_a_wrong_present_password_is_named(world, alice):
    answer = alice.put(f"{AGENTS}/change-password", currentPassword="no", newPassword="Battery-Staple-8")
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "error_description"}
    assert answer.headers["icStatusDescription"] == answer.json()["error_description"]


def test_skills_are_given_changed_and_taken(world, alice):
    t = things(world)
    path = f"{AGENTS}/{t.person.agent_id}/skills"

    def held() -> dict[int, tuple[int, bool]]:
        listed = alice.get(path).json()["agentSkillAssignments"]
        return {entry["skillId"]: (entry["agentProficiencyValue"], entry["isActive"]) for entry in listed}

    assert held() == {101: (2, True)}
    answer = alice.post(
        path, {"skills": [{"skillId": "102", "proficiency": 1}, {"skillId": "999"}, {"skillId": "103"}]}
    )
    assert [result["success"] for result in answer.json()["resultSet"]["skillResults"]] == [True, False, True]
    assert held() == {101: (2, True), 102: (1, True), 103: (3, True)}
    alice.put(path, {"skills": [{"skillId": "101", "isActive": False}]})
    alice.delete(path, {"skills": [{"skillId": "103"}]})
    assert held() == {101: (2, False), 102: (1, True)}
    free = alice.get(f"{path}/unassigned").json()["resultSet"]["skills"]
    assert [skill["skillId"] for skill in free] == [103, 104]


def test_a_state_is_set_seen_and_ended(world, alice):
    t = things(world)
    path, skill = f"{AGENTS}/{t.person.agent_id}", f"{CLASSIC}/skills/101/activity"

    def seen() -> tuple[str, int, int]:
        (state,) = alice.get(f"{path}/states").json()["agentStates"]
        listed = alice.get(f"{AGENTS}/states", fields="agentId,agentStateName").json()["agentStates"]
        assert {"agentId": t.person.agent_id, "agentStateName": state["agentStateName"]} in listed
        (activity,) = alice.get(skill).json()["skillActivity"]
        return state["agentStateName"], activity["agentsLoggedIn"], activity["agentsAvailable"]

    assert seen() == ("LoggedOut", 0, 0)
    assert alice.post(f"{path}/state", state="Available").status_code == 200
    assert seen() == ("Available", 1, 1)
    assert alice.post(f"{path}/state", state="unavailable", outStateId=2).status_code == 200
    assert seen() == ("Unavailable", 1, 0)
    assert ("User.agentState", "Available", "Unavailable") in history_of(t.person)
    assert alice.post(f"{path}/logout").status_code == 202
    assert alice.post(f"{path}/logout").status_code == 202
    assert seen() == ("LoggedOut", 0, 0)
    for wrong in ({}, {"state": "Asleep"}, {"state": "Unavailable", "outStateId": 99}):
        assert alice.post(f"{path}/state", **wrong).status_code == 400
    gone = alice.post(f"{AGENTS}/{t.gone.agent_id}/state", state="Available")
    assert gone.status_code == 409


def test_deactivation_ends_a_state(world, alice):
    t = things(world)
    path = f"{AGENTS}/{t.person.agent_id}"
    alice.post(f"{path}/state", state="Available")
    for active in (False, True):
        assert alice.put(path, {"agent": {"isActive": active}}).status_code == 200
    assert alice.get(f"{path}/states").json()["agentStates"][0]["agentStateName"] == "LoggedOut"
    assert alice.get(f"{CLASSIC}/skills/101/activity").json()["skillActivity"][0]["agentsLoggedIn"] == 0


def test_hiring_sources_are_added_under_the_next_number(world, alice):
    path = f"{CLASSIC}/hiring-sources"
    before = [source["sourceId"] for source in alice.get(path).json()["sources"]]
    made = alice.post(path, sourceName="Job%20fair").json()["sourceId"]
    assert made == max(before) + 1
    assert {"sourceId": made, "sourceName": "Job fair"} in alice.get(path).json()["sources"]
    assert alice.post(path, sourceName="JOB%20FAIR").status_code == 409
    assert alice.post(path, sourceName="%20").status_code == 400
    stranger = ApiClient(world.charlie)
    assert "Job fair" not in {source["sourceName"] for source in stranger.get(path).json()["sources"]}


def test_the_catalogue_is_searched_and_paged(world, alice):
    def names(**query: object) -> list[str]:
        return [skill["skillName"] for skill in alice.get(f"{CLASSIC}/skills", **query).json()["skills"]]

    assert names(searchString="PHONE") == ["Inbound Phone", "Outbound Phone"]
    assert names(orderBy="skillName", top=1, skip=1) == ["E-mail"]
    assert alice.get(f"{CLASSIC}/skills", isActive="false").status_code == 204
    assert alice.get(f"{CLASSIC}/skills/7").status_code == 404
    office = alice.get(f"{CLASSIC}/hours-of-operation/2").json()
    assert office["days"] == office["resultSet"]["hoursOfOperationProfiles"][0]["days"]
    assert [day["day"] for day in office["days"] if day["isClosedAllDay"]] == ["Saturday", "Sunday"]
    points = alice.get(f"{CLASSIC}/points-of-contact", mediaTypeId=3).json()["pointsOfContact"]
    assert [point["contactDescription"] for point in points] == ["Web chat"]
