"""What signing in to an application leaves behind: codes, sessions and the keys that sign tokens (spec §3, §8.1)."""

from django.db import models

from accounts.ids import new_id

from .applications import Application
from .base import EncryptedField
from .credentials import AccessKey
from .employees import Employee


class OAuthSession(models.Model):
    """What a set of tokens rests on: access and refresh tokens are signed texts that name their session.

    It ends when it is revoked, when its newest refresh token expires, and when its employee, access key or application is
    no longer good.
    """

    class Origin(models.TextChoices):
        APP = "APP"
        ACCESS_KEY = "ACCESS_KEY"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    employee = models.ForeignKey(Employee, models.CASCADE, related_name="oauth_sessions")
    origin = models.CharField(max_length=10, choices=Origin)
    application = models.ForeignKey(Application, models.CASCADE, null=True, related_name="sessions")
    access_key = models.ForeignKey(AccessKey, models.CASCADE, null=True, related_name="sessions")
    scope = models.CharField(max_length=500, default="openid")
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="oauth_session_expires")]

    def __str__(self) -> str:
        return f"{self.origin} session of {self.employee_id}"


class AuthorizationCode(models.Model):
    """A code on its way from the browser to the application: single use, bound to client, redirect and PKCE challenge."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code_hash = models.CharField(max_length=64)
    application = models.ForeignKey(Application, models.CASCADE, related_name="codes")
    employee = models.ForeignKey(Employee, models.CASCADE, related_name="+")
    redirect_uri = models.CharField(max_length=2000)
    scope = models.CharField(max_length=500)
    nonce = models.CharField(max_length=500, default="")
    code_challenge = models.CharField(max_length=128, default="")
    signed_in_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    # What the code was exchanged for: presenting the code again revokes it (RFC 6749 §4.1.2).
    session = models.ForeignKey(OAuthSession, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code_hash"], name="authorization_code")]
        indexes = [models.Index(fields=["expires_at"], name="authorization_code_expires")]

    def __str__(self) -> str:
        return f"Code for {self.application_id}"


class SigningKey(models.Model):
    """An RSA key pair of the instance that signs tokens; the private half is sealed."""

    kid = models.CharField(primary_key=True, max_length=64)
    private_key = EncryptedField()
    created_at = models.DateTimeField()
    # When another key took over; its public half is served until the last token it signed has expired.
    retired_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.kid
