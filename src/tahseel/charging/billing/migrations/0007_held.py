"""Bills that are held back before they go out: what each would be, why, and what became of it."""

from django.db import migrations

TABLES = """
-- total_fils may be below nothing: such a bill is never issued. found: the checks, gravest first.
create table billing_held (
  account_id uuid not null,
  id uuid not null,
  month integer not null,
  digest text not null,
  first_check text not null check (
    first_check in ('negative', 'unit_suspect', 'too_high', 'too_low', 'long_estimate')
  ),
  total_fils bigint not null,
  stake_fils bigint not null check (stake_fils >= 0),
  found jsonb not null check (jsonb_array_length(found) > 0),
  run_id uuid not null,
  held_at timestamptz not null,
  state text not null default 'held'
    check (state in ('held', 'released', 'cleared', 'overtaken')),
  ended_at timestamptz,
  ended_by text not null default '',
  reason text not null default '',
  order_id uuid,
  primary key (account_id, id),
  check ((state = 'held') = (ended_at is null)),
  check (state <> 'released' or reason <> '')
);
create unique index billing_held_open on billing_held (account_id, month) where state = 'held';
create index billing_held_stake on billing_held (stake_fils desc) where state = 'held';
-- What was found never changes; only what became of it does.
revoke update, delete, truncate on billing_held from tahseel_app;
grant update (state, ended_at, ended_by, reason, order_id) on billing_held to tahseel_app;
"""
TABLES_BACK = "drop table billing_held;"


class Migration(migrations.Migration):
    dependencies = [("billing", "0006_remeasured")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]
