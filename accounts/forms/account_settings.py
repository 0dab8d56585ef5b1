"""Account Settings (screens §12): one form for the whole page."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from accounts import rules
from accounts.actions import account_settings
from accounts.actions.account_settings import SCIM_OPTIONAL_FIELDS
from accounts.console.forms import RecordForm, text
from accounts.models import AccountSettings, Role

LOCK_FIELDS = ("lock_on", "lock_days")
MINUTES_IN_HOUR = 60
MOST_DIGITS = 9_999


def _switch(label: Any, hint: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, help_text=hint)


def _range_message() -> str:
    return rules.number_in("lock_days", account_settings.LOCK_DAYS_LABEL, None, *account_settings.LOCK_DAYS)[0].message


def _role_message() -> str:
    return rules.inactive_choice("scim_default_role", pgettext("thing", "role")).message


def _number(label: Any, message: Any) -> forms.IntegerField:
    """A whole number; what cannot be one gets the rule's own sentence."""
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=MOST_DIGITS,
        widget=forms.NumberInput({"inputmode": "numeric"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), message),
    )


def _colour(label: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.TextInput({"type": "color"}))


class AccountSettingsForm(RecordForm):
    """What the page holds, but for the SCIM tokens.

    Args:
        roles: the choices of Default role.
    """

    idle_timeout_on = _switch(gettext_lazy("Idle Timeout"))
    idle_timeout_hours = _number(gettext_lazy("Hours"), account_settings.IDLE_MESSAGE)
    idle_timeout_minutes = _number(gettext_lazy("Minutes"), account_settings.IDLE_MESSAGE)
    lock_on = _switch(gettext_lazy("Lock Users"))
    lock_days = _number(account_settings.LOCK_DAYS_LABEL, lazy(_range_message, str)())
    custom_host_name = text(
        account_settings.TEXTS["custom_host_name"],
        hint=gettext_lazy("Whoever enters it under “Use company domain” signs in to this tenant."),
        placeholder="login.example.com",
        spellcheck="false",
        autocapitalize="none",
    )
    banner_on = _switch(gettext_lazy("Login Banner"))
    banner_html = text(account_settings.TEXTS["banner_html"], widget=forms.Textarea, rows=4)
    banner_bg = _colour(gettext_lazy("Background colour"))
    banner_fg = _colour(gettext_lazy("Text colour"))
    scim_fields = forms.MultipleChoiceField(
        label=gettext_lazy("Configure SCIM Provisioned Fields"),
        required=False,
        choices=list(SCIM_OPTIONAL_FIELDS.items()),
    )
    scim_default_role = forms.ChoiceField(
        label=gettext_lazy("Default role"),
        required=False,
        error_messages={"invalid_choice": lazy(_role_message, str)()},
    )
    scim_access_rule = forms.ChoiceField(
        label=pgettext_lazy("SCIM", "Access rule"),
        choices=AccountSettings.AccessRule.choices,
        help_text=gettext_lazy("Any: the permissions on employees stand in for the permission SCIM everywhere."),
    )
    scim_profile = forms.ChoiceField(
        label=pgettext_lazy("SCIM", "Profile"),
        choices=AccountSettings.Profile.choices,
        help_text=gettext_lazy("rfc is for identity providers, documented for clients written from the vendor's API."),
    )
    scim_tolerances = _switch(
        gettext_lazy("Tolerances"),
        gettext_lazy("Accept the variants of PATCH that identity providers are known to send."),
    )
    scim_auto_invite = _switch(
        gettext_lazy("Invite SCIM-created employees"),
        gettext_lazy("They get the activation mail at once and are Pending."),
    )
    scim_any_username = _switch(
        gettext_lazy("Usernames that are no e-mail addresses"),
        gettext_lazy("Accept them by SCIM; conformance suites send nothing else."),
    )

    def __init__(self, roles: Iterable[Role], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles = {str(role.pk): role for role in roles}
        choices: Sequence[tuple[str, Any]] = [
            ("", gettext_lazy("Agent (default)")),
            *((key, role.display_name) for key, role in self.roles.items()),
        ]
        self.fields["scim_default_role"].choices = choices  # type: ignore[attr-defined]

    @staticmethod
    def filled_from(settings: AccountSettings) -> dict[str, Any]:
        """The initial values."""
        hours, minutes = divmod(settings.idle_timeout_minutes, MINUTES_IN_HOUR)
        stored = {field: getattr(settings, field) for field in STORED}
        return stored | {
            "version": settings.version,
            "idle_timeout_hours": hours,
            "idle_timeout_minutes": minutes,
            "scim_default_role": str(settings.scim_default_role_id or ""),
        }

    def values(self, *, with_lock: bool) -> dict[str, Any]:
        """For the action; what could not be read is left out, as is the number behind a switch that is off.

        Args:
            with_lock: whether the inactivity lock is the actor's to change.
        """
        given = self.cleaned_data
        found = {field: given[field] for field in STORED if field in given}
        if "scim_default_role" in given:
            found["scim_default_role"] = self.roles.get(given["scim_default_role"])
        if "scim_fields" in given:
            found["scim_fields"] = [field for field in SCIM_OPTIONAL_FIELDS if field in given["scim_fields"]]
        if {"idle_timeout_hours", "idle_timeout_minutes"} <= given.keys():
            hours, minutes = given["idle_timeout_hours"] or 0, given["idle_timeout_minutes"] or 0
            found["idle_timeout_minutes"] = hours * MINUTES_IN_HOUR + minutes
        if not given["idle_timeout_on"]:
            found.pop("idle_timeout_minutes", None)
        if not with_lock or not given["lock_on"]:
            found.pop("lock_days", None)
        if not with_lock:
            found.pop("lock_on", None)
        return found


STORED = (
    "idle_timeout_on",
    *LOCK_FIELDS,
    "custom_host_name",
    "banner_on",
    "banner_html",
    "banner_bg",
    "banner_fg",
    "scim_fields",
    "scim_access_rule",
    "scim_profile",
    "scim_tolerances",
    "scim_auto_invite",
    "scim_any_username",
)
"""The fields that are stored as they are entered."""
