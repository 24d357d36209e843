"""Tables of collections: which notice of debt named which claims; instalment plans."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tahseel.recovery.collections.values import PlanState

RUNNING = PlanState.RUNNING.value


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


class InstalmentPlan(models.Model):
    """An agreement to pay a debt in parts."""

    id = models.UUIDField(primary_key=True)
    account_id = models.UUIDField()
    customer_id = models.UUIDField()
    reference = models.TextField()
    agreed_on = models.DateField()
    fils = models.BigIntegerField()
    state = models.TextField(default=RUNNING)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "collections_plan"
        indexes = [
            models.Index(fields=["account_id"], name="collections_plan_account"),
            models.Index(fields=["customer_id"], name="collections_plan_customer"),
            models.Index(fields=["reference"], name="collections_plan_reference"),
        ]
        constraints = [
            models.CheckConstraint(name="collections_plan_fils", condition=Q(fils__gt=0)),
            models.CheckConstraint(
                name="collections_plan_state_known",
                condition=Q(state__in=[str(state) for state in PlanState]),
            ),
        ]


class Instalment(models.Model):
    """One part of a plan, due on a day."""

    id = models.UUIDField(primary_key=True)
    plan = models.ForeignKey(InstalmentPlan, on_delete=models.PROTECT, related_name="instalments")
    due_on = models.DateField()
    fils = models.BigIntegerField()
    paid_fils = models.BigIntegerField(default=0)

    class Meta:
        db_table = "collections_instalment"
        constraints = [
            models.UniqueConstraint(fields=["plan", "due_on"], name="collections_instalment_once"),
            models.CheckConstraint(
                name="collections_instalment_fils",
                condition=Q(fils__gt=0, paid_fils__gte=0, paid_fils__lte=F("fils")),
            ),
        ]
