"""An assumption says by which transfer of the ledger its debt has moved."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("supply", "0006_struck")]

    operations = [
        migrations.AddField("assumption", "moved_by", models.UUIDField(null=True)),
        migrations.AddField("assumption", "moved_fils", models.BigIntegerField(default=0)),
        migrations.AddConstraint(
            "assumption",
            models.CheckConstraint(
                name="supply_assumption_moves_once",
                condition=Q(moved_by=None, moved_fils=0)
                | Q(
                    moved_by__isnull=False,
                    moved_fils__gt=0,
                    moved_fils__lte=F("amount_fils"),
                    withdrawn_at=None,
                ),
            ),
        ),
    ]
