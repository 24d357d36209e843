"""A claim follows its debtor when two records of one person are merged; nothing else of it does."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("claims", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "grant update (customer_id) on claims_claim to tahseel_app",
            "revoke update (customer_id) on claims_claim from tahseel_app",
        )
    ]
