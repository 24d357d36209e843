"""Parallel runs: a month as the old system billed it beside ours."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
create table billing_comparison (
  id uuid primary key,
  month integer not null,
  system text not null check (system <> ''),
  recorded_at timestamptz not null,
  report jsonb not null
);
create index billing_comparison_recorded on billing_comparison (recorded_at desc);
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0008_progress")]
    operations = [
        migrations.RunSQL(TABLES, "drop table billing_comparison;"),
        append_only("billing_comparison"),
    ]
