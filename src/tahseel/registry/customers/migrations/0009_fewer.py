"""Without indexes that nobody needs: `customers_parent` finds children.

By name, because altering the field would take `customers_parent` off as well.
"""

from django.db import migrations, models

FEWER = """
drop index customers_customer_parent_id_7e55028b;
-- For beginnings of words, which nobody asks this column for.
drop index if exists customers_customer_registration_number_68e80923_like;
"""
MORE = """
create index customers_customer_parent_id_7e55028b on customers_customer (parent_id);
create index customers_customer_registration_number_68e80923_like
  on customers_customer (registration_number text_pattern_ops);
"""
PARENT = models.ForeignKey(
    db_index=False,
    null=True,
    on_delete=models.PROTECT,
    related_name="children",
    to="customers.customer",
)


class Migration(migrations.Migration):
    dependencies = [("customers", "0008_since")]
    operations = [
        migrations.RunSQL(
            FEWER,
            MORE,
            state_operations=[
                migrations.AlterField(model_name="customer", name="parent", field=PARENT)
            ],
        )
    ]
