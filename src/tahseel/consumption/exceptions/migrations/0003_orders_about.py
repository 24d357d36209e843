"""A crew is also sent for what no rule of reads has found, such as a bill that is held back."""

from django.db import migrations

TABLES = """
-- about: what the crew is sent for where it is no exception; known to whoever sent it.
alter table exceptions_field_order alter exception_id drop not null;
alter table exceptions_field_order add column about uuid;
alter table exceptions_field_order add constraint exceptions_field_order_one_cause
  check ((exception_id is null) <> (about is null));
create unique index exceptions_field_order_about_open
  on exceptions_field_order (about) where state = 'ordered' and about is not null;
create index exceptions_field_order_about on exceptions_field_order (about)
  where about is not null;
"""
TABLES_BACK = """
delete from exceptions_field_order where exception_id is null;
alter table exceptions_field_order drop constraint exceptions_field_order_one_cause;
drop index exceptions_field_order_about_open;
drop index exceptions_field_order_about;
alter table exceptions_field_order drop column about;
alter table exceptions_field_order alter exception_id set not null;
"""


class Migration(migrations.Migration):
    dependencies = [("exceptions", "0002_orders")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]
