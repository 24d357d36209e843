"""Instalment plans and their instalments."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("collections", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="InstalmentPlan",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("account_id", models.UUIDField()),
                ("customer_id", models.UUIDField()),
                ("reference", models.TextField()),
                ("agreed_on", models.DateField()),
                ("fils", models.BigIntegerField()),
                ("state", models.TextField(default="running")),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "collections_plan",
                "indexes": [
                    models.Index(fields=["account_id"], name="collections_plan_account"),
                    models.Index(fields=["customer_id"], name="collections_plan_customer"),
                    models.Index(fields=["reference"], name="collections_plan_reference"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("fils__gt", 0)), name="collections_plan_fils"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["running", "paid", "revoked"])),
                        name="collections_plan_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Instalment",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("due_on", models.DateField()),
                ("fils", models.BigIntegerField()),
                ("paid_fils", models.BigIntegerField(default=0)),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="instalments",
                        to="collections.instalmentplan",
                    ),
                ),
            ],
            options={
                "db_table": "collections_instalment",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("plan", "due_on"), name="collections_instalment_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("fils__gt", 0),
                            ("paid_fils__gte", 0),
                            ("paid_fils__lte", models.F("fils")),
                        ),
                        name="collections_instalment_fils",
                    ),
                ],
            },
        ),
    ]
