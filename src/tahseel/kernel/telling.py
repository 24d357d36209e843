"""Events of many accounts at once, in columns; the same rows as `outbox.announce_many` writes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from django.db import connection

from tahseel.kernel import cells, columns
from tahseel.kernel.cells import Bytes, Column

JSONB = b"\x01"
"""What PostgreSQL puts before a jsonb in binary form: its version."""


def announce(*, name: str, account_id: Bytes, facts: Column, at: datetime) -> int:
    """One event an account; the subject is the account's id. facts: JSON; returns how many."""
    if not connection.in_atomic_block:
        raise RuntimeError("an event is announced inside the transaction of its change")
    count = len(account_id)
    return columns.append(
        table="kernel_outbox",
        columns={
            "id": cells.fixed(columns.new_ids(at, count)),
            "at": cells.same(columns.instant_cell(at), count),
            "name": cells.same(name.encode(), count),
            "subject": cells.fixed(cells.uuid_text(account_id)),
            "account_id": cells.fixed(account_id),
            "facts": cells.joined(cells.same(JSONB, count), facts),
        },
    )


def announce_texts(*, name: str, subject: str, facts: Sequence[bytes], at: datetime) -> int:
    """Events of one subject with long facts, each JSON already; returns how many."""
    if not connection.in_atomic_block:
        raise RuntimeError("an event is announced inside the transaction of its change")
    count = len(facts)
    return columns.append(
        table="kernel_outbox",
        columns={
            "id": cells.fixed(columns.new_ids(at, count)),
            "at": cells.same(columns.instant_cell(at), count),
            "name": cells.same(name.encode(), count),
            "subject": cells.same(subject.encode(), count),
            "facts": cells.chosen([JSONB + one for one in facts], np.arange(count)),
        },
    )
