"""The services of the User Hub and how each says no."""

from accounts.api import problems
from accounts.api.hub import access_keys, applications, roles, teams, tenants, users
from accounts.api.operations import Operation, Service


def _is_v1(operation: Operation) -> bool:
    return operation.path.startswith("/user-management/v1/users")


SERVICES = (
    Service(
        "user-management/v1",
        tuple(operation for operation in users.OPERATIONS if _is_v1(operation)),
        {0: problems.service_v1, 401: problems.spring},
    ),
    Service(
        "user-management",
        (*(operation for operation in users.OPERATIONS if not _is_v1(operation)), *teams.OPERATIONS),
    ),
    Service("authorization", roles.OPERATIONS),
    Service("access-key-management", access_keys.OPERATIONS),
    Service("account-access", tenants.ASSOCIATIONS),
    Service("tenants", tenants.TENANTS),
    Service("division-management", tenants.DIVISIONS),
    Service("applications", applications.OPERATIONS),
    # Nothing of these is served but the refusals, each in its own shape.
    Service("dfo", (), {0: problems.digital}),
    Service("agent-profiles", (), {0: problems.coded, 401: problems.gateway}),
)
