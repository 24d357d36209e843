"""What the slice announces. No event carries a name or an identifier of a person."""

from __future__ import annotations

from datetime import date, datetime

from tahseel.kernel import outbox

SILENT = "feeds:registry:silent"
DIFFERS = "feeds:day:differs"
PARKED = "feeds:record:parked"


def silent(*, registry: str, newest_on: date | None, at: datetime) -> None:
    """Nothing new has come from a registry for longer than it is ever quiet."""
    facts = {"newest_on": newest_on.isoformat() if newest_on else None}
    outbox.announce(name=SILENT, subject=registry, at=at, facts=facts)


def differs(*, registry: str, day: date, differences: tuple[str, ...], at: datetime) -> None:
    """A day's records are not the ones that the registry says it published."""
    facts = {"day": day.isoformat(), "differences": list(differences)}
    outbox.announce(name=DIFFERS, subject=registry, at=at, facts=facts)


def parked(*, record_id: str, registry: str, kind: str, reason: str, at: datetime) -> None:
    """A record waits for somebody, and says why."""
    facts = {"registry": registry, "kind": kind, "reason": reason}
    outbox.announce(name=PARKED, subject=record_id, at=at, facts=facts)
