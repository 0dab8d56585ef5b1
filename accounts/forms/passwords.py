"""New passwords: activation, reset and change (screens §3)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.console.forms import ConsoleForm


def _password(label: Any, autocomplete: str, **attrs: Any) -> forms.CharField:
    widget = forms.PasswordInput({"autocomplete": autocomplete, **attrs})
    return forms.CharField(label=label, max_length=1024, strip=False, widget=widget)


class NewPasswordForm(ConsoleForm):
    """A password and its repetition; the action checks both."""

    new_password = _password(gettext_lazy("New Password"), "new-password", autofocus=True)
    confirm_password = _password(gettext_lazy("Confirm Password"), "new-password")


class ChangePasswordForm(ConsoleForm):
    """The same with the present password in front."""

    current_password = _password(gettext_lazy("Current Password"), "current-password", autofocus=True)
    new_password = _password(gettext_lazy("New Password"), "new-password")
    confirm_password = _password(gettext_lazy("Confirm Password"), "new-password")
