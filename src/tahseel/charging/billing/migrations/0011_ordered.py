"""Runs that somebody asked for and a second person agreed to: what is wanted, and how it went."""

from django.db import migrations

TABLES = """
create table billing_ordered (
  id uuid primary key,
  month integer not null,
  wanted jsonb not null,
  expected jsonb not null,
  asked_by text not null,
  agreed_by text not null,
  agreed_at timestamptz not null,
  begins_at timestamptz not null,
  state text not null default 'waiting'
    check (state in ('waiting', 'running', 'done', 'cancelled', 'failed')),
  issued_on date,
  began_at timestamptz,
  ended_at timestamptz,
  ended_by text not null default '',
  reason text not null default '',
  starts integer not null default 0 check (starts >= 0),
  faults integer not null default 0 check (faults >= 0),
  fault text not null default '',
  check (asked_by <> agreed_by),
  check ((state in ('done', 'cancelled', 'failed')) = (ended_at is not null)),
  check ((state in ('running', 'done', 'failed')) = (began_at is not null)),
  check (state <> 'cancelled' or reason <> '')
);
create index billing_ordered_open on billing_ordered (begins_at)
  where state in ('waiting', 'running');
create index billing_ordered_newest on billing_ordered (agreed_at desc);
-- What was asked for and agreed to never changes; only what became of it does.
revoke update, delete, truncate on billing_ordered from tahseel_app;
grant update (state, issued_on, began_at, ended_at, ended_by, reason, starts, faults, fault)
  on billing_ordered to tahseel_app;
"""
TABLES_BACK = "drop table billing_ordered;"


class Migration(migrations.Migration):
    dependencies = [("billing", "0010_reshaped")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]
