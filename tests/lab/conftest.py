"""A journal that records at once."""

import pytest

from cxadmin.lab import journal as journals
from cxadmin.lab.models import Exchange


class Journal:
    """What the journal holds, written on asking instead of by a thread."""

    def all(self) -> list[Exchange]:
        """Every exchange, oldest first."""
        journals.recorder.flush()
        return list(Exchange.objects.order_by("pk"))

    def last(self) -> Exchange:
        return self.all()[-1]


@pytest.fixture
def journal(settings, db, monkeypatch, tmp_path) -> Journal:
    settings.JOURNAL_ENTRIES = 1000
    settings.JOURNAL_FOLDER = tmp_path / "journal"
    recorder = journals.Recorder()
    monkeypatch.setattr(recorder, "_start", lambda: None)
    monkeypatch.setattr(journals, "recorder", recorder)
    return Journal()
