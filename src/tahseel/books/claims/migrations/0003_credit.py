"""Whose the money is that stands to an account's credit."""

from django.db import migrations

TABLES = """
-- One row an entry that moves credit: whose it is, or nobody known. `place` is the order in which they came.
create table claims_credit (
  account_id uuid not null,
  id uuid not null,
  customer_id uuid,
  amount bigint not null check (amount <> 0),
  source text not null,
  use_id uuid,
  recorded_at timestamptz not null,
  place bigint generated always as identity,
  primary key (account_id, id),
  foreign key (account_id, use_id) references claims_application (account_id, payment_id)
);
-- Nothing of it changes but the record of the person, when two are merged.
revoke update, delete, truncate on claims_credit from tahseel_app;
grant update (customer_id) on claims_credit to tahseel_app;
-- What stood to an account's credit before is taken to be whose who was liable last.
insert into claims_credit (account_id, id, customer_id, amount, source, recorded_at)
select b.account_id, gen_random_uuid(), l.customer_id, b.credit_fils, 'opening',
  (select max(e.recorded_at) from ledger_entry e where e.account_id = b.account_id)
from ledger_balance b left join lateral (
  select customer_id from supply_liability l where l.account_id = b.account_id
    and l.customer_id is not null order by l.from_day desc limit 1) l on true
where b.credit_fils > 0;
"""


class Migration(migrations.Migration):
    dependencies = [("claims", "0002_debtor"), ("supply", "0001_initial")]
    operations = [migrations.RunSQL(TABLES, "drop table claims_credit;")]
