"""Employee templates: what new employees get filled in (spec §3, screens §6)."""

from django.db import models
from django.utils.translation import pgettext_lazy

from .base import FoldedField, Record


class EmployeeTemplate(Record):
    """A named set of values for an employee's fields; a field it ignores it leaves alone (R-TPL-1)."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", pgettext_lazy("status", "Draft")
        ACTIVE = "ACTIVE", pgettext_lazy("status", "Active")
        INACTIVE = "INACTIVE", pgettext_lazy("status", "Inactive")

    FIELDS = ("team", "primary_role", "time_zone", "attributes", "login_authenticator", "secondary_roles", "views")

    name = models.CharField(max_length=50)
    name_key = FoldedField("name", max_length=150)
    status = models.CharField(max_length=8, choices=Status, default=Status.DRAFT)
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, related_name="+")
    primary_role = models.ForeignKey("accounts.Role", models.PROTECT, null=True, related_name="+")
    time_zone = models.CharField(max_length=64, default="")
    attributes = models.JSONField(default=list)
    login_authenticator = models.ForeignKey("accounts.LoginAuthenticator", models.PROTECT, null=True, related_name="+")
    secondary_roles = models.ManyToManyField("accounts.Role", related_name="+")
    views = models.ManyToManyField("accounts.View", related_name="+")
    # The fields with a tick in their Ignore box.
    ignored = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["business_unit", "name_key"], name="employee_template_name")]

    def __str__(self) -> str:
        return self.name
