"""Signed assumptions of debt: who takes over whose debt, up to which sum."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_search"),
        ("supply", "0003_stops"),
    ]

    operations = [
        migrations.CreateModel(
            name="Assumption",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("amount_fils", models.BigIntegerField()),
                ("document", models.TextField()),
                ("signed_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.TextField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_because", models.TextField(default="")),
                (
                    "from_account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="supply.account",
                    ),
                ),
                (
                    "from_customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "to_account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="supply.account",
                    ),
                ),
                (
                    "to_customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "db_table": "supply_assumption",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_fils__gt", 0), models.Q(("document", ""), _negated=True)
                        ),
                        name="supply_assumption_signed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("from_account", models.F("to_account")),
                            ("from_customer", models.F("to_customer")),
                            _negated=True,
                        ),
                        name="supply_assumption_between_two",
                    ),
                ],
            },
        ),
    ]
