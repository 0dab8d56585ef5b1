"""What happened: changes and activity (spec §11)."""

import orjson
from django.db import models
from django.utils.translation import pgettext_lazy

from accounts.ids import new_id

SYSTEM = "System"
"""What the trail calls the product itself; people have two names, so nobody else is called so."""


def shown_actor(name: str) -> str:
    """Who acted, in the reader's language where it was the product itself."""
    return str(AuditEvent.Channel.SYSTEM.label) if name == SYSTEM else name


def named_system(words: str) -> models.Q:
    """Narrows events to those of the product itself, if its name in the reader's language holds these words; else to none."""
    called_so = words.casefold() in str(AuditEvent.Channel.SYSTEM.label).casefold()
    return models.Q(triggered_by_name=SYSTEM) if called_so else models.Q(pk__in=())


class AuditEvent(models.Model):
    """One change by one actor: what it touched, attribute by attribute, and with which credential.

    All attributes of an event are one row, so that a change costs one INSERT however much it touches (R-AUD-1); the
    screens show one line per attribute. Never edited (R-AUD-6); names are kept as they were (R-AUD-5).
    """

    class Channel(models.TextChoices):
        UI = "UI", pgettext_lazy("channel", "UI")
        IMPORT = "IMPORT", pgettext_lazy("channel", "Import")
        SCIM = "SCIM", "SCIM"
        REST = "REST", "REST"
        SYSTEM = "SYSTEM", pgettext_lazy("channel", "System")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    business_unit = models.ForeignKey("accounts.BusinessUnit", models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    application = models.CharField(max_length=20, default="Admin")
    entity = models.CharField(max_length=30)
    entity_id = models.UUIDField()
    entity_label = models.CharField(max_length=254)
    # JSON array of [attribute, previous, changed]; text rather than a JSON column, so that searching it is the same everywhere.
    changes_json = models.TextField(db_column="changes")
    triggered_by = models.ForeignKey("accounts.Employee", models.SET_NULL, null=True, related_name="+", db_index=False)
    triggered_by_name = models.CharField(max_length=201)
    channel = models.CharField(max_length=6, choices=Channel)
    credential = models.CharField(max_length=120, default="")
    request_id = models.CharField(max_length=64, default="")

    class Meta:
        indexes = [
            # Every report has a period, so one index serves them all: it finds the period, in order, and the columns behind
            # `at` let the filters count without reading the rows. An index a filter would be paid by every provisioning write.
            models.Index(fields=["business_unit", "at", "entity", "channel", "triggered_by"], name="audit_at"),
            models.Index(fields=["entity_id", "at"], name="audit_entity"),
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.entity_label}"

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """The entries of the event: attribute, previous value, changed value."""
        return [tuple(change) for change in orjson.loads(self.changes_json)]


class ActivityEvent(models.Model):
    """A sign-in, a failure, a logout, a lock, a token grant, a refusal: what is not a change."""

    class Result(models.TextChoices):
        SUCCESS = "SUCCESS", pgettext_lazy("result", "Success")
        FAILURE = "FAILURE", pgettext_lazy("result", "Failure")

    NAMES = {
        "Locked": pgettext_lazy("activity", "Locked"),
        "Log in": pgettext_lazy("activity", "Log in"),
        "Log in refused": pgettext_lazy("activity", "Log in refused"),
        "Log out": pgettext_lazy("activity", "Log out"),
        "Refused": pgettext_lazy("activity", "Refused"),
        "Token granted": pgettext_lazy("activity", "Token granted"),
    }
    REASONS = {
        "INACTIVITY": pgettext_lazy("lock reason", "Inactivity"),
        "FAILED_LOGINS": pgettext_lazy("lock reason", "Failed logins"),
        "locked (INACTIVITY)": pgettext_lazy("activity", "locked for inactivity"),
        "locked (FAILED_LOGINS)": pgettext_lazy("activity", "locked after failed logins"),
        "status UNREGISTERED": pgettext_lazy("activity", "not invited"),
        "status PENDING": pgettext_lazy("activity", "not activated yet"),
        "status DELETED": pgettext_lazy("activity", "inactive"),
        "wrong password or MFA token": pgettext_lazy("activity", "wrong password or MFA token"),
        "no MFA secret": pgettext_lazy("activity", "no MFA secret"),
        "no login authenticator": pgettext_lazy("activity", "no login authenticator"),
        "login authenticator inactive": pgettext_lazy("activity", "login authenticator inactive"),
        "external login authenticator": pgettext_lazy("activity", "external login authenticator"),
        "no external login authenticator": pgettext_lazy("activity", "no external login authenticator"),
        "the identity provider did not vouch": pgettext_lazy("activity", "the identity provider did not vouch"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    business_unit = models.ForeignKey("accounts.BusinessUnit", models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    triggered_by_name = models.CharField(max_length=254)
    entity = models.CharField(max_length=30)
    instance = models.CharField(max_length=254)
    activity = models.CharField(max_length=200)
    result = models.CharField(max_length=7, choices=Result)
    address = models.CharField(max_length=45, default="")

    class Meta:
        indexes = [models.Index(fields=["business_unit", "at", "entity", "result"], name="activity_at")]

    def __str__(self) -> str:
        return f"{self.activity} {self.result}"

    @property
    def activity_shown(self) -> str:
        """The activity in the reader's language; of a reason that names something, like a permission, the name stays."""
        name, colon, reason = self.activity.partition(": ")
        return f"{self.NAMES.get(name, name)}{colon}{self.REASONS.get(reason, reason)}"

    @classmethod
    def reading(cls, words: str) -> models.Q:
        """Narrows events to those whose activity or actor holds these words in the reader's language."""
        wanted, found = words.casefold(), named_system(words)
        for name, shown in cls.NAMES.items():
            if wanted in str(shown).casefold():
                found |= models.Q(activity__startswith=name)
        for reason, shown in cls.REASONS.items():
            if wanted in str(shown).casefold():
                found |= models.Q(activity__endswith=f": {reason}")
        return found
