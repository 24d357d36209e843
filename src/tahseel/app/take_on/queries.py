"""Reading take-ons: old numbers, and old holds that were not carried over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.kernel.actor import Actor, Purpose
from tahseel.trust.audit.operations import record_read

FOUND_MAX = 100


def by_old_key(
    *, actor: Actor, at: datetime, key: str, purpose: str = Purpose.CUSTOMER_SERVICE
) -> list[dict[str, Any]]:
    """What an old number stands for: system, entity, our id, and our number of an account."""
    record_read(actor=actor, purpose=purpose, subject=key, at=at, facts={"of": "old number"})
    with connection.cursor() as cursor:
        cursor.execute(
            "select r.system, r.entity, r.id, a.number from app_take_on_reference r"
            " left join supply_account a on a.id = r.id and r.entity = 'accounts'"
            " where r.key = %s order by r.system, r.entity limit %s",
            [key, FOUND_MAX],
        )
        return [
            {"system": row[0], "entity": row[1], "id": str(row[2]), "number": row[3]}
            for row in cursor.fetchall()
        ]


def not_carried(*, run_id: UUID) -> Iterator[dict[str, Any]]:
    """The old holds that no decision opened, each with the reasons in both languages."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select key, gate, customer_id, reasons::text from app_take_on_not_carried"
            " where run_id = %s order by key",
            [run_id],
        )
        for key, gate, customer_id, reasons in cursor.fetchall():
            yield {
                "key": key,
                "gate": gate,
                "customer_id": str(customer_id),
                "reasons": json.loads(reasons),
            }
