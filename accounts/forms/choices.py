"""Form fields that choose records of the tenant."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import rules
from accounts.console.widgets import Multi
from accounts.models import Role


def name_of(record: Any) -> str:
    """What a choice is called: unrenamed out-of-the-box roles in the reader's language (R-ROLE-10)."""
    return record.display_name if isinstance(record, Role) else str(record)


class ChoiceOf(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One record of the tenant; what cannot be chosen is answered as V-CHOICE."""

    def __init__(self, label: Any, thing: Any, queryset: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(queryset, label=label, **kwargs)
        self.error_messages["invalid_choice"] = rules.inactive_choice("", thing).message

    def label_from_instance(self, obj: Any) -> str:
        return name_of(obj)

    def to_python(self, value: Any) -> Any:
        """The record; what is no id at all is answered like an unknown one."""
        try:
            return super().to_python(value)
        except ValidationError as error:
            raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice") from error


class ChoicesOf(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Several records of the tenant, as a drop-down of check boxes."""

    def __init__(self, label: Any, thing: Any, queryset: QuerySet[Any], *, none: Any = None, **kwargs: Any) -> None:
        widget = Multi(none=none or _("None"))
        super().__init__(queryset, label=label, required=False, widget=widget, **kwargs)
        self.error_messages["invalid_choice"] = rules.inactive_choice("", thing).message

    def label_from_instance(self, obj: Any) -> str:
        return name_of(obj)

    def clean(self, value: Any) -> Any:
        """The records; what is no id at all is answered like an unknown one."""
        try:
            return super().clean(value)
        except ValidationError as error:
            raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice") from error
