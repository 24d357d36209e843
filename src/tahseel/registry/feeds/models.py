"""Tables of the feeds. What names a person is sealed; what came is never changed, only judged."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tahseel.registry.feeds.values import Standing


class Batch(models.Model):
    """A page as it came, under its hash; the same page again is not kept again."""

    id = models.UUIDField(primary_key=True)
    registry = models.TextField()
    after = models.TextField()
    following = models.TextField()
    sha256 = models.BinaryField()
    body_cipher = models.BinaryField()
    records = models.IntegerField()
    fresh = models.IntegerField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "feeds_batch"
        constraints = [
            models.UniqueConstraint(fields=["registry", "sha256"], name="feeds_batch_once")
        ]


class FeedRecord(models.Model):
    """One version of one record. person_index finds the customer whom it tells of; place is the
    automatic number of the unit.
    """

    id = models.UUIDField(primary_key=True)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT)
    registry = models.TextField()
    number = models.TextField()
    version = models.IntegerField()
    kind = models.TextField()
    state = models.TextField()
    published_on = models.DateField()
    facts_cipher = models.BinaryField()
    sha256 = models.BinaryField()
    person_index = models.BinaryField(null=True)
    place = models.TextField(null=True)
    received_at = models.DateTimeField()
    standing = models.TextField()
    reason = models.TextField(default="")
    detail = models.TextField(default="")
    attempts = models.IntegerField(default=0)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(default="")

    class Meta:
        db_table = "feeds_record"
        constraints = [
            models.UniqueConstraint(
                fields=["registry", "number", "version", "sha256"], name="feeds_record_once"
            ),
            models.CheckConstraint(
                name="feeds_standing_known",
                condition=Q(standing__in=[str(standing) for standing in Standing]),
            ),
            models.CheckConstraint(
                name="feeds_parked_with_reason",
                condition=~Q(standing=str(Standing.PARKED)) | ~Q(reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["registry", "published_on"], name="feeds_published"),
            models.Index(
                fields=["standing", "published_on", "number", "version"],
                name="feeds_waiting",
                condition=Q(standing__in=["received", "unconcerned", "parked"]),
            ),
        ]


class Cursor(models.Model):
    """How far a registry has been read, and when it last answered."""

    registry = models.TextField(primary_key=True)
    cursor = models.TextField(default="")
    answered_at = models.DateTimeField(null=True)
    silence_told_on = models.DateField(null=True)

    class Meta:
        db_table = "feeds_cursor"


class Reconciliation(models.Model):
    """One comparison of a day with the registry's control figures; the latest counts."""

    id = models.UUIDField(primary_key=True)
    registry = models.TextField()
    day = models.DateField()
    ours = models.JSONField()
    theirs = models.JSONField()
    differences = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        db_table = "feeds_reconciliation"
        indexes = [models.Index(fields=["registry", "day", "at"], name="feeds_reconciled")]
