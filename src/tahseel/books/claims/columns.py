"""Many new claims in columns, with the event of each account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from tahseel.books.claims import events
from tahseel.kernel import cells, columns, telling
from tahseel.kernel.actor import Actor
from tahseel.kernel.cells import Bytes, Column, Int64
from tahseel.trust.audit import operations as audit


@dataclass(frozen=True, slots=True)
class Opened:
    """New claims of one kind and one day, one an account, each with an amount above nothing."""

    account_id: Bytes
    id: Bytes
    reference: Column
    amount: Int64
    customer_id: Bytes
    kind: str
    opened_on: date
    due_date: date

    def __len__(self) -> int:
        return len(self.amount)


@audit.audited("claims.open_columns", subject="opened")
def open_columns(*, actor: Actor, at: datetime, opened: Opened) -> int:
    """Open claims that nobody has opened before; returns how many. A key refuses a second time.

    The accounts are locked and their entries posted by the caller, in the same transaction.
    """
    count = len(opened)
    columns.append(
        table="claims_claim",
        columns={
            "account_id": cells.fixed(opened.account_id),
            "id": cells.fixed(opened.id),
            "reference": opened.reference,
            "kind": cells.same(opened.kind.encode(), count),
            "opened_on": cells.same(columns.day_cell(opened.opened_on), count),
            "due_date": cells.same(columns.day_cell(opened.due_date), count),
            "amount": cells.numbers(opened.amount, 8),
            "open": cells.numbers(opened.amount, 8),
            "customer_id": cells.fixed(opened.customer_id),
        },
    )
    telling.announce(name=events.OPENED, account_id=opened.account_id, facts=facts(opened), at=at)
    audit.note(opened=count, amount_fils=int(opened.amount.sum()))
    return count


def facts(opened: Opened) -> Column:
    """What `events` tells of an account with one claim, as JSON."""
    count = len(opened)
    return cells.joined(
        cells.same(b'{"account_id":"', count),
        cells.fixed(cells.uuid_text(opened.account_id)),
        cells.same(b'","customer_ids":["', count),
        cells.fixed(cells.uuid_text(opened.customer_id)),
        cells.same(b'"],"claim_ids":["', count),
        cells.fixed(cells.uuid_text(opened.id)),
        cells.same(b'"],"count":1,"amount_fils":', count),
        cells.digits(opened.amount),
        cells.same(b"}", count),
    )
