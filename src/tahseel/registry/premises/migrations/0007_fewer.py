"""Without indexes that nobody needs: `premises_service_point_once` begins with the unit.

By name, because altering the field would take every index on its column off.
"""

from django.db import migrations, models

FEWER = """
drop index premises_service_point_unit_id_6ec4479f;
"""
MORE = """
create index premises_service_point_unit_id_6ec4479f on premises_service_point (unit_id);
"""
FIELD = models.ForeignKey(db_index=False, on_delete=models.PROTECT, to="premises.unit")


class Migration(migrations.Migration):
    dependencies = [("premises", "0006_readdressing")]
    operations = [
        migrations.RunSQL(
            FEWER,
            MORE,
            state_operations=[
                migrations.AlterField(model_name="servicepoint", name="unit", field=FIELD)
            ],
        )
    ]
