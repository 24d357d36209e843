"""A deposit follows its holder when two records of one person are merged."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("deposits", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "grant update (customer_id) on deposits_deposit, deposits_proposal to tahseel_app",
            "revoke update (customer_id) on deposits_deposit, deposits_proposal from tahseel_app",
        )
    ]
