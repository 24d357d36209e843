"""Notices and the proof of their delivery."""

import django.db.models.deletion
from django.db import migrations, models

from tahseel.kernel.sql import append_only


class Migration(migrations.Migration):
    initial = True
    dependencies = [("kernel", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=60)),
                ("channel", models.CharField(max_length=60)),
                ("recipient_customer_id", models.UUIDField()),
                ("subject", models.CharField(max_length=200)),
                ("body_ar", models.TextField()),
                ("body_en", models.TextField()),
                ("address_cipher", models.BinaryField()),
                ("reference", models.CharField(max_length=60)),
                ("issued_at", models.DateTimeField()),
                ("input_hash", models.BinaryField()),
            ],
            options={
                "db_table": "notices_notice",
                "indexes": [
                    models.Index(
                        fields=["recipient_customer_id", "issued_at"], name="notices_recipient"
                    ),
                    models.Index(fields=["subject"], name="notices_subject"),
                    models.Index(fields=["reference"], name="notices_reference"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("step", models.SmallIntegerField()),
                ("status", models.CharField(max_length=20)),
                ("occurred_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=100)),
                ("proof", models.JSONField()),
                ("proof_hash", models.BinaryField()),
                ("serves", models.BooleanField()),
                ("basis", models.TextField()),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="notices.notice",
                    ),
                ),
            ],
            options={
                "db_table": "notices_delivery",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("notice", "step"), name="notices_delivery_step"
                    ),
                ],
            },
        ),
        append_only("notices_notice"),
        append_only("notices_delivery"),
    ]
