"""Notices and their delivery events: both append-only."""

from __future__ import annotations

from django.db import models


class Notice(models.Model):
    """What was told to whom; the address is sealed."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=60)
    channel = models.CharField(max_length=60)
    recipient_customer_id = models.UUIDField()
    subject = models.CharField(max_length=200)
    body_ar = models.TextField()
    body_en = models.TextField()
    address_cipher = models.BinaryField()
    reference = models.CharField(max_length=60)
    issued_at = models.DateTimeField()
    input_hash = models.BinaryField()

    class Meta:
        db_table = "notices_notice"
        indexes = [
            models.Index(fields=["recipient_customer_id", "issued_at"], name="notices_recipient"),
            models.Index(fields=["subject"], name="notices_subject"),
            models.Index(fields=["reference"], name="notices_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class Delivery(models.Model):
    """One step of a notice's way, with its evidence; `serves` once it proves service by law."""

    id = models.UUIDField(primary_key=True)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="deliveries")
    step = models.SmallIntegerField()
    status = models.CharField(max_length=20)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=100)
    proof = models.JSONField()
    proof_hash = models.BinaryField()
    serves = models.BooleanField()
    basis = models.TextField()

    class Meta:
        db_table = "notices_delivery"
        constraints = [
            models.UniqueConstraint(fields=["notice", "step"], name="notices_delivery_step"),
        ]

    def __str__(self) -> str:
        return f"{self.status} ({self.step})"


class Dispatch(models.Model):
    """A notice on its way to the firm that carries it; nothing of the recipient stands here.

    secret_cipher: what only the recipient reads, sealed; gone once the way has ended.
    """

    notice = models.OneToOneField(
        Notice, on_delete=models.PROTECT, primary_key=True, related_name="dispatch"
    )
    channel = models.CharField(max_length=60)
    language = models.CharField(max_length=2)
    state = models.CharField(max_length=20)
    tries = models.SmallIntegerField()
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    secret_cipher = models.BinaryField(null=True)

    class Meta:
        db_table = "notices_dispatch"
        indexes = [
            models.Index(
                fields=["state", "due_at"],
                name="notices_dispatch_open",
                condition=models.Q(state__in=["waiting", "handing"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.state} ({self.tries})"
