"""Login authenticators: how an employee signs in, and the password policy (spec §3)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from .base import EncryptedField, FoldedField, Record


class LoginAuthenticator(Record):
    """A way to sign in. Every tenant has "System Default" (R-LA-1)."""

    class Type(models.TextChoices):
        SYSTEM = "SYSTEM", pgettext_lazy("authentication type", "System")
        SAML2 = "SAML2", pgettext_lazy("authentication type", "SAML 2.0")
        OIDC = "OIDC", pgettext_lazy("authentication type", "OpenID Connect")

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", pgettext_lazy("status", "Active")
        INACTIVE = "INACTIVE", pgettext_lazy("status", "Inactive")

    class MfaType(models.TextChoices):
        TOTP = "TOTP", pgettext_lazy("MFA type", "TOTP (Time-Based)")
        HOTP = "HOTP", pgettext_lazy("MFA type", "HOTP (HMAC-Based)")

    name = models.CharField(max_length=50)
    name_key = FoldedField("name", max_length=150)
    description = models.CharField(max_length=200, default="")
    type = models.CharField(max_length=6, choices=Type, default=Type.SYSTEM)
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    is_default = models.BooleanField(default=False)
    min_length = models.PositiveSmallIntegerField(default=6)
    require_lower = models.BooleanField(default=True)
    require_upper = models.BooleanField(default=True)
    require_digit = models.BooleanField(default=True)
    require_special = models.BooleanField(default=False)
    expires_days = models.PositiveSmallIntegerField(default=0)
    remembered = models.PositiveSmallIntegerField(default=0)
    allowed_attempts = models.PositiveSmallIntegerField(default=5)
    mfa_required = models.BooleanField(default=False)
    mfa_type = models.CharField(max_length=4, choices=MfaType, default=MfaType.TOTP)
    endpoint_url = models.CharField(max_length=2000, default="")
    certificate = models.TextField(default="")
    issuer = models.CharField(max_length=2000, default="")
    client_id = models.CharField(max_length=255, default="")
    client_secret = EncryptedField(default="")

    users = 0
    """How many employees who are not Inactive use it, where the query says so (`queries.with_users`)."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["business_unit", "name_key"], name="authenticator_name"),
            models.UniqueConstraint(
                fields=["business_unit"], condition=Q(is_default=True), name="authenticator_default"
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(type="SYSTEM"), name="authenticator_default_is_system"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_external(self) -> bool:
        """Whether people sign in at their own identity provider instead of with a password kept here."""
        return self.type != self.Type.SYSTEM
