"""A view: what it is called, what it limits and to what (screens §11)."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy, pgettext

from accounts import queries, rules
from accounts.actions import views
from accounts.actions.views import TEXTS
from accounts.console.forms import RecordForm, text
from accounts.forms.choices import ChoicesOf
from accounts.models import BusinessUnit, View


class ViewForm(RecordForm):
    """The page of a view; of teams and roles, those of its type count.

    Args:
        unit: the tenant.
        view: which one is edited; None creates one.
    """

    name = text(TEXTS["name"], autocomplete="off")
    description = text(TEXTS["description"])
    type = forms.ChoiceField(
        label=gettext_lazy("Type"),
        choices=View.Type.choices,
        help_text=gettext_lazy("Cannot be changed later."),
    )

    def __init__(self, data: QueryDict | None, *, unit: BusinessUnit, view: View | None = None) -> None:
        self.view = view
        super().__init__(data, initial=_initial(view))
        teams, roles = queries.teams(unit.pk).order_by("name_key"), queries.roles_by_name(unit.pk)
        self.fields["teams"] = ChoicesOf(gettext_lazy("Teams"), pgettext("thing", "team"), teams)
        self.fields["roles"] = ChoicesOf(gettext_lazy("Roles"), pgettext("thing", "role"), roles)
        # Only views of their type need them, so the form cannot require them.
        for listed in views.MANY:
            setattr(self.fields[listed], "has_star", True)  # noqa: B010
        self.fields["all_segments"] = forms.BooleanField(
            label=gettext_lazy("Allows users to access all segments in the interaction"), required=False
        )
        if view is not None:
            self.fields["type"].disabled = True
        for name, field in self.fields.items():
            field.error_messages["required"] = rules.required(name, field.label or name).message

    def close_all(self) -> None:
        """For those who may only look."""
        for field in self.fields.values():
            field.disabled = True

    def disregarded(self) -> list[str]:
        """What views of this type do not list."""
        kind = self.cleaned_data.get("type", "")
        return [field for field in views.MANY if field != views.lists(kind)]

    def values(self) -> dict[str, Any]:
        """For the action; what could not be read is empty."""
        found = self.cleaned_data
        return {
            **{field: found.get(field, "") for field in ("name", "description", "type")},
            **{field: list(found.get(field) or ()) for field in views.MANY},
            "all_segments": bool(found.get("all_segments")),
        }


def _initial(view: View | None) -> dict[str, Any]:
    if view is None:
        return {"type": View.Type.USER_DATA}
    found = {field: getattr(view, field) for field in ("name", "description", "type", "all_segments", "version")}
    return found | {field: list(getattr(view, field).all()) for field in views.MANY}
