"""Outlets and loads without a meter, what they delivered, and the month's sales."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
create table sales_outlet (
  account_id uuid not null,
  id uuid not null,
  code text not null,
  kind text not null,
  count integer not null check (count >= 0),
  watts integer not null check (watts >= 0),
  from_day date not null,
  until_day date check (until_day > from_day),
  actor text not null,
  recorded_at timestamptz not null,
  primary key (account_id, id),
  check ((count = 0) = (watts = 0))
);
create unique index sales_outlet_code on sales_outlet (code);
-- An outlet is never changed: it ends, and another one begins.
revoke update, delete, truncate on sales_outlet from tahseel_app;
grant update (until_day) on sales_outlet to tahseel_app;
create table sales_sale (
  account_id uuid not null,
  id uuid not null,
  number text not null,
  month integer not null,
  customer_id uuid not null,
  total bigint not null check (total >= 0),
  issued_on date not null,
  due_date date not null check (due_date >= issued_on),
  book text not null,
  book_version integer not null,
  lines jsonb not null,
  recorded_at timestamptz not null,
  primary key (account_id, id),
  unique (account_id, month)
);
create index sales_sale_month on sales_sale (month);
create index sales_sale_number on sales_sale (number);
revoke update, delete, truncate on sales_sale from tahseel_app;
grant update (customer_id) on sales_sale to tahseel_app;
create table sales_delivery (
  account_id uuid not null,
  id uuid not null,
  outlet_id uuid not null,
  day date not null,
  litres bigint not null check (litres >= 0),
  document text not null check (document <> ''),
  file text not null default '',
  actor text not null,
  recorded_at timestamptz not null,
  sale_id uuid,
  primary key (account_id, id),
  unique (account_id, outlet_id, document),
  foreign key (account_id, outlet_id) references sales_outlet (account_id, id),
  foreign key (account_id, sale_id) references sales_sale (account_id, id)
);
create index sales_delivery_unbilled on sales_delivery (day) where sale_id is null;
revoke update, delete, truncate on sales_delivery from tahseel_app;
grant update (sale_id) on sales_delivery to tahseel_app;
create table sales_file (
  sha256 bytea primary key check (octet_length(sha256) = 32),
  name text not null,
  content bytea not null,
  report jsonb not null,
  actor text not null,
  recorded_at timestamptz not null
);
create table sales_parked (
  id uuid primary key,
  sha256 bytea not null references sales_file (sha256),
  line integer not null,
  raw text not null,
  reason text not null,
  refusal jsonb not null,
  parked_at timestamptz not null
);
"""
TABLES_BACK = "drop table sales_parked, sales_file, sales_delivery, sales_sale, sales_outlet;"


class Migration(migrations.Migration):
    initial = True
    dependencies = [("claims", "0001_initial")]
    operations = [
        migrations.RunSQL(TABLES, TABLES_BACK),
        append_only("sales_file"),
        append_only("sales_parked"),
    ]
