"""Registered OAuth applications (spec §3, R-APP)."""

import uuid

from django.db import models
from django.utils.translation import pgettext_lazy
from oauth2_provider.models import AbstractApplication

from .base import FoldedField, Record


class Application(Record, AbstractApplication):
    """A program that lets employees sign in or takes tokens for them; its id is the client ID.

    Lists of addresses are text, one address a line. The secret is shown once and kept as a keyed hash (R-APP-10).
    """

    class Type(models.TextChoices):
        CONFIDENTIAL = "confidential", pgettext_lazy("application type", "User, Confidential")
        PUBLIC = "public", pgettext_lazy("application type", "User, Public")
        BACKEND = "backend", pgettext_lazy("application type", "Back-end")

    class Tenancy(models.TextChoices):
        SINGLE = "single", pgettext_lazy("tenancy", "Single Tenant")
        ALL = "all", pgettext_lazy("tenancy", "Multiple Tenants")

    class AuthMethod(models.TextChoices):
        POST = "client_secret_post", "client_secret_post"
        BASIC = "client_secret_basic", "client_secret_basic"

    class Status(models.TextChoices):
        SUBMITTED = "SUBMITTED", pgettext_lazy("application status", "Submitted")
        ENABLED = "ENABLED", pgettext_lazy("application status", "Enabled")
        DISABLED = "DISABLED", pgettext_lazy("application status", "Disabled")
        SCHEDULED = "SCHEDULED", pgettext_lazy("application status", "Scheduled for deletion")
        REJECTED = "REJECTED", pgettext_lazy("application status", "Rejected")

    SCOPES = (
        "AdminAPI",
        "AgentAPI",
        "AuthenticationAPI",
        "CustomAPI",
        "PatronAPI",
        "RealTimeDataAPI",
        "ReportingAPI",
    )

    # The toolkit's columns that mean nothing here.
    user = None
    created = None
    updated = None
    client_secret = None
    hash_client_secret = False
    registration_source = None
    cimd_expires_at = None
    skip_authorization = True
    algorithm = AbstractApplication.RS256_ALGORITHM

    name = models.CharField(max_length=100)
    name_key = FoldedField("name", max_length=300)
    description = models.CharField(max_length=500)
    contacts = models.JSONField(default=list)
    type = models.CharField(max_length=12, choices=Type)
    tenancy = models.CharField(max_length=6, choices=Tenancy, default=Tenancy.SINGLE)
    auth_method = models.CharField(max_length=19, choices=AuthMethod, default=AuthMethod.POST)
    scopes = models.JSONField(default=list)
    redirect_uris = models.TextField(default="")
    allowed_origins = models.TextField(default="")
    post_logout_redirect_uris = models.TextField(default="")
    jwks_endpoint = models.CharField(max_length=2000, null=True)
    secret_hash = models.CharField(max_length=64, default="")
    is_fedramp = models.BooleanField(default=False)
    status = models.CharField(max_length=9, choices=Status, default=Status.SUBMITTED)
    tracking_number = models.CharField(max_length=20)
    requester_name = models.CharField(max_length=100)
    requester_email = models.CharField(max_length=254)
    last_used_at = models.DateTimeField(null=True)
    scheduled_deletion_at = models.DateTimeField(null=True)
    # Where cancelling the deletion leads back to.
    status_before_deletion = models.CharField(max_length=9, choices=Status, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["business_unit", "name_key"], name="application_name"),
            models.UniqueConstraint(fields=["tracking_number"], name="application_tracking_number"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def client_id(self) -> str:
        return str(self.pk)

    @property
    def client_type(self) -> str:
        """Public and confidential as the toolkit and RFC 6749 §2.1 mean them: a back-end application is confidential."""
        return "public" if self.type == self.Type.PUBLIC else "confidential"

    @property
    def authorization_grant_type(self) -> str:
        return "password" if self.type == self.Type.BACKEND else "authorization-code"

    @property
    def is_enabled(self) -> bool:
        """Only an Enabled application can authenticate (R-APP-8)."""
        return self.status == self.Status.ENABLED

    def is_for(self, business_unit_id: uuid.UUID) -> bool:
        """Whether employees of this tenant may use the application (R-APP-7)."""
        return self.tenancy == self.Tenancy.ALL or self.business_unit_id == business_unit_id

    @property
    def redirects(self) -> list[str]:
        return self.redirect_uris.split()

    @property
    def origins(self) -> list[str]:
        return self.allowed_origins.split()

    @property
    def logouts(self) -> list[str]:
        return self.post_logout_redirect_uris.split()
