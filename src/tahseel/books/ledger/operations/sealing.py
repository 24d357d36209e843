"""Checkpoints: a Merkle root over every entry that no earlier checkpoint covers."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from tahseel.books.ledger.values import Checkpoint
from tahseel.kernel.actor import Actor
from tahseel.trust.audit import operations as audit

# One at a time: a checkpoint's number follows the one before.
_ALONE = "select pg_advisory_xact_lock(720706)"
# An account's balance has the number of its entries; what it was at the last seal is covered.
_SEAL = """
with last as (
  select account_id, max(version) as version from ledger_seal group by account_id
), fresh as (
  select b.account_id, coalesce(l.version, 0) as after, b.version
  from ledger_balance b left join last l on l.account_id = b.account_id
  where b.version > coalesce(l.version, 0)
), covered as (
  select count(*) as entries,
    ledger_root(array_agg(ledger_leaf(e) order by e.account_id, e.version)) as root
  from fresh f join ledger_entry e on e.account_id = f.account_id
    and e.version > f.after and e.version <= f.version
), before as (
  select number, chain from ledger_checkpoint order by number desc limit 1
), made as (
  insert into ledger_checkpoint (number, at, entries, root, chain)
  select coalesce((select number from before), 0) + 1, %s, entries, root,
    sha256(coalesce((select chain from before), ''::bytea) || root)
  from covered where entries > 0 returning number, at, entries, root, chain
), sealed as (
  insert into ledger_seal (account_id, version, after, checkpoint)
  select f.account_id, f.version, f.after, m.number from fresh f cross join made m
)
select number, at, entries, root, chain from made
"""


@audit.audited("ledger.checkpoint", subject="")
def checkpoint(*, actor: Actor, at: datetime) -> Checkpoint | None:
    """Cover what was posted since the last checkpoint; None when there was nothing.

    The root goes into the audit leaf, and so into the log that a witness signs.
    """
    return seal(at)


def seal(at: datetime) -> Checkpoint | None:
    """The same as a part of the caller's act, which has its own leaf."""
    with connection.cursor() as cursor:
        cursor.execute(_ALONE)
        cursor.execute(_SEAL, [at])
        row = cursor.fetchone()
    if row is None:
        return None
    made = Checkpoint(row[0], row[1], row[2], bytes(row[3]), bytes(row[4]))
    audit.note(checkpoint=made.number, entries=made.entries, root=made.root, chain=made.chain)
    return made
