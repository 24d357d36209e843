"""The database itself holds the declared limits: no balance that is limited falls below zero."""

from django.db import migrations

LIMITS = """
-- The codes of the chart that are limited, written by the owner when the schema is brought up to
-- date. The application's role reads them only.
create table ledger_limit (
  code text primary key,
  on_debit boolean not null
);
revoke insert, update, delete, truncate on ledger_limit from tahseel_app;
-- Whatever takes from a limited balance waits for its account's one lock and leaves nothing below
-- zero. What only adds is passed by: there is no row of the general ledger to lock.
create function ledger_refuse_beyond() returns trigger language plpgsql as $$
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
  perform from ledger_balance b where b.account_id in (
    select f.account_id from fresh f where f.debit = any(by_debit) or f.credit = any(by_credit)
  ) order by b.account_id for update;
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
create trigger ledger_entry_beyond after insert on ledger_entry
  referencing new table as fresh for each statement execute function ledger_refuse_beyond();
"""
LIMITS_BACK = """
drop trigger ledger_entry_beyond on ledger_entry;
drop function ledger_refuse_beyond();
drop table ledger_limit;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_checkpoints_and_closings")]
    operations = [migrations.RunSQL(LIMITS, LIMITS_BACK)]
