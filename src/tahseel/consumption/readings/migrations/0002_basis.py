"""What each determinant was made from."""

from django.db import migrations

ADD = """
-- Lists as `readings.basis` writes them: which reads or which version of the lake. Null: unknown.
alter table readings_determinant add column basis jsonb;
create index readings_register_read_recorded on readings_register_read using brin (recorded_at);
"""
BACK = """
drop index readings_register_read_recorded;
alter table readings_determinant drop column basis;
"""


class Migration(migrations.Migration):
    dependencies = [("readings", "0001_initial")]
    operations = [migrations.RunSQL(ADD, BACK)]
