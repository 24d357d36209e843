"""The same id with the same input returns its first outcome; with another input it is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from tahseel.kernel.errors import Refusal


class InputDiffers(Refusal):
    """An intent's id came back with another input."""

    code = "input_differs"
    text_ar = "سبق استخدام هذا المعرّف لطلب مختلف"
    text_en = "This id was already used for a different request ({operation})"
    http_status = 409


def input_hash(value: Mapping[str, Any]) -> bytes:
    """SHA-256 over the canonical JSON of a request (sorted keys; ids and dates as text)."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).digest()


def once(
    *,
    intent_id: UUID,
    operation: str,
    request: Mapping[str, Any],
    at: datetime,
    act: Callable[[], Mapping[str, Any]],
) -> Mapping[str, Any]:
    """Run `act` the first time only; its JSON-able outcome is kept in the same transaction.

    Callers that race on one id queue behind an advisory lock. Raises InputDiffers.
    """
    digest = input_hash(request)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(intent_id)])
        cursor.execute(
            "select operation, input_hash, outcome::text from kernel_intent where id = %s",
            [intent_id],
        )
        row = cursor.fetchone()
        if row is not None:
            if row[0] != operation or bytes(row[1]) != digest:
                raise InputDiffers(operation=operation)
            known: Mapping[str, Any] = orjson.loads(row[2])
            return known
        outcome = act()
        cursor.execute(
            "insert into kernel_intent (id, operation, input_hash, outcome, at)"
            " values (%s, %s, %s, %s, %s)",
            [intent_id, operation, digest, orjson.dumps(dict(outcome)).decode(), at],
        )
        return outcome
