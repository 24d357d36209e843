"""Customers; names searchable by any word through a generated text-search column."""

import django.db.models.deletion
from django.db import migrations, models

RULES = """
alter table customers_customer add column search tsvector generated always as (
  array_to_tsvector(array_remove(string_to_array(search_skeleton, ' '), ''))
) stored;
create index customers_search on customers_customer using gin (search);
create index customers_search_ar on customers_customer (search_ar text_pattern_ops);
create index customers_parent on customers_customer (parent_id) where parent_id is not null;
"""
RULES_BACK = """
drop index customers_parent;
drop index customers_search_ar;
drop index customers_search;
alter table customers_customer drop column search;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [("kernel", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Customer",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("civil_id_cipher", models.BinaryField(null=True)),
                ("civil_id_index", models.BinaryField(null=True, unique=True)),
                ("registration_number", models.TextField(null=True, unique=True)),
                ("name_ar", models.TextField()),
                ("name_en", models.TextField()),
                ("search_ar", models.TextField()),
                ("search_skeleton", models.TextField()),
                ("mobile_cipher", models.BinaryField(null=True)),
                ("mobile_index", models.BinaryField(null=True)),
                ("language", models.TextField(default="ar")),
                (
                    "identity",
                    models.TextField(default="unverified"),
                ),
                ("evidence", models.TextField(null=True)),
                ("evidence_reference", models.TextField(default="")),
                ("identity_verified_at", models.DateTimeField(null=True)),
                ("identity_verified_by", models.TextField(default="")),
                ("died_on", models.DateField(null=True)),
                ("death_source", models.TextField(default="")),
                ("registered_at", models.DateTimeField()),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "db_table": "customers_customer",
                "indexes": [models.Index(fields=["mobile_index"], name="customers_mobile")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["citizen", "gcc", "resident", "company", "government", "unknown"],
                            )
                        ),
                        name="customers_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("civil_id_cipher__isnull", True), ("civil_id_index__isnull", True)
                            ),
                            models.Q(
                                ("civil_id_cipher__isnull", False),
                                ("civil_id_index__isnull", False),
                                (
                                    "kind__in",
                                    [
                                        "citizen",
                                        "gcc",
                                        "resident",
                                    ],
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="customers_civil_id_of_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "kind__in",
                                    [
                                        "citizen",
                                        "resident",
                                    ],
                                ),
                                _negated=True,
                            ),
                            ("civil_id_index__isnull", False),
                            _connector="OR",
                        ),
                        name="customers_civil_id_needed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "identity__in",
                                [
                                    "unverified",
                                    "doubted",
                                ],
                            ),
                            models.Q(
                                ("evidence__isnull", False),
                                (
                                    "identity",
                                    "verified",
                                ),
                                ("identity_verified_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="customers_identity_with_evidence",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name_ar", ""), ("name_en", ""), _negated=True),
                        name="customers_named",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("died_on__isnull", True),
                            (
                                "kind__in",
                                [
                                    "citizen",
                                    "gcc",
                                    "resident",
                                ],
                            ),
                            _connector="OR",
                        ),
                        name="customers_only_people_die",
                    ),
                ],
            },
        ),
        migrations.RunSQL(RULES, RULES_BACK),
    ]
