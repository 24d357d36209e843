"""A factory whose certificate had lapsed brings the one that followed, months after it was issued.

Its days are billed, so the counter asks and a head agrees; the bills of these days become work for
whoever bills, and no fils moves by itself. The first of them is corrected the next morning.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from tahseel.app.demo.people import Party
from tahseel.app.demo.twins import CHECKER, MAKER, MANAGER
from tahseel.app.demo.values import Chance, Plan, at_hour
from tahseel.charging.billing import operations as bills
from tahseel.charging.billing import queries as billing
from tahseel.charging.billing.values import Cause
from tahseel.registry.premises import operations, queries, rules
from tahseel.registry.premises.values import PRODUCTIVE_SECTORS, CertificateView
from tahseel.trust.approvals import operations as approvals

YEARS = 2


def bring(*, plan: Plan, parties: Sequence[Party], chance: Chance) -> None:
    """On the last day but one; nothing where no certificate lapsed long enough ago."""
    at = at_hour(plan.as_of - timedelta(days=1), 11)
    units = [p.home.unit.id for p in parties if p.home.unit.sector in PRODUCTIVE_SECTORS]
    papers = queries.certificates_of(unit_ids=units)
    lapsed = [last for unit in units if (last := _lapsed(papers.get(unit, []), plan.as_of))]
    if lapsed:
        _bring(max(lapsed, key=lambda one: one.valid_until or date.min), chance, at)


def _lapsed(papers: Sequence[CertificateView], day: date) -> CertificateView | None:
    """The last certificate of a unit that stands, when it ended before this month began."""
    if not papers:
        return None
    last = papers[-1]
    over = last.valid_until is not None and last.valid_until < day.replace(day=1)
    standing = queries.units(unit_ids=[last.unit_id])[last.unit_id].ended_on is None
    return last if over and standing else None


def _bring(last: CertificateView, chance: Chance, at: datetime) -> None:
    issued = last.valid_until
    assert issued is not None
    span = queries.sector_on(unit_id=last.unit_id, day=issued)
    kind = rules.certificate_for(span.sector) if span else None
    if kind is None:
        return
    asked = operations.propose_certificate(
        actor=MAKER, at=at, approval_id=chance.new_id("late paper", at), unit_id=last.unit_id,
        kind=kind.code, number=f"{last.number}-L", valid_from=issued,
        valid_until=issued.replace(year=issued.year + YEARS, day=1),
        reason="the authority's letter came months after it was issued",
    )  # fmt: skip
    approvals.approve(actor=CHECKER, at=at, approval_id=asked)
    _correct(last, chance, at + timedelta(hours=20))


def _correct(last: CertificateView, chance: Chance, at: datetime) -> None:
    """Reverse the first of the unit's bills and make it anew, by two people."""
    waiting = [one for one in billing.open_misdirected() if one.cause is Cause.CERTIFICATE]
    if not waiting:
        return
    first = min(waiting, key=lambda one: one.bills[0].month).bills[0]
    again = bills.price_again(bill=first)
    if again is None or again == first.total:
        return
    asked = bills.propose_rebill(
        actor=MAKER, at=at, approval_id=chance.new_id("correction", at),
        account_id=first.account_id, bill_id=first.id,
        reason=f"certificate {last.number}-L was valid on these days",
    )  # fmt: skip
    approvals.approve(actor=MANAGER, at=at, approval_id=asked)
