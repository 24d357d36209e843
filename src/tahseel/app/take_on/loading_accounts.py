"""Accounts with their payers and roles, and the money on them: debts, credits, deposits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from tahseel.app.take_on.loading import Body, Loading, chunks, day, following, sure_day
from tahseel.app.take_on.values import Entity
from tahseel.books.claims import operations as claims
from tahseel.books.claims.values import BILL, NewClaim
from tahseel.books.deposits import operations as deposits
from tahseel.books.deposits.values import DepositKind, NewDeposit
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger.values import CREDIT, RECEIVABLE, Entry
from tahseel.kernel.errors import Broken
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import Money
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import rules as supply_rules
from tahseel.registry.supply.values import (
    Capacity,
    NewAccount,
    NewLiability,
    NewParty,
    Role,
    Vacancy,
)

OPENING = "opening"
DEPOSIT = "deposit"
ITEM_SOURCE = "take-on:open-item"
CREDIT_SOURCE = "take-on:credit"
DEPOSIT_SOURCE = "take-on:deposit"
CHUNK = 5_000
_ROLE_OF = {Capacity.OWNER: Role.OWNER, Capacity.TENANT: Role.TENANT}


@dataclass(frozen=True)
class Way:
    """How the money of an entity stands in the books: against the opening balances."""

    entity: Entity
    source: str
    debit: str
    credit: str


OWED = Way(Entity.OPEN_ITEMS, ITEM_SOURCE, RECEIVABLE, OPENING)
CREDITED = Way(Entity.CREDITS, CREDIT_SOURCE, OPENING, CREDIT)
DEPOSITED = Way(Entity.DEPOSITS, DEPOSIT_SOURCE, OPENING, DEPOSIT)


@dataclass
class Taken:
    """What one chunk of accounts brings to the books."""

    accounts: list[NewAccount] = field(default_factory=list)
    claims: list[NewClaim] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    deposits: list[NewDeposit] = field(default_factory=list)


def accounts(load: Loading) -> None:
    """Walk the accounts in the order of their old numbers, with all that refers to them beside."""
    walk = {
        entity: following(load, entity, order)
        for entity, order in (
            (Entity.OCCUPANCIES, "s.from_day"),
            (Entity.PARTIES, "s.from_day"),
            (Entity.OPEN_ITEMS, "s.line"),
            (Entity.CREDITS, "s.line"),
            (Entity.DEPOSITS, "s.line"),
        )
    }
    number = load.first_number
    for chunk in chunks(load.bodies(Entity.ACCOUNTS, "s.key"), CHUNK):
        taken = Taken()
        for body in chunk:
            key = body["key"]
            account_id = load.id_of(Entity.ACCOUNTS, key)
            lived = walk[Entity.OCCUPANCIES].of(key)
            given = body["number"] or supply_rules.account_number(number)
            number += not body["number"]
            roles = walk[Entity.PARTIES].of(key)
            made = _account(load, body, given, lived, roles)
            taken.accounts.append(made)
            for item in walk[Entity.OPEN_ITEMS].of(key):
                _owe(load, taken, account_id, item, lived)
            for credit in walk[Entity.CREDITS].of(key):
                taken.entries.append(_held(load, account_id, credit, CREDITED))
            for paid in walk[Entity.DEPOSITS].of(key):
                taken.entries.append(_held(load, account_id, paid, DEPOSITED))
                taken.deposits.append(_deposit(load, account_id, paid, lived))
        _store(load, taken)
        load.refer(
            Entity.ACCOUNTS, zip((b["key"] for b in chunk), (a.id for a in taken.accounts),
                                 strict=True)
        )  # fmt: skip
        load.progress("accounts", len(chunk))


def _store(load: Loading, taken: Taken) -> None:
    who = {"actor": load.actor, "at": load.at}
    supply.open_many(**who, batch=load.batch, accounts=taken.accounts)  # type: ignore[arg-type]
    ledger.post_many(**who, entries=taken.entries)  # type: ignore[arg-type]
    deposits.record_held(**who, batch=load.batch, deposits=taken.deposits)  # type: ignore[arg-type]
    claims.open_claims(**who, claims=taken.claims, batch=load.batch)  # type: ignore[arg-type]


def _account(
    load: Loading, body: Body, number: str, lived: Sequence[Body], roles: Sequence[Body]
) -> NewAccount:
    account_id = load.id_of(Entity.ACCOUNTS, body["key"])
    links = tuple(_liability(load, account_id, one) for one in lived)
    named = [_party(load, account_id, one) for one in roles]
    known = {(party.customer_id, party.role) for party in named}
    return NewAccount(
        id=account_id,
        unit_id=load.id_of(Entity.UNITS, body["unit"]),
        opened_on=sure_day(body["opened_on"]),
        liabilities=links,
        parties=(*named, *_implied(account_id, links, lived, known)),
        number=number,
        closed_on=day(body["closed_on"]),
    )


def _liability(load: Loading, account_id: UUID, body: Body) -> NewLiability:
    who = body["person"]
    return NewLiability(
        id=derived_id(account_id, "liability", body["from_day"]),
        from_day=sure_day(body["from_day"]),
        customer_id=load.id_of(Entity.PERSONS, who) if who else None,
        capacity=Capacity(body["capacity"]),
        vacancy=Vacancy(body["vacancy"]) if body["vacancy"] else None,
        agreement=body["agreement"] or "",
    )


def _party(load: Loading, account_id: UUID, body: Body) -> NewParty:
    customer_id, role = load.id_of(Entity.PERSONS, body["person"]), Role(body["role"])
    return NewParty(
        id=_party_id(account_id, customer_id, role, sure_day(body["from_day"])),
        customer_id=customer_id,
        role=role,
        from_day=sure_day(body["from_day"]),
        until_day=day(body["until_day"]),
        agreement=body["agreement"] or "",
        takes_back=bool(body["takes_back"]),
    )


def _implied(
    account_id: UUID,
    links: Sequence[NewLiability],
    lived: Sequence[Body],
    known: set[tuple[UUID, Role]],
) -> list[NewParty]:
    """Whoever pays as owner or tenant also has that role, unless a line of its own says so."""
    found = []
    for link, body in zip(links, lived, strict=True):
        role = _ROLE_OF.get(link.capacity)
        if role is None or link.customer_id is None or (link.customer_id, role) in known:
            continue
        party_id = _party_id(account_id, link.customer_id, role, link.from_day)
        until = day(body["until_day"])
        found.append(NewParty(party_id, link.customer_id, role, link.from_day, until))
    return found


def _party_id(account_id: UUID, customer_id: UUID, role: Role, from_day: date) -> UUID:
    return derived_id(account_id, str(customer_id), str(role), from_day.isoformat())


def claim_id(account_id: UUID, key: str) -> UUID:
    """The id of an open item's claim."""
    return derived_id(account_id, "open-item", key)


def _owe(load: Loading, taken: Taken, account_id: UUID, item: Body, lived: Sequence[Body]) -> None:
    who = item["person"] or _liable(item["opened_on"], lived)
    made = NewClaim(
        account_id=account_id,
        id=claim_id(account_id, item["key"]),
        reference=item["key"],
        kind=item["kind"] or BILL,
        opened_on=sure_day(item["opened_on"]),
        due_date=sure_day(item["due_date"]),
        amount=Money(item["open"]),
        customer_id=load.id_of(Entity.PERSONS, who),
    )
    taken.claims.append(made)
    taken.entries.append(_entry(load, made.id, account_id, made.amount, OWED))


def _liable(on_day: str, lived: Sequence[Body]) -> str:
    found = _liable_on(on_day, lived)
    if found is None:
        raise Broken("a checked open item has nobody who owes it")
    return found


def _liable_on(on_day: str, lived: Sequence[Body]) -> str | None:
    for one in lived:
        until = one["until_day"]
        if one["person"] and one["from_day"] <= on_day and (until is None or on_day < until):
            return str(one["person"])
    return None


def _deposit(load: Loading, account_id: UUID, body: Body, lived: Sequence[Body]) -> NewDeposit:
    """Whose it is: of whoever was liable when it was paid, else of the last who was liable."""
    last = next((one["person"] for one in reversed(lived) if one["person"]), None)
    who = _liable_on(body["paid_on"], lived) or last
    return NewDeposit(
        account_id=account_id,
        id=load.id_of(Entity.DEPOSITS, body["key"]),
        customer_id=load.id_of(Entity.PERSONS, who) if who else None,
        kind=DepositKind.CASH,
        amount=Money(body["amount"]),
        taken_on=sure_day(body["paid_on"]),
        reference=body["key"],
    )


def _held(load: Loading, account_id: UUID, body: Body, way: Way) -> Entry:
    """Money of the customer's that we hold: a credit or a deposit."""
    ours = load.id_of(way.entity, body["key"])
    return _entry(load, ours, account_id, Money(body["amount"]), way)


def _entry(load: Loading, of: UUID, account_id: UUID, amount: Money, way: Way) -> Entry:
    return Entry(
        id=derived_id(of, "opening"),
        account_id=account_id,
        debit=way.debit,
        credit=way.credit,
        amount=amount,
        business_date=load.mapping.cutover,
        source=way.source,
        source_id=of,
    )
