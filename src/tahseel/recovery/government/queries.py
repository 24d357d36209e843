"""How bodies stand at the end of a day, each with everything under it. One query a slice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.books.claims import queries as claims
from tahseel.books.ledger import queries as ledger
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.errors import NotAllowed, NotFound
from tahseel.recovery.government import rules
from tahseel.recovery.government.values import (
    AccountLine,
    AccountNode,
    Agreement,
    AgreementKind,
    Collision,
    Figures,
    Node,
)
from tahseel.registry.customers import queries as customers
from tahseel.registry.customers.values import Body
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply
from tahseel.trust.access import rules as access
from tahseel.trust.audit.operations import record_read

READERS = ("clerk", "office_head", "revenue_manager", "auditor")
Ordered = list[tuple[Body, int]]


def tops(*, actor: Actor, at: datetime, purpose: str, day: date) -> list[Node]:
    """Every body that is under none, with its whole; for staff. Raises NotAllowed."""
    access.require(actor, *READERS)
    record_read(actor=actor, purpose=purpose, subject="bodies", at=at, facts={"of": "balances"})
    ordered = rules.in_tree_order(customers.bodies(), by=rules.by_name)
    return [node for node in _nodes(ordered, day) if node.depth == 0]


def tree(*, actor: Actor, at: datetime, purpose: str, body_id: UUID, day: date) -> list[Node]:
    """A body and everything under it, each before what lies under it.

    For staff, and for whoever signs in for the body or one above it. Raises NotFound, NotAllowed.
    """
    bodies = customers.bodies()
    _require_sees(actor, bodies, body_id)
    record_read(actor=actor, purpose=purpose, subject=str(body_id), at=at, facts={"of": "balances"})
    return _nodes(rules.in_tree_order(bodies, body_id, by=rules.by_name), day, above=bodies)


def accounts(
    *, actor: Actor, at: datetime, purpose: str, body_id: UUID, day: date
) -> list[AccountLine]:
    """The accounts on which the body itself owes, holds money or is liable, by number.

    For the same people as `tree`. Raises NotFound, NotAllowed.
    """
    _require_sees(actor, customers.bodies(), body_id)
    record_read(actor=actor, purpose=purpose, subject=str(body_id), at=at, facts={"of": "accounts"})
    found = {account: figures for (_, account), figures in _standing([body_id], day).items()}
    refs = supply.accounts(account_ids=list(found))
    units = [ref.unit_id for ref in refs.values()]
    ar, en = (premises.addresses(unit_ids=units, language=one) for one in ("ar", "en"))
    lines = [
        AccountLine(id_, ref.number, ar[ref.unit_id], en[ref.unit_id], found[id_])
        for id_, ref in refs.items()
    ]
    return sorted(lines, key=lambda line: line.number)


def group(
    *, actor: Actor, at: datetime, purpose: str, account_id: UUID, day: date
) -> list[AccountNode]:
    """A main account with all under it on a day, each before what lies under it; for staff.

    Owed is what the parties who are liable somewhere in it that day owe on its accounts. Raises
    NotAllowed.
    """
    access.require(actor, *READERS)
    facts = {"of": "consolidated balance"}
    record_read(actor=actor, purpose=purpose, subject=str(account_id), at=at, facts=facts)
    placed = supply.accounts_under(account_id=account_id, day=day)
    ids = [one.id for one in placed]
    liable = supply.payers(account_ids=ids, day=day)
    own = {id_: Figures(accounts=1) for id_ in ids}
    who = set(liable.values())
    for owed in claims.owed_at_end_of(day=day, account_ids=ids, customer_ids=who):
        own[owed.account_id] += Figures(
            claims=owed.claims, owed=owed.owed, overdue=owed.overdue, oldest=owed.oldest
        )
    for account, credit in ledger.credits_at_end_of(day=day, account_ids=list(liable)).items():
        own[account] += Figures(credit=credit)
    ordered = rules.in_tree_order(placed, account_id, by=lambda one: one.number)
    whole = rules.added_up(ordered, own)
    return [
        AccountNode(one.id, one.number, one.unit_id, depth, liable.get(one.id), own[one.id],
                    whole[one.id])
        for one, depth in ordered
    ]  # fmt: skip


def _require_sees(actor: Actor, bodies: Collection[Body], body_id: UUID) -> None:
    above = {body.id: body.parent_id for body in bodies}
    own = UUID(actor.customer_id) if actor.customer_id else None
    if access.may(actor, *READERS):
        if body_id not in above:
            raise NotFound
        return
    if actor.kind is not ActorKind.CUSTOMER or own is None or own not in above:
        raise NotAllowed(needs=", ".join(READERS))
    way: UUID | None = body_id
    for _ in above:
        if way == own or way is None:
            break
        way = above.get(way)
    if way != own:
        raise NotAllowed(needs="own body")


def _nodes(ordered: Ordered, day: date, *, above: Collection[Body] = ()) -> list[Node]:
    """The figures of an ordered tree; agreements may come from bodies above it."""
    ids = [body.id for body, _ in ordered]
    own: dict[UUID, Figures] = {}
    for (body_id, _), figures in _standing(ids, day).items():
        own[body_id] = own.get(body_id, rules.NOTHING) + figures
    whole = rules.added_up(ordered, own)
    every = rules.in_tree_order(above, by=rules.by_name) if above else ordered
    held = rules.in_force(every, agreements(), day)
    return [
        Node(body, depth, own.get(body.id, rules.NOTHING), whole[body.id], held[body.id])
        for body, depth in ordered
    ]


def _standing(body_ids: Sequence[UUID], day: date) -> dict[tuple[UUID, UUID], Figures]:
    """(body, account) -> figures at the end of a day.

    A debt is the body's that the claim names; money held is the body's that is liable that day.
    """
    spans = supply.liabilities_of(customer_ids=body_ids)
    liable = {
        account: span.customer_id
        for account, chain in spans.items()
        for span in chain
        if day in span and span.customer_id is not None
    }
    found = {(who, account): Figures(accounts=1) for account, who in liable.items()}
    for owed in claims.owed_at_end_of(day=day, account_ids=spans, customer_ids=body_ids):
        key = (owed.customer_id, owed.account_id)
        found[key] = found.get(key, rules.NOTHING) + Figures(
            claims=owed.claims, owed=owed.owed, overdue=owed.overdue, oldest=owed.oldest
        )
    for account, credit in ledger.credits_at_end_of(day=day, account_ids=list(liable)).items():
        key = (liable[account], account)
        found[key] = found[key] + Figures(credit=credit)
    return found


_SELECT = (
    "select id, body_id, kind, number, subject_ar, subject_en, from_day, until_day,"
    " annulled_because from government_agreement"
)


def agreements() -> list[Agreement]:
    """Every agreement, the oldest first."""
    return _agreements(f"{_SELECT} order by from_day, id", [])


def agreement(agreement_id: UUID) -> Agreement:
    """One agreement. Raises NotFound."""
    found = _agreements(f"{_SELECT} where id = %s", [agreement_id])
    if not found:
        raise NotFound
    return found[0]


def agreements_with(*, body_id: UUID) -> list[Agreement]:
    """The body's own agreements, ended ones included, the newest first."""
    return _agreements(f"{_SELECT} where body_id = %s order by from_day desc, id", [body_id])


def collisions(*, goes_id: UUID, stays_id: UUID) -> list[Collision]:
    """What of two records' agreements cannot be one body's, the earliest day first."""
    mine, theirs = agreements_with(body_id=goes_id), agreements_with(body_id=stays_id)
    return rules.collisions(mine, theirs)


def _agreements(statement: str, values: list[Any]) -> list[Agreement]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [
            Agreement(row[0], row[1], AgreementKind(row[2]), *row[3:]) for row in cursor.fetchall()
        ]
