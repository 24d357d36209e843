"""Without indexes that nobody needs: `premises_service_point_once` begins with the unit."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("premises", "0006_readdressing")]
    operations = [
        migrations.AlterField(
            model_name="servicepoint",
            name="unit",
            field=models.ForeignKey(
                db_index=False,
                on_delete=models.PROTECT,
                to="premises.unit",
            ),
        ),
    ]
