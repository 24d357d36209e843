"""Bills whose meter turned out to be wrong wait beside those of another debtor or price."""

from django.db import migrations

TABLES = """
alter table billing_misdirected drop constraint billing_misdirected_part_check;
alter table billing_misdirected add constraint billing_misdirected_part_check
  check (part in ('liable', 'payer', 'sector', 'certificate', 'meter'));
"""
TABLES_BACK = """
delete from billing_misdirected where part = 'meter';
alter table billing_misdirected drop constraint billing_misdirected_part_check;
alter table billing_misdirected add constraint billing_misdirected_part_check
  check (part in ('liable', 'payer', 'sector', 'certificate'));
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_mispriced")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]
