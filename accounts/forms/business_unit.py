"""Business Unit details (screens §15)."""

from django import forms
from django.utils.translation import gettext_lazy

from accounts import rules
from accounts.actions import business_units
from accounts.console.forms import RecordForm, text


def _zones() -> list[tuple[str, str]]:
    return [(zone, zone) for zone in sorted(rules.time_zones())]


class BusinessUnitForm(RecordForm):
    """What can be edited of a business unit."""

    name = text(business_units.TEXTS["name"])
    time_zone = forms.ChoiceField(
        label=business_units.TEXTS["time_zone"].label,  # type: ignore[arg-type]  # the stubs know one kind of lazy text
        help_text=gettext_lazy("What new employees get."),
        choices=_zones,
        error_messages={"invalid_choice": rules.NO_TIME_ZONE},
        widget=forms.Select({"data-combobox": True}),
    )

    def values(self) -> dict[str, str]:
        """For the action; what could not be read is left out."""
        return {name: self.cleaned_data[name] for name in business_units.TEXTS if name in self.cleaned_data}
