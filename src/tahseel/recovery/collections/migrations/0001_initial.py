"""Notices of debt and the claims they name."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("kernel", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="DebtNotice",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("customer_id", models.UUIDField()),
                ("step", models.TextField()),
                ("issued_at", models.DateTimeField()),
                ("issued_on", models.DateField()),
                ("fils", models.BigIntegerField()),
            ],
            options={
                "db_table": "collections_notice",
                "indexes": [
                    models.Index(fields=["customer_id"], name="collections_notice_customer")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("fils__gt", 0)), name="collections_notice_fils"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeClaim",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("account_id", models.UUIDField()),
                ("claim_id", models.UUIDField()),
                ("reference", models.TextField()),
                ("fils", models.BigIntegerField()),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="collections.debtnotice",
                    ),
                ),
            ],
            options={
                "db_table": "collections_notice_claim",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account_id", "claim_id"), name="collections_claim_named_once"
                    )
                ],
            },
        ),
    ]
