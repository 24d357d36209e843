"""Photographs of dials, by their hash and who gave them."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
create table field_photo (
  sha256 text not null check (length(sha256) = 64),
  media_type text not null check (media_type in ('image/jpeg', 'image/png')),
  bytes integer not null check (bytes > 0),
  width integer not null check (width > 0),
  height integer not null check (height > 0),
  kept_at timestamptz not null,
  actor text not null,
  primary key (sha256, actor)
);
create index field_visit_photo on field_visit (photo) where photo <> '';
"""
TABLES_BACK = """
drop index field_visit_photo;
drop table field_photo;
"""


class Migration(migrations.Migration):
    dependencies = [("field", "0001_initial")]
    operations = [
        migrations.RunSQL(TABLES, TABLES_BACK),
        append_only("field_photo"),
    ]
