"""The book of days: which job was done for which day, with its figures."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLE = """
create table kernel_day_done (
  job text not null,
  day date not null,
  at timestamptz not null,
  outcome jsonb not null,
  primary key (job, day)
);
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [
        migrations.RunSQL(TABLE, "drop table kernel_day_done;"),
        append_only("kernel_day_done"),
    ]
