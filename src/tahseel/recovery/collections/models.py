"""Tables of collections: which notice of debt named which claims."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class DebtNotice(models.Model):
    """The id is that of the notice in `trust/notices`, where text and proof of delivery are."""

    id = models.UUIDField(primary_key=True)
    customer_id = models.UUIDField()
    step = models.TextField()
    issued_at = models.DateTimeField()
    issued_on = models.DateField()
    fils = models.BigIntegerField()

    class Meta:
        db_table = "collections_notice"
        indexes = [models.Index(fields=["customer_id"], name="collections_notice_customer")]
        constraints = [
            models.CheckConstraint(name="collections_notice_fils", condition=Q(fils__gt=0)),
        ]


class NoticeClaim(models.Model):
    """One claim that a notice names; named once by one notice."""

    id = models.UUIDField(primary_key=True)
    notice = models.ForeignKey(DebtNotice, on_delete=models.PROTECT, related_name="claims")
    account_id = models.UUIDField()
    claim_id = models.UUIDField()
    reference = models.TextField()
    fils = models.BigIntegerField()

    class Meta:
        db_table = "collections_notice_claim"
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "claim_id"], name="collections_claim_named_once"
            ),
        ]
