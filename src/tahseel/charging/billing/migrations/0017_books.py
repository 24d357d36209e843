"""Price books that were tried on the past, and those that two people agreed to."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
create table billing_book (
  id uuid primary key,
  code text not null,
  version integer not null check (version > 0),
  name_ar text not null,
  name_en text not null,
  content text not null,
  digest text not null,
  against text not null,
  report jsonb not null,
  tried_by text not null,
  tried_at timestamptz not null
);
create index billing_book_newest on billing_book (tried_at desc);
create table billing_book_agreed (
  book_id uuid primary key references billing_book (id),
  code text not null,
  version integer not null,
  asked_by text not null,
  agreed_by text not null check (agreed_by <> asked_by),
  agreed_at timestamptz not null,
  unique (code, version)
);
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0016_below_nothing")]
    operations = [
        migrations.RunSQL(TABLES, "drop table billing_book_agreed, billing_book"),
        append_only("billing_book"),
        append_only("billing_book_agreed"),
    ]
