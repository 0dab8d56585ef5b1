"""Employees, what locks them out and the links mailed to them (spec §3, §4)."""

from datetime import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import pgettext_lazy

from accounts.ids import new_id, new_number

from .base import EncryptedField, FoldedField, Record
from .roles import Role


class Employee(AbstractBaseUser, Record):
    """A person, or a technical account, of one tenant: whoever signs in, holds keys and tokens, or is provisioned.

    Nobody is ever deleted (R-EMP-7): an inactive employee has the status DELETED, as in the original's API.
    """

    class Status(models.TextChoices):
        UNREGISTERED = "UNREGISTERED", pgettext_lazy("employee status", "Not Invited")
        PENDING = "PENDING", pgettext_lazy("employee status", "Pending")
        ACTIVE = "ACTIVE", pgettext_lazy("status", "Active")
        BLOCKED = "BLOCKED", pgettext_lazy("employee status", "Locked")
        DELETED = "DELETED", pgettext_lazy("status", "Inactive")

    class Source(models.TextChoices):
        UI = "UI"
        IMPORT = "IMPORT"
        SCIM = "SCIM"
        REST = "REST"
        SEED = "SEED"

    class LockReason(models.TextChoices):
        INACTIVITY = "INACTIVITY", pgettext_lazy("lock reason", "Inactivity")
        FAILED_LOGINS = "FAILED_LOGINS", pgettext_lazy("lock reason", "Failed logins")

    ATTRIBUTES = {
        "voice": pgettext_lazy("employee attribute", "Can be Recorded (Voice)"),
        "screen": pgettext_lazy("employee attribute", "Can be Recorded (Screen)"),
        "digital": pgettext_lazy("employee attribute", "Digital Engagement"),
        "bi_reports": pgettext_lazy("employee attribute", "Can View BI Reports"),
    }
    NEVER_LOCK = 0
    edits_roles = True
    """Whether a role of the employee may edit roles, where the query says so (`queries.with_role_editing`)."""

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    agent_id = models.PositiveIntegerField(default=new_number)
    username = models.CharField(max_length=254)
    username_key = FoldedField("username", max_length=762)
    email = models.CharField(max_length=254)
    email_key = FoldedField("email", max_length=762)
    email_to_be_verified = models.CharField(max_length=254, default="")
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    name_key = FoldedField("first_name", "last_name", max_length=603)
    middle_name = models.CharField(max_length=100, default="")
    display_name = models.CharField(max_length=200, default="")
    mobile_number = models.CharField(max_length=30, default="")
    time_zone = models.CharField(max_length=64)
    type = models.CharField(max_length=100, default="")
    hire_date = models.DateField(null=True)
    rank = models.PositiveSmallIntegerField(null=True)
    primary_role = models.ForeignKey(Role, models.PROTECT, related_name="primary_employees")
    secondary_roles = models.ManyToManyField(Role, through="SecondaryRole", related_name="secondary_employees")
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="employees")
    login_authenticator = models.ForeignKey(
        "accounts.LoginAuthenticator", models.PROTECT, null=True, related_name="employees", db_index=False
    )
    views = models.ManyToManyField("accounts.View", through="EmployeeView", related_name="+")
    attributes = models.JSONField(default=list)
    language = models.CharField(max_length=2, null=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.UNREGISTERED)
    ever_activated = models.BooleanField(default=False)
    deactivated_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=6, choices=Source, default=Source.UI)

    # Signing in. Everything an interactive session rests on is invalid once `session_epoch` moves on.
    session_epoch = models.PositiveIntegerField(default=1)
    password_changed_at = models.DateTimeField(null=True)
    must_change_password = models.BooleanField(default=False)
    mfa_secret = EncryptedField(default="")
    mfa_counter = models.BigIntegerField(default=-1)
    last_activity_at = models.DateTimeField()
    toast_seconds = models.PositiveSmallIntegerField(default=5)
    # Opens the pages of the lab. No role brings it: the emulator's own tools are no part of the emulated product.
    is_lab_operator = models.BooleanField(default=False)

    # Locking (R-LOCK). A lock is a state, its history is in the audit trail.
    failed_attempts = models.PositiveSmallIntegerField(default=0)
    inactivity_override = models.PositiveSmallIntegerField(null=True)
    lock_reason = models.CharField(max_length=13, choices=LockReason, null=True)
    locked_at = models.DateTimeField(null=True)
    locked_until = models.DateTimeField(null=True)
    lock_step = models.PositiveSmallIntegerField(default=0)
    relock_at = models.DateTimeField(null=True)

    # Provisioning. `scim_attributes` keeps what the identity provider sent and this record has no column for.
    scim_managed = models.BooleanField(default=False)
    scim_hidden = models.BooleanField(default=False)
    external_id = models.CharField(max_length=255, null=True)
    scim_attributes = models.JSONField(default=dict)
    has_other_emails = models.BooleanField(default=False)

    # What the classic API's agent has and this record has no column for, under the API's own names.
    acd_settings = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["business_unit", "username_key"], name="employee_username"),
            models.UniqueConstraint(fields=["business_unit", "agent_id"], name="employee_agent_id"),
            models.CheckConstraint(
                condition=Q(status="BLOCKED", lock_reason__isnull=False)
                | (~Q(status="BLOCKED") & Q(lock_reason__isnull=True)),
                name="employee_lock_has_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["business_unit", "id"], condition=Q(scim_hidden=False), name="employee_listed"),
            # By name, and all that lists filter by: they count and find the place of a page without reading the records.
            models.Index(
                fields=["business_unit", "name_key", "id", "status", "scim_managed", "team", "primary_role"],
                name="employee_name",
            ),
            # In the order of the table, for searches that read every record of a tenant: half again as fast on SQLite.
            models.Index(fields=["business_unit"], name="employee_tenant"),
            models.Index(fields=["business_unit", "email_key"], name="employee_email"),
            models.Index(fields=["business_unit", "external_id"], name="employee_external_id"),
            models.Index(fields=["business_unit"], condition=Q(has_other_emails=True), name="employee_other_emails"),
            models.Index(fields=["login_authenticator", "status"], name="employee_authenticator"),
            models.Index(fields=["business_unit", "locked_at"], condition=Q(status="BLOCKED"), name="employee_locked"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        return self.status == self.Status.ACTIVE

    @property
    def is_inactive(self) -> bool:
        return self.status == self.Status.DELETED

    @property
    def is_billed(self) -> bool:
        """No attribute ticked = not billed (R-EMP-6)."""
        return bool(self.attributes)

    @property
    def may_use_credentials(self) -> bool:
        """Whether access keys and SCIM tokens work now: a failed-login lock stops interactive sign-in only
        (R-KEY-3, R-TOK-7, R-LOCK-6)."""
        return self.status == self.Status.ACTIVE or self.lock_reason == self.LockReason.FAILED_LOGINS

    def get_session_auth_hash(self) -> str:
        """What a web session is bound to: another password or another epoch ends it."""
        return salted_hmac("cxadmin.session", f"{self.password}.{self.session_epoch}", algorithm="sha256").hexdigest()


class SecondaryRole(models.Model):
    """One of an employee's secondary roles (R-ROLE-9)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    employee = models.ForeignKey(Employee, models.CASCADE, related_name="+", db_index=False)
    role = models.ForeignKey(Role, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["employee", "role"], name="secondary_role")]

    def __str__(self) -> str:
        return f"{self.role_id} of {self.employee_id}"


class PasswordHistory(models.Model):
    """A password an employee once had; as many are kept as the login authenticator remembers."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    employee = models.ForeignKey(Employee, models.CASCADE, related_name="old_passwords")
    password = models.CharField(max_length=128)
    set_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Password of {self.employee_id} set at {self.set_at}"


class MailedLink(models.Model):
    """The secret link in an invitation, password reset or address confirmation; at most one live per employee and kind."""

    class Kind(models.TextChoices):
        INVITATION = "INVITATION"
        PASSWORD_RESET = "PASSWORD_RESET"  # noqa: S105
        EMAIL_CONFIRMATION = "EMAIL_CONFIRMATION"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    employee = models.ForeignKey(Employee, models.CASCADE, related_name="links")
    kind = models.CharField(max_length=18, choices=Kind)
    token_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token_hash"], name="link_token"),
            models.UniqueConstraint(
                fields=["employee", "kind"],
                condition=Q(used_at__isnull=True, revoked_at__isnull=True),
                name="link_live",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.employee_id}"

    def is_valid(self, at: datetime) -> bool:
        """Whether the link still opens: unused, unreplaced, in time, and made after the last deactivation, which voids all."""
        voided = self.employee.deactivated_at
        return (
            self.used_at is None
            and self.revoked_at is None
            and at < self.expires_at
            and not self.employee.is_inactive
            and (voided is None or self.created_at > voided)
        )
