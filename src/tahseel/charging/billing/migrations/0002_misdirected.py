"""Bills whose days somebody else turned out to be answerable for, until a person has dealt with it."""

from django.db import migrations

TABLES = """
create table billing_misdirected (
  account_id uuid not null,
  id uuid not null,
  part text not null check (part in ('liable', 'payer')),
  from_day date not null,
  until_day date not null check (until_day > from_day),
  bill_ids uuid[] not null check (cardinality(bill_ids) > 0),
  found_at timestamptz not null,
  found_by text not null,
  state text not null default 'open' check (state in ('open', 'done')),
  ended_at timestamptz,
  ended_by text not null default '',
  reason text not null default '',
  primary key (account_id, id),
  check ((state = 'open') = (ended_at is null)),
  check ((state = 'done') = (reason <> ''))
);
create index billing_misdirected_open on billing_misdirected (found_at) where state = 'open';
-- What was found never changes; only what became of it does.
revoke update, delete, truncate on billing_misdirected from tahseel_app;
grant update (state, ended_at, ended_by, reason) on billing_misdirected to tahseel_app;
"""
TABLES_BACK = "drop table billing_misdirected;"


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]
