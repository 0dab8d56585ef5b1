"""A call of every operation that succeeds: what its address, query and body need. A new operation without one fails a test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from accounts.actions import access_keys, applications, contact_centre, employees, groups, teams
from accounts.api.operations import Operation
from accounts.api.services import SERVICES
from accounts.models import AccessKey, Application, CatalogueEntry, Employee, Group, Team
from tests.api.client import CLASSIC
from tests.world import World

PERIOD = {"startDate": "2026-01-01", "endDate": "2026-02-01"}


@dataclass
class Things:
    """What calls are about: one of every kind, in the tenant of the employee who makes them."""

    world: World
    person: Employee
    group: Group
    team: Team
    key: AccessKey
    application: Application
    waiting: Employee
    gone: Employee

    def placeholders(self) -> dict[str, object]:
        return {
            "user_id": self.person.pk,
            "agent_id": self.person.agent_id,
            "team_id": self.team.number,
            "group_id": self.group.number,
            "profile_id": self.person.primary_role.number,
            "application_id": self.application.pk,
            "access_key_id": self.key.access_key_id,
            "division_id": 1,
            "billing_code": self.world.acme.number,
            "country_id": 1,
            "code_id": 1,
            "skill_id": 101,
            "hours_id": 2,
            "message_id": 1,
            "attribute_id": 1,
        }


def things(world: World) -> Things:
    """Petra is in a group and in another team than the default one, has a key and a skill; others wait and are gone."""
    actor = world.actor
    person = world.employee("Petra Person")
    group = groups.create({"name": "Petra's group"}, actor=actor, members={person.pk: None})
    team = teams.create(
        {"name": "Blue Team", "acd_settings": {"unavailableCodes": [1], "chatThreshold": 3}}, actor=actor
    )
    employees.update(person, {"team": team, "acd_settings": {"country": "DE", "city": "Bonn"}}, actor=actor)
    inbound = CatalogueEntry.objects.get(business_unit=world.acme, kind="skill", number=101)
    contact_centre.set_skills(person, {inbound: contact_centre.Held(2)}, actor=actor)
    key, _ = access_keys.create(person, actor=actor)
    waiting = world.employee("Wanda Waits", status="UNREGISTERED", ever_activated=False)
    application = applications.register(registration(), unit=world.acme, actor=actor)
    return Things(world, person, group, team, key, application, waiting, world.employee("Gone Girl", status="DELETED"))


def registration(**more: object) -> dict[str, Any]:
    """What registering an application takes, by the names of the action."""
    return {
        "name": "Reporting",
        "description": "Reads reports",
        "requester_name": "Alice Archer",
        "requester_email": "alice@acme.example",
        "contacts": ["alice@acme.example"],
        "type": "confidential",
        "tenancy": "single",
        "auth_method": "client_secret_post",
        "scopes": ["AdminAPI"],
        "redirects": ["https://app.example/callback"],
    } | more


@dataclass
class Sample:
    """The query and body of one call."""

    body: Any = None
    query: dict[str, object] = field(default_factory=dict)
    status: int = 200


def agent_of(t: Things, **more: object) -> dict[str, object]:
    return {
        "firstName": "Nora",
        "lastName": "New",
        "emailAddress": "nora@acme.example",
        "userName": "nora@acme.example",
        "teamId": str(t.team.number),
        "profileId": t.world.role.number,
        "timeZone": "Europe/Berlin",
        "country": "DE",
        "city": "Bonn",
    } | more


def division(t: Things) -> dict[str, object]:
    return {"divisionId": 1, "name": t.world.acme.name, "isDefault": True, "status": "ACTIVE"}


UM, KEYS = "/user-management", "/access-key-management/v1/access-keys"
DIVISION = "/division-management/v1/division"
user = {"firstName": "Nora", "lastName": "New", "emailAddress": "nora@acme.example", "role": "Bob's role"}

# What differs from a call without query and body that answers 200.
SAMPLES: dict[tuple[str, str], Callable[[Things], Sample]] = {
    ("POST", f"{UM}/v1/users"): lambda t: Sample(user),
    ("PUT", f"{UM}/v1/users"): lambda t: Sample({"id": str(t.person.pk), "lastName": "Black"}),
    ("POST", f"{UM}/v1/users/deactivate"): lambda t: Sample({"userIds": [str(t.person.pk)]}),
    ("PUT", f"{UM}/v1/users/{{user_id}}/login-authenticator"): lambda t: Sample(
        {"authenticatorId": str(t.world.authenticator.pk)}
    ),
    ("POST", f"{UM}/v2/users/inviteByEmail"): lambda t: Sample(
        {"emailAddressesList": [t.waiting.email], "senderEmail": t.person.email}
    ),
    ("POST", f"{UM}/v2/users/inviteById"): lambda t: Sample(
        {"inviteUserIds": [str(t.waiting.pk)], "senderUserId": str(t.person.pk)}
    ),
    ("POST", f"{UM}/v3/teams"): lambda t: Sample({"name": "Red Team", "status": "ACTIVE"}),
    ("PUT", f"{UM}/v3/teams"): lambda t: Sample({"id": str(t.team.pk), "name": "Red Team", "status": "ACTIVE"}),
    ("POST", KEYS): lambda t: Sample({"userId": str(t.person.pk)}),
    ("GET", KEYS): lambda t: Sample(query={"userId": t.person.pk}),
    ("PATCH", KEYS): lambda t: Sample({"isActive": False}, {"accessKeyId": t.key.access_key_id}),
    ("PATCH", f"{KEYS}/{{access_key_id}}"): lambda t: Sample({"isActive": False}),
    ("POST", DIVISION): lambda t: Sample(division(t), status=400),
    ("PUT", DIVISION): lambda t: Sample(division(t)),
    ("POST", "/applications"): lambda t: Sample(
        {
            "name": "Okta",
            "description": "Provisions",
            "contacts": ["alice@acme.example"],
            "type": "confidential",
            "tenancy": "single",
            "authMethod": "client_secret_post",
            "scope": "AdminAPI AgentAPI",
            "redirects": ["https://okta.example/callback"],
        },
        status=201,
    ),
    ("PATCH", "/applications/{application_id}"): lambda t: Sample({"description": "Reads everything"}),
    # Classic
    ("POST", "/agents"): lambda t: Sample({"agents": [agent_of(t)]}),
    ("PUT", "/agents"): lambda t: Sample({"agents": [{"agentId": str(t.person.agent_id), "city": "Kiel"}]}),
    ("PUT", "/agents/{agent_id}"): lambda t: Sample({"agent": {"agentId": str(t.person.agent_id), "city": "Kiel"}}),
    ("PUT", "/agents/change-password"): lambda t: Sample(
        query={"currentPassword": "Correct-Horse-7", "newPassword": "Battery-Staple-8"}
    ),
    ("GET", "/agents/skills"): lambda t: Sample(query={"isAgentActive": "true", "isActive": "true"}),
    ("POST", "/agents/skills"): lambda t: Sample(
        {"agentAndSkillDetails": [{"agentIds": [str(t.person.agent_id)], "skills": [{"skillIds": ["102"]}]}]}
    ),
    ("POST", "/agents/{agent_id}/skills"): lambda t: Sample({"skills": [{"skillId": "102", "proficiency": 1}]}),
    ("PUT", "/agents/{agent_id}/skills"): lambda t: Sample({"skills": [{"skillId": "101", "isActive": False}]}),
    ("DELETE", "/agents/{agent_id}/skills"): lambda t: Sample({"skills": [{"skillId": "101"}]}),
    ("POST", "/groups"): lambda t: Sample({"groups": [{"groupName": "Another group"}]}),
    ("PUT", "/groups/{group_id}"): lambda t: Sample(query={"groupName": "Renamed"}),
    ("POST", "/groups/{group_id}/agents"): lambda t: Sample({"agents": [{"agentId": t.waiting.agent_id}]}),
    ("DELETE", "/groups/{group_id}/agents"): lambda t: Sample({"agents": [{"agentId": t.person.agent_id}]}),
    ("POST", "/teams"): lambda t: Sample({"teams": [{"teamName": "Red Team"}]}),
    ("PUT", "/teams/{team_id}"): lambda t: Sample({"team": {"teamName": "Red Team", "chatThreshold": 5}}),
    ("POST", "/teams/{team_id}/agents"): lambda t: Sample({"agents": [{"agentId": t.waiting.agent_id}]}),
    ("DELETE", "/teams/{team_id}/agents"): lambda t: Sample(
        {"agents": [{"agentId": t.person.agent_id}]}, {"transferTeamId": t.waiting.team.number}
    ),
    ("POST", "/teams/{team_id}/unavailable-codes"): lambda t: Sample({"codes": [{"outstateId": 2}]}),
    ("PUT", "/teams/{team_id}/unavailable-codes"): lambda t: Sample({"unavailableCodes": [{"outStateId": "2"}]}),
    ("DELETE", "/teams/{team_id}/unavailable-codes"): lambda t: Sample({"codes": [{"outstateId": "1"}]}),
    ("POST", "/unavailable-codes"): lambda t: Sample({"name": "Errand"}, status=409),
    ("PUT", "/unavailable-codes/{code_id}"): lambda t: Sample({"name": "Errand"}, status=409),
    ("PATCH", "/unavailable-codes/{code_id}/status"): lambda t: Sample(query={"isActive": "false"}, status=409),
    ("POST", "/unavailable-codes/{code_id}/teams"): lambda t: Sample(
        {"teams": [{"id": str(t.team.number)}]}, {"addAll": "false"}
    ),
    ("PUT", "/unavailable-codes/{code_id}/teams"): lambda t: Sample({"teams": [{"teamId": str(t.team.number)}]}),
    ("DELETE", "/unavailable-codes/{code_id}/teams"): lambda t: Sample(
        {"teams": [{"id": str(t.team.number)}]}, {"removeAll": "false"}
    ),
    ("GET", "/access-keys"): lambda t: Sample(query={"agentId": t.person.agent_id}),
    ("POST", "/access-keys"): lambda t: Sample(query={"agentId": t.person.agent_id}, status=201),
    ("PATCH", "/access-keys/{access_key_id}"): lambda t: Sample(query={"isActive": "False"}),
    ("PUT", "/business-unit/time-zones"): lambda t: Sample({"timezones": []}, status=409),
    ("POST", "/hiring-sources"): lambda t: Sample(query={"sourceName": "Fair"}),
    ("GET", "/countries/{country_id}/states"): lambda t: Sample(status=204),
    # Live telephony
    ("POST", "/agents/messages"): lambda t: Sample({"agentMessages": [{"message": "Hello"}]}, status=206),
    ("DELETE", "/agents/messages/{message_id}"): lambda t: Sample(status=404),
    ("DELETE", "/agents/routing-attributes/{attribute_id}"): lambda t: Sample(status=404),
    ("PUT", "/agents/{agent_id}/custom-event"): lambda t: Sample(status=409),
    ("PUT", "/agents/{agent_id}/routing-attributes"): lambda t: Sample(status=409),
    ("POST", "/agents/{agent_id}/state"): lambda t: Sample(query={"state": "Available"}),
    ("POST", "/agents/{agent_id}/logout"): lambda t: Sample(status=202),
    ("GET", "/agents/{agent_id}/interaction-history"): lambda t: Sample(query=PERIOD),
    ("GET", "/agents/{agent_id}/login-history"): lambda t: Sample(query=PERIOD),
    ("GET", "/agents/{agent_id}/performance"): lambda t: Sample(query=PERIOD),
}
NOTHING = (
    "/agents/extended",
    "/agents/interaction-history",
    "/agents/issues",
    "/agents/performance",
    "/agents/quick-replies",
    "/agents/skill-data",
    "/agents/skills-download",
    "/agents/state-history",
    "/agents/{agent_id}/address-books",
    "/agents/{agent_id}/quick-replies",
    "/agents/{agent_id}/skill-data",
    "/business-unit/outbound-routes",
    "/contacts/completed",
    "/locations",
    "/phone-codes",
    "/teams/performance-total",
    "/teams/{team_id}/address-books",
    "/teams/{team_id}/performance-total",
)
SAMPLES |= {("GET", path): (lambda t: Sample(status=204)) for path in NOTHING}

EVERY: list[Operation] = [operation for service in SERVICES for operation in service.operations]
IDS = [f"{operation.method} {operation.path}" for operation in EVERY]


def sample(operation: Operation, t: Things) -> Sample:
    return SAMPLES.get((operation.method, operation.path), lambda t: Sample())(t)


def is_classic(operation: Operation) -> bool:
    return any(service.is_classic and operation in service.operations for service in SERVICES)


def address(operation: Operation, placeholders: dict[str, object]) -> str:
    path = operation.path.format(**placeholders)
    return f"{CLASSIC}{path}" if is_classic(operation) else path


def make(client: Any, operation: Operation, t: Things, placeholders: dict[str, object] | None = None) -> Any:
    """Call the operation as its sample says."""
    how = sample(operation, t)
    path = address(operation, placeholders or t.placeholders())
    return client.call(operation.method, path, how.body, **how.query)


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves no trace, so that a test can make every call in the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
