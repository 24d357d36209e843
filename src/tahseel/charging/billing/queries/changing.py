"""Which changes of payer or price are on record of accounts: what a run compares under their lock.

A run reads a chunk of accounts, prices them, and writes under their locks. What changes between
the reading and the lock is found here, whatever the order of commits.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from tahseel.kernel import bulk

Change = tuple[UUID, UUID]
"""Account, and the change's id."""


def changes_of(*, account_ids: Collection[UUID]) -> set[Change]:
    """Every change that is committed now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id, id from billing_changed where account_id = any(%s::uuid[])",
            [bulk.uuid_array(account_ids)],
        )
        return set(cursor.fetchall())
