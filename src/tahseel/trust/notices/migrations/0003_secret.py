"""What only the recipient of a message reads waits sealed beside it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notices", "0002_dispatch")]
    operations = [
        migrations.AddField("dispatch", "secret_cipher", models.BinaryField(null=True)),
    ]
