"""Who may call which operation: every operation is in one of these tables, or carries its permissions itself."""

import json

import pytest

from accounts.models import AuditEvent, RolePermission
from tests.api.calls import EVERY, make, sample, things, undone
from tests.api.client import CLASSIC, ApiClient

EMPLOYEES, KEYS = "admin.employees.view", "admin.access_key"

# Open to every employee: about the caller, the tenant as such, or nobody.
OPEN = {
    ("GET", "/account-access/v1/associations"),
    ("GET", "/tenants/v2/current"),
    ("PUT", "/agents/change-password"),
    ("GET", "/agents/client-data"),
    ("PUT", "/agents/client-data"),
    ("GET", "/permissions"),
    ("GET", "/apiversion"),
    ("GET", "/apiversionreleaseinfo"),
    ("GET", "/branding-profiles"),
    ("GET", "/business-unit"),
    ("GET", "/business-unit/outbound-routes"),
    ("GET", "/business-unit/time-zones"),
    ("GET", "/timezones"),
    ("GET", "/countries"),
    ("GET", "/countries/{country_id}/states"),
    ("GET", "/hiring-sources"),
    ("GET", "/locations"),
    ("GET", "/phone-codes"),
    ("GET", "/server-time"),
}
# Open to everybody about himself; about others with this permission.
OF_OTHERS = {
    ("GET", "/user-management/v1/users/{user_id}"): EMPLOYEES,
    ("GET", "/user-management/v3/users/{user_id}"): EMPLOYEES,
    ("GET", "/agents/{agent_id}"): EMPLOYEES,
    ("GET", "/permissions/{agent_id}"): EMPLOYEES,
    ("GET", "/access-key-management/v1/access-keys"): f"{KEYS}.view",
    ("POST", "/access-key-management/v1/access-keys"): f"{KEYS}.create",
    ("PATCH", "/access-key-management/v1/access-keys"): f"{KEYS}.edit",
    ("GET", "/access-key-management/v1/access-keys/{access_key_id}"): f"{KEYS}.view",
    ("PATCH", "/access-key-management/v1/access-keys/{access_key_id}"): f"{KEYS}.edit",
    ("DELETE", "/access-key-management/v1/access-keys/{access_key_id}"): f"{KEYS}.delete",
    ("GET", "/access-keys"): f"{KEYS}.view",
    ("POST", "/access-keys"): f"{KEYS}.create",
    ("GET", "/access-keys/{access_key_id}"): f"{KEYS}.view",
    ("PATCH", "/access-keys/{access_key_id}"): f"{KEYS}.edit",
    ("DELETE", "/access-keys/{access_key_id}"): f"{KEYS}.delete",
}
SOFTPHONE = (
    "GET address-books, GET agent-configuration, GET agent-settings, PUT custom-event, GET indicators, "
    "GET interaction-history, GET interaction-recent, GET login-history, POST logout, GET messages, GET performance, "
    "GET queues, GET queues-detail, GET quick-replies, GET routing-attributes, PUT routing-attributes, "
    "GET scheduled-callbacks, GET skill-data, POST state, GET state-history, GET states"
)
OF_OTHERS |= {
    (entry.split()[0], f"/agents/{{agent_id}}/{entry.split()[1]}"): EMPLOYEES for entry in SOFTPHONE.split(", ")
}


EDITED = ("logout", "state")
OF_OTHERS |= {("POST", f"/agents/{{agent_id}}/{entry}"): "admin.employees.edit" for entry in EDITED}


def test_every_operation_has_its_permission_or_a_row_here():
    without = {(o.method, o.path) for o in EVERY if not o.permissions}
    assert without == OPEN | OF_OTHERS.keys()


def test_every_operation_needs_its_permissions(world):
    t = things(world)
    caller = ApiClient(world.bob)
    everything = set(world.alice.primary_role.permissions.values_list("code", flat=True))
    wrong = []
    for operation in EVERY:
        other = OF_OTHERS.get((operation.method, operation.path))
        needed = operation.permissions or ((other,) if other else ())
        assert set(needed) <= everything, f"{operation.path} needs what does not exist"
        for lacking in needed:
            may(world, everything - {lacking})
            with undone():
                if make(caller, operation, t).status_code != 403:
                    wrong.append(f"{operation.method} {operation.path} without {lacking}")
        may(world, needed)
        with undone():
            answer = make(caller, operation, t)
        if answer.status_code != sample(operation, t).status:
            wrong.append(
                f"{operation.method} {operation.path} with its permissions: {answer.status_code} {answer.content}"
            )
    assert not wrong, "\n".join(wrong)


def may(world, codes) -> None:
    world.role.permissions.all().delete()
    RolePermission.objects.bulk_create(RolePermission(role=world.role, code=code) for code in codes)


def test_nobody_gets_in_without_an_access_token(world):
    t = things(world)
    for operation in EVERY:
        answer = make(ApiClient(None), operation, t)
        assert answer.status_code == 401, operation.path
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/user-management/v1/users", f"{CLASSIC}/agents"])
@pytest.mark.parametrize("value", ["Bearer cxs_scim", "Bearer x.y.z", "Bearer", "Basic YTpi", "Bearer \u00e9"])
def test_another_credential_opens_nothing(world, path, value):
    client = ApiClient(None, Authorization=value)
    assert client.get(path).status_code == 401


OF_A_TENANT = (
    "{user_id}",
    "{agent_id}",
    "{team_id}",
    "{group_id}",
    "{profile_id}",
    "{access_key_id}",
    "{application_id}",
)


def test_what_belongs_to_another_tenant_is_not_found(world):
    t = things(world)
    charlie = ApiClient(world.charlie)
    wrong = []
    for operation in EVERY:
        if any(name in operation.path for name in OF_A_TENANT):
            answer = make(charlie, operation, t)
            if answer.status_code != 404:
                wrong.append(f"{operation.method} {operation.path}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_a_stranger_changes_and_sees_nothing_of_another_tenant(world):
    t = things(world)
    charlie = ApiClient(world.charlie)
    trail = AuditEvent.objects.filter(business_unit=world.acme)
    before = trail.count()
    secrets = [str(t.person.pk), t.person.username, str(t.team.pk), str(t.group.pk), t.group.name, t.key.access_key_id]
    for operation in EVERY:
        with undone():
            answer = make(charlie, operation, t)
            assert trail.count() == before, operation.path
        sent = json.dumps(sample(operation, t).body, default=str)
        shown = answer.content.decode()
        assert not [
            secret for secret in secrets if secret in shown and secret not in sent + str(sample(operation, t).query)
        ], operation.path
