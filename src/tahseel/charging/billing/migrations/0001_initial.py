"""Bills and their lines (append-only), accounts that could not be billed, and the runs."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
-- `month` is year * 12 + month - 1. Sequence 0 is the month's bill; corrections count on from it.
create table billing_bill (
  account_id uuid not null,
  id uuid not null,
  number text not null,
  month integer not null,
  sequence smallint not null default 0 check (sequence >= 0),
  from_day date not null,
  to_day date not null check (to_day > from_day),
  issued_on date not null,
  due_date date not null check (due_date >= issued_on),
  total_fils bigint not null check (total_fils >= 0),
  book text not null,
  book_version integer not null,
  sector text not null,
  customer_id uuid not null,
  run_id uuid not null,
  recorded_at timestamptz not null,
  primary key (account_id, id),
  unique (account_id, month, sequence)
);
create index billing_bill_number on billing_bill (number);
create index billing_bill_month on billing_bill (month);
create index billing_bill_issued on billing_bill (issued_on);
-- Quantities are Wh or litres; `price` is fils per `unit`; dial values are those of the determinant.
create table billing_line (
  account_id uuid not null,
  bill_id uuid not null,
  line_no smallint not null check (line_no > 0),
  service text not null,
  kind text not null,
  rate text not null,
  from_day date not null,
  to_day date not null check (to_day > from_day),
  tier smallint not null check (tier > 0),
  tier_from bigint not null,
  tier_to bigint,
  quantity bigint not null check (quantity >= 0),
  price numeric(18, 9) not null,
  unit text not null,
  amount_fils bigint not null check (amount_fils >= 0),
  meter_id uuid not null,
  determinant_version integer not null,
  method text not null,
  from_value bigint,
  to_value bigint,
  primary key (account_id, bill_id, line_no),
  foreign key (account_id, bill_id) references billing_bill (account_id, id)
);
create table billing_parked (
  account_id uuid not null,
  month integer not null,
  reason text not null,
  refusal jsonb not null,
  run_id uuid not null,
  parked_at timestamptz not null,
  resolved_at timestamptz,
  primary key (account_id, month)
);
create index billing_parked_open on billing_parked (month, reason) where resolved_at is null;
revoke delete, truncate on billing_parked from tahseel_app;
create table billing_run (
  id uuid primary key,
  month integer not null,
  issued_on date not null,
  recorded_at timestamptz not null,
  report jsonb not null
);
"""
TABLES_BACK = "drop table billing_run, billing_parked, billing_line, billing_bill;"


class Migration(migrations.Migration):
    initial = True
    dependencies = [("kernel", "0001_initial")]
    operations = [
        migrations.RunSQL(TABLES, TABLES_BACK),
        append_only("billing_bill"),
        append_only("billing_line"),
        append_only("billing_run"),
    ]
