"""Average prices, exceptions with every finding that made or changed them, and the night's runs."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
-- What an account paid for what it used in its last bill: fils for so many Wh or litres.
create table exceptions_price (
  account_id uuid not null,
  service text not null,
  month integer not null,
  quantity bigint not null check (quantity > 0),
  fils bigint not null check (fils >= 0),
  primary key (account_id, service)
);
-- One rule over days in a row of one register; `until_day` is the day after the last.
-- quantity: Wh or litres in question; ver: the newest lake block it is about, 0 without one.
create table exceptions_exception (
  id uuid primary key,
  account_id uuid not null,
  meter_id uuid not null,
  register text not null,
  service text not null,
  sector text not null,
  area text not null,
  rule text not null,
  month integer not null,
  first_day date not null,
  until_day date not null check (until_day > first_day),
  quantity bigint not null check (quantity >= 0),
  ver bigint not null check (ver >= 0),
  fils bigint check (fils >= 0),
  priced_by text not null check (priced_by in ('account', 'service', 'nobody')),
  state text not null check (state in ('open', 'accepted', 'edited', 'estimated', 'cleared')),
  opened_at timestamptz not null,
  changed_at timestamptz not null,
  closed_at timestamptz,
  closed_by text not null default '',
  reason text not null default '',
  check ((state = 'open') = (closed_at is null)),
  check ((priced_by = 'nobody') = (fils is null))
);
create unique index exceptions_exception_open
  on exceptions_exception (meter_id, register, rule, account_id, first_day) where state = 'open';
create index exceptions_exception_rank
  on exceptions_exception (fils desc nulls last, id) where state = 'open';
create index exceptions_exception_of on exceptions_exception (account_id, month);
create index exceptions_exception_meter on exceptions_exception (meter_id, month);
revoke delete, truncate on exceptions_exception from tahseel_app;
-- What was found, each time it was found otherwise.
create table exceptions_finding (
  exception_id uuid not null references exceptions_exception (id),
  found_at timestamptz not null,
  first_day date not null,
  until_day date not null,
  quantity bigint not null,
  ver bigint not null,
  primary key (exception_id, found_at)
);
-- One row a night: what it had seen of the lake when it began.
create table exceptions_run (
  day date not null,
  at timestamptz not null,
  lake_version bigint not null,
  primary key (day, at)
);
"""
TABLES_BACK = """
drop table exceptions_run, exceptions_finding, exceptions_exception, exceptions_price;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("kernel", "0001_initial"), ("readings", "0001_initial")]
    operations = [
        migrations.RunSQL(TABLES, TABLES_BACK),
        append_only("exceptions_finding"),
        append_only("exceptions_run"),
    ]
