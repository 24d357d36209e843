"""Lots of meters, the sample that decides each, and what must be exchanged."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
-- `seed` draws the lot's meters again in the same order. Only the state changes.
create table metrology_lot (
  id uuid primary key,
  service text not null,
  make text not null,
  phase text not null,
  year integer not null,
  formed_on date not null,
  size integer not null check (size > 0),
  sample integer not null check (sample between 1 and size),
  accept integer not null check (accept between 0 and sample - 1),
  seed text not null check (length(seed) >= 16),
  state text not null check (state in ('sampled', 'accepted', 'rejected')),
  formed_at timestamptz not null,
  formed_by text not null,
  decided_at timestamptz,
  check ((state = 'sampled') = (decided_at is null))
);
create unique index metrology_lot_open on metrology_lot (service, make, phase, year)
  where state = 'sampled';
revoke update, delete, truncate on metrology_lot from tahseel_app;
grant update (state, decided_at) on metrology_lot to tahseel_app;
create table metrology_lot_meter (
  lot_id uuid not null references metrology_lot (id),
  rank integer not null check (rank > 0),
  meter_id uuid not null references meters_meter (id),
  primary key (lot_id, rank),
  unique (meter_id, lot_id)
);
-- What became of a meter of the sample: its test, or why another took its place.
create table metrology_lot_result (
  lot_id uuid not null,
  meter_id uuid not null,
  test_id uuid unique references metrology_test (id),
  passed_over text not null default '',
  recorded_at timestamptz not null,
  recorded_by text not null,
  primary key (lot_id, meter_id),
  foreign key (meter_id, lot_id) references metrology_lot_meter (meter_id, lot_id),
  check ((test_id is null) = (passed_over <> ''))
);
create table metrology_exchange_order (
  id uuid primary key,
  lot_id uuid not null,
  meter_id uuid not null,
  due_on date not null,
  ordered_at timestamptz not null,
  foreign key (meter_id, lot_id) references metrology_lot_meter (meter_id, lot_id),
  unique (meter_id, lot_id)
);
"""
TABLES_BACK = """
drop table metrology_exchange_order, metrology_lot_result, metrology_lot_meter, metrology_lot;
"""


class Migration(migrations.Migration):
    dependencies = [("metrology", "0001_initial")]
    operations = [
        migrations.RunSQL(TABLES, TABLES_BACK),
        append_only("metrology_lot_meter"),
        append_only("metrology_lot_result"),
        append_only("metrology_exchange_order"),
    ]
