"""A first take-on builds every primary key of its tables behind the rows: no step looks rows up.

What later steps look up, disputes by claim or plans by account, they look up behind the keys.
"""

from importlib import import_module

from django.db import migrations

_barer = import_module("tahseel.app.migrations.0003_barer")
_ALL = "contype in ('u', 'x', 'p')"


def _note(kinds: str) -> str:
    made: str = _barer._NOTE.replace("{kinds}", kinds)
    return made + "alter function app_take_on_note_bare() set search_path = public, pg_temp;"


class Migration(migrations.Migration):
    dependencies = [("app", "0004_owner_first")]
    operations = [migrations.RunSQL(_note(_ALL), _note(_barer._KEYS))]
