"""Chart, entries (append-only) and the balance of each account."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
create table ledger_chart (
  code text primary key,
  number text not null,
  kind text not null check (kind in ('asset', 'liability', 'revenue', 'expense', 'equity')),
  name_ar text not null,
  name_en text not null,
  source text not null
);
-- One row an entry: balanced by its form. `version` is its place in the account's own order.
create table ledger_entry (
  account_id uuid not null,
  id uuid not null,
  version bigint not null check (version > 0),
  debit text not null,
  credit text not null check (credit <> debit),
  amount bigint not null check (amount > 0),
  business_date date not null,
  recorded_at timestamptz not null,
  source text not null,
  source_id uuid not null,
  input_hash bytea not null check (octet_length(input_hash) = 32),
  reverses uuid,
  primary key (account_id, id),
  unique (account_id, version),
  foreign key (account_id, reverses) references ledger_entry (account_id, id)
);
create unique index ledger_entry_reversed_once on ledger_entry (account_id, reverses)
  where reverses is not null;
-- The one row that is locked when an account's money moves.
create table ledger_balance (
  account_id uuid primary key,
  receivable_fils bigint not null default 0,
  credit_fils bigint not null default 0 check (credit_fils >= 0),
  version bigint not null default 0 check (version >= 0)
) with (fillfactor = 50);
"""
TABLES_BACK = "drop table ledger_balance, ledger_entry, ledger_chart;"


class Migration(migrations.Migration):
    initial = True
    dependencies = [("kernel", "0001_initial")]
    operations = [
        migrations.RunSQL(TABLES, TABLES_BACK),
        append_only("ledger_entry"),
    ]
