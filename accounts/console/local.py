"""Dates and numbers as the reader's language writes them. For people only: programs and data attributes get ISO 8601 and digits."""

from datetime import datetime

from django.utils import formats
from django.utils.translation import get_language

DATES = {"de": "%d.%m.%Y", "ja": "%Y/%m/%d"}
"""English keeps ISO dates, which no reader on either side of the Atlantic mistakes."""


def date(moment: datetime) -> str:
    """A day: 2026-05-02, 02.05.2026 or 2026/05/02."""
    return moment.strftime(DATES.get(get_language() or "", "%Y-%m-%d"))


def number(count: int) -> str:
    """A count with its thousands apart."""
    return formats.number_format(count, use_l10n=True, force_grouping=True)


def counted(words: str, count: int) -> str:
    """Words that hold this count, as "100000 employees", with its thousands apart."""
    return words.replace(str(count), number(count), 1)
