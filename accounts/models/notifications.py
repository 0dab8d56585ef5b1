"""What the bell tells an employee (screens §1.2)."""

from django.db import models
from django.utils.translation import gettext_lazy

from accounts.ids import new_id


class Notification(models.Model):
    """Something that waits for an employee, or has finished for one."""

    class Kind(models.TextChoices):
        REGISTRATION = "REGISTRATION"
        UPLOAD_COMPLETED = "UPLOAD_COMPLETED"
        UPLOAD_WITH_ERRORS = "UPLOAD_WITH_ERRORS"
        UPLOAD_FAILED = "UPLOAD_FAILED"

    TEXTS = {
        Kind.REGISTRATION: gettext_lazy("%(about)s waits for approval."),
        Kind.UPLOAD_COMPLETED: gettext_lazy("%(about)s has been uploaded."),
        Kind.UPLOAD_WITH_ERRORS: gettext_lazy("%(about)s has been uploaded with errors."),
        Kind.UPLOAD_FAILED: gettext_lazy("%(about)s could not be uploaded."),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    employee = models.ForeignKey("accounts.Employee", models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=18, choices=Kind)
    about = models.CharField(max_length=254)
    about_id = models.UUIDField()
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["employee", "created_at"], name="notification_of"),
            models.Index(fields=["employee"], condition=models.Q(read_at=None), name="notification_unread"),
            models.Index(fields=["about_id"], condition=models.Q(read_at=None), name="notification_about"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """What it says, in the language of whoever reads it; the name stays as it was."""
        return str(self.TEXTS[self.Kind(self.kind)]) % {"about": self.about}
