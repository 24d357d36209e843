"""Bills of the last month that the checks hold back: dials that were read wrong, and a meter that
stood still. One is issued because two people agree, for another one a crew was in the field.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from tahseel.app.demo.people import Party
from tahseel.app.demo.twins import CHECKER, MAKER, MANAGER
from tahseel.app.demo.usage import Usage, advances, running
from tahseel.app.demo.values import at_hour
from tahseel.charging.billing import operations, queries, rules
from tahseel.consumption.exceptions import operations as exceptions
from tahseel.consumption.exceptions.values import OrderKind
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.ids import derived_id
from tahseel.kernel.quantity import WH_PER_KWH, Service
from tahseel.trust.approvals import operations as approvals

INSPECTOR = Actor(
    ActorKind.STAFF, "synthetic-inspector", "synthetic inspector", frozenset({"inspector"})
)
# What went wrong with a dial of the last month, for the largest users of a service in turn.
STOOD_STILL, DIGIT_MORE, WORKSHOP, CUBIC = "stood_still", "digit_more", "workshop", "cubic"
POWER = (STOOD_STILL, DIGIT_MORE, WORKSHOP)
WORKSHOP_WH = 400_000 * WH_PER_KWH
FIRST = 5  # homes before this one stand for other stories
LEAST_HOMES = 30
LAST_YEAR = -13  # the same month of the year before


def mistake(drawn: Usage, *, parties: Sequence[Party], but: Collection[UUID]) -> Usage:
    """The same usage with some dials of the last month read wrong. but: meters to leave alone."""
    if len(parties) < LEAST_HOMES:
        return drawn
    homes = parties[FIRST : len(parties) // 2]
    chosen = {one.meter_id for home in homes for one in home.home.meters} - set(but)
    moved = advances(drawn)
    rows = [n for n, one in enumerate(drawn.meters) if one.meter_id in chosen]
    for service, kinds in ((Service.ELECTRICITY, POWER), (Service.WATER, (CUBIC,))):
        mine = [n for n in rows if drawn.meters[n].service is service]
        mine.sort(key=lambda n: (-int(moved[n, -1]), n))
        for row, kind in zip(mine, kinds, strict=False):
            moved[row, -1] = _wrong(kind, int(moved[row, -1]), int(moved[row, LAST_YEAR]))
    return replace(drawn, dials=running(drawn.meters, moved))


def _wrong(kind: str, used: int, year: int) -> int:
    """What the dial seemed to move by, in its base units."""
    return {
        STOOD_STILL: 0,
        DIGIT_MORE: used * 10,
        WORKSHOP: used + WORKSHOP_WH,
        CUBIC: year * 10,
    }[kind]


def treat(*, as_of: date) -> None:
    """Two people have the largest one issued; a crew looks at a suspected unit of water."""
    held = queries.held_back()
    power = [one for one in held if one.found[0].service is Service.ELECTRICITY]
    for one in [two for two in power if rules.needs_second(two.total)][:1]:
        asked = operations.propose_release(
            actor=CHECKER,
            at=at_hour(as_of - timedelta(days=1), 10),
            approval_id=derived_id(one.id, "release"),
            account_id=one.account_id,
            held_id=one.id,
            reason="ورشة بناء بعداد مؤقت: طابقت القراءةُ ما أفاد به المستهلك",
        )
        approvals.approve(
            actor=MANAGER, at=at_hour(as_of - timedelta(days=1), 12), approval_id=asked
        )
    for one in [two for two in held if two.found[0].service is Service.WATER][:1]:
        order = derived_id(one.id, "order")
        meter = queries.held_meters(held=one, service=Service.WATER)[0]
        operations.send_to_field(
            actor=MAKER,
            at=at_hour(as_of - timedelta(days=2), 9),
            order_id=order,
            account_id=one.account_id,
            held_id=one.id,
            meter_id=meter,
            kind=OrderKind.INVESTIGATE,
            task="عشرة أمثال المعتاد: أعد قراءة عداد المياه وعاين الخانات العشرية",
        )
        exceptions.report_order(
            actor=INSPECTOR,
            at=at_hour(as_of - timedelta(days=1), 14),
            order_id=order,
            done=True,
            done_on=as_of - timedelta(days=1),
            result="الخانة الحمراء قُرئت مع الأمتار: القراءة الصحيحة عُشر المسجّل",
        )
