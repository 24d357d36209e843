"""An id that the database derives is the one that we derive."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tahseel.kernel.ids import derived_id, derived_id_in_sql

pytestmark = pytest.mark.usefixtures("database")
WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=80)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(parent=st.uuids(), parts=st.lists(WORDS, min_size=1, max_size=3))
def test_the_database_derives_the_same_id(parent: UUID, parts: list[str]) -> None:
    expression = derived_id_in_sql("%(parent)s::uuid", "%(said)s::text")

    with connection.cursor() as cursor:
        cursor.execute(f"select {expression}", {"parent": parent, "said": "\x1f".join(parts)})
        row = cursor.fetchone()

    assert row == (derived_id(parent, *parts),)
