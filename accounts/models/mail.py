"""Mail the product sends: always kept in the outbox, sent by SMTP only where that is set up (screens §3)."""

from django.db import models

from accounts.ids import new_id


class OutboxMail(models.Model):
    """One message as it was sent, or would have been."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    business_unit = models.ForeignKey("accounts.BusinessUnit", models.CASCADE, related_name="+", db_index=False)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(default="")
    attachments = models.JSONField(default=list)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["business_unit", "created_at"], name="mail_created_at"),
            models.Index(fields=["created_at"], name="mail_at"),
        ]

    def __str__(self) -> str:
        return self.subject
