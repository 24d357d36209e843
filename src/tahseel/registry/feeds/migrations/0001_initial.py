"""Pages of the registries as they came, the versions of their records, and what became of them."""

import django.db.models.deletion
from django.db import migrations, models

from tahseel.kernel.sql import append_only

JUDGED = "standing, reason, detail, attempts, decided_at, decided_by"
KEEP = f"""
revoke update, delete on feeds_record from tahseel_app;
grant update ({JUDGED}) on feeds_record to tahseel_app;
"""
KEEP_BACK = f"""
revoke update ({JUDGED}) on feeds_record from tahseel_app;
grant update, delete on feeds_record to tahseel_app;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [("kernel", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Cursor",
            fields=[
                ("registry", models.TextField(primary_key=True, serialize=False)),
                ("cursor", models.TextField(default="")),
                ("answered_at", models.DateTimeField(null=True)),
                ("silence_told_on", models.DateField(null=True)),
            ],
            options={
                "db_table": "feeds_cursor",
            },
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("registry", models.TextField()),
                ("after", models.TextField()),
                ("following", models.TextField()),
                ("sha256", models.BinaryField()),
                ("body_cipher", models.BinaryField()),
                ("records", models.IntegerField()),
                ("fresh", models.IntegerField()),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "db_table": "feeds_batch",
                "constraints": [
                    models.UniqueConstraint(fields=("registry", "sha256"), name="feeds_batch_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Reconciliation",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("registry", models.TextField()),
                ("day", models.DateField()),
                ("ours", models.JSONField()),
                ("theirs", models.JSONField()),
                ("differences", models.JSONField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "feeds_reconciliation",
                "indexes": [
                    models.Index(fields=["registry", "day", "at"], name="feeds_reconciled")
                ],
            },
        ),
        migrations.CreateModel(
            name="FeedRecord",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("registry", models.TextField()),
                ("number", models.TextField()),
                ("version", models.IntegerField()),
                ("kind", models.TextField()),
                ("state", models.TextField()),
                ("published_on", models.DateField()),
                ("facts_cipher", models.BinaryField()),
                ("sha256", models.BinaryField()),
                ("person_index", models.BinaryField(null=True)),
                ("place", models.TextField(null=True)),
                ("received_at", models.DateTimeField()),
                ("standing", models.TextField()),
                ("reason", models.TextField(default="")),
                ("detail", models.TextField(default="")),
                ("attempts", models.IntegerField(default=0)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.TextField(default="")),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="feeds.batch"
                    ),
                ),
            ],
            options={
                "db_table": "feeds_record",
                "indexes": [
                    models.Index(fields=["registry", "published_on"], name="feeds_published"),
                    models.Index(
                        condition=models.Q(("standing__in", ["received", "unconcerned", "parked"])),
                        fields=["standing", "published_on", "number", "version"],
                        name="feeds_waiting",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("registry", "number", "version", "sha256"), name="feeds_record_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "standing__in",
                                [
                                    "received",
                                    "applied",
                                    "unconcerned",
                                    "parked",
                                    "superseded",
                                    "dismissed",
                                ],
                            )
                        ),
                        name="feeds_standing_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("standing", "parked"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="feeds_parked_with_reason",
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEEP, KEEP_BACK),
        append_only("feeds_batch"),
        append_only("feeds_reconciliation"),
    ]
