"""What meters say before a service point is taken out of use: the meter comes down first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from tahseel.kernel import bulk
from tahseel.kernel.errors import Refusal
from tahseel.registry.meters.models import Installation


class MeterStillHangs(Refusal):
    """A meter hangs at the service point on that day or later."""

    code = "meter_still_hangs"
    text_ar = "العداد {serial} ما زال مركبًا في {day}"
    text_en = "Meter {serial} still hangs there on {day}"
    http_status = 409


def require_down(*, unit_ids: Collection[UUID], point_ids: Collection[UUID], day: date) -> None:
    """A `premises` guard: no meter hangs at a point out of use. Raises MeterStillHangs."""
    hanging = Installation.objects.filter(service_point_id__in=bulk.among(point_ids))
    found = hanging.exclude(removed_on__lte=day).select_related("meter").first()
    if found is not None:
        raise MeterStillHangs(serial=found.meter.serial, day=day.isoformat())
