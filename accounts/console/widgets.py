"""Inputs that forms share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms


@dataclass(frozen=True, slots=True)
class Option:
    """A choice as `_multi.html` prints records."""

    pk: str
    label: str

    def __str__(self) -> str:
        return self.label


class Multi(forms.CheckboxSelectMultiple):
    """A multi-select: a button that opens a list of check boxes (templates/_multi.html).

    Args:
        none: what the button says when nothing is ticked.
    """

    template_name = "_multi_widget.html"
    use_fieldset = False

    def __init__(self, *, none: Any, attrs: Mapping[str, Any] | None = None) -> None:
        super().__init__(dict(attrs or {}))
        self.none = none

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        options = [option for group in widget["optgroups"] for option in group[1]]
        widget["options"] = [Option(str(option["value"]), str(option["label"])) for option in options]
        widget["chosen"] = [str(option["value"]) for option in options if option["selected"]]
        widget["none"] = self.none
        widget["described"] = widget["attrs"].get("aria-describedby")
        widget["invalid"] = widget["attrs"].get("aria-invalid")
        return context

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        """The button's, which carries the id itself."""
        return id_


def searchable(**attrs: Any) -> forms.Select:
    """A single select in which one can search (static/js/combobox.js)."""
    return forms.Select({"data-combobox": "", **attrs})
