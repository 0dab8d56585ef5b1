"""A tenant, its one business unit and its account settings (spec §3)."""

from django.db import models
from django.utils.translation import pgettext_lazy

from accounts.ids import new_id

from .base import Versioned


class BusinessUnit(Versioned):
    """A tenant and its business unit: the original has exactly one of each per customer, so one row is both.

    `id` is the tenant ID, `number` the business unit ID that people read and type.
    """

    AREAS = {
        "na1": pgettext_lazy("area", "North America"),
        "eu1": pgettext_lazy("area", "Europe"),
        "uk1": pgettext_lazy("area", "United Kingdom"),
        "au1": pgettext_lazy("area", "Australia"),
        "ca1": pgettext_lazy("area", "Canada"),
        "jp1": pgettext_lazy("area", "Japan"),
        "na2": pgettext_lazy("area", "US FedRAMP"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=100)
    tenant_name = models.CharField(max_length=100, unique=True)
    area = models.CharField(max_length=3, choices=AREAS)
    cluster = models.CharField(max_length=10, default="C01")
    is_fedramp = models.BooleanField(default=False)
    time_zone = models.CharField(max_length=64, default="America/New_York")
    licences = models.JSONField(default=list)
    created_at = models.DateTimeField()
    # The lab's: which seed it was made from, and when a disposable tenant goes.
    made_from = models.CharField(max_length=20, default="")
    expires_at = models.DateTimeField(null=True, db_index=True)
    # The tenant's own clock (cxadmin.clock.Moved); without a base it shows the machine's time.
    clock_base = models.DateTimeField(null=True)
    clock_since = models.DateTimeField(null=True)
    clock_rate = models.FloatField(default=1)

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


class AccountSettings(Versioned):
    """The tenant's settings (spec §2): sign-in, inactivity lock, login page and SCIM."""

    class Layout(models.TextChoices):
        SINGLE = "single"
        TABS = "tabs"

    class AccessRule(models.TextChoices):
        BY_CREDENTIAL = "by_credential", pgettext_lazy("access rule", "By credential")
        ANY = "any", pgettext_lazy("access rule", "Any")

    class Profile(models.TextChoices):
        RFC = "rfc", "rfc"
        DOCUMENTED = "documented", "documented"

    business_unit = models.OneToOneField(BusinessUnit, models.CASCADE, primary_key=True, related_name="settings")
    idle_timeout_on = models.BooleanField(default=True)
    idle_timeout_minutes = models.PositiveSmallIntegerField(default=20)
    lock_on = models.BooleanField(default=False)
    lock_days = models.PositiveSmallIntegerField(default=90)
    custom_host_name = models.CharField(max_length=253, null=True, unique=True)
    banner_on = models.BooleanField(default=False)
    banner_html = models.TextField(default="")
    banner_bg = models.CharField(max_length=7, default="#FFF3D6")
    banner_fg = models.CharField(max_length=7, default="#1C2430")
    account_settings_layout = models.CharField(max_length=6, choices=Layout, default=Layout.SINGLE)
    scim_fields = models.JSONField(default=list)
    scim_default_role = models.ForeignKey("accounts.Role", models.SET_NULL, null=True, related_name="+", db_index=False)
    scim_access_rule = models.CharField(max_length=13, choices=AccessRule, default=AccessRule.BY_CREDENTIAL)
    scim_profile = models.CharField(max_length=10, choices=Profile, default=Profile.RFC)
    scim_tolerances = models.BooleanField(default=True)
    scim_auto_invite = models.BooleanField(default=False)
    # Conformance suites send user names that are no e-mail addresses; the original takes addresses only.
    scim_any_username = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"Settings of {self.business_unit_id}"
