"""What the tables themselves refuse, whatever the code does."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest

pytestmark = pytest.mark.usefixtures("database")
INSERT = (
    "insert into access_user (id, username, password, kind, label_ar, label_en, is_active,"
    " created_at) values (%s, 'x', '', %s, '', '', true, now())"
)


@pytest.mark.parametrize("table", ["access_user", "access_user_role"])
def test_the_application_deletes_neither_users_nor_their_history(table: str, database: Any) -> None:
    with database.as_app() as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
        link.execute(f"delete from {table}")


@pytest.mark.parametrize("kind", ["customer", "robot"])
def test_a_customer_without_a_record_is_no_user(kind: str, database: Any) -> None:
    with database.as_app() as link:
        with pytest.raises(psycopg.errors.CheckViolation, match="access_user_kind"):
            link.execute(INSERT, [UUID(int=1), kind])
        assert link.execute("select count(*) from access_user").fetchone() == (0,)
