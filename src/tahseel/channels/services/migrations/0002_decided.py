"""What was paid for does not lapse: it is referred to a supervisor, who prolongs or closes it."""

from django.db import migrations, models

BEFORE = ["applied", "studied", "quoted", "paid", "failed", "passed"]
ENDS = ["energised", "removal_due", "removed", "refused", "withdrawn", "expired"]
# What nobody knows any more: waiting for the applicant again, or ended as if by the applicant.
BACK = """
update services_application set state = 'failed' where state = 'referred';
update services_application set state = 'withdrawn' where state = 'closed';
set constraints all immediate;
"""


def known(states: list[str]) -> models.CheckConstraint:
    return models.CheckConstraint(
        name="services_state_known", condition=models.Q(("state__in", states))
    )


def one_open(states: list[str]) -> models.UniqueConstraint:
    return models.UniqueConstraint(
        fields=("unit", "service"),
        name="services_one_open",
        condition=models.Q(("state__in", sorted(states))),
    )


class Migration(migrations.Migration):
    dependencies = [("services", "0001_initial")]

    operations = [
        migrations.RemoveConstraint("application", "services_state_known"),
        migrations.RemoveConstraint("application", "services_one_open"),
        migrations.RunSQL("", BACK),
        migrations.AddConstraint(
            "application",
            known([*BEFORE[:5], "referred", "passed", *ENDS, "closed"]),
        ),
        migrations.AddConstraint("application", one_open([*BEFORE, "referred"])),
    ]
