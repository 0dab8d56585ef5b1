"""What programs sign in with: access keys and SCIM tokens (spec §3, R-KEY, R-TOK)."""

from django.db import models
from django.utils.translation import pgettext_lazy

from accounts.ids import new_id
from cxadmin import clock

from .employees import Employee


class AccessKey(models.Model):
    """An Access Key ID with its secret; acts with the owner's permissions. Works only once saved."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    employee = models.ForeignKey(Employee, models.CASCADE, related_name="access_keys")
    access_key_id = models.CharField(max_length=56)
    secret_hash = models.CharField(max_length=64)
    is_active = models.BooleanField(default=True)
    saved_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=201)
    drafted_by = models.UUIDField(null=True)  # the employee whose page an unsaved pair stands on
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["access_key_id"], name="access_key_id")]

    def __str__(self) -> str:
        return self.access_key_id


class ScimToken(models.Model):
    """A bearer token for SCIM alone, bound to the employee who is credited with what it does. Works only once saved."""

    class State(models.TextChoices):
        ACTIVE = "ACTIVE", pgettext_lazy("token state", "Active")
        SUSPENDED = "SUSPENDED", pgettext_lazy("token state", "Suspended")
        EXPIRED = "EXPIRED", pgettext_lazy("token state", "Expired")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    business_unit = models.ForeignKey("accounts.BusinessUnit", models.CASCADE, related_name="scim_tokens")
    employee = models.ForeignKey(Employee, models.CASCADE, related_name="scim_tokens")
    token_hash = models.CharField(max_length=64)
    last4 = models.CharField(max_length=4)
    saved_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=201)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token_hash"], name="scim_token")]

    def __str__(self) -> str:
        return f"SCIM token …{self.last4}"

    @property
    def state(self) -> State:
        """How a saved token stands now: suspended while the attached employee may not use it (R-TOK-7)."""
        if self.expires_at is not None and self.expires_at <= clock.now():
            return self.State.EXPIRED
        return self.State.ACTIVE if self.employee.may_use_credentials else self.State.SUSPENDED
