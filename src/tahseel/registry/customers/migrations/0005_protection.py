"""Protected status, and pairs of whom somebody said that they are two people."""

import django.db.models.deletion
from django.db import migrations, models

from tahseel.kernel.sql import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0004_merge"),
    ]

    operations = [
        migrations.CreateModel(
            name="Apart",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("said_at", models.DateTimeField()),
                ("said_by", models.TextField()),
                ("reason", models.TextField()),
                (
                    "one",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "db_table": "customers_apart",
                "constraints": [
                    models.UniqueConstraint(fields=("one", "other"), name="customers_apart_once"),
                    models.CheckConstraint(
                        condition=models.Q(("one__lt", models.F("other"))),
                        name="customers_apart_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Protection",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("from_day", models.DateField()),
                ("until_day", models.DateField()),
                ("evidence", models.TextField()),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.TextField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_reason", models.TextField(default="")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="protections",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "db_table": "customers_protection",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["life_support", "medical", "disability"])),
                        name="customers_protection_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("from_day__lt", models.F("until_day"))),
                        name="customers_protection_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("evidence", ""), _negated=True),
                        name="customers_protection_proved",
                    ),
                ],
            },
        ),
        append_only("customers_apart"),
    ]
