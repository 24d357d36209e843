"""Tables of meters. A meter hangs at one place, a service point holds one meter, on any day."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tahseel.kernel.quantity import Service
from tahseel.registry.meters.values import DialUnit, Phase, RegisterKind, SealFound, StockState


class Meter(models.Model):
    """A device."""

    id = models.UUIDField(primary_key=True)
    serial = models.TextField(unique=True)
    service = models.TextField()
    make = models.TextField()
    phase = models.TextField()
    size = models.TextField(default="", db_default="")
    added_at = models.DateTimeField()

    class Meta:
        db_table = "meters_meter"
        constraints = [
            models.CheckConstraint(
                name="meters_service_known",
                condition=Q(service__in=[str(service) for service in Service]),
            ),
            models.CheckConstraint(
                name="meters_phase_known",
                condition=Q(phase__in=[str(phase) for phase in Phase]),
            ),
        ]


class Register(models.Model):
    """One dial of a device."""

    id = models.UUIDField(primary_key=True)
    meter = models.ForeignKey(
        Meter, on_delete=models.PROTECT, related_name="registers", db_index=False
    )
    code = models.TextField()
    kind = models.TextField()
    unit = models.TextField()
    digits = models.IntegerField()
    decimals = models.IntegerField(default=0)
    multiplier = models.IntegerField(default=1)

    class Meta:
        db_table = "meters_register"
        constraints = [
            models.UniqueConstraint(fields=["meter", "code"], name="meters_register_once"),
            models.CheckConstraint(
                name="meters_register_kind_known",
                condition=Q(kind__in=[str(kind) for kind in RegisterKind]),
            ),
            models.CheckConstraint(
                name="meters_register_unit_known",
                condition=Q(unit__in=[str(unit) for unit in DialUnit]),
            ),
            models.CheckConstraint(
                name="meters_register_dial",
                condition=Q(digits__gte=1, decimals__gte=0, multiplier__gte=1),
            ),
        ]


class Installation(models.Model):
    """A meter at a service point over a span of days, with the dial values at both ends."""

    id = models.UUIDField(primary_key=True)
    meter = models.ForeignKey(Meter, on_delete=models.PROTECT)
    service_point = models.ForeignKey("premises.ServicePoint", on_delete=models.PROTECT)
    installed_on = models.DateField()
    removed_on = models.DateField(null=True)
    opening = models.JSONField(default=dict)
    closing = models.JSONField(default=dict)
    multipliers = models.JSONField(default=dict)

    class Meta:
        db_table = "meters_installation"
        constraints = [
            models.CheckConstraint(
                name="meters_installation_lasts",
                condition=Q(removed_on__isnull=True) | Q(removed_on__gt=F("installed_on")),
            )
        ]


class StockStep(models.Model):
    """Where a device that hangs nowhere is from a day on. Append-only."""

    id = models.UUIDField(primary_key=True)
    meter = models.ForeignKey(Meter, on_delete=models.PROTECT)
    state = models.TextField()
    store = models.TextField(default="")
    on_day = models.DateField()
    reference = models.TextField(default="")
    recorded_at = models.DateTimeField()
    recorded_by = models.TextField()

    class Meta:
        db_table = "meters_stock_step"
        constraints = [
            models.CheckConstraint(
                name="meters_stock_state_known",
                condition=Q(state__in=[str(state) for state in StockState]),
            ),
            models.UniqueConstraint(fields=["meter", "recorded_at"], name="meters_stock_step_once"),
        ]


class Seal(models.Model):
    """A numbered seal on a meter, from a day until it came off, and how it was found."""

    id = models.UUIDField(primary_key=True)
    meter = models.ForeignKey(Meter, on_delete=models.PROTECT)
    number = models.TextField(unique=True)
    fixed_on = models.DateField()
    removed_on = models.DateField(null=True)
    found = models.TextField(default="")
    reference = models.TextField(default="")

    class Meta:
        db_table = "meters_seal"
        constraints = [
            models.CheckConstraint(
                name="meters_seal_lasts",
                condition=Q(removed_on__isnull=True) | Q(removed_on__gte=F("fixed_on")),
            ),
            models.CheckConstraint(
                name="meters_seal_found",
                condition=Q(found="", removed_on__isnull=True)
                | Q(
                    found__in=[str(found) for found in SealFound],
                    removed_on__isnull=False,
                ),
            ),
        ]
