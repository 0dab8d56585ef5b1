"""The form of a new simulation."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.console.forms import ConsoleForm
from cxadmin.lab.simulator import plan, targets
from cxadmin.lab.simulator.plan import BadPlan

CLIENTS: tuple[tuple[str, str | Promise], ...] = (
    ("okta/wizard", pgettext_lazy("simulation", "Okta – custom application (PUT)")),
    ("okta/catalogue", pgettext_lazy("simulation", "Okta – application of the catalogue (PATCH)")),
    ("entra/plain", "Entra ID"),
    ("entra/flag", pgettext_lazy("simulation", "Entra ID with aadOptscim062020")),
)
STEPS = {
    "connect": pgettext_lazy("simulation step", "Connect"),
    "import": pgettext_lazy("simulation step", "Import (Okta)"),
    "create": pgettext_lazy("simulation step", "Create people"),
    "update": pgettext_lazy("simulation step", "Update"),
    "deactivate": pgettext_lazy("simulation step", "Deactivate"),
    "reactivate": pgettext_lazy("simulation step", "Reactivate"),
    "groups": pgettext_lazy("simulation step", "Push groups"),
    "check": pgettext_lazy("simulation step", "Check"),
}
USUAL = ""
CREDENTIALS = (
    (USUAL, pgettext_lazy("credential", "The usual one: OAuth of Okta, a SCIM token of Entra ID")),
    ("oauth", gettext_lazy("OAuth application")),
    ("token", gettext_lazy("SCIM token")),
    ("key", gettext_lazy("Access key")),
)


def _number(label: Any, name: str, initial: int, hint: Any = "") -> forms.IntegerField:
    least, most = plan.NUMBERS[name]
    widget = forms.NumberInput({"min": least, "max": most})
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, initial=initial, help_text=hint, widget=widget
    )


def _secret(label: Any, *, hidden: bool = False) -> forms.CharField:
    attributes = {"autocomplete": "off", "spellcheck": "false"}
    widget = (
        forms.PasswordInput(attributes | {"autocomplete": "new-password"}) if hidden else forms.TextInput(attributes)
    )
    return forms.CharField(label=label, required=False, max_length=1000, widget=widget)


class SimulationForm(ConsoleForm):
    """What shall be played, how fast, and as whom."""

    tenant = forms.ChoiceField(label=gettext_lazy("Tenant"))
    client = forms.ChoiceField(
        label=gettext_lazy("Identity provider"), choices=CLIENTS, widget=forms.Select({"class": "wide-select"})
    )
    steps = forms.MultipleChoiceField(
        label=gettext_lazy("Steps"),
        choices=tuple(STEPS.items()),
        initial=list(STEPS),
        widget=forms.CheckboxSelectMultiple,
    )
    people = _number(gettext_lazy("People"), "people", 25)
    groups = _number(gettext_lazy("Groups"), "groups", 3)
    share = _number(
        gettext_lazy("Share in percent"),
        "share",
        100,
        gettext_lazy("How many of the people are updated, deactivated and reactivated."),
    )
    seed = _number(gettext_lazy("Seed"), "seed", 1, gettext_lazy("The same number makes the same people."))
    rate = forms.FloatField(
        label=gettext_lazy("Requests a second"),
        min_value=0,
        max_value=plan.MOST_RATE,
        initial=20,
        help_text=gettext_lazy("0 for as many as the server answers."),
        widget=forms.NumberInput({"min": 0, "max": plan.MOST_RATE, "step": "any"}),
    )
    connections = _number(gettext_lazy("Connections"), "connections", 4)
    credential = forms.ChoiceField(label=gettext_lazy("Credential"), choices=CREDENTIALS, required=False)
    token = _secret(gettext_lazy("SCIM token"), hidden=True)
    key_id = _secret(gettext_lazy("Access key ID"))
    key_secret = _secret(gettext_lazy("Secret Access Key"), hidden=True)
    client_id = _secret(gettext_lazy("Client ID"))
    client_secret = _secret(gettext_lazy("Client secret"), hidden=True)
    username = _secret(gettext_lazy("Username"))
    password = _secret(gettext_lazy("Password"), hidden=True)

    def __init__(self, *args: Any, tenants: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tenant"].choices = list(tenants)  # type: ignore[attr-defined]

    @property
    def values(self) -> dict[str, Any]:
        """For `jobs.submit`: the plan."""
        provider, _slash, style = self.cleaned_data["client"].partition("/")
        known = plan.PROVIDERS[provider][style].steps
        steps = [name for name in self.cleaned_data["steps"] if name in known]
        named = {name: self.cleaned_data[name] for name in ("people", "groups", "share", "seed", "rate", "connections")}
        return {"provider": provider, "style": style, "steps": steps, **named}

    @property
    def secrets(self) -> dict[str, str]:
        """For `jobs.submit`: what was given."""
        given = {name: self.cleaned_data[name] for name in targets.SECRETS if self.cleaned_data.get(name)}
        if self.cleaned_data["key_id"] or self.cleaned_data["key_secret"]:
            given["basic"] = f"{self.cleaned_data['key_id']}:{self.cleaned_data['key_secret']}"
        return given

    @property
    def asks_for_secrets(self) -> bool:
        """Whether the part with the secrets is to be open."""
        names = ("credential", "token", "key_id", "key_secret", "client_id", "client_secret", "username", "password")
        return self.is_bound and any(self.data.get(name) or name in self.errors for name in names)

    def add_bad_plan(self, error: BadPlan) -> None:
        """Say what cannot be played, in the reader's language."""
        if error.field == "basic" and "basic" in self.secrets:
            self.add_error("key_secret", _("Enter both the access key ID and its secret."))
        elif error.field in targets.SECRETS:
            field = {"basic": "key_id", "redirect_uri": "client_id"}.get(error.field, error.field)
            said = _(
                "Of the secrets of this tenant only hashes are kept, and the well-known ones do not open it. Enter yours."
            )
            self.add_error(field, said)
        elif error.field == "steps":
            self.add_error("steps", _("Choose a step that this identity provider knows."))
        else:
            self.add_error(error.field if error.field in self.fields else None, str(error))
