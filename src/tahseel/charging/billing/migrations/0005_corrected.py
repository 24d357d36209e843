"""A bill that stands in the place of another one says so; a bill is corrected once."""

from django.db import migrations

TABLES = """
alter table billing_bill add column corrects uuid;
alter table billing_bill add constraint billing_bill_corrects
  foreign key (account_id, corrects) references billing_bill (account_id, id);
create unique index billing_bill_corrected_once on billing_bill (account_id, corrects)
  where corrects is not null;
"""
TABLES_BACK = """
alter table billing_bill drop column corrects;
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_mismeasured")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]
