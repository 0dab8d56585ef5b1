"""What several tables share."""

import functools
from collections.abc import Collection
from typing import Any

from django.db import models

from accounts.crypto import decrypt, encrypt
from accounts.ids import fold, new_id


class FoldedField(models.CharField):  # type: ignore[type-arg]
    """The case-folded copy of other columns: unique constraints and look-ups ignore case on it, alike on every database.

    Several sources are joined by a space. Django writes it with its sources on `save`; a partial update adds
    `copies_of(...)`.
    """

    def __init__(self, *sources: str, **kwargs: Any) -> None:
        self.sources = sources
        kwargs["editable"] = False
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        name, path, _, kwargs = super().deconstruct()
        del kwargs["editable"]
        return name, path, self.sources, kwargs

    def db_parameters(self, connection: Any) -> Any:
        # Compared by code point on every database: the order is the same, and prefixes can use the index.
        return {**super().db_parameters(connection), "collation": "C" if connection.vendor == "postgresql" else None}

    def folded_from(self, record: models.Model) -> str:
        return fold(" ".join(str(getattr(record, source)) for source in self.sources))

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = self.folded_from(model_instance)
        setattr(model_instance, self.attname, value)
        return value


def copies_of(model: type[models.Model], changed: Collection[str]) -> list[str]:
    """The folded copies that change with these columns."""
    return [name for name, sources in _copies(model) if not sources.isdisjoint(changed)]


@functools.cache
def _copies(model: type[models.Model]) -> list[tuple[str, frozenset[str]]]:
    fields = model._meta.concrete_fields
    return [(field.attname, frozenset(field.sources)) for field in fields if isinstance(field, FoldedField)]


class Versioned(models.Model):
    """Something several people may edit at once.

    `version` grows with every write: it is the SCIM ETag, and it tells a form that somebody else saved meanwhile.
    """

    version = models.PositiveIntegerField(default=1)
    modified_at = models.DateTimeField()
    modified_by = models.CharField(max_length=201)

    class Meta:
        abstract = True


class Record(Versioned):
    """An object of one tenant that people edit."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    business_unit = models.ForeignKey("accounts.BusinessUnit", models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=201)

    class Meta:
        abstract = True


class EncryptedField(models.TextField):  # type: ignore[type-arg]
    """Text that is sealed in the database and clear in Python; empty stays empty."""

    def get_prep_value(self, value: Any) -> Any:
        return encrypt(value) if value else ""

    def from_db_value(self, value: str | None, *_: Any) -> str:
        return decrypt(value) if value else ""
