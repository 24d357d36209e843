"""The transformers are the place's: an installation may have other multipliers than the device."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("meters", "0001_initial")]

    operations = [
        migrations.AddField("installation", "multipliers", models.JSONField(default=dict)),
    ]
