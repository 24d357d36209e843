"""Places; the sectors of a unit never overlap."""

import django.db.models.deletion
from django.db import migrations, models

RULES = """
create extension if not exists btree_gist;
alter table premises_unit_sector add constraint premises_sector_no_overlap
  exclude using gist (unit_id with =, daterange(from_day, until_day) with &&);
"""
RULES_BACK = """
alter table premises_unit_sector drop constraint premises_sector_no_overlap;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [("kernel", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Governorate",
            fields=[
                ("code", models.TextField(primary_key=True, serialize=False)),
                ("name_ar", models.TextField()),
                ("name_en", models.TextField()),
            ],
            options={
                "db_table": "premises_governorate",
            },
        ),
        migrations.CreateModel(
            name="Area",
            fields=[
                ("code", models.TextField(primary_key=True, serialize=False)),
                ("name_ar", models.TextField()),
                ("name_en", models.TextField()),
                (
                    "governorate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="premises.governorate"
                    ),
                ),
            ],
            options={
                "db_table": "premises_area",
            },
        ),
        migrations.CreateModel(
            name="Premises",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("block", models.TextField()),
                ("street", models.TextField(default="")),
                ("parcel", models.TextField(default="")),
                ("building", models.TextField(default="")),
                ("added_at", models.DateTimeField()),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="premises.area"
                    ),
                ),
            ],
            options={
                "db_table": "premises_premises",
            },
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("floor", models.TextField(default="")),
                ("number", models.TextField(default="")),
                ("paci_number", models.TextField(null=True, unique=True)),
                ("added_at", models.DateTimeField()),
                (
                    "premises",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="premises.premises"
                    ),
                ),
            ],
            options={
                "db_table": "premises_unit",
            },
        ),
        migrations.CreateModel(
            name="ServicePoint",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("service", models.TextField()),
                ("number", models.IntegerField(default=1)),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="premises.unit"
                    ),
                ),
            ],
            options={
                "db_table": "premises_service_point",
            },
        ),
        migrations.CreateModel(
            name="UnitSector",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("sector", models.TextField()),
                ("dwellings", models.IntegerField(default=1)),
                ("certificate", models.TextField(null=True)),
                ("certificate_until", models.DateField(null=True)),
                ("from_day", models.DateField()),
                ("until_day", models.DateField(null=True)),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="premises.unit"
                    ),
                ),
            ],
            options={
                "db_table": "premises_unit_sector",
            },
        ),
        migrations.AddConstraint(
            model_name="premises",
            constraint=models.UniqueConstraint(
                fields=("area", "block", "street", "parcel", "building"),
                name="premises_one_per_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "villa",
                            "flat",
                            "shop",
                            "office",
                            "building",
                            "plant",
                            "farm",
                            "chalet",
                            "public",
                        ],
                    )
                ),
                name="premises_unit_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.UniqueConstraint(
                fields=("premises", "kind", "floor", "number"), name="premises_unit_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="servicepoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("service__in", ["electricity", "water"])),
                name="premises_service_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicepoint",
            constraint=models.UniqueConstraint(
                fields=("unit", "service", "number"), name="premises_service_point_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="unitsector",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "sector__in",
                        [
                            "private",
                            "investment",
                            "commercial",
                            "government",
                            "industrial",
                            "agricultural",
                            "other",
                        ],
                    )
                ),
                name="premises_sector_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="unitsector",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until_day__isnull", True),
                    ("until_day__gt", models.F("from_day")),
                    _connector="OR",
                ),
                name="premises_sector_lasts",
            ),
        ),
        migrations.AddConstraint(
            model_name="unitsector",
            constraint=models.CheckConstraint(
                condition=models.Q(("dwellings__gte", 1)), name="premises_dwellings_positive"
            ),
        ),
        migrations.RunSQL(RULES, RULES_BACK),
    ]
