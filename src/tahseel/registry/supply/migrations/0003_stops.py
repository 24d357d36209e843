"""Reasons for which a service of a unit is to be off; one stands once."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("premises", "0001_initial"),
        ("supply", "0002_roles"),
    ]

    operations = [
        migrations.CreateModel(
            name="Stop",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("service", models.TextField()),
                ("reason", models.TextField()),
                ("state", models.TextField()),
                ("reference", models.TextField(default="")),
                ("ordered_at", models.DateTimeField()),
                ("ordered_by", models.TextField()),
                ("off_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.TextField(default="")),
                (
                    "account",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="supply.account"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="premises.unit"
                    ),
                ),
            ],
            options={
                "db_table": "supply_stop",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_at__isnull", True),
                                ("off_at__isnull", True),
                                ("state", "ordered"),
                            ),
                            models.Q(
                                ("ended_at__isnull", True),
                                ("off_at__isnull", False),
                                ("state", "in_force"),
                            ),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("off_at__isnull", False),
                                ("state", "lifted"),
                            ),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("off_at__isnull", True),
                                ("state", "withdrawn"),
                            ),
                            _connector="OR",
                        ),
                        name="supply_stop_state_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("unit", "account", "service", "reason"),
                        name="supply_stop_stands_once",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
    ]
