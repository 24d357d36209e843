"""What always holds between payments and the ledger (one of the twelve of the books)."""

from tahseel.books.ledger.values import Invariant

# A line of settlement for each settled payment belongs to the slice that settles.
PAYMENT_POSTED_ONCE = """
with posted as (
  select account_id, source_id, sum(amount) as fils, count(*) as entries from ledger_entry
  where source = 'payment' and reverses is null group by account_id, source_id
)
select coalesce(p.account_id, e.account_id) || '/' || coalesce(p.id, e.source_id),
  format('%%s fils were paid, %%s are posted', coalesce(p.amount, 0), coalesce(e.fils, 0))
from payments_payment p full join posted e on e.account_id = p.account_id and e.source_id = p.id
where p.amount is distinct from e.fils or e.entries > 2
union all
select i.track_id, format('%%s payments for %%s shares', count(p.id), count(*))
from payments_intent i join payments_share s on s.intent_id = i.id
left join payments_payment p on p.intent_id = i.id and p.account_id = s.account_id
  and p.amount = s.amount
where i.state = 'posted' group by i.track_id having count(p.id) <> count(*)
union all
select i.track_id, 'is ' || i.state || ', and money was posted'
from payments_intent i join payments_payment p on p.intent_id = i.id where i.state <> 'posted'
"""
INVARIANTS = (
    Invariant(
        10,
        "payment_posted_once",
        "لكل دفعة محصلة ترحيل واحد",
        "Each captured payment has exactly one posting",
        PAYMENT_POSTED_ONCE,
    ),
)
