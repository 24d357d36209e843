"""Places found by the sound of their names and by the beginning of their automatic number."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from tahseel.registry.premises import rules

PARTS = ("block", "street", "parcel", "building")
INDEXES = """
create index premises_unit_paci_starts on premises_unit (paci_number text_pattern_ops);
create index premises_named on premises_premises using gin (string_to_array(sound, ' '))
  where sound <> '';
"""
INDEXES_BACK = """
drop index premises_named;
drop index premises_unit_paci_starts;
"""


def sound_out(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Give the places on record the sound of their names; numbers alone have none."""
    places = apps.get_model("premises", "Premises").objects.using(editor.connection.alias)
    numbers = {f"{part}__regex": r"^\d*$" for part in PARTS}
    for row in places.exclude(**numbers):
        row.sound = rules.name_sound(*(getattr(row, part) for part in PARTS))
        row.save(update_fields=["sound"])


class Migration(migrations.Migration):
    dependencies = [("premises", "0001_initial")]

    operations = [
        migrations.AddField("premises", "sound", models.TextField(default="")),
        migrations.RunPython(sound_out, migrations.RunPython.noop),
        migrations.RunSQL(INDEXES, INDEXES_BACK),
    ]
