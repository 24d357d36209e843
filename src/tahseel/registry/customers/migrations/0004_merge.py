"""Merges of two records of one person, and the key of every row that moved."""

import django.db.models.deletion
from django.db import migrations, models

from tahseel.kernel.sql import append_only

ROWS = """
create table customers_merge_row (
  merge_id uuid not null references customers_merge (id) deferrable initially deferred,
  position integer not null check (position >= 0),
  table_name text not null,
  key text[] not null,
  primary key (merge_id, position)
);
create index customers_merged_into on customers_customer (merged_into_id)
  where merged_into_id is not null;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0003_life"),
    ]

    operations = [
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("reason", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("made_by", models.TextField()),
                ("approved_by", models.TextField()),
                ("rows", models.IntegerField()),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_by", models.TextField(default="")),
                ("undone_reason", models.TextField(default="")),
            ],
            options={
                "db_table": "customers_merge",
            },
        ),
        migrations.AddField(
            model_name="customer",
            name="merged_into",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="customers.customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(("merged_into", models.F("id")), _negated=True),
                name="customers_not_merged_into_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(("parent", models.F("id")), _negated=True),
                name="customers_not_its_own_parent",
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="into",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merges_here",
                to="customers.customer",
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="merged",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merges",
                to="customers.customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at__isnull", True)),
                fields=("merged",),
                name="customers_merge_once",
            ),
        ),
        migrations.RunSQL(
            ROWS, "drop index if exists customers_merged_into; drop table customers_merge_row;"
        ),
        append_only("customers_merge_row"),
    ]
