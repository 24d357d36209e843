"""How far each run is, for whoever waits for it; a run that was killed has no end."""

from django.db import migrations

TABLES = """
create table billing_progress (
  run_id uuid primary key,
  month integer not null,
  accounts integer not null check (accounts >= 0),
  done integer not null default 0 check (done between 0 and accounts),
  began_at timestamptz not null,
  ended boolean not null default false
);
create index billing_progress_working on billing_progress (began_at) where not ended;
revoke delete, truncate on billing_progress from tahseel_app;
create index billing_run_recorded on billing_run (recorded_at desc);
"""
TABLES_BACK = "drop index billing_run_recorded; drop table billing_progress;"


class Migration(migrations.Migration):
    dependencies = [("billing", "0007_held")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]
