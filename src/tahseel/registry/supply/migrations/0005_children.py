"""Accounts under a main account, over days: no two mains at once, and never a circle."""

import django.db.models.deletion
from django.db import migrations, models

RULES = """
alter table supply_child add constraint supply_child_one_parent
  exclude using gist (child_id with =, daterange(from_day, until_day) with &&);

-- Walks up from the parent over the days that all links of the way have in common. The lock makes
-- two links that are made at once see each other.
create function supply_child_acyclic() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtext('supply_child'));
  if exists (
    with recursive up (account_id, days) as (
      select new.parent_id, daterange(new.from_day, new.until_day)
      union
      select c.parent_id, up.days * daterange(c.from_day, c.until_day)
      from supply_child c join up on c.child_id = up.account_id
      where up.days && daterange(c.from_day, c.until_day) and c.id <> new.id
    )
    select 1 from up where account_id = new.child_id
  ) then
    raise exception 'an account would be under itself'
      using errcode = 'check_violation', constraint = 'supply_child_no_circle',
            table = 'supply_child';
  end if;
  return new;
end $$;
create trigger supply_child_no_circle before insert or update on supply_child
  for each row execute function supply_child_acyclic();
revoke update, delete, truncate on supply_child from tahseel_app;
grant update (until_day) on supply_child to tahseel_app;
"""
RULES_BACK = """
drop trigger supply_child_no_circle on supply_child;
drop function supply_child_acyclic();
alter table supply_child drop constraint supply_child_one_parent;
"""


class Migration(migrations.Migration):
    dependencies = [("supply", "0004_assumptions")]

    operations = [
        migrations.CreateModel(
            name="Child",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("from_day", models.DateField()),
                ("until_day", models.DateField(null=True)),
                ("agreement", models.TextField(default="")),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.TextField()),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="supply.account",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="supply.account",
                    ),
                ),
            ],
            options={
                "db_table": "supply_child",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until_day__isnull", True),
                            ("until_day__gt", models.F("from_day")),
                            _connector="OR",
                        ),
                        name="supply_child_lasts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("child", models.F("parent")), _negated=True),
                        name="supply_child_not_itself",
                    ),
                ],
            },
        ),
        migrations.RunSQL(RULES, RULES_BACK),
    ]
