"""The business unit: its name and time zone (screens §15)."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy

from accounts import edits, rules
from accounts.actors import Actor
from accounts.errors import Invalid, Problem
from accounts.models import BusinessUnit
from accounts.rules import Text

ENTITY = "BusinessUnit"
TEXTS: Mapping[str, Text] = {
    "name": Text(gettext_lazy("Name"), 100, required=True),
    "time_zone": Text(gettext_lazy("Time Zone"), 64, required=True, more=rules.time_zone),
}


def problems(values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with these values, all of it."""
    return rules.check(TEXTS, values)


def update(
    unit: BusinessUnit, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None
) -> BusinessUnit:
    """Change name or time zone; nothing else of a business unit can be edited.

    Args:
        values: `name` and `time_zone`, as far as they change.
        expected_version: the version the form was filled in from.

    Raises:
        Invalid: names every field that is wrong.
        ChangedMeanwhile: somebody else saved the business unit.
    """
    edits.check_version(unit, expected_version)
    found = problems(values)
    if found:
        raise Invalid(found)
    with transaction.atomic():
        edit = edits.Edit(unit, ENTITY, actor)
        for field in TEXTS.keys() & values.keys():
            edit.set(field, values[field])
        edit.write()
    return unit
