"""The first take-on of all: indexes are built and keys proved once over all rows, not row by row.

Inside the loading's transaction the database's own function takes secondary indexes, foreign keys,
unique and exclusion constraints off tables that are all empty, and puts them back behind the rows.
While anything is off, the transaction cannot commit: a trigger of the database sees to that. A
registry with rows keeps everything as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

from tahseel.kernel import bulk
from tahseel.kernel.errors import Refusal

Progress = Callable[[str, int], object]


class RuleBroken(Refusal):
    """The rows together break a rule of the database: nothing is taken on."""

    code = "take_on_rule_broken"
    text_ar = "تخالف البيانات قاعدة من قواعد قاعدة البيانات ({rule})، ولم يرحل شيء"
    text_en = "The rows break a rule of the database ({rule}); nothing was taken on"


@contextmanager
def laid(progress: Progress) -> Iterator[bool]:
    """Inside, empty tables are bare; True where that is so. Raises RuleBroken at the end."""
    with connection.cursor() as cursor:
        cursor.execute("select app_take_on_lay_bare()")
        is_bare = cursor.fetchone() == (True,)
    if not is_bare:
        yield False
        return
    with bulk.settling_later():
        yield True
    progress("indexes and keys", 0)
    try:
        with connection.cursor() as cursor:
            cursor.execute("select app_take_on_put_back()")
    except bulk.BROKEN_RULES as broken:
        raise RuleBroken(rule=bulk.rule_broken(broken)) from broken
