"""Puts the page of an account together. Whoever is named is read with a purpose, in one leaf."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from tahseel.books.deposits import queries as deposits
from tahseel.books.deposits.values import Deposit
from tahseel.channels.accounts import assuming, charging, naming
from tahseel.channels.accounts.values import (
    DepositRow,
    DialAsked,
    HeldReason,
    HeldRow,
    LiabilityRow,
    MainRow,
    PartyRow,
    ProposalRow,
    Review,
    ServiceRow,
    Sheet,
)
from tahseel.channels.metering.queries import order_pill
from tahseel.charging.billing import operations as billing_operations
from tahseel.charging.billing import queries as billing
from tahseel.charging.billing.values import RECKONED, Held, Misdirected
from tahseel.charging.sales import queries as sales
from tahseel.consumption.exceptions import queries as exceptions
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound
from tahseel.kernel.money import ZERO, Money
from tahseel.kernel.period import Period
from tahseel.registry.customers import queries as customers
from tahseel.registry.customers.values import CustomerView
from tahseel.registry.meters import queries as meters
from tahseel.registry.meters.values import RegisterKind
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import (
    AccountRef,
    AccountView,
    AssumptionView,
    LiabilitySpan,
    PartySpan,
    Role,
)

People = Mapping[UUID, CustomerView]

BILLS_MAX = 24
HELD_MAX = 200


def sheet(*, actor: Actor, at: datetime, purpose: str, account: AccountRef, day: date) -> Sheet:
    """Everything the counter must know of an account on a day. Raises NotFound."""
    view = supply.account_view(
        actor=actor, at=at, purpose=purpose, account_id=account.id, as_of=day
    )
    if view is None:
        raise NotFound(account=account.number)
    chain = supply.liabilities(account_ids=[account.id]).get(account.id, [])
    roles = supply.parties(account_ids=[account.id]).get(account.id, [])
    held = deposits.deposits(account_ids=[account.id]).get(account.id, [])
    waiting = deposits.refunds_waiting(as_of=at) if held else {}
    papers = supply.assumptions(account_id=account.id)
    people = customers.by_ids(
        actor=actor, at=at, purpose=purpose, customer_ids=_named(chain, roles, held, papers)
    )
    charged, asked = charging.rows(account.id, at=at)
    states = supply.supply_states(account_ids=[account.id]).get(account.id, ())
    return Sheet(
        view=view,
        liabilities=tuple(_liability(span, people, day) for span in reversed(chain)),
        parties=tuple(_party(one, people, day) for one in reversed(roles)),
        deposits=tuple(_deposit(one, people, day, waiting) for one in reversed(held)),
        proposals=tuple(
            ProposalRow(one, naming.proposal(one.kind))
            for one in deposits.open_proposals(account_ids=[account.id])
        ),
        services=tuple(
            ServiceRow(one, naming.service(one.service), naming.supply_state(one.state))
            for one in states
        ),
        assumptions=assuming.rows(papers, account.id, people, at=at),
        mains=_mains(account.id, day),
        is_main=supply.has_children(account_id=account.id, day=day),
        demand=next(iter(deposits.open_demands(account_ids=[account.id])), None),
        cover=deposits.cover(account_ids=[account.id], day=day)[account.id],
        wanted=_wanted(view),
        reviews=tuple(map(_review, billing.open_misdirected(account_id=account.id))),
        bills=tuple(billing.standing(account.id)[:BILLS_MAX]),
        held=tuple(held_rows(at=at, account_id=account.id)),
        left=_left(account.id, people, day),
        charges=charged,
        charges_asked=tuple(asked),
        outlets=tuple(sales.outlets(account_id=account.id)),
        day=day,
    )


def _left(account_id: UUID, people: People, day: date) -> LiabilityRow | None:
    span = billing.unfinished(account_id=account_id, day=day)
    return _liability(span, people, day) if span else None


def held_rows(*, at: datetime, account_id: UUID | None = None) -> list[HeldRow]:
    """Bills that are held back, of an account or of all, the most money in doubt first."""
    return rows_of(billing.held_back(account_id=account_id, limit=HELD_MAX), at=at)


def rows_of(found: Sequence[Held], *, at: datetime) -> list[HeldRow]:
    """Bills that are or were held back, in words, with what waits for them."""
    asked = billing.releases_waiting(as_of=at) if found else {}
    refs = supply.accounts(account_ids={one.account_id for one in found})
    sent = exceptions.orders_about(about={one.about for one in found})
    return [
        HeldRow(
            one,
            refs[one.account_id].number,
            tuple(HeldReason(why, naming.held_for(why)) for why in one.found),
            asked.get(one.id),
            next(map(order_pill, sent.get(one.about, [])), None),
        )
        for one in found
    ]


def owned_beside(*, unit_id: UUID, owners: Collection[UUID], day: date) -> list[AccountRef]:
    """The open accounts of a unit's building on which one of the owners owns, by number."""
    (unit,) = premises.units(unit_ids=[unit_id]).values()
    units = [one.id for one in premises.units_at(premises_id=unit.premises_id)]
    refs = supply.accounts_of_units(unit_ids=units, day=day).values()
    roles = supply.parties(account_ids=[ref.id for ref in refs])
    owned = {
        account_id
        for account_id, spans in roles.items()
        if any(one.role is Role.OWNER and one.customer_id in owners and day in one for one in spans)
    }
    return sorted((ref for ref in refs if ref.id in owned), key=lambda ref: ref.number)


def dials(*, unit_id: UUID, on_day: date) -> list[DialAsked]:
    """The billing registers whose final read is needed when the payer of a unit changes."""
    points = premises.service_points(unit_ids=[unit_id]).get(unit_id, [])
    hung = meters.installations(
        service_point_ids=[point.id for point in points],
        period=Period(on_day - timedelta(days=1), on_day),
    )
    ids = [one.meter_id for point in points for one in hung.get(point.id, [])]
    known = meters.meters(meter_ids=ids)
    asked = []
    for meter_id in dict.fromkeys(ids):
        meter = known[meter_id]
        imports = [r for r in meter.registers if r.kind is RegisterKind.IMPORT]
        if imports:
            billing = min(imports, key=lambda register: register.code)
            asked.append(
                DialAsked(meter_id, meter.serial, meter.service, billing.code, billing.unit)
            )
    return asked


def _review(found: Misdirected) -> Review:
    """What is known of one; what it comes to is computed again where the price or
    the quantity is what changed."""
    again = None
    if found.cause in RECKONED and len(found.bills) == 1:
        again = billing_operations.price_again(bill=found.bills[0])
    return Review(found, naming.cause(found.cause), again)


def _wanted(view: AccountView) -> Money:
    span = view.liability
    if span is None or span.customer_id is None:
        return ZERO
    return deposits.wanted_at_move_in(
        account_id=view.id, customer_id=span.customer_id, capacity=span.capacity
    )


def _named(
    chain: list[LiabilitySpan],
    roles: list[PartySpan],
    held: list[Deposit],
    papers: list[AssumptionView],
) -> set[UUID]:
    found = {span.customer_id for span in chain} | {one.customer_id for one in held}
    found |= {one.customer_id for one in roles} | {one.principal_id for one in roles}
    found |= {one.from_customer_id for one in papers} | {one.to_customer_id for one in papers}
    return {who for who in found if who is not None}


def _mains(account_id: UUID, day: date) -> tuple[MainRow, ...]:
    spans = supply.parent_spans(account_ids=[account_id]).get(account_id, [])
    refs = supply.accounts(account_ids={one.parent_id for one in spans})
    return tuple(MainRow(one, refs[one.parent_id].number, day in one) for one in reversed(spans))


def _liability(span: LiabilitySpan, people: People, day: date) -> LiabilityRow:
    who = people.get(span.customer_id) if span.customer_id else None
    said = naming.vacancy(span.vacancy) if span.vacancy else naming.capacity(span.capacity)
    return LiabilityRow(span, who, said, day in span)


def _party(one: PartySpan, people: People, day: date) -> PartyRow:
    principal = people.get(one.principal_id) if one.principal_id else None
    return PartyRow(one, people.get(one.customer_id), principal, naming.role(one.role), day in one)


def _deposit(one: Deposit, people: People, day: date, waiting: Mapping[UUID, UUID]) -> DepositRow:
    who = people.get(one.customer_id) if one.customer_id else None
    expired = one.expires_on is not None and one.expires_on <= day
    pill = naming.deposit_state(one.state, expired=expired)
    return DepositRow(one, who, naming.deposit_kind(one.kind), pill, waiting.get(one.id))
