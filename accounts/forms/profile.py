"""My Profile, tab Accessibility (screens §13)."""

from collections.abc import Iterable

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy

from accounts.actions import profile
from accounts.console.forms import ConsoleForm


def _range_message() -> str:
    return profile.toast_problems(None)[0].message


class AccessibilityForm(ConsoleForm):
    """How long toasts stay."""

    toast_seconds = forms.IntegerField(
        label=gettext_lazy("Duration of messages"),
        required=False,
        widget=forms.NumberInput({"inputmode": "numeric"}),
        help_text=gettext_lazy("Seconds, from 3 to 30."),
        error_messages={"invalid": lazy(_range_message, str)()},
    )
    until_closed = forms.BooleanField(label=gettext_lazy("Until closed"), required=False)

    def disregarded(self) -> Iterable[str]:
        """The number of seconds, where messages stay until they are closed."""
        if self.cleaned_data.get("until_closed"):
            yield "toast_seconds"

    @staticmethod
    def filled_from(seconds: int) -> dict[str, object]:
        """The initial values."""
        if seconds == profile.UNTIL_CLOSED:
            return {"until_closed": True}
        return {"toast_seconds": seconds}

    def seconds(self) -> int | None:
        """For the action; None where no number was entered. A zero is no number of seconds: the check box says that."""
        given: int | None = self.cleaned_data.get("toast_seconds")
        if self.cleaned_data["until_closed"]:
            return profile.UNTIL_CLOSED
        return None if given == profile.UNTIL_CLOSED else given
