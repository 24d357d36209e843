"""An account as its visitor may see it: the payer his own part, staff of the counter the whole.

A tenant who moved out keeps the bills he is liable for, and never sees those of who came after or
before. Asking for somebody else's account is refused before anything of it is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from tahseel.books.claims import queries as claims
from tahseel.books.claims.values import Claim
from tahseel.books.deposits import queries as deposits
from tahseel.books.ledger import queries as ledger
from tahseel.books.payments import queries as payments
from tahseel.channels.desk import queries as desk
from tahseel.channels.desk.values import Why
from tahseel.channels.pages import formats
from tahseel.channels.portal.values import (
    AccountSheet,
    Asked,
    BillRow,
    BillSheet,
    BillState,
    CarriedRow,
    DayUse,
    HeldFor,
    MonthUse,
    OwnAccount,
    SoFar,
    Visitor,
)
from tahseel.channels.printing import queries as printing
from tahseel.charging.billing import queries as billing
from tahseel.charging.billing import rules as billing_rules
from tahseel.charging.billing.operations import MAKERS
from tahseel.charging.billing.values import Bill
from tahseel.charging.charges import queries as charges
from tahseel.charging.charges import rules as charges_rules
from tahseel.consumption.readings import queries as readings
from tahseel.consumption.readings.values import Determinant
from tahseel.kernel.actor import Actor, ActorKind, Purpose
from tahseel.kernel.errors import NotAllowed, NotFound
from tahseel.kernel.money import ZERO, Money
from tahseel.kernel.period import DAY_MAX, BillingMonth, Period, local_day
from tahseel.kernel.quantity import Service
from tahseel.recovery.clearance.values import Gate
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import AccountRef, AccountView
from tahseel.trust.access import rules as access
from tahseel.trust.audit.operations import record_read

STAFF_ROLES = ("clerk", "office_head", "revenue_manager", "auditor")
READ_ONLY_ROLES = ("auditor",)
MONTHS_SHOWN = 24
DAYS_SHOWN = 60


def own_accounts(*, actor: Actor, at: datetime, as_of: date) -> list[OwnAccount]:
    """Every account for which the signed-in customer is or was liable, by number."""
    if actor.customer_id is None:
        return []
    customer_id = UUID(actor.customer_id)
    now = {ref.id for ref in supply.accounts_of(customer_id=customer_id, as_of=as_of)}
    rows = []
    for ref in supply.accounts_ever_of(customer_id=customer_id):
        own = [c for c in claims.open_claims(ref.id) if c.customer_id == customer_id]
        if not own and ref.id not in now:
            continue
        late = Money(sum(c.payable.fils for c in own if c.is_overdue(as_of)))
        address = {
            language: premises.address(unit_id=ref.unit_id, language=language)
            for language in ("ar", "en")
        }
        balance = Money(sum(c.open.fils for c in own))
        rows.append(OwnAccount(ref.number, address["ar"], address["en"], balance, late))
    return rows


def visitor_of(*, actor: Actor, account: AccountRef) -> Visitor:
    """How much of an account the actor may see.

    Raises NotFound for a customer who never was its payer, NotAllowed for staff without a role.
    """
    if actor.kind is ActorKind.CUSTOMER and actor.customer_id:
        customer_id = UUID(actor.customer_id)
        spans = supply.liabilities(account_ids=[account.id]).get(account.id, [])
        if all(span.customer_id != customer_id for span in spans):
            raise NotFound
        return Visitor(customer_id, may_pay=True)
    if not access.may(actor, *STAFF_ROLES):
        raise NotAllowed(needs=", ".join(STAFF_ROLES))
    return Visitor(None, may_pay=not actor.has(*READ_ONLY_ROLES))


def purpose_of(actor: Actor) -> Purpose:
    """Why this actor reads an account."""
    if actor.kind is ActorKind.CUSTOMER:
        return Purpose.OWN_ACCOUNT
    return Purpose.AUDIT if actor.has("auditor") else Purpose.CUSTOMER_SERVICE


def account_sheet(*, actor: Actor, at: datetime, account: AccountRef, as_of: date) -> AccountSheet:
    """The account's page. Raises NotFound, NotAllowed as `visitor_of`."""
    visitor = visitor_of(actor=actor, account=account)
    purpose = purpose_of(actor)
    view = _view(actor, at, account, as_of)
    paid = payments.payments_of(actor=actor, at=at, purpose=purpose, account_id=account.id)
    return AccountSheet(
        view=view,
        visitor=visitor,
        bills=_bills(account.id, visitor, as_of),
        payments=tuple(one for one in paid if visitor.may_see(one.customer_id)),
        holds=_holds(actor, at, view, visitor),
        months=_months(account.id, visitor),
        days=_days(account.id, visitor, as_of),
        so_far=_so_far(account.id, visitor, as_of),
        credit=_credit(view, visitor),
        asked=_asked(account.id, visitor, as_of),
    )


def bill_sheet(*, actor: Actor, at: datetime, number: str, as_of: date) -> BillSheet:
    """One bill with its lines. Raises NotFound also for a bill that is not the visitor's."""
    bill = billing.by_number(number)
    account = supply.accounts(account_ids=[bill.account_id])[bill.account_id] if bill else None
    if bill is None or account is None:
        raise NotFound
    visitor = visitor_of(actor=actor, account=account)
    if not visitor.may_see(bill.customer_id):
        raise NotFound
    view = _view(actor, at, account, as_of)
    [told] = billing.explanations([bill], areas={bill.account_id: view.area}, known={})
    before, after = told.before, told.after
    book = billing_rules.policy().book
    known = book.code == bill.book
    return BillSheet(
        view=view,
        visitor=visitor,
        told=told,
        row=_row(bill, _claims(bill.account_id).get(bill.number), as_of, after is not None),
        before=before if before and visitor.may_see(before.customer_id) else None,
        after=after if after and visitor.may_see(after.customer_id) else None,
        carried=tuple(
            CarriedRow(one, _kind_name(one.kind))
            for one in charges.of_bill(account_id=bill.account_id, bill_id=bill.id)
        ),
        may_correct=visitor.customer_id is None and after is None and actor.has(*MAKERS),
        book_ar=book.name_ar if known else bill.book,
        book_en=book.name_en if known else bill.book,
    )


def bill_paper(*, actor: Actor, at: datetime, number: str, language: str) -> bytes:
    """One bill as it is printed, "ar" or "en". Raises NotFound, NotAllowed as `bill_sheet`."""
    told = bill_sheet(actor=actor, at=at, number=number, as_of=local_day(at)).told
    return printing.bill_pdf(told, actor=actor, at=at, purpose=purpose_of(actor), language=language)


def _kind_name(kind: str) -> str:
    known = charges_rules.catalogue().kinds.get(kind)
    return formats.by_language(ar=known.name_ar, en=known.name_en) if known else kind


def interval_file(
    *, actor: Actor, at: datetime, account: AccountRef, period: Period
) -> Iterator[bytes]:
    """The visitor's own days of a period, every interval, as Green Button writes it.

    Raises NotFound, NotAllowed as `visitor_of`, NoIntervals where there is none.
    """
    visitor = visitor_of(actor=actor, account=account)
    own = []
    for start, end in _own_periods(account.id, visitor):
        mine = Period(start, DAY_MAX if end is None else end).overlap(period)
        own += [mine] if mine else []
    facts = {"first_day": str(period.start), "until_day": str(period.end)}
    record_read(actor=actor, purpose=purpose_of(actor), subject=str(account.id), at=at, facts=facts)
    return readings.green_button_file(
        account_id=account.id, number=account.number, periods=own, at=at
    )


def _view(actor: Actor, at: datetime, account: AccountRef, as_of: date) -> AccountView:
    view = supply.account_view(
        actor=actor, at=at, purpose=purpose_of(actor), account_id=account.id, as_of=as_of
    )
    if view is None:
        raise NotFound
    return view


def _claims(account_id: UUID) -> dict[str, Claim]:
    return {claim.reference: claim for claim in claims.claims(account_id)}


def _bills(account_id: UUID, visitor: Visitor, as_of: date) -> tuple[BillRow, ...]:
    found, bills = _claims(account_id), billing.bills(account_id)
    corrected = {bill.corrects for bill in bills}
    return tuple(
        _row(bill, found.get(bill.number), as_of, bill.id in corrected)
        for bill in bills
        if visitor.may_see(bill.customer_id)
    )


def _row(bill: Bill, claim: Claim | None, as_of: date, corrected: bool) -> BillRow:
    if corrected and (claim is None or not claim.open):
        return BillRow(bill, ZERO, ZERO, BillState.CORRECTED)
    if claim is None:
        return BillRow(bill, ZERO, ZERO, BillState.NOTHING)
    return BillRow(bill, claim.open, claim.payable, _state(claim, as_of))


def _state(claim: Claim, as_of: date) -> BillState:
    if not claim.open:
        return BillState.PAID
    if not claim.payable:
        return BillState.DISPUTED
    return BillState.OVERDUE if claim.is_overdue(as_of) else BillState.DUE


def _holds(actor: Actor, at: datetime, view: AccountView, visitor: Visitor) -> tuple[HeldFor, ...]:
    """Open holds of the visitor himself, or for staff of the payer of the day, by their debt."""
    customer_id = visitor.customer_id or (view.payer.id if view.payer else None)
    if customer_id is None:
        return ()
    found = desk.held_because(
        actor=actor, at=at, purpose=purpose_of(actor), customer_id=customer_id
    )
    by_debt: dict[frozenset[UUID], list[Why]] = defaultdict(list)
    for why in sorted(found, key=lambda one: list(Gate).index(one.gate)):
        by_debt[why.claims].append(why)
    return tuple(HeldFor(tuple(gates)) for gates in by_debt.values())


def _credit(view: AccountView, visitor: Visitor) -> Money:
    """Money paid and not yet applied, for staff and for who pays today."""
    if visitor.customer_id is not None and (
        view.payer is None or view.payer.id != visitor.customer_id
    ):
        return ZERO
    return ledger.balance(view.id).credit


def _asked(account_id: UUID, visitor: Visitor, as_of: date) -> Asked | None:
    """The deposit that is asked of the visitor himself, or for staff of whoever it is asked."""
    for demand in deposits.open_demands(account_ids=[account_id]):
        if visitor.may_see(demand.customer_id):
            held = deposits.lasting_cover(account_id=account_id, day=as_of)
            return Asked(demand, held, late=demand.due_on <= as_of)
    return None


def _own_periods(account_id: UUID, visitor: Visitor) -> list[tuple[date, date | None]]:
    """The days of an account whose use is the visitor's business, half-open."""
    spans = supply.liabilities(account_ids=[account_id]).get(account_id, [])
    if visitor.customer_id is None:
        return [(date.min, None)]
    return [(s.from_day, s.until_day) for s in spans if s.customer_id == visitor.customer_id]


def _inside(day: date, periods: list[tuple[date, date | None]]) -> bool:
    return any(start <= day and (end is None or day < end) for start, end in periods)


def _months(account_id: UUID, visitor: Visitor) -> tuple[MonthUse, ...]:
    """Months whose last day is the visitor's, the oldest first."""
    own = _own_periods(account_id, visitor)
    used: dict[BillingMonth, dict[Service, int]] = defaultdict(dict)
    estimated: set[BillingMonth] = set()
    for point in readings.monthly_consumption(account_id=account_id, months=MONTHS_SHOWN):
        if not _inside(point.month.period.end - timedelta(days=1), own):
            continue
        used[point.month][point.service] = point.quantity
        if point.estimated:
            estimated.add(point.month)
    return tuple(MonthUse(month, used[month], month in estimated) for month in sorted(used))


def _days(account_id: UUID, visitor: Visitor, as_of: date) -> tuple[DayUse, ...]:
    """The last 60 days that intervals may cover; empty when the account has none."""
    period = Period(as_of - timedelta(days=DAYS_SHOWN), as_of)
    found = readings.account_daily_consumption(account_id=account_id, period=period)
    own = _own_periods(account_id, visitor)
    known = {p.day: p.quantity for p in found if p.complete and _inside(p.day, own)}
    if not known:
        return ()
    return tuple(DayUse(day, known.get(day)) for day in period)


def _so_far(account_id: UUID, visitor: Visitor, as_of: date) -> tuple[SoFar, ...]:
    """The running month by service, where all of its days are the visitor's."""
    month = BillingMonth.of(as_of - timedelta(days=1))
    own = _own_periods(account_id, visitor)
    found: dict[Service, list[Determinant]] = defaultdict(list)
    for one in readings.so_far(month=month, account_ids=[account_id]):
        first, last = local_day(one.from_at), local_day(one.to_at) - timedelta(days=1)
        if any(start <= first and (end is None or last < end) for start, end in own):
            found[one.service].append(one)
    return tuple(_service_so_far(service, rows) for service, rows in sorted(found.items()))


def _service_so_far(service: Service, rows: list[Determinant]) -> SoFar:
    """Demand and bands of one meter alone: those of two need not come together."""
    alone = rows[0].profile if len(rows) == 1 and service is Service.ELECTRICITY else None
    names = readings.band_names(code=alone.band_set) if alone else {}
    return SoFar(
        service,
        sum(one.quantity for one in rows),
        min(local_day(one.to_at) for one in rows) - timedelta(days=1),
        estimated=any(one.estimated_share for one in rows),
        demand=alone.demand if alone else None,
        bands=tuple(
            (formats.by_language(ar=names[code][0], en=names[code][1]), used)
            for code, used in (alone.bands if alone else ())
            if code in names
        ),
    )
