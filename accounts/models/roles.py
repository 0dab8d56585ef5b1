"""Roles, their permissions and the names they have used up (spec §3, §5)."""

from django.db import models
from django.utils.translation import pgettext_lazy

from accounts.ids import new_id, new_number

from .base import FoldedField, Record


class Role(Record):
    """A named set of permissions that employees hold as primary or secondary role."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", pgettext_lazy("status", "Draft")
        ACTIVE = "ACTIVE", pgettext_lazy("status", "Active")
        INACTIVE = "INACTIVE", pgettext_lazy("status", "Inactive")

    OOTB_NAMES = {
        "agent": pgettext_lazy("role", "Agent"),
        "manager": pgettext_lazy("role", "Manager"),
        "administrator": pgettext_lazy("role", "Administrator"),
        "evaluator": pgettext_lazy("role", "Evaluator"),
    }

    number = models.PositiveIntegerField(default=new_number)  # its id in the classic API
    name = models.CharField(max_length=50)
    name_key = FoldedField("name", max_length=150)
    description = models.CharField(max_length=200, default="")
    status = models.CharField(max_length=8, choices=Status, default=Status.DRAFT)
    ootb_code = models.CharField(max_length=13, null=True)
    internal = models.BooleanField(default=False)
    modifiable = models.BooleanField(default=True)
    # Restricted Access of the ACD category: stored, without effect (screens §4.2).
    restrictions = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["business_unit", "name_key"], name="role_name"),
            models.UniqueConstraint(fields=["business_unit", "number"], name="role_number"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def display_name(self) -> str:
        """The name as people read it: translated while an out-of-the-box role keeps its first name (R-ROLE-10)."""
        original = self.OOTB_NAMES.get(self.ootb_code or "")
        return str(original) if original is not None and self.name.lower() == self.ootb_code else self.name


class RoleNameReservation(models.Model):
    """A name some role has or once had; nobody else may take it (R-ROLE-2)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    business_unit = models.ForeignKey("accounts.BusinessUnit", models.CASCADE, related_name="+", db_index=False)
    name_key = models.CharField(max_length=150)
    role = models.ForeignKey(Role, models.CASCADE, related_name="used_names")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["business_unit", "name_key"], name="role_name_once")]

    def __str__(self) -> str:
        return self.name_key


class RolePermission(models.Model):
    """One action or switch that a role turns on; `code` is `{category}.{permission}.{action}` of the catalogue."""

    id = models.BigAutoField(primary_key=True)
    role = models.ForeignKey(Role, models.CASCADE, related_name="permissions", db_index=False)
    code = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "code"], name="role_permission")]

    def __str__(self) -> str:
        return self.code
