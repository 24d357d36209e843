"""What always holds between the open items and the ledger (one of the twelve of the books)."""

from tahseel.books.ledger.values import Invariant

# The chart keeps money that no claim took apart, as `credit`, so what is `receivable` is what is
# open: less that credit it is what the customer has to pay in the end. Balance rows are held to the
# entries by `balance_is_sum`.
RECEIVABLE_IS_OPEN_CLAIMS = """
with owed as (
  select account_id, sum(open) as open from claims_claim group by account_id
)
select coalesce(o.account_id, b.account_id)::text,
  format('%%s fils owed in the ledger, %%s open in claims', coalesce(b.receivable_fils, 0),
    coalesce(o.open, 0))
from owed o full join ledger_balance b on b.account_id = o.account_id
where coalesce(b.receivable_fils, 0) <> coalesce(o.open, 0)
union all
select c.account_id || '/' || c.reference, format('%%s of %%s fils are open, %%s were paid',
  c.open, c.amount, coalesce(a.paid, 0))
from claims_claim c left join (
  select account_id, claim_id, sum(amount) as paid from claims_allocation
  group by account_id, claim_id) a on a.account_id = c.account_id and a.claim_id = c.id
where c.open <> c.amount - coalesce(a.paid, 0)
union all
select p.account_id || '/' || p.payment_id, format('%%s fils came, %%s found no claim, %%s did',
  p.amount, p.unapplied, coalesce(a.paid, 0))
from claims_application p left join (
  select account_id, payment_id, sum(amount) as paid from claims_allocation
  where reverses is null group by account_id, payment_id) a
  on a.account_id = p.account_id and a.payment_id = p.payment_id
where p.amount <> p.unapplied + coalesce(a.paid, 0)
union all
select coalesce(b.account_id, h.account_id)::text,
  format('%%s fils of credit are kept, %%s are known by customer', coalesce(b.credit_fils, 0),
    coalesce(h.fils, 0))
from ledger_balance b full join (
  select account_id, sum(amount) as fils from claims_credit group by account_id) h
  on h.account_id = b.account_id
where coalesce(b.credit_fils, 0) <> coalesce(h.fils, 0)
union all
select account_id || '/' || customer_id, sum(amount) || ' fils of credit'
from claims_credit group by account_id, customer_id having sum(amount) < 0
"""
INVARIANTS = (
    Invariant(
        9,
        "receivable_is_open_claims",
        "ذمم الحساب تساوي مطالباته المفتوحة بعد رصيده الدائن",
        "An account's receivable equals its open claims minus unapplied credit",
        RECEIVABLE_IS_OPEN_CLAIMS,
    ),
)
