"""Where a device is while it hangs nowhere, and the seals on it."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from tahseel.kernel.sql import append_only

PROTECT = django.db.models.deletion.PROTECT
STATES = ["in_store", "on_bench", "lost", "scrapped"]


class Migration(migrations.Migration):
    dependencies = [("meters", "0002_multipliers")]

    operations = [
        migrations.CreateModel(
            name="StockStep",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("state", models.TextField()),
                ("store", models.TextField(default="")),
                ("on_day", models.DateField()),
                ("reference", models.TextField(default="")),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.TextField()),
                ("meter", models.ForeignKey(on_delete=PROTECT, to="meters.meter")),
            ],
            options={
                "db_table": "meters_stock_step",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("state__in", STATES)), name="meters_stock_state_known"
                    ),
                    models.UniqueConstraint(
                        fields=("meter", "recorded_at"), name="meters_stock_step_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("number", models.TextField(unique=True)),
                ("fixed_on", models.DateField()),
                ("removed_on", models.DateField(null=True)),
                ("found", models.TextField(default="")),
                ("reference", models.TextField(default="")),
                ("meter", models.ForeignKey(on_delete=PROTECT, to="meters.meter")),
            ],
            options={
                "db_table": "meters_seal",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            ("removed_on__isnull", True),
                            ("removed_on__gte", F("fixed_on")),
                            _connector="OR",
                        ),
                        name="meters_seal_lasts",
                    ),
                    models.CheckConstraint(
                        condition=Q(("found", ""), ("removed_on__isnull", True))
                        | Q(("found__in", ["broken", "intact"]), ("removed_on__isnull", False)),
                        name="meters_seal_found",
                    ),
                ],
            },
        ),
        append_only("meters_stock_step"),
    ]
