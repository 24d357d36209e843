"""What always holds of debts that moved (one beside the twelve of the books)."""

from tahseel.books.ledger.values import Invariant

# Each transfer: two entries of its sum, reversed both or neither; parts that make it up; each part
# met on the old claim and asked for by a new one, or neither of both once it was given back.
DEBT_MOVES_WHOLE = """
with posted as (
  select source_id, count(*) filter (where reverses is null) as entries,
    count(*) filter (where reverses is not null) as back,
    sum(case when debit = 'assumed' then amount else 0 end) as debit,
    sum(case when credit = 'assumed' then amount else 0 end) as credit
  from ledger_entry where source = 'assumed' group by source_id
)
select coalesce(t.reference, e.source_id::text), format(
  '%%s fils moved, %%s went out and %%s came in by %%s entries, %%s of them taken back',
  t.amount, e.debit, e.credit, e.entries, e.back)
from transfers_transfer t full join posted e on e.source_id = t.id
left join transfers_return r on r.transfer_id = t.id
where t.id is null or e.entries is distinct from 2 or e.debit <> e.credit
  or e.back <> (case when r.transfer_id is null then 0 else 2 end)
  or e.debit <> t.amount * (case when r.transfer_id is null then 1 else 2 end)
union all
select t.reference, format('its parts come to %%s of %%s fils', coalesce(sum(p.amount), 0),
  t.amount)
from transfers_transfer t left join transfers_part p on p.transfer_id = t.id
group by t.id, t.reference, t.amount having coalesce(sum(p.amount), 0) <> t.amount
union all
select t.reference || '/' || o.reference, format('%%s fils left it, %%s are asked for instead',
  p.amount, n.amount)
from transfers_part p join transfers_transfer t on t.id = p.transfer_id
join claims_claim o on o.account_id = p.account_id and o.id = p.claim_id
left join claims_claim n on n.account_id = p.to_account_id and n.id = p.new_claim_id
where n.amount is distinct from p.amount or n.kind is distinct from 'assumed'
union all
select c.account_id || '/' || c.reference, 'stems from no claim'
from claims_claim c where c.kind = 'assumed' and not exists (
  select 1 from transfers_part p where p.to_account_id = c.account_id and p.new_claim_id = c.id)
union all
select t.reference, 'was given back, and ' || n.reference || ' is still asked for'
from transfers_return r join transfers_transfer t on t.id = r.transfer_id
join transfers_part p on p.transfer_id = t.id
join claims_claim n on n.account_id = p.to_account_id and n.id = p.new_claim_id
where n.open > 0
"""
INVARIANTS = (
    Invariant(
        13,
        "debt_moves_whole",
        "كل مديونية منقولة تنتقل كاملة: ما نقص من حساب زاد في الآخر",
        "A debt that moves moves whole: what one account loses another one owes",
        DEBT_MOVES_WHOLE,
    ),
)
