"""What contacts would need: the tenant's catalogue, and what agents have of it (apis.md, appendix A)."""

from django.db import models

from accounts.ids import new_id

from .base import FoldedField


class CatalogueEntry(models.Model):
    """Something of the contact centre that administration only lists; the seed makes most of it.

    `details` is what the classic API writes of it besides number, name and status, under the API's own names.
    """

    class Kind(models.TextChoices):
        SKILL = "skill"
        CAMPAIGN = "campaign"
        DISPOSITION = "disposition"
        HOURS = "hours"
        POINT = "point"
        HIRING_SOURCE = "hiring_source"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    business_unit = models.ForeignKey("accounts.BusinessUnit", models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=13, choices=Kind)
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    name_key = FoldedField("name", max_length=300)
    is_active = models.BooleanField(default=True)
    details = models.JSONField(default=dict)
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["business_unit", "kind", "number"], name="catalogue_number"),
            models.UniqueConstraint(fields=["business_unit", "kind", "name_key"], name="catalogue_name"),
        ]

    def __str__(self) -> str:
        return self.name


class AgentSkill(models.Model):
    """A skill that an employee has as an agent."""

    PROFICIENCIES = {1: "Highest", 2: "High", 3: "Medium", 4: "Low", 5: "Lowest"}
    USUAL = 3

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    business_unit = models.ForeignKey("accounts.BusinessUnit", models.CASCADE, related_name="+", db_index=False)
    employee = models.ForeignKey("accounts.Employee", models.CASCADE, related_name="agent_skills", db_index=False)
    skill = models.ForeignKey(CatalogueEntry, models.CASCADE, related_name="agents")
    proficiency = models.PositiveSmallIntegerField(default=USUAL)
    is_active = models.BooleanField(default=True)
    modified_at = models.DateTimeField()

    class Meta:
        # The order of the list of all agents' skills, which starts with the tenant.
        constraints = [models.UniqueConstraint(fields=["business_unit", "employee", "skill"], name="agent_skill")]

    def __str__(self) -> str:
        return f"{self.skill_id} of {self.employee_id}"


class AgentState(models.Model):
    """What an agent last set as his state; an agent without a row is logged out."""

    employee = models.OneToOneField("accounts.Employee", models.CASCADE, primary_key=True, related_name="agent_state")
    is_available = models.BooleanField()
    code = models.PositiveSmallIntegerField(null=True)  # the unavailable code, if one was named
    since = models.DateTimeField()

    def __str__(self) -> str:
        return "Available" if self.is_available else "Unavailable"
