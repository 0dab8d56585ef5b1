"""Who acts, through which door, with which credential: the audit trail stores all three."""

import uuid
from dataclasses import dataclass, field

from accounts.errors import Forbidden
from accounts.models import AuditEvent

Channel = AuditEvent.Channel


@dataclass(frozen=True, slots=True)
class Actor:
    """An employee, or the system, in one request.

    Plain values rather than model instances, so that a door can build it from the one row its authentication reads.
    """

    business_unit_id: uuid.UUID
    channel: Channel
    employee_id: uuid.UUID | None = None
    name: str = "System"
    username: str = ""
    credential: str = ""
    request_id: str = ""
    permissions: frozenset[str] = field(default=frozenset(), repr=False)

    def can(self, code: str) -> bool:
        """Whether the effective permissions (R-PERM-6) hold this toggle."""
        return code in self.permissions

    def require(self, *codes: str) -> None:
        """Go on only with every one of these permissions.

        Raises:
            Forbidden: names the first one that is missing.
        """
        for code in codes:
            if code not in self.permissions:
                raise Forbidden(code)

    def is_self(self, employee_id: uuid.UUID) -> bool:
        return self.employee_id == employee_id


def system(business_unit_id: uuid.UUID, channel: Channel = Channel.SYSTEM) -> Actor:
    """The product itself, for what happens by the clock or at seeding; the trail shows "System"."""
    return Actor(business_unit_id, channel)
