"""Agreements with bodies; two of one kind never hold for one body on the same day."""

from django.db import migrations

TABLES = """
create table government_agreement (
  id uuid primary key,
  body_id uuid not null references customers_customer (id),
  kind text not null check (kind in ('supply', 'settlement')),
  number text not null unique check (number <> ''),
  subject_ar text not null,
  subject_en text not null,
  from_day date not null,
  until_day date check (until_day > from_day),
  recorded_at timestamptz not null,
  recorded_by text not null,
  check (subject_ar <> '' or subject_en <> ''),
  constraint government_agreement_no_overlap
    exclude using gist (body_id with =, kind with =, daterange(from_day, until_day) with &&)
);
revoke update, delete, truncate on government_agreement from tahseel_app;
-- Two records of one body may turn out to be one: its agreements follow.
grant update (until_day, body_id) on government_agreement to tahseel_app;
"""
TABLES_BACK = "drop table government_agreement;"


class Migration(migrations.Migration):
    initial = True
    dependencies = [("customers", "0001_initial"), ("premises", "0001_initial")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]
