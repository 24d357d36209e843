"""Names found by tier: spelt so, begun so, sounding so, and one slip of the hand away."""

from django.db import migrations, models

from tahseel.registry.customers import rules

KEYS = """
alter table customers_customer add column search_en text collate "C" not null default '';
alter table customers_customer add column search_tail text collate "C" not null default '';
drop index customers_search_ar;
drop index customers_search;
alter table customers_customer drop column search;
alter table customers_customer alter column search_ar type text collate "C";
alter table customers_customer alter column search_skeleton type text collate "C";
alter table customers_customer add column search tsvector generated always as (
  array_to_tsvector(array_remove(string_to_array(search_skeleton, ' '), ''))
) stored;
create index customers_search on customers_customer using gin (search);
create index customers_search_ar on customers_customer (search_ar, id);
create index customers_search_en on customers_customer (search_en, id);
create index customers_search_sound on customers_customer (search_skeleton, id);
create index customers_search_tail on customers_customer (search_tail, id);
"""
KEYS_BACK = """
drop index customers_search_tail;
drop index customers_search_sound;
drop index customers_search_en;
drop index customers_search_ar;
drop index customers_search;
alter table customers_customer drop column search;
alter table customers_customer alter column search_skeleton type text collate "default";
alter table customers_customer alter column search_ar type text collate "default";
alter table customers_customer add column search tsvector generated always as (
  array_to_tsvector(array_remove(string_to_array(search_skeleton, ' '), ''))
) stored;
create index customers_search on customers_customer using gin (search);
create index customers_search_ar on customers_customer (search_ar text_pattern_ops);
alter table customers_customer drop column search_tail;
alter table customers_customer drop column search_en;
"""

# Sound words that occur, each under itself and under itself without one letter.
WORDS = """
create table customers_sound_word (
  variant text collate "C" not null,
  word text collate "C" not null,
  primary key (variant, word)
);
revoke update, delete, truncate on customers_sound_word from tahseel_app;
"""
WORDS_BACK = "drop table customers_sound_word;"


def fill(apps, schema_editor):
    """Keys of the names that are stored already, and their words."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("select id, name_ar, name_en from customers_customer")
        words = set()
        for customer_id, name_ar, name_en in cursor.fetchall():
            fields = rules.search_fields(name_ar, name_en)
            words.update(fields.sounds.split())
            cursor.execute(
                "update customers_customer set search_ar = %s, search_en = %s,"
                " search_skeleton = %s, search_tail = %s where id = %s",
                [fields.key_ar, fields.key_en, fields.sounds, fields.tail, customer_id],
            )
        pairs = [(variant, word) for word in words for variant in rules.variants(word)]
        cursor.executemany(
            "insert into customers_sound_word (variant, word) values (%s, %s)", pairs
        )


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [
        migrations.RunSQL(
            KEYS,
            KEYS_BACK,
            state_operations=[
                migrations.AddField(
                    "customer", "search_en", models.TextField(db_collation="C", default="")
                ),
                migrations.AddField(
                    "customer", "search_tail", models.TextField(db_collation="C", default="")
                ),
                migrations.AlterField("customer", "search_ar", models.TextField(db_collation="C")),
                migrations.AlterField(
                    "customer", "search_skeleton", models.TextField(db_collation="C")
                ),
            ],
        ),
        migrations.RunSQL(WORDS, WORDS_BACK),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
