"""Disputes, instalment plans and holds.

A hold is never set by hand: its notice is taken on with its proof of service, and the decision of
this day says whether it opens.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from uuid import UUID

import orjson
from django.db import connection

from tahseel.app.take_on import line_rules
from tahseel.app.take_on.loading import Body, Loading, chunks, following, sure_day
from tahseel.app.take_on.loading_accounts import claim_id
from tahseel.app.take_on.values import Entity
from tahseel.books.claims import operations as claims
from tahseel.books.claims import queries as claims_queries
from tahseel.kernel.actor import Purpose
from tahseel.kernel.errors import Broken
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import Money
from tahseel.recovery.clearance import operations as clearance
from tahseel.recovery.clearance import queries as clearance_queries
from tahseel.recovery.clearance.values import Gate
from tahseel.recovery.collections import operations as collections
from tahseel.recovery.collections.values import NewInstalment, NewPlan, TakenNotice

CHUNK = 2_000


def disputes(load: Loading) -> None:
    """Disputed parts of open items."""
    for chunk in chunks(load.bodies(Entity.DISPUTES, "s.ref, s.key"), CHUNK):
        parts = {}
        for body in chunk:
            account_id = load.id_of(Entity.ACCOUNTS, body["account"])
            parts[account_id, claim_id(account_id, body["item"])] = Money(body["amount"])
        claims.dispute_many(actor=load.actor, at=load.at, disputes=parts)
        load.progress("disputes", len(chunk))


def plans(load: Loading) -> None:
    """Instalment plans with their instalments."""
    parts = following(load, Entity.INSTALMENTS, "s.from_day")
    for chunk in chunks(load.bodies(Entity.PLANS, "s.key"), CHUNK):
        made = [_plan(load, body, [_instalment(p) for p in parts.of(body["key"])])
                for body in chunk]  # fmt: skip
        collections.take_on_plans(actor=load.actor, at=load.at, batch=load.batch, plans=made)
        load.progress("plans", len(chunk))


def _plan(load: Loading, body: Body, instalments: list[NewInstalment]) -> NewPlan:
    return NewPlan(
        id=load.id_of(Entity.PLANS, body["key"]),
        account_id=load.id_of(Entity.ACCOUNTS, body["account"]),
        customer_id=load.id_of(Entity.PERSONS, body["person"]),
        reference=body["key"],
        agreed_on=sure_day(body["agreed_on"]),
        amount=Money(body["amount"]),
        instalments=tuple(instalments),
    )


def _instalment(body: Body) -> NewInstalment:
    return NewInstalment(
        due_on=sure_day(body["due_on"]),
        amount=Money(body["amount"]),
        paid=Money(body["paid"] or 0),
    )


def holds(load: Loading) -> None:
    """Notices with their proof, then the decision, then what it did not open with the reasons."""
    _notices(load)
    statement = "select s.key, s.number, s.person from @holds s order by s.person, s.line"
    for chunk in chunks(load.lines(statement), CHUNK):
        lines = [(key, Gate(gate), load.id_of(Entity.PERSONS, who)) for key, gate, who in chunk]
        clearance.redecide(
            actor=load.actor, at=load.at, customer_ids={person for *_, person in lines}
        )
        _tell_not_carried(load, lines)
        load.progress("holds", len(chunk))


def _notices(load: Loading) -> None:
    """One notice for all the holds that rest on it."""
    first = "select distinct on (s.ref) s.body from @holds s order by s.ref, s.line"
    bodies = (orjson.loads(row[0]) for row in load.lines(first))
    for chunk in chunks(bodies, CHUNK):
        keys = _claims_of(load, chunk)
        found = claims_queries.claims_by_key(sorted({k for named in keys for k in named}))
        collections.take_on_notices(
            actor=load.actor,
            at=load.at,
            batch=load.batch,
            notices_served=[
                TakenNotice(
                    id=derived_id(load.mapping.id_of("notices", body["notice"]), body["person"]),
                    customer_id=load.id_of(Entity.PERSONS, body["person"]),
                    reference=body["notice"],
                    channel=body["channel"],
                    issued_on=sure_day(body["issued_on"]),
                    served_on=sure_day(body["served_on"]),
                    proof=line_rules.proof_of(body),
                    claims=tuple(found[key] for key in named),
                )
                for body, named in zip(chunk, keys, strict=True)
            ],
        )


_ITEMS = """
select reference, customer_id, account_id, id from app_taken_item where reference = any(%s)
"""


def _claims_of(load: Loading, bodies: list[Body]) -> list[list[tuple[UUID, UUID]]]:
    """For every notice the claims of its person that it names."""
    wanted = [line_rules.item_keys(body) for body in bodies]
    persons = [load.id_of(Entity.PERSONS, body["person"]) for body in bodies]
    keys = sorted({key for named in wanted for key in named})
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, [keys])
        found = {(key, person): claim for key, person, *claim in cursor.fetchall()}
    return [
        [(account_id, claim_id) for account_id, claim_id in (found[key, who] for key in named)]
        for who, named in zip(persons, wanted, strict=True)
    ]


def _tell_not_carried(load: Loading, lines: list[tuple[str, Gate, UUID]]) -> None:
    """Old holds that are none of ours, each with the reasons of the decision."""
    opened = clearance_queries.open_holds(customer_ids={person for *_, person in lines})
    gates = {who: {hold.gate for hold in found} for who, found in opened.items()}
    missing: dict[UUID, dict[Gate, list[str]]] = {}
    for key, gate, who in lines:
        if gate not in gates.get(who, set()):
            missing.setdefault(who, {}).setdefault(gate, []).append(key)
    rows = [
        (load.run_id, key, str(gate), who, json.dumps(reasons))
        for who, keys in missing.items()
        for gate, reasons in _reasons(load, who, keys)
        for key in keys[gate]
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into app_take_on_not_carried (run_id, key, gate, customer_id, reasons)"
            " values (%s, %s, %s, %s, %s::jsonb)",
            rows,
        )


def _reasons(
    load: Loading, customer_id: UUID, gates: Collection[Gate]
) -> Iterator[tuple[Gate, list[dict[str, str]]]]:
    """Why nothing holds a person at each of some gates, in both languages."""
    found = clearance_queries.decisions(
        actor=load.actor,
        at=load.at,
        purpose=Purpose.CLEARANCE_CHECK,
        customer_id=customer_id,
        gates=gates,
    )
    for gate, decision in found.items():
        if not decision.reasons:
            raise Broken("a decision without a reason")
        yield gate, [
            {"code": reason.code, "text_ar": reason.in_language("ar"),
             "text_en": reason.in_language("en")}
            for reason in decision.reasons
        ]  # fmt: skip
