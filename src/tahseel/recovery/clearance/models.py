"""Tables of clearance: holds, the claims each covers, and how long each release took."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tahseel.recovery.clearance.values import Gate


class Hold(models.Model):
    """One person stopped at one gate because of one notice. Derived; never written by hand."""

    id = models.UUIDField(primary_key=True)
    customer_id = models.UUIDField()
    gate = models.TextField()
    notice_id = models.UUIDField()
    reference = models.TextField(unique=True)
    amount_fils = models.BigIntegerField()
    policy = models.TextField()
    instrument = models.TextField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "clearance_hold"
        indexes = [models.Index(fields=["customer_id"], name="clearance_hold_customer")]
        constraints = [
            models.UniqueConstraint(
                fields=["customer_id", "gate", "notice_id"],
                condition=Q(closed_at__isnull=True),
                name="clearance_hold_open_once",
            ),
            models.CheckConstraint(name="clearance_hold_fils", condition=Q(amount_fils__gt=0)),
            models.CheckConstraint(
                name="clearance_hold_gate", condition=Q(gate__in=[str(g) for g in Gate])
            ),
            models.CheckConstraint(
                name="clearance_hold_order",
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=models.F("opened_at")),
            ),
        ]


class HoldClaim(models.Model):
    """What of one claim a hold asks for; kept as it was when the hold last changed."""

    id = models.UUIDField(primary_key=True)
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="claims")
    account_id = models.UUIDField()
    claim_id = models.UUIDField()
    reference = models.TextField()
    fils = models.BigIntegerField()

    class Meta:
        db_table = "clearance_hold_claim"
        constraints = [
            models.UniqueConstraint(
                fields=["hold", "account_id", "claim_id"], name="clearance_hold_claim_once"
            ),
        ]


class Release(models.Model):
    """The life of one release, from the money to the answer. One row a closed hold."""

    hold = models.OneToOneField(Hold, on_delete=models.PROTECT, primary_key=True)
    customer_id = models.UUIDField()
    payment_id = models.UUIDField(null=True)
    sequence = models.BigIntegerField()
    captured_at = models.DateTimeField(null=True)
    posted_at = models.DateTimeField()
    sequenced_at = models.DateTimeField()
    decided_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "clearance_release"
        indexes = [models.Index(fields=["decided_at"], name="clearance_release_decided")]
