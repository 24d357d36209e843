"""More roles on an account: payer, occupant, proxy and heir; and estates that are liable."""

import django.db.models.deletion
from django.db import migrations, models

ONE_PAYER = """
alter table supply_party add constraint supply_party_one_payer
  exclude using gist (account_id with =, daterange(from_day, until_day) with &&)
  where (role = 'payer');
"""
ONE_PAYER_BACK = "alter table supply_party drop constraint supply_party_one_payer;"


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0001_initial"),
        ("supply", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="liability",
            name="supply_liability_explained",
        ),
        migrations.RemoveConstraint(
            model_name="party",
            name="supply_party_role_known",
        ),
        migrations.AddField(
            model_name="party",
            name="principal",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.customer",
            ),
        ),
        migrations.AddField(
            model_name="party",
            name="share_parts",
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name="party",
            name="share_whole",
            field=models.IntegerField(null=True),
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
                        ("vacancy__isnull", False),
                    ),
                    models.Q(
                        ("capacity__in", ["owner", "tenant", "landlord", "estate"]),
                        ("customer__isnull", False),
                        ("vacancy__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="supply_liability_explained",
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "role__in",
                        ["owner", "tenant", "payer", "beneficiary", "occupant", "proxy", "heir"],
                    )
                ),
                name="supply_party_role_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("principal__isnull", False),
                        ("role", "proxy"),
                        ("until_day__isnull", False),
                        models.Q(("agreement", ""), _negated=True),
                    ),
                    models.Q(
                        ("principal__isnull", False),
                        ("role", "heir"),
                        models.Q(("agreement", ""), _negated=True),
                    ),
                    models.Q(
                        ("principal__isnull", True),
                        ("role__in", ["beneficiary", "occupant", "owner", "payer", "tenant"]),
                    ),
                    _connector="OR",
                ),
                name="supply_party_acts_for_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("role", "heir"),
                        ("share_parts__gt", 0),
                        ("share_parts__isnull", False),
                        ("share_whole__gte", models.F("share_parts")),
                        ("share_whole__isnull", False),
                    ),
                    models.Q(
                        models.Q(("role", "heir"), _negated=True),
                        ("share_parts__isnull", True),
                        ("share_whole__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="supply_party_share",
            ),
        ),
        migrations.RunSQL(ONE_PAYER, ONE_PAYER_BACK),
    ]
