"""A team's fields on the tabs General, Unavailable Codes, Contact Settings and Features (screens §7)."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from accounts import permissions, queries, rules, team_settings
from accounts.actions import teams
from accounts.console import choices
from accounts.console.forms import ConsoleForm, RecordForm, text
from accounts.console.widgets import searchable
from accounts.forms.choices import ChoiceOf
from accounts.models import BusinessUnit, Employee, Team

GENERAL = ("name", "description", "lead")
CODES, FEATURES = "unavailable_codes", "features"
CONTACT = (*team_settings.NUMBERS, team_settings.DELIVERY_MODE_KEPT_AS, *team_settings.SWITCHES)
CATEGORIES = {category.slug: category.label for category in permissions.CATALOGUE}


class TeamForm(RecordForm):
    """All tabs but Assigned Users.

    Args:
        unit: the tenant.
        team: which one is edited; None makes one.
    """

    name = text(teams.TEXTS["name"], autocomplete="off")
    description = text(teams.TEXTS["description"], widget=forms.Textarea, rows=3)

    def __init__(self, data: QueryDict | None, *, unit: BusinessUnit, team: Team | None = None) -> None:
        self.unit, self.team = unit, team
        self.kept: dict[str, Any] = team.acd_settings if team else {}
        self.licensed = {kept_as: CATEGORIES[slug] for slug, kept_as in _licensed(unit)}
        super().__init__(data, initial=self._initial())
        self._add_lead()
        self.fields[CODES] = forms.TypedMultipleChoiceField(
            label=gettext_lazy("Unavailable Codes"),
            required=False,
            coerce=int,
            choices=[(code.number, code.label) for code in team_settings.UNAVAILABLE_CODES],
        )
        for name, label in team_settings.NUMBERS.items():
            self.fields[name] = _number(name, label, self.kept.get(name))
        self.fields[team_settings.DELIVERY_MODE_KEPT_AS] = text(teams.DELIVERY_MODE, autocomplete="off")
        for name, label in team_settings.SWITCHES.items():
            self.fields[name] = _switch(label)
        if self.licensed:
            self.fields[FEATURES] = forms.MultipleChoiceField(
                label=pgettext_lazy("tab", "Features"),
                required=False,
                choices=list(self.licensed.items()),
                widget=forms.CheckboxSelectMultiple,
                help_text=gettext_lazy("Billed for each agent of the team"),
            )

    def _add_lead(self) -> None:
        """Any Active employee, and who leads the team now; the drop-down asks the server for others than the first few."""
        held = Q(pk__in=[self.team.lead_id] if self.team and self.team.lead_id else [])
        anybody = queries.employees(self.unit.pk)
        field = ChoiceOf(
            gettext_lazy("Team Lead"),
            pgettext("thing", "employee"),
            anybody.filter(Q(status=Employee.Status.ACTIVE) | held),
            required=False,
            empty_label=_("None"),
            widget=searchable(
                **{
                    "data-source": reverse_lazy("accounts:team-leads"),
                    "data-empty": gettext_lazy("No active employee matches"),
                }
            ),
        )
        self.fields["lead"] = field
        offered = list(queries.active_employees(self.unit.pk)[: choices.MOST_FOUND])
        chosen = self._chosen_lead(field)
        if chosen is not None and chosen not in offered:
            offered.append(chosen)
        field.widget.choices = [("", _("None")), *((str(one.pk), choices.label(one)) for one in offered)]

    def _chosen_lead(self, field: ChoiceOf) -> Employee | None:
        """Who is chosen on the page that is shown; what cannot be chosen is said by the field itself."""
        if self.data is None or "lead" not in self.data:
            return self.team.lead if self.team else None
        try:
            chosen: Employee | None = field.to_python(self.data["lead"])
        except forms.ValidationError:
            return None
        return chosen

    def _initial(self) -> dict[str, Any]:
        found: dict[str, Any] = {name: self.kept.get(name) for name in CONTACT}
        if found[team_settings.DELIVERY_MODE_KEPT_AS] is not None:
            found[team_settings.DELIVERY_MODE_KEPT_AS] = str(found[team_settings.DELIVERY_MODE_KEPT_AS])
        found[CODES] = list(self.kept.get(team_settings.CODES_KEPT_AS, []))
        found[FEATURES] = [name for name in self.licensed if self.kept.get(name)]
        if self.team is not None:
            found |= {name: getattr(self.team, name) for name in (*GENERAL, "version")}
        return found

    def values(self) -> dict[str, Any]:
        """For the action; what could not be read is left out or empty."""
        given = self.cleaned_data
        found = {"name": given.get("name", ""), "description": given.get("description", "")}
        if "lead" in given:
            found["lead"] = given["lead"]
        return found | {"acd_settings": self._settings()}

    def _settings(self) -> dict[str, Any]:
        """What is kept afterwards: what was not changed here stays, whatever a program made of it."""
        after = dict(self.kept)
        for name in self.changed_data:
            if name in CONTACT and name in self.cleaned_data:
                after[name] = self.cleaned_data[name]
            elif name == CODES and name in self.cleaned_data:
                after[team_settings.CODES_KEPT_AS] = sorted(self.cleaned_data[name])
            elif name == FEATURES and name in self.cleaned_data:
                chosen = set(self.cleaned_data[name])
                changed = chosen ^ {feature for feature in self.licensed if self.kept.get(feature)}
                after |= {feature: feature in chosen for feature in changed}
        return {name: value for name, value in after.items() if value is not None and value != ""}

    @property
    def error_tab(self) -> str:
        """The tab on which the first wrong field is."""
        wrong = set(self.errors)
        if wrong & {*GENERAL, "__all__"}:
            return "general"
        if CODES in wrong:
            return "codes"
        return "contact" if wrong & {*CONTACT} else "features"

    @property
    def numbers(self) -> list[forms.BoundField]:
        """The fields of Contact Settings that hold a number."""
        return [self[name] for name in team_settings.NUMBERS]

    @property
    def switches(self) -> list[forms.BoundField]:
        """The fields of Contact Settings that are on or off."""
        return [self[name] for name in team_settings.SWITCHES]

    @property
    def codes(self) -> list[tuple[team_settings.Code, bool]]:
        """The catalogue of unavailable codes, each with whether the team has it on this page."""
        ticked = {str(number) for number in self[CODES].value() or []}
        return [(code, str(code.number) in ticked) for code in team_settings.UNAVAILABLE_CODES]


def _licensed(unit: BusinessUnit) -> list[tuple[str, str]]:
    return [(slug, kept_as) for slug, kept_as in team_settings.FEATURES.items() if slug in unit.licences]


def _switch(label: Any) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)


def _number(name: str, label: Any, kept: Any) -> forms.IntegerField:
    """A whole number; a greater one that a program stored may stay."""
    most = max(team_settings.MOST, kept) if isinstance(kept, int) else team_settings.MOST
    message = rules.number_in(name, label, None, 0, most)[0].message
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=most,
        localize=False,
        widget=forms.NumberInput({"inputmode": "numeric"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), message),
    )


class DuplicateForm(ConsoleForm):
    """The Duplicate dialog."""

    name = text(teams.TEXTS["name"], autofocus=True)


class NewTeamForm(ConsoleForm):
    """The dialog that moves somebody to another team.

    Args:
        among: which ones can be chosen.
    """

    def __init__(self, data: QueryDict | None, *, among: QuerySet[Team]) -> None:
        super().__init__(data)
        self.fields["team"] = ChoiceOf(
            gettext_lazy("New team"),
            pgettext("thing", "team"),
            among,
            empty_label=_("Choose a team"),
            widget=searchable(),
        )
        self.fields["team"].error_messages["required"] = rules.required("team", gettext_lazy("New team")).message
