"""Applications for services, the steps of their course and the papers that came with them."""

import django.db.models.deletion
from django.db import migrations, models

from tahseel.kernel.sql import append_only


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("customers", "0001_initial"),
        ("premises", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Application",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("reference", models.TextField(unique=True)),
                ("service", models.TextField()),
                ("state", models.TextField()),
                ("account_id", models.UUIDField()),
                ("services", models.JSONField()),
                ("load_kw", models.IntegerField()),
                ("added_kw", models.IntegerField(null=True)),
                ("until_day", models.DateField(null=True)),
                ("purpose", models.TextField(default="")),
                ("verdict", models.TextField(null=True)),
                ("demand_kw", models.IntegerField(null=True)),
                ("quotation", models.JSONField(null=True)),
                ("claim_id", models.UUIDField(null=True)),
                ("deadline", models.DateField(null=True)),
                ("state_since", models.DateTimeField()),
                ("applied_at", models.DateTimeField()),
                ("studied_by", models.TextField(default="")),
                ("inspected_by", models.TextField(default="")),
                ("energised_by", models.TextField(default="")),
                ("inspections", models.IntegerField(default=0)),
                (
                    "applicant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="customers.customer"
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
                "db_table": "services_application",
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("file_name", models.TextField()),
                ("media_type", models.TextField()),
                ("size", models.IntegerField()),
                ("sha256", models.BinaryField()),
                ("body_cipher", models.BinaryField()),
                ("added_at", models.DateTimeField()),
                ("added_by", models.TextField()),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="services.application"
                    ),
                ),
            ],
            options={
                "db_table": "services_evidence",
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("position", models.IntegerField()),
                ("step", models.TextField()),
                ("state", models.TextField()),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
                ("actor_label", models.TextField()),
                ("facts", models.JSONField()),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="services.application"
                    ),
                ),
            ],
            options={
                "db_table": "services_step",
            },
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["applicant", "applied_at"], name="services_applicant"),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["account_id"], name="services_account"),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["state", "deadline"], name="services_worklist"),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "applied",
                            "studied",
                            "quoted",
                            "paid",
                            "failed",
                            "passed",
                            "energised",
                            "removal_due",
                            "removed",
                            "refused",
                            "withdrawn",
                            "expired",
                        ],
                    )
                ),
                name="services_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(("load_kw__gte", 1)), name="services_load_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("state__in", ["applied", "failed", "paid", "passed", "quoted", "studied"])
                ),
                fields=("unit", "service"),
                name="services_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.UniqueConstraint(
                fields=("application", "kind", "sha256"), name="services_evidence_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.UniqueConstraint(
                fields=("application", "position"), name="services_step_position"
            ),
        ),
        append_only("services_step"),
        append_only("services_evidence"),
        migrations.RunSQL(
            "revoke delete on services_application from tahseel_app",
            "grant delete on services_application to tahseel_app",
        ),
    ]
