"""One row for each thing that somebody asked another one to approve."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Approval(models.Model):
    """The frozen input stays as it was made; only the decision is written later, once."""

    id = models.UUIDField(primary_key=True)
    operation = models.CharField(max_length=100)
    payload = models.TextField()
    payload_hash = models.BinaryField()
    tier = models.SmallIntegerField()
    reason = models.TextField()
    state = models.CharField(max_length=20)
    maker_id = models.CharField(max_length=100)
    maker_label = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    checker_id = models.CharField(max_length=100, null=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(default="")

    class Meta:
        db_table = "approvals_approval"
        constraints = [
            models.CheckConstraint(
                condition=Q(checker_id__isnull=True) | ~Q(checker_id=F("maker_id")),
                name="approvals_two_people",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["approved", "rejected"], checker_id__isnull=False)
                | Q(state__in=["pending", "withdrawn", "expired"], checker_id__isnull=True),
                name="approvals_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at__isnull=True)
                | (~Q(state="pending") & Q(decided_at__isnull=False)),
                name="approvals_decided_at",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(state="pending"), name="approvals_pending"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operation} ({self.state})"
