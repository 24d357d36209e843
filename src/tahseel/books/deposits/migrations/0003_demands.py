"""What a customer is asked to add to a deposit, until it is there or nobody wants it any more."""

from django.db import migrations

TABLES = """
create table deposits_demand (
  account_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  kind text not null check (kind in ('raise', 'renew')),
  wanted bigint not null check (wanted > 0),
  amount bigint not null check (amount > 0 and amount <= wanted),
  demanded_on date not null,
  due_on date not null check (due_on > demanded_on),
  notice_id uuid not null,
  state text not null check (state in ('open', 'met', 'withdrawn', 'overtaken')),
  ended_on date check (ended_on >= demanded_on),
  reason text not null default '',
  recorded_at timestamptz not null,
  actor text not null,
  primary key (account_id, id),
  check ((state = 'open') = (ended_on is null)),
  check ((state = 'withdrawn') = (reason <> ''))
);
create unique index deposits_demand_open on deposits_demand (account_id) where state = 'open';
create index deposits_demand_due on deposits_demand (due_on) where state = 'open';
-- What was demanded never changes; only what became of it does.
revoke update, delete, truncate on deposits_demand from tahseel_app;
grant update (state, ended_on, reason, customer_id) on deposits_demand to tahseel_app;
"""
TABLES_BACK = "drop table deposits_demand;"


class Migration(migrations.Migration):
    dependencies = [("deposits", "0002_holder")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]
