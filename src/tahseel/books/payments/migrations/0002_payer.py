"""The payments of a payer are found without reading all of them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "create index payments_payment_payer on payments_payment (customer_id)",
            "drop index payments_payment_payer",
        )
    ]
