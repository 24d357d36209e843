"""Without indexes that nobody needs: `meters_register_once` begins with the meter.

By name, because altering the field would take every index on its column off.
"""

from django.db import migrations, models

FEWER = """
drop index meters_register_meter_id_c7c193b7;
-- For beginnings of words, which nobody asks these columns for.
drop index if exists meters_meter_serial_af2a1f64_like;
drop index if exists meters_seal_number_14893b4d_like;
"""
MORE = """
create index meters_register_meter_id_c7c193b7 on meters_register (meter_id);
create index meters_meter_serial_af2a1f64_like on meters_meter (serial text_pattern_ops);
create index meters_seal_number_14893b4d_like on meters_seal (number text_pattern_ops);
"""
FIELD = models.ForeignKey(
    db_index=False, on_delete=models.PROTECT, related_name="registers", to="meters.meter"
)


class Migration(migrations.Migration):
    dependencies = [("meters", "0005_size")]
    operations = [
        migrations.RunSQL(
            FEWER,
            MORE,
            state_operations=[
                migrations.AlterField(model_name="register", name="meter", field=FIELD)
            ],
        )
    ]
