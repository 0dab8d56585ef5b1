"""A group's name (screens §8)."""

from accounts.actions import groups
from accounts.console.forms import RecordForm, text


class GroupForm(RecordForm):
    """What the page holds, but for the members."""

    name = text(groups.TEXTS["name"])

    def values(self) -> dict[str, str]:
        """For the action; what could not be read is empty."""
        return {"name": self.cleaned_data.get("name", "")}
