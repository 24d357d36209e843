"""Holds, the claims they cover, and the timelines of releases."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("kernel", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("customer_id", models.UUIDField()),
                ("gate", models.TextField()),
                ("notice_id", models.UUIDField()),
                ("reference", models.TextField(unique=True)),
                ("amount_fils", models.BigIntegerField()),
                ("policy", models.TextField()),
                ("instrument", models.TextField()),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "clearance_hold",
            },
        ),
        migrations.CreateModel(
            name="HoldClaim",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("account_id", models.UUIDField()),
                ("claim_id", models.UUIDField()),
                ("reference", models.TextField()),
                ("fils", models.BigIntegerField()),
            ],
            options={
                "db_table": "clearance_hold_claim",
            },
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                (
                    "hold",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="clearance.hold",
                    ),
                ),
                ("customer_id", models.UUIDField()),
                ("payment_id", models.UUIDField(null=True)),
                ("sequence", models.BigIntegerField()),
                ("captured_at", models.DateTimeField(null=True)),
                ("posted_at", models.DateTimeField()),
                ("sequenced_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField()),
                ("applied_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "clearance_release",
            },
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(fields=["customer_id"], name="clearance_hold_customer"),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at__isnull", True)),
                fields=("customer_id", "gate", "notice_id"),
                name="clearance_hold_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_fils__gt", 0)), name="clearance_hold_fils"
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("gate__in", ["exit", "residency", "driving_licence", "vehicle", "other"])
                ),
                name="clearance_hold_gate",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_at__isnull", True),
                    ("closed_at__gte", models.F("opened_at")),
                    _connector="OR",
                ),
                name="clearance_hold_order",
            ),
        ),
        migrations.AddField(
            model_name="holdclaim",
            name="hold",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="claims",
                to="clearance.hold",
            ),
        ),
        migrations.AddIndex(
            model_name="release",
            index=models.Index(fields=["decided_at"], name="clearance_release_decided"),
        ),
        migrations.AddConstraint(
            model_name="holdclaim",
            constraint=models.UniqueConstraint(
                fields=("hold", "account_id", "claim_id"), name="clearance_hold_claim_once"
            ),
        ),
    ]
