"""Papers, dated events, and kinds of customers who have no civil id."""

import django.db.models.deletion
from django.db import migrations, models

from tahseel.kernel.sql import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_search"),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("what", models.TextField()),
                ("effective_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.TextField()),
                ("reason", models.TextField(default="")),
                ("evidence", models.TextField(default="")),
                ("sealed", models.BinaryField()),
                ("old_index", models.BinaryField(null=True)),
            ],
            options={
                "db_table": "customers_change",
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("issuer", models.TextField()),
                ("number_cipher", models.BinaryField()),
                ("number_index", models.BinaryField()),
                ("issued_on", models.DateField(null=True)),
                ("expires_on", models.DateField(null=True)),
                ("reference", models.TextField(default="")),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.TextField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawal_reason", models.TextField(default="")),
            ],
            options={
                "db_table": "customers_document",
            },
        ),
        migrations.RemoveConstraint(
            model_name="customer",
            name="customers_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="customer",
            name="customers_civil_id_of_people",
        ),
        migrations.RemoveConstraint(
            model_name="customer",
            name="customers_only_people_die",
        ),
        migrations.AddField(
            model_name="customer",
            name="departed_on",
            field=models.DateField(null=True),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "citizen",
                            "gcc",
                            "resident",
                            "stateless",
                            "foreign_owner",
                            "company",
                            "government",
                            "mission",
                            "unknown",
                        ],
                    )
                ),
                name="customers_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("civil_id_cipher__isnull", True), ("civil_id_index__isnull", True)),
                    models.Q(
                        ("civil_id_cipher__isnull", False),
                        ("civil_id_index__isnull", False),
                        ("kind__in", ["citizen", "foreign_owner", "gcc", "resident", "stateless"]),
                    ),
                    _connector="OR",
                ),
                name="customers_civil_id_of_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("died_on__isnull", True),
                    ("kind__in", ["citizen", "foreign_owner", "gcc", "resident", "stateless"]),
                    _connector="OR",
                ),
                name="customers_only_people_die",
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("departed_on__isnull", True),
                    ("kind__in", ["citizen", "foreign_owner", "gcc", "resident", "stateless"]),
                    _connector="OR",
                ),
                name="customers_only_people_leave",
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="customers.customer",
            ),
        ),
        migrations.AddField(
            model_name="document",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="documents",
                to="customers.customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "what__in",
                        [
                            "name_corrected",
                            "civil_id_corrected",
                            "died",
                            "death_revoked",
                            "departed",
                            "returned",
                        ],
                    )
                ),
                name="customers_change_known",
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["number_index"], name="customers_document_number"),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "passport",
                            "gcc_card",
                            "review_card",
                            "mission_card",
                            "commercial_licence",
                        ],
                    )
                ),
                name="customers_document_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("issued_on__isnull", True),
                    ("expires_on__isnull", True),
                    ("issued_on__lt", models.F("expires_on")),
                    _connector="OR",
                ),
                name="customers_document_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at__isnull", True)),
                fields=("kind", "issuer", "number_index"),
                name="customers_document_once",
            ),
        ),
        append_only("customers_change"),
    ]
