"""Signing in: username, company domain, password (screens §2)."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.actions import employees
from accounts.console.forms import ConsoleForm, text
from accounts.models import Employee


class UsernameForm(ConsoleForm):
    """Step 1."""

    username = text(employees.TEXTS["username"], autocomplete="username", autofocus=True, spellcheck="false")


class DomainForm(ConsoleForm):
    """Step 1b."""

    domain = forms.CharField(
        label=gettext_lazy("Company Domain"),
        max_length=253,
        widget=forms.TextInput({"autofocus": True, "spellcheck": "false", "autocapitalize": "none"}),
    )


class PasswordForm(ConsoleForm):
    """Step 2: password and, where an authenticator asks for one, MFA token; the tenant where several know the username."""

    username = forms.CharField(widget=forms.HiddenInput)
    tenant = forms.ChoiceField(label=pgettext_lazy("sign-in", "Tenant"))
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password", "autofocus": True}),
    )
    mfa_token = forms.CharField(
        label=gettext_lazy("MFA Token"),
        max_length=16,
        required=False,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def __init__(self, candidates: Iterable[Employee], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.candidates = list(candidates)
        if len(self.candidates) > 1:
            self.fields["tenant"].choices = [  # type: ignore[attr-defined]
                (str(employee.business_unit_id), employee.business_unit.name) for employee in self.candidates
            ]
        else:
            del self.fields["tenant"]
        if not any(e.login_authenticator and e.login_authenticator.mfa_required for e in self.candidates):
            del self.fields["mfa_token"]

    @property
    def employee(self) -> Employee | None:
        """Whom the entries mean, if anybody."""
        if len(self.candidates) < 2:
            return self.candidates[0] if self.candidates else None
        chosen = self.cleaned_data.get("tenant")
        return next((employee for employee in self.candidates if str(employee.business_unit_id) == chosen), None)
