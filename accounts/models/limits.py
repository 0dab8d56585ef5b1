"""What the rate limits count."""

from django.db import models


class RateCount(models.Model):
    """How many requests were made in the newest period, with one credential or in one tenant (`accounts.rate_limits`)."""

    key = models.CharField(max_length=200, primary_key=True)
    period = models.BigIntegerField()
    used = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.used} by {self.key}"
