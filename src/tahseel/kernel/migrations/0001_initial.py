"""Outbox, event log, consumers' cursors and idempotent intents; default privileges of the two roles."""

from django.db import migrations

from tahseel.kernel.sql import REFUSE_CHANGE, append_only

PRIVILEGES = """
revoke create on schema public from public;
grant usage on schema public to tahseel_app;
alter default privileges for role tahseel_owner in schema public
  grant select, insert, update, delete on tables to tahseel_app;
alter default privileges for role tahseel_owner in schema public
  grant usage, select on sequences to tahseel_app;
"""
PRIVILEGES_BACK = """
alter default privileges for role tahseel_owner in schema public
  revoke usage, select on sequences from tahseel_app;
alter default privileges for role tahseel_owner in schema public
  revoke select, insert, update, delete on tables from tahseel_app;
"""

TABLES = """
-- Written in the transaction of the change; emptied by the sequencer.
create table kernel_outbox (
  id uuid primary key,
  at timestamptz not null,
  name text not null check (name ~ '^[a-z_]+:[a-z_]+:[a-z_]+$'),
  subject text not null,
  account_id uuid,
  facts jsonb not null
);
-- The same events once committed and numbered: one order that every consumer sees.
create table kernel_event (
  sequence bigint primary key,
  id uuid not null unique,
  at timestamptz not null,
  name text not null,
  subject text not null,
  account_id uuid,
  facts jsonb not null,
  sequenced_at timestamptz not null
);
create table kernel_cursor (
  consumer text primary key,
  sequence bigint not null,
  at timestamptz not null
);
-- One row an intent: the same id with the same input finds its first outcome here.
create table kernel_intent (
  id uuid primary key,
  operation text not null,
  input_hash bytea not null check (octet_length(input_hash) = 32),
  outcome jsonb not null,
  at timestamptz not null
);
"""
TABLES_BACK = "drop table kernel_intent, kernel_cursor, kernel_event, kernel_outbox;"


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(PRIVILEGES, PRIVILEGES_BACK),
        migrations.RunSQL(REFUSE_CHANGE, "drop function kernel_refuse_change();"),
        migrations.RunSQL(TABLES, TABLES_BACK),
        append_only("kernel_event"),
        append_only("kernel_intent"),
    ]
