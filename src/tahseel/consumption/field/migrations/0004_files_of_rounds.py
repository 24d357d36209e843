"""A result file is known to the round that it was sent to, not to all: it may come to a wrong one."""

from django.db import migrations

TABLES = """
alter table field_file drop constraint field_file_pkey;
alter table field_file add primary key (round_id, sha256);
"""
TABLES_BACK = """
delete from field_file f using field_file g
  where f.sha256 = g.sha256 and (f.received_at, f.round_id) > (g.received_at, g.round_id);
alter table field_file drop constraint field_file_pkey;
alter table field_file add primary key (sha256);
"""


class Migration(migrations.Migration):
    dependencies = [("field", "0003_self_reads")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]
