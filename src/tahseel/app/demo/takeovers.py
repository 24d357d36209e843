"""A debt that a neighbour has signed for moves to his account, and an old meter gives way to a new.

Both happen on the last day but one, each by those who have the duty: a clerk asks, a head agrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from tahseel.app.demo.people import Party
from tahseel.app.demo.twins import CHECKER, MAKER, MANAGER
from tahseel.app.demo.values import BUILDER, Chance, Plan, at_hour
from tahseel.books.claims import queries as claims
from tahseel.books.transfers import operations as transfers
from tahseel.books.transfers import rules
from tahseel.consumption.readings import queries as readings
from tahseel.kernel.money import Money
from tahseel.kernel.period import local_day, start_of
from tahseel.kernel.quantity import Service
from tahseel.recovery.clearance import queries as clearance
from tahseel.registry.customers import queries as customers
from tahseel.registry.customers.values import NATURAL_KINDS
from tahseel.registry.meters import operations as meters
from tahseel.registry.meters import queries as devices
from tahseel.registry.meters.values import MeterView, NewMeter, NewRegister
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as agreements
from tahseel.registry.supply.values import LiabilitySpan
from tahseel.trust.approvals import operations as approvals

READS_DAYS = 400
THOUSAND = 1_000  # base units in what a dial counts
LOOKED_MAX = 200


def bring(
    *, plan: Plan, parties: Sequence[Party], account_ids: Sequence[UUID], chance: Chance
) -> None:
    """One debt, of the first who owes and is held for nothing; one water meter."""
    at = at_hour(plan.as_of - timedelta(days=1), 13)
    _take_over(account_ids, chance, at)
    _exchange(parties, chance, at)


def _take_over(account_ids: Sequence[UUID], chance: Chance, at: datetime) -> None:
    """The paper is signed by whoever is liable two doors on."""
    people = _liable(account_ids[:LOOKED_MAX], local_day(at))
    held = set(clearance.customers_held())
    for span in people:
        owed = [
            one
            for one in claims.open_claims(span.account_id)
            if one.customer_id == span.customer_id and one.payable
        ]
        taker = next((one for one in people if one.customer_id not in {span.customer_id}), None)
        if owed and taker and span.customer_id not in held:
            paper = chance.new_id("assumption", at)
            total = Money(sum(one.payable.fils for one in owed))
            _sign(paper, span, taker, total, at)
            asked = transfers.propose_move(
                actor=MAKER, at=at, approval_id=chance.new_id("takeover", at),
                assumption_id=paper, parts=rules.reaching(claims_chosen=owed, up_to=total),
                reason="the neighbour has signed before the department of legal affairs",
            )  # fmt: skip
            approvals.approve(actor=MANAGER, at=at, approval_id=asked)
            return


def _sign(
    paper: UUID, owes: LiabilitySpan, takes: LiabilitySpan, total: Money, at: datetime
) -> None:
    assert owes.customer_id is not None
    assert takes.customer_id is not None
    supply.sign_assumption(
        actor=CHECKER, at=at, id=paper, from_account_id=owes.account_id,
        from_customer_id=owes.customer_id, to_account_id=takes.account_id,
        to_customer_id=takes.customer_id, amount=total, document="HAWALA 118/2",
        signed_on=local_day(at),
    )  # fmt: skip


def _liable(account_ids: Sequence[UUID], day: date) -> list[LiabilitySpan]:
    """Living persons who are liable today, in the order of their accounts."""
    chains = agreements.liabilities(account_ids=account_ids)
    spans = [span for one in account_ids for span in chains.get(one, ()) if day in span]
    ids = {span.customer_id for span in spans if span.customer_id}
    dead = customers.deaths(customer_ids=ids)
    kinds = customers.kinds(customer_ids=ids)
    return [
        span
        for span in spans
        if span.customer_id and span.customer_id not in dead
        if kinds.get(span.customer_id) in NATURAL_KINDS
    ]


def last_dials(meter: MeterView, at: datetime) -> dict[str, str]:
    """What the dials of a meter showed when they were last read, as a reader types it."""
    since = start_of(local_day(at) - timedelta(days=READS_DAYS))
    found = readings.dial_history(meter_ids=[meter.id], since=since, until=at)
    shown: dict[str, str] = {}
    for one in meter.registers:
        views = found.get((meter.id, one.code))
        if views:
            whole, rest = divmod(views[-1].value // one.multiplier, THOUSAND)
            decimals = f"{rest:03d}"[: one.decimals]
            shown[one.code] = f"{whole}.{decimals}" if decimals else f"{whole}"
    return shown


def _exchange(parties: Sequence[Party], chance: Chance, at: datetime) -> None:
    """The last home whose water meter has one dial and was read: its successor begins at nought."""
    day = local_day(at)
    for party in reversed(parties[-LOOKED_MAX:]):
        for plan in party.home.meters:
            meter = devices.meters(meter_ids=[plan.meter_id])[plan.meter_id]
            hung = devices.where_installed(meter_id=meter.id, day=day)
            closing = last_dials(meter, at)
            if plan.service is not Service.WATER or hung is None or len(meter.registers) != 1:
                continue
            if closing.keys() != {one.code for one in meter.registers}:
                continue
            new = NewMeter(
                chance.new_id("successor", at), f"X{meter.serial}", meter.service, "New stock",
                meter.phase, tuple(
                    NewRegister(
                        chance.new_id("successor", at), one.code, one.kind, one.unit, one.digits,
                        one.decimals,
                    )
                    for one in meter.registers
                ),
            )  # fmt: skip
            meters.add_meter(actor=BUILDER, at=at, meter=new)
            meters.exchange(
                actor=BUILDER, at=at, id=chance.new_id("successor", at),
                service_point_id=hung.service_point_id, day=day, new_meter_id=new.id,
                closing=closing, opening=dict.fromkeys(closing, "0"),
            )  # fmt: skip
            return
