"""An employee template: a value and an Ignore box per field (screens §6)."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from accounts import queries, rules
from accounts.actions import templates
from accounts.console.forms import ConsoleForm, RecordForm, text
from accounts.console.widgets import Multi, searchable
from accounts.forms.choices import ChoiceOf, ChoicesOf
from accounts.models import BusinessUnit, Employee, EmployeeTemplate, LoginAuthenticator, Role, Team, View

FIELDS = EmployeeTemplate.FIELDS
IGNORED_AT_FIRST = ("time_zone", "attributes", "secondary_roles", "views")
EMPTY: Mapping[str, Any] = dict.fromkeys(FIELDS) | {
    "time_zone": "",
    "attributes": [],
    "secondary_roles": [],
    "views": [],
}


class TemplateForm(RecordForm):
    """The page of a template.

    Args:
        unit: the tenant.
        template: which one is edited; None creates one.
    """

    name = text(templates.TEXTS["name"], autocomplete="off")
    time_zone = forms.ChoiceField(label=gettext_lazy("Time Zone"), required=False, widget=searchable())
    attributes = forms.MultipleChoiceField(
        label=gettext_lazy("Attributes"),
        required=False,
        choices=list(Employee.ATTRIBUTES.items()),
        widget=Multi(none=gettext_lazy("None")),
        error_messages={"invalid_choice": gettext_lazy("Choose attributes from the list.")},
    )

    def __init__(self, *args: Any, unit: BusinessUnit, template: EmployeeTemplate | None = None, **kwargs: Any) -> None:
        self.template = template
        super().__init__(*args, initial=_initial(unit, template), **kwargs)
        self._add_choices(unit)
        for name in FIELDS:
            # The label names the field for those who hear it without seeing beside what it stands.
            label = _("Ignore %(field)s") % {"field": self.fields[name].label}
            self.fields[f"ignore_{name}"] = forms.BooleanField(
                label=pgettext_lazy("check box", "Ignore"),
                required=False,
                widget=forms.CheckboxInput({"aria-label": label, "data-ignores": name}),
            )
        for name, field in self.fields.items():
            field.error_messages["required"] = rules.required(name, field.label or name).message

    def _add_choices(self, unit: BusinessUnit) -> None:
        """The choices that depend on the tenant; what the template has stays shown when it is no longer active."""
        held = self.initial
        zones = sorted(rules.time_zones())
        self.fields["time_zone"].choices = [("", _("None")), *((zone, zone) for zone in zones)]  # type: ignore[attr-defined]
        self.fields["time_zone"].error_messages["invalid_choice"] = rules.NO_TIME_ZONE
        role = pgettext("thing", "role")
        any_role, active_role = queries.roles_by_name(unit.pk), Q(status=Role.Status.ACTIVE)
        teams, active_team = queries.teams(unit.pk).order_by("name_key"), Q(status=Team.Status.ACTIVE)
        active = Q(status=LoginAuthenticator.Status.ACTIVE)
        self.fields["team"] = ChoiceOf(
            gettext_lazy("Team"),
            pgettext("thing", "team"),
            teams.filter(active_team | _is(held["team"])),
            empty_label=_("Choose a team"),
            widget=searchable(),
        )
        self.fields["primary_role"] = ChoiceOf(
            gettext_lazy("Primary Role"),
            role,
            any_role.filter(active_role | _is(held["primary_role"])),
            empty_label=_("Choose a role"),
            widget=searchable(),
        )
        self.fields["login_authenticator"] = ChoiceOf(
            gettext_lazy("Login Authenticator"),
            pgettext("thing", "login authenticator"),
            queries.authenticators(unit.pk).order_by("name_key").filter(active | _is(held["login_authenticator"])),
            required=False,
            empty_label=_("None"),
        )
        self.fields["secondary_roles"] = ChoicesOf(
            gettext_lazy("Secondary Roles"), role, any_role.filter(active_role | _is(*held["secondary_roles"]))
        )
        every_view = queries.views(unit.pk).order_by("name_key")
        self.fields["views"] = ChoicesOf(View.FIELD, pgettext("thing", "view"), every_view)

    def close_all(self) -> None:
        """For those who may only look."""
        for field in self.fields.values():
            field.disabled = True

    def _ignored(self) -> list[str]:
        return [field for field in FIELDS if self.cleaned_data.get(f"ignore_{field}")]

    def disregarded(self) -> Iterable[str]:
        """The fields with a tick in their Ignore box."""
        return self._ignored()

    def values(self) -> dict[str, Any]:
        """For the action; an ignored field is empty, and what could not be read is left out or empty."""
        ignored, found = self._ignored(), self.cleaned_data
        values = {field: EMPTY[field] if field in ignored else found.get(field) or EMPTY[field] for field in FIELDS}
        values |= {field: list(values[field]) for field in templates.MANY}
        return {"name": found.get("name", ""), **values, "ignored": ignored}

    @property
    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Each field with its Ignore box."""
        return [(self[field], self[f"ignore_{field}"]) for field in FIELDS]


class DuplicateTemplateForm(ConsoleForm):
    """The Duplicate dialog."""

    name = text(templates.TEXTS["name"], autofocus=True)


def _is(*records: Any) -> Q:
    return Q(pk__in=[record.pk for record in records if record is not None])


def _initial(unit: BusinessUnit, template: EmployeeTemplate | None) -> dict[str, Any]:
    if template is None:
        found = {**EMPTY, "login_authenticator": queries.default_authenticator(unit.pk), "version": None}
        ignored: Iterable[str] = IGNORED_AT_FIRST
    else:
        found = {field: getattr(template, field) for field in ("name", *FIELDS, "version")}
        found |= {field: list(getattr(template, field).all()) for field in templates.MANY}
        ignored = template.ignored
    return found | {f"ignore_{field}": field in ignored for field in FIELDS}
