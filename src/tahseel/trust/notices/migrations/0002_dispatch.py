"""Messages on their way to the firms that carry them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Dispatch",
            fields=[
                (
                    "notice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="dispatch",
                        serialize=False,
                        to="notices.notice",
                    ),
                ),
                ("channel", models.CharField(max_length=60)),
                ("language", models.CharField(max_length=2)),
                ("state", models.CharField(max_length=20)),
                ("tries", models.SmallIntegerField()),
                ("due_at", models.DateTimeField()),
                ("claimed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "notices_dispatch",
                "indexes": [
                    models.Index(
                        condition=models.Q(state__in=["waiting", "handing"]),
                        fields=["state", "due_at"],
                        name="notices_dispatch_open",
                    ),
                ],
            },
        ),
    ]
