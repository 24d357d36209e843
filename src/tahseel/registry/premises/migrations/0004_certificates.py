"""Certificates become facts of their own: several of a unit, one after another, also renewed."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from tahseel.kernel.sql import append_only

RULES = """
alter table premises_certificate add constraint premises_certificate_no_overlap
  exclude using gist (unit_id with =, daterange(valid_from, valid_until) with &&);
alter table premises_certificate add constraint premises_certificate_one_unit
  exclude using gist (kind with =, number with =, unit_id with <>);
"""
RULES_BACK = """
alter table premises_certificate drop constraint premises_certificate_one_unit;
alter table premises_certificate drop constraint premises_certificate_no_overlap;
"""
# One certificate went with one span of the sector; a certificate of another sector meant nothing.
MOVE = """
insert into premises_certificate
  (id, unit_id, kind, number, valid_from, valid_until, withdrawn, recorded_at)
select gen_random_uuid(), s.unit_id,
       case s.sector when 'industrial' then 'productive_factory' else 'productive_farm' end,
       s.certificate, s.from_day, least(s.certificate_until, s.until_day), '', u.added_at
from premises_unit_sector s join premises_unit u on u.id = s.unit_id
where s.certificate is not null and s.sector in ('industrial', 'agricultural')
  and coalesce(s.certificate_until > s.from_day, true);
"""
MOVE_BACK = """
update premises_unit_sector s set certificate = c.number, certificate_until = c.valid_until
from premises_certificate c
where c.unit_id = s.unit_id and s.sector in ('industrial', 'agricultural')
  and daterange(s.from_day, s.until_day) @> c.valid_from;
"""
PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [("premises", "0003_lives")]

    operations = [
        migrations.CreateModel(
            name="Certificate",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("number", models.TextField()),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(null=True)),
                ("withdrawn", models.TextField(default="")),
                ("recorded_at", models.DateTimeField()),
                ("unit", models.ForeignKey(on_delete=PROTECT, to="premises.unit")),
            ],
            options={
                "db_table": "premises_certificate",
                "indexes": [
                    models.Index(fields=["valid_until"], name="premises_certificate_until")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gt", F("valid_from")),
                            _connector="OR",
                        ),
                        name="premises_certificate_lasts",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CertificateStep",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("step", models.TextField()),
                ("on_day", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("certificate", models.ForeignKey(on_delete=PROTECT, to="premises.certificate")),
            ],
            options={
                "db_table": "premises_certificate_step",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("step__in", ["warned", "expired"])),
                        name="premises_certificate_step_known",
                    ),
                    models.UniqueConstraint(
                        fields=("certificate", "step"), name="premises_certificate_told_once"
                    ),
                ],
            },
        ),
        append_only("premises_certificate_step"),
        migrations.RunSQL(MOVE, MOVE_BACK),
        migrations.RunSQL(RULES, RULES_BACK),
        migrations.RemoveField("unitsector", "certificate"),
        migrations.RemoveField("unitsector", "certificate_until"),
    ]
