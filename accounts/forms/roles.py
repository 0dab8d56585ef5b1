"""A role's name and description, and the name of its copy (screens §4)."""

from django import forms
from django.utils.translation import gettext_lazy

from accounts.actions import roles
from accounts.console.forms import ConsoleForm, RecordForm, text


class RoleForm(RecordForm):
    """Tab General."""

    name = text(roles.TEXTS["name"])
    description = text(roles.TEXTS["description"], widget=forms.Textarea, hint=gettext_lazy("Plain text."), rows=4)

    def values(self) -> dict[str, str]:
        """For the action; what could not be read is empty."""
        return {name: self.cleaned_data.get(name, "") for name in ("name", "description")}


class DuplicateForm(ConsoleForm):
    """The Duplicate dialog."""

    name = text(roles.TEXTS["name"], autofocus=True)
