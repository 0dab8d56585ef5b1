"""A file for the worker (screens §5.5)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts import spreadsheets
from accounts.console.forms import ConsoleForm

CHANGED, ALL = "changed", "all"


class UploadForm(ConsoleForm):
    """A file, and which of its rows count.

    Args:
        has_changes: whether rows can be marked as changed; where they cannot, all of them count.
    """

    file = forms.FileField(
        label=gettext_lazy("File"),
        allow_empty_file=True,
        help_text=gettext_lazy("A CSV file of at most 1,000 rows."),
        widget=forms.FileInput({"accept": ".csv,text/csv"}),
    )
    rows = forms.ChoiceField(
        label=gettext_lazy("Rows to Include"),
        choices=((CHANGED, gettext_lazy("Changed Rows Only")), (ALL, gettext_lazy("All Rows"))),
        widget=forms.RadioSelect,
        initial=CHANGED,
    )

    def __init__(self, *args: Any, has_changes: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_changes:
            del self.fields["rows"]

    @property
    def content(self) -> bytes:
        """The file, cut one byte above what is allowed."""
        found: bytes = self.cleaned_data["file"].read(spreadsheets.LARGEST + 1)
        return found

    @property
    def file_name(self) -> str:
        return str(self.cleaned_data["file"].name)

    @property
    def changed_only(self) -> bool:
        return bool(self.cleaned_data.get("rows") == CHANGED)
