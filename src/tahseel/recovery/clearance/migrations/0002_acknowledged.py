"""When a partner acknowledged a release."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clearance", "0001_initial")]
    operations = [
        migrations.AddField("release", "acknowledged_at", models.DateTimeField(null=True)),
    ]
