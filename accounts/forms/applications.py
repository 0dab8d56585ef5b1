"""The registration form in three pages, and an application's page (screens §14.2, §14.3)."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.actions import applications
from accounts.console.forms import ConsoleForm, RecordForm, text
from accounts.models import Application

LIST_LIMIT = 25_000
ONE_PER_LINE = gettext_lazy("One per line.")


class LinesField(forms.CharField):
    """A text area that holds a list, one entry a line; `separators` may part entries as well."""

    widget = forms.Textarea

    def __init__(self, *, separators: str = "", **kwargs: Any) -> None:
        self.between = re.compile(f"[\n{re.escape(separators)}]")
        super().__init__(max_length=LIST_LIMIT, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """The entries, without blanks and repetitions."""
        cleaned = super().clean(value)
        entries = (entry.strip() for entry in self.between.split(cleaned))
        return list(dict.fromkeys(filter(None, entries)))


def lines(field: str, *, required: bool = False, separators: str = "", hint: Any = ONE_PER_LINE) -> LinesField:
    """The field of a list of the action's `LISTS`."""
    label: Any = applications.LISTS[field][0]
    widget = forms.Textarea({"rows": 3, "spellcheck": "false", "autocapitalize": "none"})
    return LinesField(label=label, required=required, separators=separators, help_text=hint, widget=widget)


def radio(field: str, choices: Any, **kwargs: Any) -> forms.ChoiceField:
    """A choice of the action's `CHOICES` as radio buttons."""
    label: Any = applications.CHOICES[field][0]
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, **kwargs)


def contacts() -> LinesField:
    """The technical contacts: part them by comma or line."""
    hint = gettext_lazy("Addresses, separated by commas or lines. Each gets the registration by e-mail.")
    return lines("contacts", required=True, separators=",", hint=hint)


ALL_SCOPES = "all"


class ScopesField(forms.MultipleChoiceField):
    """The API scopes as check boxes; one of them stands for all, without JavaScript too."""

    def clean(self, value: Any) -> Any:
        """The chosen scopes, in the order of the catalogue."""
        chosen = super().clean(value)
        return [scope for scope in Application.SCOPES if scope in chosen or ALL_SCOPES in chosen]


def scopes(*more: tuple[str, Any]) -> ScopesField:
    """The check boxes of the scopes, after those of `more`."""
    label: Any = applications.SCOPES_LABEL
    choices = [*more, *((scope, scope) for scope in Application.SCOPES)]
    return ScopesField(label=label, choices=choices, widget=forms.CheckboxSelectMultiple({"data-all": ALL_SCOPES}))


def description() -> forms.CharField:
    """What the application is for."""
    hint = gettext_lazy("Say what the application does; for SCIM name the SCIM server.")
    return text(applications.TEXTS["description"], widget=forms.Textarea, hint=hint, rows=3)


class ApplicationValues(ConsoleForm):
    """A form whose fields are those of the action."""

    def values(self) -> dict[str, Any]:
        """For the action; what could not be read is left out."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class RequesterForm(ApplicationValues):
    """Page 1: who registers, and for which business unit."""

    requester_email = text(applications.TEXTS["requester_email"], autocomplete="email", inputmode="email")
    requester_name = text(applications.TEXTS["requester_name"], autocomplete="name")
    business_unit = forms.IntegerField(
        label=gettext_lazy("Business unit ID"),
        help_text=gettext_lazy("The number in the yellow badge of the Developer Portal."),
        min_value=1,
        max_value=2**31 - 1,
        error_messages={
            "invalid": gettext_lazy("There is no business unit with this ID."),
            "min_value": gettext_lazy("There is no business unit with this ID."),
            "max_value": gettext_lazy("There is no business unit with this ID."),
        },
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )


YES_NO = (("true", gettext_lazy("Yes")), ("false", gettext_lazy("No")))


class AboutForm(ApplicationValues):
    """Page 2: the application."""

    name = text(applications.TEXTS["name"], autocomplete="off")
    description = description()
    contacts = contacts()
    method = forms.ChoiceField(
        label=pgettext_lazy("form", "Method"),
        choices=[("email", pgettext_lazy("form choice", "Email"))],
        initial="email",
        help_text=gettext_lazy("Two e-mails: an encrypted file and, separately, its password."),
        widget=forms.RadioSelect,
    )
    tenancy = radio("tenancy", Application.Tenancy.choices, initial=Application.Tenancy.SINGLE.value)
    is_fedramp = forms.TypedChoiceField(
        label=pgettext_lazy("form", "Is the system in FedRAMP?"),
        choices=YES_NO,
        coerce=lambda value: value == "true",
        initial="false",
        widget=forms.RadioSelect,
    )


class SecurityForm(ApplicationValues):
    """Page 3: how it authenticates and where sign-ins lead."""

    auth_method = radio("auth_method", Application.AuthMethod.choices)
    scopes = scopes((ALL_SCOPES, pgettext_lazy("form choice", "All CXone ACD API scopes")))
    type = radio("type", Application.Type.choices)
    redirects = lines("redirects", required=True)
    origins = lines("origins")
    logouts = lines("logouts")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["redirects"].required = self["type"].value() != Application.Type.BACKEND

    def values(self) -> dict[str, Any]:
        """For the action; the redirect URLs, which the page hides for Back-end, do not count there."""
        found = super().values()
        if found.get("type") == Application.Type.BACKEND:
            found["redirects"] = []
        return found


class ApplicationForm(ApplicationValues, RecordForm):
    """What can be edited of a registered application."""

    name = text(applications.TEXTS["name"])
    description = description()
    contacts = contacts()
    scopes = scopes()
    redirects = lines("redirects", required=True)
    origins = lines("origins")
    logouts = lines("logouts")

    def __init__(self, application: Application, *args: Any, **kwargs: Any) -> None:
        initial = {name: getattr(application, name) for name in applications.EDITABLE}
        super().__init__(*args, initial=initial | {"version": application.version}, **kwargs)
        if application.type == Application.Type.BACKEND:
            del self.fields["redirects"]
