"""The size of a meter, by which some price books charge."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("meters", "0004_behind")]
    operations = [
        migrations.AddField("meter", "size", models.TextField(default="", db_default="")),
    ]
