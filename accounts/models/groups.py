"""Groups of employees; they grant nothing (R-GRP-1). SCIM serves them as Group resources."""

from django.db import models

from accounts.ids import new_id, new_number

from .base import FoldedField, Record


class Group(Record):
    """A named set of employees."""

    number = models.PositiveIntegerField(default=new_number)  # its id in the classic API
    name = models.CharField(max_length=50)
    name_key = FoldedField("name", max_length=150)
    external_id = models.CharField(max_length=255, null=True)
    members = models.ManyToManyField("accounts.Employee", through="GroupMembership", related_name="groups")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["business_unit", "name_key"], name="group_name"),
            models.UniqueConstraint(fields=["business_unit", "number"], name="group_number"),
        ]
        indexes = [models.Index(fields=["business_unit", "external_id"], name="group_external_id")]

    def __str__(self) -> str:
        return self.name


class GroupMembership(models.Model):
    """One employee in one group."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey(Group, models.CASCADE, related_name="+", db_index=False)
    employee = models.ForeignKey("accounts.Employee", models.CASCADE, related_name="+")
    display = models.CharField(max_length=254, null=True)  # what an identity provider calls the member

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "employee"], name="group_member")]

    def __str__(self) -> str:
        return f"{self.employee_id} in {self.group_id}"
