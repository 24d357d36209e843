"""Reads that customers reported, and what was decided about those that waited."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
-- One a meter and window, unless the one before was refused; `window_start`: its first day.
create table field_self_read (
  id uuid primary key,
  account_id uuid not null,
  meter_id uuid not null,
  window_start date not null,
  at timestamptz not null,
  photo text not null check (length(photo) = 64),
  state text not null check (state in ('taken', 'waiting', 'accepted', 'refused')),
  why text not null check (why in ('', 'out_of_range', 'no_history')),
  recorded_at timestamptz not null,
  actor text not null,
  decided_at timestamptz,
  decided_by text not null default '',
  reason text not null default '',
  check ((state in ('accepted', 'refused')) = (decided_at is not null)),
  check ((state = 'taken') = (why = ''))
);
create unique index field_self_read_once
  on field_self_read (meter_id, window_start) where state <> 'refused';
create index field_self_read_waiting on field_self_read (recorded_at) where state = 'waiting';
create index field_self_read_account on field_self_read (account_id, recorded_at);
-- The dial as it was then: what was said, the read before, and how far it should have moved.
create table field_self_read_dial (
  read_id uuid not null references field_self_read (id),
  register text not null,
  unit text not null,
  digits integer not null,
  decimals integer not null,
  last_value bigint,
  last_at timestamptz,
  low bigint,
  high bigint,
  value bigint not null check (value >= 0),
  primary key (read_id, register)
);
revoke update, delete, truncate on field_self_read from tahseel_app;
grant update (state, decided_at, decided_by, reason) on field_self_read to tahseel_app;
"""
TABLES_BACK = """
drop table field_self_read_dial, field_self_read;
"""


class Migration(migrations.Migration):
    dependencies = [("field", "0002_photos")]
    operations = [
        migrations.RunSQL(TABLES, TABLES_BACK),
        append_only("field_self_read_dial"),
    ]
