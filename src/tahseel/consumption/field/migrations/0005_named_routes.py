"""A route may have a name: that of the old system which it was taken on from."""

from django.db import migrations

TABLES = """
alter table field_route add name text not null default '';
create unique index field_route_name on field_route (area, name) where name <> '';
"""
TABLES_BACK = """
drop index field_route_name;
alter table field_route drop column name;
"""


class Migration(migrations.Migration):
    dependencies = [("field", "0004_files_of_rounds")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]
