"""Tables of places. Sectors of one unit never overlap: the database refuses it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tahseel.kernel.quantity import Service
from tahseel.registry.premises.values import Sector, UnitKind, UnitState


class Governorate(models.Model):
    """Reference data of the country."""

    code = models.TextField(primary_key=True)
    name_ar = models.TextField()
    name_en = models.TextField()

    class Meta:
        db_table = "premises_governorate"


class Area(models.Model):
    """Reference data of the country."""

    code = models.TextField(primary_key=True)
    governorate = models.ForeignKey(Governorate, on_delete=models.PROTECT)
    name_ar = models.TextField()
    name_en = models.TextField()

    class Meta:
        db_table = "premises_area"


class Premises(models.Model):
    """A plot or building."""

    id = models.UUIDField(primary_key=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT)
    block = models.TextField()
    street = models.TextField(default="")
    parcel = models.TextField(default="")
    building = models.TextField(default="")
    sound = models.TextField(default="")
    added_at = models.DateTimeField()

    class Meta:
        db_table = "premises_premises"
        constraints = [
            models.UniqueConstraint(
                fields=["area", "block", "street", "parcel", "building"],
                name="premises_one_per_address",
            )
        ]


class UnitAct(models.Model):
    """Units ceased to stand, on a day and for a reason. Append-only."""

    id = models.UUIDField(primary_key=True)
    state = models.TextField()
    on_day = models.DateField()
    reference = models.TextField()
    recorded_at = models.DateTimeField()
    recorded_by = models.TextField()

    class Meta:
        db_table = "premises_unit_act"
        constraints = [
            models.CheckConstraint(
                name="premises_act_ends_units",
                condition=Q(state__in=[str(s) for s in UnitState if s != UnitState.STANDING]),
            )
        ]


class Unit(models.Model):
    """What one account is opened on: a villa, a flat, a shop, a whole building."""

    id = models.UUIDField(primary_key=True)
    premises = models.ForeignKey(Premises, on_delete=models.PROTECT)
    kind = models.TextField()
    floor = models.TextField(default="")
    number = models.TextField(default="")
    paci_number = models.TextField(null=True)
    state = models.TextField(default=UnitState.STANDING.value)
    ended_on = models.DateField(null=True)
    ended_by = models.ForeignKey(UnitAct, on_delete=models.PROTECT, null=True)
    added_at = models.DateTimeField()

    class Meta:
        db_table = "premises_unit"
        constraints = [
            models.CheckConstraint(
                name="premises_unit_kind_known",
                condition=Q(kind__in=[str(kind) for kind in UnitKind]),
            ),
            models.CheckConstraint(
                name="premises_unit_ended",
                condition=Q(state="standing", ended_on__isnull=True, ended_by__isnull=True)
                | Q(
                    state__in=[str(s) for s in UnitState if s != UnitState.STANDING],
                    ended_on__isnull=False,
                    ended_by__isnull=False,
                ),
            ),
            models.UniqueConstraint(
                fields=["premises", "kind", "floor", "number"],
                condition=Q(ended_on__isnull=True),
                name="premises_unit_once",
            ),
            models.UniqueConstraint(
                fields=["paci_number"],
                condition=Q(ended_on__isnull=True),
                name="premises_paci_once",
            ),
        ]


class UnitSector(models.Model):
    """A unit's sector over a span of days."""

    id = models.UUIDField(primary_key=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT)
    sector = models.TextField()
    dwellings = models.IntegerField(default=1)
    from_day = models.DateField()
    until_day = models.DateField(null=True)

    class Meta:
        db_table = "premises_unit_sector"
        constraints = [
            models.CheckConstraint(
                name="premises_sector_known",
                condition=Q(sector__in=[str(sector) for sector in Sector]),
            ),
            models.CheckConstraint(
                name="premises_sector_lasts",
                condition=Q(until_day__isnull=True) | Q(until_day__gt=F("from_day")),
            ),
            models.CheckConstraint(
                name="premises_dwellings_positive", condition=Q(dwellings__gte=1)
            ),
        ]


class Certificate(models.Model):
    """A certificate of a unit over a span of days; `withdrawn` says why it ended early."""

    id = models.UUIDField(primary_key=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT)
    kind = models.TextField()
    number = models.TextField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    withdrawn = models.TextField(default="")
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "premises_certificate"
        constraints = [
            models.CheckConstraint(
                name="premises_certificate_lasts",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
            )
        ]
        indexes = [models.Index(fields=["valid_until"], name="premises_certificate_until")]


class CertificateStep(models.Model):
    """What was told of a certificate, once each: that it is about to end, that it ended."""

    id = models.UUIDField(primary_key=True)
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT)
    step = models.TextField()
    on_day = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "premises_certificate_step"
        constraints = [
            models.CheckConstraint(
                name="premises_certificate_step_known",
                condition=Q(step__in=["warned", "expired"]),
            ),
            models.UniqueConstraint(
                fields=["certificate", "step"], name="premises_certificate_told_once"
            ),
        ]


class ServicePoint(models.Model):
    """Where one service is delivered to a unit."""

    id = models.UUIDField(primary_key=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, db_index=False)
    service = models.TextField()
    number = models.IntegerField(default=1)

    class Meta:
        db_table = "premises_service_point"
        constraints = [
            models.CheckConstraint(
                name="premises_service_known",
                condition=Q(service__in=[str(service) for service in Service]),
            ),
            models.UniqueConstraint(
                fields=["unit", "service", "number"], name="premises_service_point_once"
            ),
        ]


class Lineage(models.Model):
    """Which unit came from which, by which act. Append-only."""

    id = models.UUIDField(primary_key=True)
    act = models.ForeignKey(UnitAct, on_delete=models.PROTECT)
    from_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="heirs")
    to_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="forebears")

    class Meta:
        db_table = "premises_lineage"
        constraints = [
            models.UniqueConstraint(fields=["from_unit", "to_unit"], name="premises_lineage_once"),
            models.CheckConstraint(
                condition=~Q(from_unit=F("to_unit")), name="premises_lineage_forward"
            ),
        ]


class PointMove(models.Model):
    """From a day on a service point serves another unit, or (no unit) is out of use. Append-only.

    `number`: which of its service it is at the new unit.
    """

    id = models.UUIDField(primary_key=True)
    act = models.ForeignKey(UnitAct, on_delete=models.PROTECT)
    point = models.ForeignKey(ServicePoint, on_delete=models.PROTECT)
    on_day = models.DateField()
    to_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True)
    number = models.IntegerField()

    class Meta:
        db_table = "premises_point_move"
        constraints = [
            models.UniqueConstraint(fields=["point", "on_day"], name="premises_point_move_once")
        ]


class AddressChange(models.Model):
    """A plot or building got another address from a day on. Append-only."""

    id = models.UUIDField(primary_key=True)
    premises = models.ForeignKey(Premises, on_delete=models.PROTECT)
    before = models.JSONField()
    after = models.JSONField()
    from_day = models.DateField()
    reference = models.TextField()
    recorded_at = models.DateTimeField()
    recorded_by = models.TextField()

    class Meta:
        db_table = "premises_address_change"


class Feed(models.Model):
    """A unit supplied through the service point of another over a span of days."""

    id = models.UUIDField(primary_key=True)
    point = models.ForeignKey(ServicePoint, on_delete=models.PROTECT)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT)
    service = models.TextField()
    share = models.IntegerField(default=1)
    from_day = models.DateField()
    until_day = models.DateField(null=True)

    class Meta:
        db_table = "premises_feed"
        constraints = [
            models.CheckConstraint(name="premises_feed_share_positive", condition=Q(share__gte=1)),
            models.CheckConstraint(
                name="premises_feed_lasts",
                condition=Q(until_day__isnull=True) | Q(until_day__gt=F("from_day")),
            ),
        ]
