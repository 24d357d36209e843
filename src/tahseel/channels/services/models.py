"""Tables of services. An application's course and its papers are never changed, only added to."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tahseel.channels.services.rules import OPEN
from tahseel.channels.services.values import State


class Application(models.Model):
    """One application as it stands. account_id: made with the application, opened at the end."""

    id = models.UUIDField(primary_key=True)
    reference = models.TextField(unique=True)
    service = models.TextField()
    state = models.TextField()
    applicant = models.ForeignKey("customers.Customer", on_delete=models.PROTECT)
    unit = models.ForeignKey("premises.Unit", on_delete=models.PROTECT)
    account_id = models.UUIDField()
    services = models.JSONField()
    load_kw = models.IntegerField()
    added_kw = models.IntegerField(null=True)
    until_day = models.DateField(null=True)
    purpose = models.TextField(default="")
    verdict = models.TextField(null=True)
    demand_kw = models.IntegerField(null=True)
    quotation = models.JSONField(null=True)
    claim_id = models.UUIDField(null=True)
    deadline = models.DateField(null=True)
    state_since = models.DateTimeField()
    applied_at = models.DateTimeField()
    studied_by = models.TextField(default="")
    inspected_by = models.TextField(default="")
    energised_by = models.TextField(default="")
    inspections = models.IntegerField(default=0)

    class Meta:
        db_table = "services_application"
        constraints = [
            models.CheckConstraint(
                name="services_state_known", condition=Q(state__in=[str(s) for s in State])
            ),
            models.CheckConstraint(name="services_load_positive", condition=Q(load_kw__gte=1)),
            models.UniqueConstraint(
                fields=["unit", "service"],
                name="services_one_open",
                condition=Q(state__in=sorted(str(s) for s in OPEN)),
            ),
        ]
        indexes = [
            models.Index(fields=["applicant", "applied_at"], name="services_applicant"),
            models.Index(fields=["account_id"], name="services_account"),
            models.Index(fields=["state", "deadline"], name="services_worklist"),
        ]


class Step(models.Model):
    """One step of an application's course."""

    id = models.UUIDField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    position = models.IntegerField()
    step = models.TextField()
    state = models.TextField()
    at = models.DateTimeField()
    actor = models.TextField()
    actor_label = models.TextField()
    facts = models.JSONField()

    class Meta:
        db_table = "services_step"
        constraints = [
            models.UniqueConstraint(
                fields=["application", "position"], name="services_step_position"
            )
        ]


class Evidence(models.Model):
    """A paper that came with an application, sealed."""

    id = models.UUIDField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    kind = models.TextField()
    file_name = models.TextField()
    media_type = models.TextField()
    size = models.IntegerField()
    sha256 = models.BinaryField()
    body_cipher = models.BinaryField()
    added_at = models.DateTimeField()
    added_by = models.TextField()

    class Meta:
        db_table = "services_evidence"
        constraints = [
            models.UniqueConstraint(
                fields=["application", "kind", "sha256"], name="services_evidence_once"
            )
        ]
