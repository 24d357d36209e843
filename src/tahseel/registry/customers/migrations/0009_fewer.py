"""Without indexes that nobody needs: `customers_parent` finds children."""

from django.db import migrations, models

# For beginnings of words, which nobody asks these columns for.
LIKE = """
drop index if exists customers_customer_registration_number_68e80923_like;
"""
LIKE_BACK = """
create index customers_customer_registration_number_68e80923_like
  on customers_customer (registration_number text_pattern_ops);
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0008_since")]
    operations = [
        migrations.AlterField(
            model_name="customer",
            name="parent",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=models.PROTECT,
                related_name="children",
                to="customers.customer",
            ),
        ),
        migrations.RunSQL(LIKE, LIKE_BACK),
    ]
