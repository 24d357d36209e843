"""Tests of meters, certifications that rest on them, and errors that correct past bills."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
-- errors are parts per 10,000; the mean error of a test is error_parts / error_weight of them.
create table metrology_test (
  id uuid primary key,
  meter_id uuid not null references meters_meter (id),
  service text not null,
  kind text not null check (kind in ('site', 'bench', 'sampling')),
  tested_on date not null,
  accuracy_class text not null,
  reference text not null check (reference <> ''),
  certificate text not null,
  points jsonb not null,
  error_parts bigint not null,
  error_weight bigint not null check (error_weight > 0),
  verdict text not null check (verdict in ('passed', 'failed')),
  recorded_at timestamptz not null,
  recorded_by text not null,
  check (verdict = 'failed' or certificate <> '')
);
create index metrology_test_of on metrology_test (meter_id, tested_on);
create unique index metrology_test_certificate on metrology_test (certificate)
  where certificate <> '';
create table metrology_certification (
  id uuid primary key,
  meter_id uuid not null references meters_meter (id),
  from_day date not null,
  until_day date not null check (until_day >= from_day),
  basis text not null check (basis in ('test', 'lot', 'maker', 'withdrawn')),
  reference text not null,
  recorded_at timestamptz not null,
  recorded_by text not null,
  check ((basis = 'withdrawn') = (until_day = from_day))
);
create index metrology_certification_of
  on metrology_certification (meter_id, recorded_at desc, id desc);
-- No day of a meter is corrected twice.
create table metrology_correction (
  id uuid primary key,
  test_id uuid not null unique references metrology_test (id),
  meter_id uuid not null references meters_meter (id),
  service text not null,
  from_day date not null,
  until_day date not null check (until_day > from_day),
  error_parts bigint not null check (error_parts <> 0),
  error_weight bigint not null check (error_weight > 0),
  reason text not null,
  confirmed_at timestamptz not null,
  confirmed_by text not null,
  constraint metrology_day_corrected_once
    exclude using gist (meter_id with =, daterange(from_day, until_day) with &&)
);
create table metrology_corrected_month (
  correction_id uuid not null references metrology_correction (id),
  account_id uuid not null,
  month integer not null,
  version integer not null,
  days integer not null check (days > 0),
  covered integer not null check (covered between 1 and days),
  measured bigint not null check (measured >= 0),
  difference bigint not null check (measured + difference >= 0),
  primary key (correction_id, account_id, month)
);
create index metrology_corrected_month_of on metrology_corrected_month (account_id, month);
"""
TABLES_BACK = """
drop table metrology_corrected_month, metrology_correction, metrology_certification, metrology_test;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("kernel", "0001_initial"), ("meters", "0003_stock")]
    operations = [
        migrations.RunSQL(TABLES, TABLES_BACK),
        append_only("metrology_test"),
        append_only("metrology_certification"),
        append_only("metrology_correction"),
        append_only("metrology_corrected_month"),
    ]
