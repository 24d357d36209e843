"""Units end without being deleted; a service point serves another unit from a day on."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from tahseel.kernel.sql import append_only

ENDED = ["demolished", "split", "merged"]

# Where a service point is from which day to which. Without a day: since it was built, still.
PLACEMENTS = """
create index premises_point_move_to on premises_point_move (to_unit_id);
create view premises_point_at as
select p.id, p.unit_id, p.service, p.number, null::date as from_day, f.on_day as until_day
from premises_service_point p
left join (select point_id, min(on_day) as on_day from premises_point_move group by point_id) f
  on f.point_id = p.id
union all
select m.point_id, m.to_unit_id, p.service, m.number, m.on_day, m.until_day
from (
  select point_id, to_unit_id, number, on_day,
         lead(on_day) over (partition by point_id order by on_day) as until_day
  from premises_point_move
) m
join premises_service_point p on p.id = m.point_id
where m.to_unit_id is not null;
grant select on premises_point_at to tahseel_app;
"""
PLACEMENTS_BACK = """
drop view premises_point_at;
drop index premises_point_move_to;
"""
PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [("premises", "0002_finding")]

    operations = [
        migrations.CreateModel(
            name="UnitAct",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("state", models.TextField()),
                ("on_day", models.DateField()),
                ("reference", models.TextField()),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.TextField()),
            ],
            options={"db_table": "premises_unit_act"},
        ),
        migrations.AddConstraint(
            "unitact",
            models.CheckConstraint(
                condition=Q(("state__in", ENDED)), name="premises_act_ends_units"
            ),
        ),
        migrations.AddField("unit", "state", models.TextField(default="standing")),
        migrations.AddField("unit", "ended_on", models.DateField(null=True)),
        migrations.AddField(
            "unit",
            "ended_by",
            models.ForeignKey(null=True, on_delete=PROTECT, to="premises.unitact"),
        ),
        migrations.AlterField("unit", "paci_number", models.TextField(null=True)),
        migrations.RemoveConstraint("unit", "premises_unit_once"),
        migrations.AddConstraint(
            "unit",
            models.UniqueConstraint(
                condition=Q(("ended_on__isnull", True)),
                fields=("premises", "kind", "floor", "number"),
                name="premises_unit_once",
            ),
        ),
        migrations.AddConstraint(
            "unit",
            models.UniqueConstraint(
                condition=Q(("ended_on__isnull", True)),
                fields=("paci_number",),
                name="premises_paci_once",
            ),
        ),
        migrations.AddConstraint(
            "unit",
            models.CheckConstraint(
                condition=Q(
                    ("ended_by__isnull", True), ("ended_on__isnull", True), ("state", "standing")
                )
                | Q(("ended_by__isnull", False), ("ended_on__isnull", False), ("state__in", ENDED)),
                name="premises_unit_ended",
            ),
        ),
        migrations.CreateModel(
            name="Lineage",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("act", models.ForeignKey(on_delete=PROTECT, to="premises.unitact")),
                (
                    "from_unit",
                    models.ForeignKey(on_delete=PROTECT, related_name="heirs", to="premises.unit"),
                ),
                (
                    "to_unit",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="forebears", to="premises.unit"
                    ),
                ),
            ],
            options={"db_table": "premises_lineage"},
        ),
        migrations.AddConstraint(
            "lineage",
            models.UniqueConstraint(fields=("from_unit", "to_unit"), name="premises_lineage_once"),
        ),
        migrations.AddConstraint(
            "lineage",
            models.CheckConstraint(
                condition=~Q(("from_unit", F("to_unit"))), name="premises_lineage_forward"
            ),
        ),
        migrations.CreateModel(
            name="PointMove",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("on_day", models.DateField()),
                ("number", models.IntegerField()),
                ("act", models.ForeignKey(on_delete=PROTECT, to="premises.unitact")),
                ("point", models.ForeignKey(on_delete=PROTECT, to="premises.servicepoint")),
                ("to_unit", models.ForeignKey(null=True, on_delete=PROTECT, to="premises.unit")),
            ],
            options={"db_table": "premises_point_move"},
        ),
        migrations.AddConstraint(
            "pointmove",
            models.UniqueConstraint(fields=("point", "on_day"), name="premises_point_move_once"),
        ),
        append_only("premises_unit_act"),
        append_only("premises_lineage"),
        append_only("premises_point_move"),
        migrations.RunSQL(PLACEMENTS, PLACEMENTS_BACK),
    ]
