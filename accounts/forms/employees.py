"""An employee's fields on the tabs General and Security (screens §5.2, §5.3)."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts import queries, rules
from accounts.actions import employees
from accounts.actors import Actor
from accounts.console.forms import RecordForm, text
from accounts.console.widgets import Multi, searchable
from accounts.forms.choices import ChoiceOf, ChoicesOf
from accounts.models import BusinessUnit, Employee, LoginAuthenticator, Role, Team, View

TEXTS = employees.TEXTS
GENERAL = (
    *("first_name", "middle_name", "last_name", "display_name", "email", "username"),
    *("primary_role", "team", "attributes", "groups", "time_zone", "mobile_number", "hire_date", "rank", "type"),
)
SECURITY = ("login_authenticator", "secondary_roles", "mfa_secret", "views", "inactivity_lock", "inactivity_days")
TENANT, NEVER, DAYS = "", "never", "days"


class EmployeeForm(RecordForm):
    """Both tabs of the create window and of the profile.

    Args:
        actor: who fills it in; decides which fields are read-only.
        unit: the tenant, with its settings.
        employee: who is edited; None creates one.
    """

    first_name = text(TEXTS["first_name"], autocomplete="off")
    middle_name = text(TEXTS["middle_name"], autocomplete="off")
    last_name = text(TEXTS["last_name"], autocomplete="off")
    display_name = text(TEXTS["display_name"], autocomplete="off")
    email = text(TEXTS["email"], widget=forms.EmailInput, autocomplete="off")
    username = text(TEXTS["username"], autocomplete="off")
    attributes = forms.MultipleChoiceField(
        label=gettext_lazy("Attributes"),
        required=False,
        choices=list(Employee.ATTRIBUTES.items()),
        widget=Multi(none=gettext_lazy("None")),
    )
    time_zone = forms.ChoiceField(label=gettext_lazy("Time Zone"), required=False, widget=searchable())
    mobile_number = text(TEXTS["mobile_number"], autocomplete="off")
    hire_date = forms.DateField(
        error_messages={"invalid": gettext_lazy("Enter a date as in 2026-05-02.")},
        label=gettext_lazy("Hire Date"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    rank = forms.IntegerField(label=gettext_lazy("Rank"), required=False, localize=False)
    type = text(TEXTS["type"])
    mfa_secret = forms.CharField(
        label=gettext_lazy("MFA Secret"),
        required=False,
        max_length=1000,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "class": "mono"}),
    )
    inactivity_lock = forms.ChoiceField(
        label=gettext_lazy("User inactivity lock"),
        required=False,
        choices=(
            (TENANT, gettext_lazy("Tenant setting")),
            (NEVER, gettext_lazy("Never Lock")),
            (DAYS, gettext_lazy("Days")),
        ),
    )
    inactivity_days = forms.IntegerField(label=gettext_lazy("Days"), required=False)

    def __init__(
        self, data: QueryDict | None, *, actor: Actor, unit: BusinessUnit, employee: Employee | None = None
    ) -> None:
        self.actor, self.unit, self.employee = actor, unit, employee
        super().__init__(_with_username(data) if employee is None else data, initial=_initial(unit, employee))
        self._add_choices()
        zones = sorted(rules.time_zones() | ({employee.time_zone} if employee else set()))
        self.fields["time_zone"].error_messages["invalid_choice"] = rules.NO_TIME_ZONE
        self.fields["time_zone"].choices = [(zone, zone) for zone in zones]  # type: ignore[attr-defined]
        if "wfm" not in unit.licences:
            del self.fields["rank"]
        if not unit.settings.lock_on:
            del self.fields["inactivity_lock"], self.fields["inactivity_days"]
        if employee is not None and employee.mfa_secret:
            self.fields["mfa_secret"].widget.attrs["placeholder"] = "••••••••••••••••"
            self.fields["mfa_secret"].help_text = _("A secret is stored. A new one replaces it.")
        self._close_fields()

    def _add_choices(self) -> None:
        """The choices that depend on the tenant; what the employee has stays choosable when it is no longer active."""
        unit, employee = self.unit.pk, self.employee
        held = Q(pk__in=[employee.primary_role_id] if employee else [])
        role, team = pgettext("thing", "role"), pgettext("thing", "team")
        any_role = queries.roles_by_name(unit)
        active_role = Q(status=Role.Status.ACTIVE)
        self.fields["primary_role"] = ChoiceOf(
            gettext_lazy("Primary Role"),
            role,
            any_role.filter(active_role | held),
            empty_label=_("Choose a role"),
            widget=searchable(),
        )
        self.fields["team"] = ChoiceOf(
            gettext_lazy("Team"),
            team,
            queries.teams(unit)
            .filter(Q(status=Team.Status.ACTIVE) | Q(pk__in=[employee.team_id] if employee else []))
            .order_by("name_key"),
            empty_label=None,
            widget=searchable(),
        )
        self.fields["groups"] = ChoicesOf(gettext_lazy("Groups"), pgettext("thing", "group"), queries.groups(unit))
        authenticators = LoginAuthenticator.objects.filter(business_unit_id=unit).order_by("name_key")
        kept = Q(pk__in=[employee.login_authenticator_id] if employee else [])
        self.fields["login_authenticator"] = ChoiceOf(
            gettext_lazy("Login Authenticator"),
            pgettext("thing", "login authenticator"),
            authenticators.filter(Q(status=LoginAuthenticator.Status.ACTIVE) | kept),
            required=False,
            empty_label=_("None"),
            help_text=gettext_lazy(
                "Without a login authenticator the employee cannot sign in; access keys still work."
            ),
        )
        secondary = Q(pk__in=[held_role.pk for held_role in self.initial.get("secondary_roles", [])])
        self.fields["secondary_roles"] = ChoicesOf(
            gettext_lazy("Secondary Roles"), role, any_role.filter(active_role | secondary)
        )
        self.fields["views"] = ChoicesOf(
            View.FIELD,
            pgettext("thing", "view"),
            queries.views(unit).order_by("name_key"),
            none=_("Everything is visible"),
        )
        self.order_fields([*GENERAL, *SECURITY, "version"])
        for name, field in self.fields.items():
            field.error_messages["required"] = rules.required(name, field.label or name).message

    def _close_fields(self) -> None:
        """What this actor may not change about this employee is read-only and says why."""
        employee, actor = self.employee, self.actor
        if employee is None:
            return
        if not actor.can("admin.role_management.user_assignment"):
            for name in ("primary_role", "secondary_roles"):
                self._close(name, _("This needs the permission Role Management: User Assignment."))
        if actor.is_self(employee.pk):
            self._close("username", _("You cannot change your own username."))
            self._close("primary_role", _("You cannot change your own primary role."))
            self._close("views", _("You cannot change your own views."))
        elif employee.status == Employee.Status.PENDING:
            self._close("username", _("Wait until the account is activated."))
        if employee.scim_managed:
            for name in employees.IDENTITY:
                self._close(name, _("Change this in your identity provider."))
            for name in set(self.unit.settings.scim_fields) & self.fields.keys():
                field = self.fields[name]
                note = _("Also set by your identity provider; the next update may overwrite it.")
                field.help_text = f"{field.help_text} {note}".strip()

    def _close(self, name: str, why: str) -> None:
        field = self.fields[name]
        field.disabled, field.help_text = True, why

    def close_all(self) -> None:
        """For those who may only look."""
        for field in self.fields.values():
            field.disabled = True

    def values(self) -> dict[str, Any]:
        """For the action: all of a new employee, of another one only what was changed; what could not be read is left out
        or empty."""
        given = {name: value for name, value in self.cleaned_data.items() if name in (*GENERAL, *SECURITY[:4])}
        for name in employees.MANY:
            if name in given:
                given[name] = list(given[name])
        if not self._needs_mfa_secret() or not given.get("mfa_secret"):
            given.pop("mfa_secret", None)
        else:
            given["mfa_secret"] = given["mfa_secret"].replace(" ", "").upper()
        if "inactivity_lock" in self.fields:
            given["inactivity_override"] = self._override()
        if not given.get("time_zone"):
            given["time_zone"] = self.unit.time_zone
        if self.employee is None:
            return given
        changed = set(self.changed_data)
        if changed & {"inactivity_lock", "inactivity_days"}:
            changed.add("inactivity_override")
        return {name: value for name, value in given.items() if name in changed}

    def _needs_mfa_secret(self) -> bool:
        authenticator = self.cleaned_data.get("login_authenticator")
        return authenticator is not None and authenticator.mfa_required

    def _override(self) -> int | None:
        choice, days = self.cleaned_data.get("inactivity_lock"), self.cleaned_data.get("inactivity_days")
        return {NEVER: Employee.NEVER_LOCK, DAYS: days or -1}.get(choice or TENANT)

    @property
    def error_tab(self) -> str:
        """The tab on which the first wrong field is."""
        return "security" if self.errors and set(self.errors) <= {*SECURITY} else "general"

    @property
    def mfa_authenticators(self) -> str:
        """The ids of the authenticators that ask for a token, for the script that shows the field."""
        queryset = self.fields["login_authenticator"].queryset  # type: ignore[attr-defined]
        return " ".join(str(authenticator.pk) for authenticator in queryset if authenticator.mfa_required)


def _with_username(data: QueryDict | None) -> QueryDict | None:
    """The username of a new employee is the e-mail address unless another one was typed (R-EMP-2)."""
    if data is None or data.get("username", "").strip():
        return data
    filled = data.copy()
    filled["username"] = data.get("email", "")
    return filled


def _initial(unit: BusinessUnit, employee: Employee | None) -> Mapping[str, Any]:
    if employee is None:
        return {
            "team": queries.default_team(unit.pk),
            "attributes": list(Employee.ATTRIBUTES),
            "time_zone": unit.time_zone,
        }
    names = (
        *(name for name in TEXTS if name != "external_id"),
        *("hire_date", "rank", "primary_role", "team", "login_authenticator", "attributes", "version"),
    )
    found = {name: getattr(employee, name) for name in names}
    override = employee.inactivity_override
    found["secondary_roles"] = list(employee.secondary_roles.all())
    found["groups"] = list(employee.groups.all())
    found["views"] = list(employee.views.all())
    found["inactivity_lock"] = TENANT if override is None else DAYS if override else NEVER
    found["inactivity_days"] = override or None
    return found
