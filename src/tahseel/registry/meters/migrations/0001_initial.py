"""Meters; on any day one place a meter and one meter a service point."""

import django.db.models.deletion
from django.db import migrations, models

RULES = """
alter table meters_installation add constraint meters_meter_in_one_place
  exclude using gist (meter_id with =, daterange(installed_on, removed_on) with &&);
alter table meters_installation add constraint meters_point_holds_one_meter
  exclude using gist (service_point_id with =, daterange(installed_on, removed_on) with &&);
"""
RULES_BACK = """
alter table meters_installation drop constraint meters_point_holds_one_meter;
alter table meters_installation drop constraint meters_meter_in_one_place;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("kernel", "0001_initial"),
        ("premises", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Meter",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("serial", models.TextField(unique=True)),
                ("service", models.TextField()),
                ("make", models.TextField()),
                ("phase", models.TextField()),
                ("added_at", models.DateTimeField()),
            ],
            options={
                "db_table": "meters_meter",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("service__in", ["electricity", "water"])),
                        name="meters_service_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("phase__in", ["single", "three", "none"])),
                        name="meters_phase_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Installation",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("installed_on", models.DateField()),
                ("removed_on", models.DateField(null=True)),
                ("opening", models.JSONField(default=dict)),
                ("closing", models.JSONField(default=dict)),
                (
                    "service_point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="premises.servicepoint"
                    ),
                ),
                (
                    "meter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="meters.meter"
                    ),
                ),
            ],
            options={
                "db_table": "meters_installation",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("removed_on__isnull", True),
                            ("removed_on__gt", models.F("installed_on")),
                            _connector="OR",
                        ),
                        name="meters_installation_lasts",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Register",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("code", models.TextField()),
                ("kind", models.TextField()),
                ("unit", models.TextField()),
                ("digits", models.IntegerField()),
                ("decimals", models.IntegerField(default=0)),
                ("multiplier", models.IntegerField(default=1)),
                (
                    "meter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registers",
                        to="meters.meter",
                    ),
                ),
            ],
            options={
                "db_table": "meters_register",
                "constraints": [
                    models.UniqueConstraint(fields=("meter", "code"), name="meters_register_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["import", "export", "reactive"])),
                        name="meters_register_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unit__in", ["kWh", "kvarh", "m3", "IG"])),
                        name="meters_register_unit_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decimals__gte", 0), ("digits__gte", 1), ("multiplier__gte", 1)
                        ),
                        name="meters_register_dial",
                    ),
                ],
            },
        ),
        migrations.RunSQL(RULES, RULES_BACK),
    ]
