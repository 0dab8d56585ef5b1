"""The tenant's account settings (screens §12)."""

import re
import uuid
from collections.abc import Collection, Mapping
from typing import Any

import nh3
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from accounts import edits, rules
from accounts.actions import locks, scim_tokens
from accounts.actors import Actor
from accounts.errors import Invalid, Problem
from accounts.models import AccountSettings, Role
from accounts.rules import Text

ENTITY = "AccountSettings"
BANNER_LIMIT = 5_000
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
COLOURS = {"banner_bg", "banner_fg"}
READABLE = 4.5
BANNER_TAGS = {"b", "strong", "i", "em", "u", "ul", "ol", "li", "a", "p", "br", "big", "small"}
TEXTS: Mapping[str, Text] = {
    "custom_host_name": Text(gettext_lazy("Custom Host Name"), 253, more=rules.host_name),
    "banner_html": Text(gettext_lazy("Login Banner"), BANNER_LIMIT),
}
CHOICES: Mapping[str, list[str]] = {
    "scim_profile": AccountSettings.Profile.values,
    "scim_access_rule": AccountSettings.AccessRule.values,
}

IDLE_MESSAGE = gettext_lazy("The idle timeout must be between 5 minutes and 8 hours. Switch it off for no limit.")
LOCK_DAYS = (7, 90)
LOCK_DAYS_LABEL = gettext_lazy("Inactive Days Before User Can Be Locked")

# The four fields every identity provider sends, and the nine it may be allowed to send (screens §12.5).
SCIM_FIXED_FIELDS = (
    gettext_lazy("Username"),
    gettext_lazy("First Name"),
    gettext_lazy("Last Name"),
    gettext_lazy("Email Address"),
)
SCIM_OPTIONAL_FIELDS = {
    "display_name": gettext_lazy("Display Name"),
    "middle_name": gettext_lazy("Middle Name"),
    "mobile_number": gettext_lazy("Mobile Number"),
    "time_zone": gettext_lazy("Time Zone"),
    "type": gettext_lazy("Type"),
    "login_authenticator": gettext_lazy("Login Authenticator"),
    "primary_role": gettext_lazy("Primary Role"),
    "team": gettext_lazy("Team"),
    "employee_template": pgettext_lazy("SCIM field", "Employee Template"),
}


def problems(values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with these settings, all of it; everything but who else has the host name."""
    found = rules.check(TEXTS, {field: value or "" for field, value in values.items() if field in TEXTS})
    if "idle_timeout_minutes" in values and not 5 <= values["idle_timeout_minutes"] <= 480:
        found.append(Problem("idle_timeout_minutes", "V-RANGE", str(IDLE_MESSAGE)))
    if "lock_days" in values:
        found += rules.number_in("lock_days", LOCK_DAYS_LABEL, values["lock_days"], *LOCK_DAYS)
    for field in sorted(COLOURS & values.keys()):
        if not COLOUR.fullmatch(values[field]):
            found.append(Problem(field, "V-COLOUR", _("Enter a colour in the form #1C2430.")))
    for field, choices in CHOICES.items():
        if field in values and values[field] not in choices:
            found.append(Problem(field, "V-CHOICE", _("Choose one of the values offered.")))
    role: Role | None = values.get("scim_default_role")
    if role is not None and role.status != Role.Status.ACTIVE:
        found.append(rules.inactive_choice("scim_default_role", pgettext("thing", "role")))
    return found


def update(
    settings: AccountSettings,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    save_tokens: Collection[uuid.UUID] = (),
    expected_version: int | None = None,
) -> int:
    """Change the settings; answers how many employees the inactivity lock shut out at once (R-LOCK-4).

    Args:
        values: by field name; only what may change.
        save_tokens: SCIM tokens generated on the page, which this Save makes valid (R-TOK-3).
        expected_version: the version the form was filled in from.

    Raises:
        Invalid: names every field that is wrong.
        Refused: an employee would have more SCIM tokens than allowed.
        ChangedMeanwhile: somebody else saved the settings.
    """
    edits.check_version(settings, expected_version)
    found = problems(values)
    if found:
        raise Invalid(found)
    wanted = dict(values)
    if "banner_html" in wanted:
        wanted["banner_html"] = clean_banner(wanted["banner_html"])
    if "custom_host_name" in wanted:
        wanted["custom_host_name"] = (wanted["custom_host_name"] or "").lower() or None
    for field in COLOURS & wanted.keys():
        wanted[field] = wanted[field].upper()
    tightened = _tightens(settings, wanted)
    try:
        with transaction.atomic():
            edit = edits.Edit(settings, ENTITY, actor)
            for field, value in wanted.items():
                edit.set(field, value)
            edit.write()
            scim_tokens.save(save_tokens, actor=actor)
            return locks.lock_idle(actor, settings) if tightened else 0
    except IntegrityError as error:
        # The host name is the only unique column people set.
        raise Invalid([rules.in_use("custom_host_name", TEXTS["custom_host_name"].label)]) from error


def _tightens(settings: AccountSettings, wanted: Mapping[str, Any]) -> bool:
    """Whether the inactivity lock is switched on, or shortened while on."""
    on, days = wanted.get("lock_on", settings.lock_on), wanted.get("lock_days", settings.lock_days)
    return bool(on and (not settings.lock_on or days < settings.lock_days))


def would_lock(settings: AccountSettings, *, lock_on: bool, lock_days: int) -> int:
    """How many employees saving these lock settings would shut out now, for the question before it."""
    if not _tightens(settings, {"lock_on": lock_on, "lock_days": lock_days}):
        return 0
    trial = AccountSettings(business_unit_id=settings.business_unit_id, lock_on=lock_on, lock_days=lock_days)
    return locks.count_idle(trial)


def is_readable(background: str, text: str) -> bool:
    """Whether text of one colour on the other has the contrast of 4.5:1 that people need (WCAG 2.2, 1.4.3)."""
    lighter, darker = sorted((_luminance(background), _luminance(text)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05) >= READABLE


def _luminance(colour: str) -> float:
    """The relative luminance of `#RRGGBB`, as WCAG defines it."""
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def clean_banner(html: str) -> str:
    """The login banner as it may be shown: a few harmless tags, nothing that runs or loads."""
    return nh3.clean(
        html,
        tags=BANNER_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )
