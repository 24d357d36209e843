"""The limits hold too where the account's row of balances is no lock.

Postings by hand to an account that has no row yet, and those whose snapshot is older than the lock
that they waited for, saw nothing of each other.
"""

from django.db import migrations

LIMITS = """
create or replace function ledger_refuse_beyond() returns trigger language plpgsql as $$
declare
  by_debit text[];
  by_credit text[];
  beyond record;
begin
  select array_agg(code) filter (where not on_debit), array_agg(code) filter (where on_debit)
    into by_debit, by_credit from ledger_limit;
  if not exists (select from fresh f where f.debit = any(by_debit) or f.credit = any(by_credit)) then
    return null;
  end if;
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'a limited balance is taken from in read committed only'
      using errcode = 'check_violation', constraint = 'ledger_beyond_limit';
  end if;
  perform from ledger_balance b where b.account_id in (
    select f.account_id from fresh f where f.debit = any(by_debit) or f.credit = any(by_credit)
  ) order by b.account_id for update;
  -- An account without a row, to which only a hand past the product's code has posted.
  perform pg_advisory_xact_lock(hashtextextended(bare.account_id::text, 0)) from (
    select distinct f.account_id from fresh f
    where (f.debit = any(by_debit) or f.credit = any(by_credit))
      and not exists (select from ledger_balance b where b.account_id = f.account_id)
    order by f.account_id
  ) bare;
  select t.account_id, t.code, sum(e.amount * case when (e.debit = t.code) = t.on_debit
      then 1 else -1 end) as fils into beyond
  from (
    select distinct f.account_id, l.code, l.on_debit from fresh f join ledger_limit l
      on (f.debit = l.code and not l.on_debit) or (f.credit = l.code and l.on_debit)
  ) t join ledger_entry e on e.account_id = t.account_id and t.code in (e.debit, e.credit)
  group by t.account_id, t.code
  having sum(e.amount * case when (e.debit = t.code) = t.on_debit then 1 else -1 end) < 0 limit 1;
  if found then
    raise exception '% of account % would fall to %', beyond.code, beyond.account_id, beyond.fils
      using errcode = 'check_violation', constraint = 'ledger_beyond_limit';
  end if;
  return null;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_limits")]
    operations = [migrations.RunSQL(LIMITS, migrations.RunSQL.noop)]
