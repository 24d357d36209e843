"""Which leaves tell of which thing: filled by the sequencer, and here for what is sequenced already."""

from django.db import migrations

from tahseel.kernel.sql import append_only

FORWARD = r"""
create table audit_subject (
  subject uuid not null,
  is_read boolean not null,
  leaf_id uuid not null,
  action text not null,
  tree_index bigint not null,
  primary key (subject, is_read, leaf_id)
);
insert into audit_subject
select distinct found.id[1]::uuid, told.body ->> 'action' = 'read', told.leaf_id,
  told.body ->> 'action', told.tree_index
from (
  select p.leaf_id, p.tree_index, convert_from(l.body, 'UTF8')::jsonb as body
  from audit_position p join audit_leaf l on l.id = p.leaf_id
) told,
regexp_matches(
  (told.body ->> 'subject') || ' ' || (told.body ->> 'facts'),
  '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', 'g'
) as found(id);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.RunSQL(FORWARD, "drop table audit_subject;"),
        append_only("audit_subject"),
    ]
