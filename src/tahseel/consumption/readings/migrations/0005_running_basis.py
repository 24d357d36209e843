"""What a running month is made of may be nothing on record, as of a month that is over."""

from django.db import migrations

TABLES = "alter table readings_running alter column basis drop not null;"
TABLES_BACK = """
delete from readings_running where basis is null;
alter table readings_running alter column basis set not null;
"""


class Migration(migrations.Migration):
    dependencies = [("readings", "0004_meter_events")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]
