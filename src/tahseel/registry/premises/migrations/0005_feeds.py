"""Units supplied through the service point of another, with their share, from day to day."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

RULES = """
alter table premises_feed add constraint premises_feed_no_overlap
  exclude using gist (unit_id with =, service with =, daterange(from_day, until_day) with &&);
"""
RULES_BACK = """
alter table premises_feed drop constraint premises_feed_no_overlap;
"""
PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [("premises", "0004_certificates")]

    operations = [
        migrations.CreateModel(
            name="Feed",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("service", models.TextField()),
                ("share", models.IntegerField(default=1)),
                ("from_day", models.DateField()),
                ("until_day", models.DateField(null=True)),
                ("point", models.ForeignKey(on_delete=PROTECT, to="premises.servicepoint")),
                ("unit", models.ForeignKey(on_delete=PROTECT, to="premises.unit")),
            ],
            options={
                "db_table": "premises_feed",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("share__gte", 1)), name="premises_feed_share_positive"
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            ("until_day__isnull", True),
                            ("until_day__gt", F("from_day")),
                            _connector="OR",
                        ),
                        name="premises_feed_lasts",
                    ),
                ],
            },
        ),
        migrations.RunSQL(RULES, RULES_BACK),
    ]
