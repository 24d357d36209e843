"""What could not be read when it came may be read later: then it is found by person and place."""

from django.db import migrations

FOUND_BY = "person_index, place"


class Migration(migrations.Migration):
    dependencies = [("feeds", "0001_initial")]

    operations = [
        migrations.RunSQL(
            f"grant update ({FOUND_BY}) on feeds_record to tahseel_app",
            f"revoke update ({FOUND_BY}) on feeds_record from tahseel_app",
        )
    ]
