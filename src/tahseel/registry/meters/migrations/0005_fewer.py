"""Without indexes that nobody needs: `meters_register_once` begins with the meter."""

from django.db import migrations, models

# For beginnings of words, which nobody asks these columns for.
LIKE = """
drop index if exists meters_meter_serial_af2a1f64_like;
drop index if exists meters_seal_number_14893b4d_like;
"""
LIKE_BACK = """
create index meters_meter_serial_af2a1f64_like on meters_meter (serial text_pattern_ops);
create index meters_seal_number_14893b4d_like on meters_seal (number text_pattern_ops);
"""


class Migration(migrations.Migration):
    dependencies = [("meters", "0004_behind")]
    operations = [
        migrations.AlterField(
            model_name="register",
            name="meter",
            field=models.ForeignKey(
                db_index=False,
                on_delete=models.PROTECT,
                related_name="registers",
                to="meters.meter",
            ),
        ),
        migrations.RunSQL(LIKE, LIKE_BACK),
    ]
