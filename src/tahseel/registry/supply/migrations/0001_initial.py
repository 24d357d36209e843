"""Accounts; the links of an account's liability form one chain without gap or overlap."""

import django.db.models.deletion
from django.db import migrations, models

RULES = """
create sequence supply_account_number start 100000001 maxvalue 999999999;
alter table supply_account add constraint supply_account_no_overlap
  exclude using gist (unit_id with =, daterange(opened_on, closed_on) with &&);
alter table supply_liability add constraint supply_liability_no_overlap
  exclude using gist (account_id with =, daterange(from_day, until_day) with &&);
alter table supply_liability add constraint supply_liability_no_gap
  foreign key (account_id, previous_until) references supply_liability (account_id, until_day)
  deferrable initially deferred;
alter table supply_party add constraint supply_party_no_overlap
  exclude using gist (account_id with =, customer_id with =, role with =,
                      daterange(from_day, until_day) with &&);
alter table supply_party add constraint supply_party_one_tenant
  exclude using gist (account_id with =, daterange(from_day, until_day) with &&)
  where (role = 'tenant');
"""
RULES_BACK = """
alter table supply_party drop constraint supply_party_one_tenant;
alter table supply_party drop constraint supply_party_no_overlap;
alter table supply_liability drop constraint supply_liability_no_gap;
alter table supply_liability drop constraint supply_liability_no_overlap;
alter table supply_account drop constraint supply_account_no_overlap;
drop sequence supply_account_number;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("kernel", "0001_initial"),
        ("customers", "0001_initial"),
        ("premises", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("number", models.TextField(unique=True)),
                ("opened_on", models.DateField()),
                ("closed_on", models.DateField(null=True)),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="premises.unit"
                    ),
                ),
            ],
            options={
                "db_table": "supply_account",
            },
        ),
        migrations.CreateModel(
            name="Liability",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("capacity", models.TextField()),
                ("vacancy", models.TextField(null=True)),
                ("agreement", models.TextField(default="")),
                ("from_day", models.DateField()),
                ("until_day", models.DateField(null=True)),
                ("previous_until", models.DateField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="supply.account"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "db_table": "supply_liability",
            },
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("role", models.TextField()),
                ("from_day", models.DateField()),
                ("until_day", models.DateField(null=True)),
                ("agreement", models.TextField(default="")),
                ("takes_back", models.BooleanField(default=False)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="supply.account"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="customers.customer"
                    ),
                ),
            ],
            options={
                "db_table": "supply_party",
            },
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_on__isnull", True),
                    ("closed_on__gt", models.F("opened_on")),
                    _connector="OR",
                ),
                name="supply_account_lasts",
            ),
        ),
        migrations.AddConstraint(
            model_name="liability",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("capacity", "vacant"),
                        ("customer__isnull", True),
                        (
                            "vacancy__in",
                            [
                                "not_occupied",
                                "under_construction",
                                "owner_unknown",
                                "closed_by_order",
                                "demolished",
                            ],
                        ),
                    ),
                    models.Q(
                        ("capacity__in", ["owner", "tenant", "landlord"]),
                        ("customer__isnull", False),
                        ("vacancy__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="supply_liability_explained",
            ),
        ),
        migrations.AddConstraint(
            model_name="liability",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until_day__isnull", True),
                    ("until_day__gt", models.F("from_day")),
                    _connector="OR",
                ),
                name="supply_liability_lasts",
            ),
        ),
        migrations.AddConstraint(
            model_name="liability",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("previous_until__isnull", True),
                    ("previous_until", models.F("from_day")),
                    _connector="OR",
                ),
                name="supply_liability_follows",
            ),
        ),
        migrations.AddConstraint(
            model_name="liability",
            constraint=models.UniqueConstraint(
                fields=("account", "until_day"), name="supply_liability_one_end"
            ),
        ),
        migrations.AddConstraint(
            model_name="liability",
            constraint=models.UniqueConstraint(
                condition=models.Q(("previous_until__isnull", True)),
                fields=("account",),
                name="supply_liability_one_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["owner", "tenant", "beneficiary"])),
                name="supply_party_role_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until_day__isnull", True),
                    ("until_day__gt", models.F("from_day")),
                    _connector="OR",
                ),
                name="supply_party_lasts",
            ),
        ),
        migrations.RunSQL(RULES, RULES_BACK),
    ]
