"""The operations of the classic API, by the way they say no."""

from collections.abc import Mapping

from accounts.api import problems
from accounts.api.classic import (
    access_keys,
    agents,
    catalogue,
    general,
    groups,
    profiles,
    skills,
    teams,
    telephony,
    unavailable_codes,
)
from accounts.api.operations import Operation, Service


def _service(operations: tuple[Operation, ...], shapes: Mapping[int, problems.Shape]) -> Service:
    return Service("inContactAPI", operations, shapes, is_classic=True)


# What is not served at all is answered by the first of them.
SERVICES = (
    _service(
        (
            *telephony.OPERATIONS,
            *agents.OPERATIONS,
            *skills.OPERATIONS,
            *groups.OPERATIONS,
            *teams.OPERATIONS,
            *unavailable_codes.OF_TEAMS,
            *profiles.PERMISSIONS,
            *access_keys.OPERATIONS,
            *general.OPERATIONS,
            *catalogue.OPERATIONS,
        ),
        {0: problems.oauth},
    ),
    _service(profiles.PROFILES, {0: problems.camel_oauth}),
    _service((*unavailable_codes.CODES, *catalogue.DISPOSITION_OPERATIONS), {0: problems.coded, 401: problems.oauth}),
)
