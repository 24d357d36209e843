"""Functions that run as the owner look at a session's own temporary tables last.

A path that does not name `pg_temp` is searched from there: a table that the application's role made
for itself could stand for the list of statements that `app_take_on_put_back` runs as the owner.
"""

from django.db import migrations

FUNCTIONS = (
    "app_take_on_analyse()",
    "app_take_on_refuse_bare()",
    "app_take_on_tables()",
    "app_take_on_all_empty()",
    "app_take_on_note_bare()",
    "app_take_on_lay_bare()",
    "app_take_on_put_back()",
)


def _path(names: str) -> str:
    return "\n".join(f"alter function {each} set search_path = {names};" for each in FUNCTIONS)


class Migration(migrations.Migration):
    dependencies = [("app", "0003_barer")]
    operations = [migrations.RunSQL(_path("public, pg_temp"), _path("public"))]
