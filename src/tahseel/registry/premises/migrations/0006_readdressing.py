"""Addresses that changed: what stood before and after, from which day, and on what it rests."""

import django.db.models.deletion
from django.db import migrations, models

from tahseel.kernel.sql import append_only


class Migration(migrations.Migration):
    dependencies = [("premises", "0005_feeds")]

    operations = [
        migrations.CreateModel(
            name="AddressChange",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("before", models.JSONField()),
                ("after", models.JSONField()),
                ("from_day", models.DateField()),
                ("reference", models.TextField()),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.TextField()),
                (
                    "premises",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="premises.premises"
                    ),
                ),
            ],
            options={"db_table": "premises_address_change"},
        ),
        append_only("premises_address_change"),
    ]
