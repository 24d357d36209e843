"""Without indexes that nobody needs: `supply_liability_one_end` begins with the account."""

from django.db import migrations, models

# For beginnings of words, which nobody asks these columns for.
LIKE = """
drop index if exists supply_account_number_c8b0358d_like;
"""
LIKE_BACK = """
create index supply_account_number_c8b0358d_like
  on supply_account (number text_pattern_ops);
"""


class Migration(migrations.Migration):
    dependencies = [("supply", "0007_moved")]
    operations = [
        migrations.AlterField(
            model_name="liability",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=models.PROTECT,
                to="supply.account",
            ),
        ),
        migrations.RunSQL(LIKE, LIKE_BACK),
    ]
