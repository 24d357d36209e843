"""Denied means refused, unchanged, unsent and audited: a slice's tables held against an act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import connection

from tahseel.kernel.errors import Refusal
from tahseel.trust.audit import queries as audit


@dataclass(frozen=True)
class Watched:
    """Tables in which nothing may come or go, from an instant on."""

    since: datetime
    tables: tuple[str, ...]

    def rows(self) -> list[int]:
        with connection.cursor() as cursor:
            return [
                cursor.execute(f"select count(*) from {table}").fetchone()[0]  # type: ignore[union-attr]
                for table in self.tables
            ]

    def expect_denied(self, act: Callable[[], object], refusal: type[Refusal], action: str) -> None:
        """Refused, unchanged, unsent, audited."""
        before = self.rows()

        with pytest.raises(refusal):
            act()

        assert self.rows() == before
        until = self.since + timedelta(days=1)
        told = audit.leaves_between(since=self.since, until=until, action=action)
        kept = {one["outcome"] for one in told if refusal.code in str(one["facts"])}
        assert kept <= {"refused", "denied"}
        assert kept
