"""Views: what limits whom somebody sees (spec §3, R-VIEW-1)."""

from django.db import models
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.ids import new_id

from .base import FoldedField, Record


class View(Record):
    """A named part of the tenant; whoever has one sees only what it lists.

    User data limits the employees, Roles the roles; the other types are stored, without effect (screens §11).
    """

    class Type(models.TextChoices):
        EVALUATION = "EVALUATION", pgettext_lazy("view type", "Evaluation")
        HOURS_OF_OPERATION = "HOURS_OF_OPERATION", pgettext_lazy("view type", "Hours of operation")
        INTERACTION_SEGMENT = "INTERACTION_SEGMENT", pgettext_lazy("view type", "Interaction-Segment")
        ROLES = "ROLES", pgettext_lazy("view type", "Roles")
        USER_DATA = "USER_DATA", pgettext_lazy("view type", "User data")

    FIELD = gettext_lazy("View(s)")
    """What employees and their templates call it."""

    name = models.CharField(max_length=50)
    name_key = FoldedField("name", max_length=150)
    description = models.CharField(max_length=200, default="")
    type = models.CharField(max_length=19, choices=Type)
    teams = models.ManyToManyField("accounts.Team", related_name="+")
    roles = models.ManyToManyField("accounts.Role", related_name="+")
    all_segments = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["business_unit", "name_key"], name="view_name")]

    def __str__(self) -> str:
        return self.name


class EmployeeView(models.Model):
    """One of the views that limit an employee."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    employee = models.ForeignKey("accounts.Employee", models.CASCADE, related_name="+", db_index=False)
    view = models.ForeignKey(View, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["employee", "view"], name="employee_view")]

    def __str__(self) -> str:
        return f"{self.view_id} of {self.employee_id}"
