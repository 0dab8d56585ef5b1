"""Row menus (⋮): what can be done with one record."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry: mostly a link that opens a dialog.

    Attributes:
        hint: why the entry is disabled; empty where it is not.
        takes_away: shown in the danger colour.
        is_page: leads to a page instead of a dialog.
        acts: is done at once, without a dialog; the page then holds the form `row-form` (templates/_row_form.html).
    """

    label: str | Promise
    url: str
    icon: str = ""
    takes_away: bool = False
    hint: str | Promise = ""
    is_page: bool = False
    acts: bool = False
