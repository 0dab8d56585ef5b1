"""Where the journal is kept: on SQLite in a file of its own, because a database has one writer at a time there and clients
would wait for the journal; on PostgreSQL beside everything else."""

from typing import Any

from django.conf import settings


class JournalRouter:
    """Sends the models of the lab to their database, and nothing else there."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return settings.JOURNAL_DATABASE if model._meta.app_label == "lab" else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        if app_label == "lab":
            return bool(db == settings.JOURNAL_DATABASE)
        return None if db == "default" else False
