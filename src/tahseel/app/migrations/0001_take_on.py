"""Take-ons: runs and old keys for good; staged lines, faults and journal while they are needed."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
create table app_take_on_run (
  id uuid primary key,
  system text not null,
  mapping_digest text not null,
  cutover date not null,
  state text not null check (state in ('staging', 'faulty', 'checked', 'loaded', 'signed')),
  started_at timestamptz not null,
  started_by text not null,
  files jsonb not null,
  first_number bigint,
  loaded_at timestamptz,
  report jsonb not null default '{}',
  approval_id uuid,
  check ((state in ('loaded', 'signed')) = (loaded_at is not null)),
  check (state <> 'signed' or approval_id is not null)
);
-- Which of our ids stands for what the old system knew under which key.
create table app_take_on_reference (
  system text not null,
  entity text not null,
  key text not null,
  id uuid not null,
  run_id uuid not null references app_take_on_run (id),
  primary key (system, entity, key)
);
create index app_take_on_reference_key on app_take_on_reference (key);
create index app_take_on_reference_id on app_take_on_reference (id);
-- Holds of the old system that no decision of ours opened, with the reasons.
create table app_take_on_not_carried (
  run_id uuid not null references app_take_on_run (id),
  key text not null,
  gate text not null,
  customer_id uuid not null,
  reasons jsonb not null,
  primary key (run_id, key)
);
-- Unlogged: a crash of the server empties lines and journal together, and the files are read again.
create unlogged table app_take_on_row (
  run_id uuid not null,
  entity text not null,
  line integer not null,
  bad boolean not null,
  key text not null,
  ref text not null,
  person text not null,
  number text,
  mark bytea,
  from_day date,
  until_day date,
  fils bigint,
  body text not null,
  sealed bytea
);
create index app_take_on_row_key on app_take_on_row (run_id, entity, key);
create index app_take_on_row_ref on app_take_on_row (run_id, entity, ref);
-- Lines come by the hundred thousand in one go: the planner must hear of them before they are checked.
create function app_take_on_analyse() returns void language sql security definer
  set search_path = public as 'analyze app_take_on_row';
create unlogged table app_take_on_fault (
  run_id uuid not null,
  whole boolean not null,
  entity text not null,
  file text not null,
  line integer not null,
  field text not null,
  code text not null,
  facts jsonb not null
);
create index app_take_on_fault_run on app_take_on_fault (run_id);
create unlogged table app_take_on_chunk (
  run_id uuid not null,
  entity text not null,
  lines integer not null,
  finished boolean not null,
  primary key (run_id, entity)
);
"""
TABLES_BACK = """
drop function app_take_on_analyse();
drop table app_take_on_chunk, app_take_on_fault, app_take_on_row, app_take_on_not_carried,
  app_take_on_reference, app_take_on_run;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("kernel", "0001_initial")]
    operations = [
        migrations.RunSQL(TABLES, TABLES_BACK),
        append_only("app_take_on_reference"),
        append_only("app_take_on_not_carried"),
    ]
