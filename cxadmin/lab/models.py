"""What the lab keeps: the exchanges of the request journal, runs of the simulator, and the fault rules."""

from typing import Any
from urllib.parse import unquote_plus

import orjson
from django.db import models
from django.utils.translation import pgettext_lazy

from accounts.ids import new_id

# What a replay says of itself in its headers (cxadmin.lab.replay).
REPLAY_OF = "X-Replay-Of"


class Exchange(models.Model):
    """One request of a program and its answer. Secrets were masked before it was stored.

    Written in batches by `cxadmin.lab.journal`, and on SQLite in a file of its own (`cxadmin.lab.routers`): no foreign keys.
    The wide columns come last, so that lists and counts do not read them.
    """

    class Door(models.TextChoices):
        SCIM = "scim", "SCIM"
        OAUTH = "oauth", "OAuth"
        REST = "rest", "REST"
        OTHER = "other", pgettext_lazy("door", "No address")

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    request_id = models.CharField(max_length=64, db_index=True)
    door = models.CharField(max_length=5, choices=Door)
    method = models.CharField(max_length=10)
    status = models.PositiveSmallIntegerField()
    duration_us = models.PositiveIntegerField()
    business_unit_id = models.UUIDField(null=True, help_text="None where the credential does not tell the tenant.")
    employee_id = models.UUIDField(null=True)
    username = models.CharField(max_length=254)
    credential = models.CharField(max_length=120)
    client = models.CharField(max_length=40)
    address = models.CharField(max_length=45)
    request_size = models.PositiveIntegerField()
    answer_size = models.PositiveIntegerField()
    clock_at = models.DateTimeField(null=True, help_text="The tenant's time, where that is another.")
    fault_id = models.BigIntegerField(null=True, help_text="The fault rule that fired, if one did.")
    fault = models.CharField(max_length=200, default="", help_text="What it did.")
    path = models.TextField()
    query = models.TextField()
    context_json = models.TextField(db_column="context")
    before_json = models.TextField(db_column="before")
    request_headers_json = models.TextField(db_column="request_headers")
    answer_headers_json = models.TextField(db_column="answer_headers")
    request_body = models.TextField()
    answer_body = models.TextField()

    WIDE = (
        "context_json",
        "before_json",
        "request_headers_json",
        "answer_headers_json",
        "request_body",
        "answer_body",
    )

    class Meta:
        indexes = [models.Index(fields=["business_unit_id", "id"], name="exchange_tenant")]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def target(self) -> str:
        """Path and query, as in the request line."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def readable(self) -> str:
        """The same as people read it, filters without percent signs."""
        return unquote_plus(self.target)

    @property
    def milliseconds(self) -> float:
        return self.duration_us / 1000

    @property
    def request_headers(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in orjson.loads(self.request_headers_json)]

    @property
    def answer_headers(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in orjson.loads(self.answer_headers_json)]

    @property
    def replay_of(self) -> int:
        """The exchange that this one repeats; 0 for none. A client may claim it of itself."""
        said = dict(self.request_headers).get(REPLAY_OF, "")
        return int(said) if said.isdecimal() and len(said) < 19 else 0

    @property
    def context(self) -> dict[str, Any]:
        """The tenant's SCIM settings and the caller's rights at that time; empty where nobody was recognised."""
        found: dict[str, Any] = orjson.loads(self.context_json or "{}")
        return found

    @property
    def before(self) -> dict[str, Any] | None:
        """The resource before a PATCH."""
        found: dict[str, Any] | None = orjson.loads(self.before_json) if self.before_json else None
        return found


class Simulation(models.Model):
    """A run of the identity provider simulator against a tenant, played by a worker.

    Its secrets are sealed, and gone once it has ended.
    """

    class Status(models.TextChoices):
        WAITING = "WAITING", pgettext_lazy("simulation", "Waiting")
        PLAYING = "PLAYING", pgettext_lazy("simulation", "Playing")
        COMPLETE = "COMPLETE", pgettext_lazy("simulation", "Finished")
        STOPPED = "STOPPED", pgettext_lazy("simulation", "Stopped")
        FAILED = "FAILED", pgettext_lazy("simulation", "Not finished")

    OPEN = (Status.WAITING, Status.PLAYING)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    business_unit_id = models.UUIDField()
    tenant_name = models.CharField(max_length=100)
    plan = models.JSONField()
    credential = models.CharField(max_length=10)
    sealed_secrets = models.TextField()
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING, db_index=True)
    submitted_by = models.CharField(max_length=254)
    submitted_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True, help_text="When the worker that plays it last said so.")
    is_stop_asked = models.BooleanField(default=False)
    report = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"Simulation {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN


class FaultRule(models.Model):
    """Makes requests of programs fail on purpose: which ones, how, and how often (`cxadmin.lab.faults`).

    Kept beside the journal (`cxadmin.lab.routers`), so that counting never waits for clients that write: no foreign keys.
    """

    class Action(models.TextChoices):
        STATUS = "status", pgettext_lazy("fault", "Answer with a status")
        DELAY = "delay", pgettext_lazy("fault", "Only delay")
        DROP = "drop", pgettext_lazy("fault", "Drop the connection")
        STALE = "stale", pgettext_lazy("fault", "Repeat an earlier answer")
        TRUNCATE = "truncate", pgettext_lazy("fault", "Cut the body off")

    class Door(models.TextChoices):
        SCIM = "scim", "SCIM"
        OAUTH = "oauth", "OAuth"
        REST = "rest", "REST"

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=100)
    is_armed = models.BooleanField(default=True)
    business_unit_id = models.UUIDField(null=True, help_text="None for every tenant.")
    credential = models.CharField(max_length=120, help_text="A kind of credential, or one as the journal names it.")
    door = models.CharField(max_length=5, choices=Door)
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=500, help_text="The beginning of the path, or a pattern with * and ?.")
    nth = models.PositiveIntegerField(null=True)
    every = models.PositiveIntegerField(null=True)
    probability = models.FloatField(default=1)
    times = models.PositiveIntegerField(null=True)
    action = models.CharField(max_length=8, choices=Action, default=Action.STATUS)
    status = models.PositiveSmallIntegerField(default=503)
    retry_after = models.PositiveIntegerField(null=True)
    delay_ms = models.PositiveIntegerField(default=0)
    jitter_ms = models.PositiveIntegerField(default=0)
    is_carried_out = models.BooleanField(default=False)
    seen = models.PositiveIntegerField(default=0, help_text="Matching requests since it was armed.")
    fired = models.PositiveIntegerField(default=0)
    last_fired_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"

    @staticmethod
    def named(number: int) -> str:
        """How an exchange names a rule that hit it before the one of `fault_id` did."""
        return f" (rule {number})"

    @property
    def is_spent(self) -> bool:
        """Whether it cannot fire again until it is armed anew."""
        return (self.times is not None and self.fired >= self.times) or (self.nth is not None and self.seen >= self.nth)
