"""Without indexes that nobody needs: `supply_liability_one_end` begins with the account.

By name, because altering the field would take every index on its column off.
"""

from django.db import migrations, models

FEWER = """
drop index supply_liability_account_id_0ff8902c;
-- For beginnings of words, which nobody asks these columns for.
drop index if exists supply_account_number_c8b0358d_like;
"""
MORE = """
create index supply_liability_account_id_0ff8902c on supply_liability (account_id);
create index supply_account_number_c8b0358d_like on supply_account (number text_pattern_ops);
"""
FIELD = models.ForeignKey(db_index=False, on_delete=models.PROTECT, to="supply.account")


class Migration(migrations.Migration):
    dependencies = [("supply", "0007_moved")]
    operations = [
        migrations.RunSQL(
            FEWER,
            MORE,
            state_operations=[
                migrations.AlterField(model_name="liability", name="account", field=FIELD)
            ],
        )
    ]
