"""What a team keeps for the ACD and what has no effect here (screens §7), under the names of the classic API."""

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

Label = str | Promise


class Code(NamedTuple):
    """A reason to be unavailable."""

    number: int
    name: str
    label: Label
    timeout: int = 30

    def __str__(self) -> str:
        return str(self.label)


UNAVAILABLE_CODES = (
    Code(1, "Break", pgettext_lazy("unavailable code", "Break")),
    Code(2, "Lunch", pgettext_lazy("unavailable code", "Lunch"), 60),
    Code(3, "Meeting", pgettext_lazy("unavailable code", "Meeting"), 60),
    Code(4, "Training", pgettext_lazy("unavailable code", "Training"), 120),
)
"""The catalogue, which is fixed."""

CODES_KEPT_AS = "unavailableCodes"

NUMBERS: Mapping[str, Label] = {
    "chatThreshold": gettext_lazy("Chat threshold"),
    "maxConcurrentChats": gettext_lazy("Max concurrent chats"),
    "emailThreshold": gettext_lazy("E-mail threshold"),
    "maxEmailAutoParkingLimit": gettext_lazy("Max parked e-mails"),
    "workItemThreshold": gettext_lazy("Work item threshold"),
    "voiceThreshold": gettext_lazy("Voice threshold"),
    "totalContactCount": gettext_lazy("Total contacts"),
}
MOST = 100
SWITCHES: Mapping[str, Label] = {
    "requestContact": gettext_lazy("Request contact"),
    "contactAutoFocus": gettext_lazy("Auto focus"),
}
DELIVERY_MODE_KEPT_AS = "deliveryMode"

FEATURES: Mapping[str, str] = {
    "qm": "qm2Enabled",
    "wfm": "wfm2Enabled",
    "ia": "analyticsEnabled",
    "coaching": "niceCoachingEnabled",
    "pm": "nicePerformanceManagementEnabled",
}
"""The licence that a feature belongs to, and what it is kept as."""
