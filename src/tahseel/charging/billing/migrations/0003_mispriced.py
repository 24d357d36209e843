"""Bills whose days have another price than was known wait beside those that name somebody else."""

from django.db import migrations

TABLES = """
alter table billing_misdirected drop constraint billing_misdirected_part_check;
alter table billing_misdirected add constraint billing_misdirected_part_check
  check (part in ('liable', 'payer', 'sector', 'certificate'));
"""
TABLES_BACK = """
delete from billing_misdirected where part in ('sector', 'certificate');
alter table billing_misdirected drop constraint billing_misdirected_part_check;
alter table billing_misdirected add constraint billing_misdirected_part_check
  check (part in ('liable', 'payer'));
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_misdirected")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]
