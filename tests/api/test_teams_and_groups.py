"""Teams, groups and access keys, in both APIs."""

import pytest

from accounts.models import AccessKey, Employee, Group, Team
from tests.api.calls import things
from tests.api.client import CLASSIC, ApiClient
from tests.world import history_of

TEAMS, KEYS = "/user-management/v3/teams", "/access-key-management/v1/access-keys"


def test_a_team_is_one_record_in_both_apis(world, alice):
    made = alice.post(TEAMS, {"name": "Red Team", "status": "ACTIVE", "leadUserId": str(world.bob.pk)}).json()["team"]
    team = Team.objects.get(pk=made["id"])
    assert team.lead == world.bob
    path = f"{CLASSIC}/teams/{team.number}"
    assert alice.put(path, {"team": {"teamName": "Redder Team", "chatThreshold": 7}}).status_code == 200
    assert alice.get(f"{TEAMS}/{team.pk}").json()["team"]["name"] == "Redder Team"
    (shown,) = alice.get(path).json()["teams"]
    assert (shown["teamUuid"], shown["chatThreshold"]) == (str(team.pk), 7)
    assert ("Team.chatThreshold", "", "7") in history_of(team)


@pytest.mark.rule("R-TEAM-2")
def test_one_may_lead_several_teams(world, alice):
    for name in ("Red Team", "Redder Team"):
        alice.post(TEAMS, {"name": name, "status": "ACTIVE", "leadUserId": str(world.bob.pk)})
    assert list(Team.objects.filter(lead=world.bob).values_list("name", flat=True).order_by("name")) == [
        "Red Team",
        "Redder Team",
    ]


def test_team_names_are_unique(world, alice):
    assert alice.post(TEAMS, {"name": "DEFAULT TEAM", "status": "ACTIVE"}).status_code == 400
    results = alice.post(f"{CLASSIC}/teams", {"teams": [{"teamName": "Default team"}, {"teamName": "New"}]})
    assert results.status_code == 206
    assert [result["success"] for result in results.json()["results"]] == [False, True]


@pytest.mark.parametrize("kind", ["team", "group", "role"])
def test_a_number_that_is_taken_is_drawn_again(world, alice, monkeypatch, kind):
    t = things(world)
    taken = {"team": t.team, "group": t.group, "role": world.role}[kind].number
    draws = iter([taken, taken, 20_000_000])
    monkeypatch.setattr("accounts.ids.secrets.randbelow", lambda limit: next(draws) - 10_000_000)
    if kind == "role":
        made = world.draft("Night watch")
    elif kind == "team":
        answer = alice.post(f"{CLASSIC}/teams", {"teams": [{"teamName": "Red Team"}]})
        made = Team.objects.get(number=answer.json()["results"][0]["teamId"])
    else:
        answer = alice.post(f"{CLASSIC}/groups", {"groups": [{"groupName": "Reds"}]})
        made = Group.objects.get(number=answer.json()["groupResults"][0]["groupId"])
    assert made.number == 20_000_000
    assert history_of(made)[0][2] == "created"


@pytest.mark.rule("R-TEAM-3")
def test_a_team_in_use_stays_active(world, alice):
    t = things(world)
    for team in (t.team, t.waiting.team):
        body = {"id": str(team.pk), "name": team.name, "status": "INACTIVE"}
        answer = alice.put(TEAMS, body)
        assert answer.status_code == 400
        assert answer.json()["code"] == "R-TEAM-3"
    Employee.objects.filter(pk=t.person.pk).update(status="DELETED")
    assert alice.put(TEAMS, {"id": str(t.team.pk), "status": "INACTIVE", "name": "Blue Team"}).status_code == 200


def test_closing_a_team_takes_its_own_right(world):
    t = things(world)
    world.bob_may("admin.teams.view", "admin.teams.edit")
    bob = ApiClient(world.bob)
    assert bob.put(TEAMS, {"id": str(t.team.pk), "name": "Blue", "status": "INACTIVE"}).status_code == 403
    assert (
        bob.put(f"{CLASSIC}/teams/{t.team.number}", {"team": {"teamName": "B", "isActive": False}}).status_code == 403
    )


@pytest.mark.rule("R-TEAM-1")
def test_who_leaves_a_team_joins_another(world, alice):
    t = things(world)
    path = f"{CLASSIC}/teams/{t.team.number}/agents"
    agent = {"agents": [{"agentId": str(t.person.agent_id)}]}
    assert alice.delete(path, agent).status_code == 400
    assert alice.delete(path, agent, transferTeamId=t.waiting.team.number).json()["errorCount"] == "0"
    t.person.refresh_from_db()
    assert t.person.team.is_default
    assert alice.delete(path, agent, transferTeamId=t.waiting.team.number).json()["errorCount"] == "1"
    answer = alice.post(path, {"agents": [{"agentId": t.person.agent_id}, {"agentId": 7}]})
    assert answer.status_code == 206
    t.person.refresh_from_db()
    assert t.person.team == t.team


def test_teams_are_searched(world, alice):
    things(world)
    found = alice.post("/user-management/v1/teams/search", {"filter": {"status": ["ACTIVE"], "isDefault": [True]}})
    assert [team["name"] for team in found.json()["teams"]] == ["Default Team"]
    found = alice.post(
        "/user-management/v4/teams/search", {"filter": {"name": ["blue"]}, "operations": {"name": "LIKE"}}
    )
    assert [team["name"] for team in found.json()["teams"]] == ["Blue Team"]


def test_groups_have_members(world, alice):
    t = things(world)
    path = f"{CLASSIC}/groups/{t.group.number}/agents"
    agents = [{"agentId": t.waiting.agent_id}, {"agentId": 7}, {"agentId": world.charlie.agent_id}]
    answer = alice.post(path, {"agents": agents})
    assert answer.status_code == 206
    assert [result["success"] for result in answer.json()["agentResults"]] == [True, False, False]
    assert {agent["firstName"] for agent in alice.get(path).json()["agents"]} == {"Petra", "Wanda"}
    others = alice.get(path, assigned="false").json()["agents"]
    assert "Petra" not in {agent["firstName"] for agent in others}
    assert alice.delete(path, {"agents": agents[:1]}).status_code == 200
    (mine,) = alice.get(f"{CLASSIC}/agents/{t.person.agent_id}/groups").json()["agentGroups"]
    assert mine["groupName"] == "Petra's group"


def test_a_group_is_renamed_but_not_closed(world, alice):
    t = things(world)
    path = f"{CLASSIC}/groups/{t.group.number}"
    assert alice.put(path, groupName="Renamed", isActive="False").status_code == 409
    assert alice.put(path, groupName="Renamed").status_code == 200
    assert Group.objects.get(pk=t.group.pk).name == "Renamed"
    assert alice.put(path, groupName="").status_code == 400


def test_roles_are_found_by_id_and_by_status(world, alice):
    path = "/authorization/v1/roles/search"
    (found,) = alice.post(path, {"filter": {"roleId": [str(world.role.pk)]}}).json()["roles"]
    assert found["roleName"] == "Bob's role"
    active = alice.post(path, {"filter": {"status": ["ACTIVE"]}, "page": {"pageNo": 1, "pageSize": 1}}).json()["roles"]
    assert [role["roleName"] for role in active] == ["Administrator"]


@pytest.mark.rule("R-KEY-8")
def test_an_access_key_shows_its_secret_once_and_works_at_once(world, alice):
    t = things(world)
    made = alice.post(KEYS, {"userId": str(t.person.pk)}).json()["resultSet"]
    read = alice.get(f"{KEYS}/{made['accessKeyId']}")
    assert "accessKeySecret" not in read.json()["resultSet"]
    assert made["accessKeySecret"] not in alice.get(KEYS, userId=t.person.pk).content.decode()
    pair = {"accessKeyId": made["accessKeyId"], "accessKeySecret": made["accessKeySecret"]}
    assert alice.post("/authentication/v1/token/access-key", pair).status_code == 200
    assert alice.patch(f"{KEYS}?accessKeyId={made['accessKeyId']}", {"isActive": False}).status_code == 200
    assert alice.post("/authentication/v1/token/access-key", pair).status_code == 401
    assert alice.delete(f"{CLASSIC}/access-keys/{made['accessKeyId']}").status_code == 200
    assert not AccessKey.objects.filter(access_key_id=made["accessKeyId"]).exists()


@pytest.mark.rule("R-KEY-9")
def test_ones_own_keys_and_those_of_others_take_different_rights(world):
    t = things(world)
    bob = ApiClient(world.bob)
    world.bob_may("admin.my_access_key.view")
    assert bob.get(KEYS).json()["totalRecords"] == 1
    assert bob.get(KEYS, userId=t.person.pk).status_code == 403
    world.bob_may("admin.access_key.view")
    assert bob.get(KEYS).status_code == 403
    assert bob.get(KEYS, userId=t.person.pk).status_code == 200


@pytest.mark.rule("R-KEY-6")
def test_there_is_a_limit_of_keys(world, alice, settings):
    settings.ACCESS_KEY_LIMIT = 1
    answer = alice.post(KEYS, {"userId": str(world.alice.pk)})
    assert answer.status_code == 400
    assert answer.json()["code"] == "R-KEY-6"


@pytest.mark.rule("R-APP-10")
def test_a_registered_application_shows_its_secret_once(world, alice):
    body = {"name": "Okta", "description": "Provisions", "contacts": ["alice@acme.example"], "type": "confidential"}
    body |= {
        "tenancy": "single",
        "authMethod": "client_secret_post",
        "scope": "AdminAPI",
        "redirects": ["https://a.example/cb"],
    }
    made = alice.post("/applications", body)
    assert made.status_code == 201
    secret, path = made.json()["secret"], f"/applications/{made.json()['id']}"
    assert secret not in alice.get(path).content.decode()
    assert alice.post(f"{path}-disable").json()["isEnabled"] is False
    assert alice.post(f"{path}-enable").json()["isEnabled"] is True
    assert "scheduledDeletionTime" in alice.delete(path).json()
    wrong = alice.post("/applications", body | {"name": "Other", "redirects": ["nowhere"], "contacts": []})
    assert set(wrong.json()["errors"]) == {"redirects", "contacts"}


def test_what_a_team_cannot_be_given_is_said(world, alice):
    t = things(world)
    path = f"{CLASSIC}/teams/{t.team.number}"
    for body in (
        {"team": {"divisionNo": 2}},
        {"team": {"teamUuid": str(t.waiting.team.pk)}},
        {"team": {}, "forceInactive": "perhaps"},
        {"team": {}, "other": 1},
    ):
        assert alice.put(path, body).status_code == 400
    same = {"divisionNo": 1, "teamUuid": str(t.team.pk), "teamName": "Same"}
    assert alice.put(path, {"team": same, "forceInactive": False}).status_code == 200
    forced = alice.put(path, {"team": {"isActive": False}, "forceInactive": True})
    assert (forced.status_code, Team.objects.get(pk=t.team.pk).status) == (409, "ACTIVE")
    results = alice.post(f"{CLASSIC}/teams", {"teams": [{"teamName": "New", "divisionNo": 7}]})
    assert "division" in results.json()["results"][0]["error"]
