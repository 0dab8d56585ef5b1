"""Teams (spec §3)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from accounts.ids import new_number

from .base import FoldedField, Record


class Team(Record):
    """The one team an employee belongs to; exactly one team of a tenant is the default (R-EMP-5)."""

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", pgettext_lazy("status", "Active")
        INACTIVE = "INACTIVE", pgettext_lazy("status", "Inactive")

    number = models.PositiveIntegerField(default=new_number)  # its id in the classic API
    name = models.CharField(max_length=50)
    name_key = FoldedField("name", max_length=150)
    description = models.CharField(max_length=200, default="")
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    is_default = models.BooleanField(default=False)
    # Contact settings and features, under the names of the classic API: stored, without effect (screens §7).
    acd_settings = models.JSONField(default=dict)
    lead = models.ForeignKey("accounts.Employee", models.SET_NULL, null=True, related_name="leads")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["business_unit", "name_key"], name="team_name"),
            models.UniqueConstraint(fields=["business_unit", "number"], name="team_number"),
            models.UniqueConstraint(fields=["business_unit"], condition=Q(is_default=True), name="team_default"),
        ]

    def __str__(self) -> str:
        return self.name
