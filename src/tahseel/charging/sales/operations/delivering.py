"""What outlets delivered: a file taken line by line, or one delivery typed at a counter."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from tahseel.books.ledger import operations as ledger
from tahseel.charging.sales import queries, rules
from tahseel.charging.sales.operations.keeping import OutletUnknown
from tahseel.charging.sales.values import Delivery, Outlet, ParkedDelivery, TakenFile
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.period import local_day
from tahseel.trust.access.rules import require
from tahseel.trust.audit import operations as audit

TAKERS = ("clerk", "office_head", "revenue_manager")
NAME_MAX = 200


class DeliveryDiffers(Refusal):
    """The outlet has delivered by this document before, another quantity or on another day."""

    code = "delivery_differs"
    text_ar = "سُجل المستند {document} لنقطة البيع {outlet} سابقاً بكمية أو تاريخ آخر"
    text_en = "Document {document} of outlet {outlet} was taken before with other contents"
    http_status = 409


class OutletShut(Refusal):
    """The outlet was not open on the day, or the day lies ahead."""

    code = "outlet_shut"
    text_ar = "نقطة البيع {outlet} غير عاملة في {day}"
    text_en = "Outlet {outlet} was not open on {day}"


@audit.audited("sales.deliver", subject="outlet")
def deliver(
    *,
    actor: Actor,
    at: datetime,
    outlet: str,
    day: date,
    document: str,
    quantity: str,
    unit: str,
) -> Delivery:
    """Take one delivery typed at a counter; the same again changes nothing.

    A month without sales is told by a delivery of zero: no data is never zero. Raises NotAllowed,
    LineWrong, OutletUnknown, OutletShut, DeliveryDiffers.
    """
    require(actor, *TAKERS)
    litres, paper = rules.litres(quantity, unit), rules.paper(document)
    found = queries.by_code([outlet]).get(outlet)
    if found is None:
        raise OutletUnknown(outlet=outlet[:40])
    ledger.lock_accounts([found.account_id])
    taken, _ = _take(found, day, paper, litres, actor=actor, at=at, file="")
    audit.note(account_id=found.account_id, litres=litres, document=paper)
    return taken


@audit.audited("sales.take_file", subject="name")
def take_file(*, actor: Actor, at: datetime, name: str, content: bytes) -> TakenFile:
    """Take a delivery file: good lines are stored, each other one is parked with its reason.

    The file is kept as it came; the same bytes again answer the first outcome. Raises NotAllowed,
    FileWrong.
    """
    require(actor, *TAKERS)
    digest = hashlib.sha256(content).digest()
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('sales_file', 0))")
        cursor.execute("select report::text from sales_file where sha256 = %s", [digest])
        row = cursor.fetchone()
    if row is not None:
        report = orjson.loads(row[0])
        facts = {key: report[key] for key in ("file", "lines", "taken", "known")}
        audit.note(again=True)
        return TakenFile(**facts, again=True)
    told = list(rules.read_file(content))
    good = [one for one in told if isinstance(one, rules.Told)]
    bad = [one for one in told if not isinstance(one, rules.Told)]
    parked = [ParkedDelivery(name, *one) for one in bad]
    outlets = queries.by_code({one.outlet for one in good})
    ledger.lock_accounts({one.account_id for one in outlets.values()})
    done = TakenFile(name[:NAME_MAX], len(told), 0, 0)
    for one in good:
        try:
            fresh = _line(one, outlets, actor=actor, at=at, file=digest.hex())
        except Refusal as refusal:
            parked.append(ParkedDelivery(name, one.line, one.raw, refusal))
        else:
            done = replace(done, taken=done.taken + fresh, known=done.known + (not fresh))
    done = replace(done, parked=tuple(sorted(parked, key=lambda one: one.line)))
    _keep(done, digest, content, actor, at)
    audit.note(lines=done.lines, taken=done.taken, parked=len(done.parked), sha256=digest.hex())
    return done


def _line(
    one: rules.Told, outlets: Mapping[str, Outlet], *, actor: Actor, at: datetime, file: str
) -> bool:
    outlet = outlets.get(one.outlet)
    if outlet is None:
        raise OutletUnknown(outlet=one.outlet[:40])
    _, fresh = _take(outlet, one.day, one.document, one.litres, actor=actor, at=at, file=file)
    return fresh


def _take(
    outlet: Outlet, day: date, document: str, litres: int, *, actor: Actor, at: datetime, file: str
) -> tuple[Delivery, bool]:
    last = outlet.until_day or local_day(at)
    shut = day < outlet.from_day or day > local_day(at) or (outlet.until_day and day >= last)
    if outlet.count or shut:
        raise OutletShut(outlet=outlet.code, day=day.isoformat())
    known = queries.delivery(account_id=outlet.account_id, outlet_id=outlet.id, document=document)
    if known is not None:
        if (known.day, known.litres) != (day, litres):
            raise DeliveryDiffers(document=document, outlet=outlet.code)
        return known, False
    own = derived_id(outlet.id, "delivery", document)
    values: list[Any] = [
        outlet.account_id, own, outlet.id, day, litres, document, file, actor.id, at,
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into sales_delivery (account_id, id, outlet_id, day, litres, document, file,"
            " actor, recorded_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            values,
        )
    return Delivery(outlet.account_id, own, outlet.id, day, litres, document), True


def _keep(done: TakenFile, digest: bytes, content: bytes, actor: Actor, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into sales_file (sha256, name, content, report, actor, recorded_at)"
            " values (%s, %s, %s, %s, %s, %s)",
            [digest, done.file, content, orjson.dumps(done.as_dict()).decode(), actor.id, at],
        )
        cursor.executemany(
            "insert into sales_parked (id, sha256, line, raw, reason, refusal, parked_at)"
            " values (%s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    derived_id(UUID(bytes=digest[:16]), "parked", str(one.line)),
                    digest,
                    one.line,
                    one.raw,
                    one.refusal.code,
                    orjson.dumps(one.refusal.as_dict()).decode(),
                    at,
                )
                for one in done.parked
            ],
        )
