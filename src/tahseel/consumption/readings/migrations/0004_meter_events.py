"""What happened to meters, as senders and readers tell it."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLE = """
-- The id follows from the meter, the time, the code and what was said: told again it is no new row.
-- `drift_s` is the device's time less the true one. A clock may be wrong by years.
create table readings_meter_event (
  id uuid primary key,
  meter_id uuid not null,
  at timestamptz not null,
  until timestamptz check (until >= at),
  code text not null check (code <> ''),
  kind text not null check (kind <> ''),
  drift_s bigint,
  details jsonb not null,
  source text not null,
  recorded_at timestamptz not null,
  actor text not null
);
create index readings_meter_event_of on readings_meter_event (meter_id, at);
create index readings_meter_event_recorded on readings_meter_event using brin (recorded_at);
"""


class Migration(migrations.Migration):
    dependencies = [("readings", "0003_running")]
    operations = [
        migrations.RunSQL(TABLE, "drop table readings_meter_event"),
        append_only("readings_meter_event"),
    ]
