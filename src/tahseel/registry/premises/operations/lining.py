"""Puts units on record whose rows the database makes, with sectors, certificates and points."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.idempotency import input_hash
from tahseel.registry.premises import certificates, events, rules
from tahseel.registry.premises.operations.adding import (
    CertificateDoesNotFit,
    refusing,
    require_address_number,
    store,
)
from tahseel.registry.premises.values import NewPremises
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note

FETCH = 10_000
_UNIT = ("id", "premises_id", "kind", "floor", "number", "paci_number")
_SECTOR = ("id", "unit_id", "sector", "dwellings", "from_day")
_PAPER = ("id", "unit_id", "kind", "number", "valid_from", "valid_until")
_POINT = ("id", "unit_id", "service", "number")
_NUMBERS = "select u.paci_number from ({units}) as u where u.paci_number is not null"
_KINDS = """
select p.id, p.unit_id, k.kind, p.number, p.valid_from, p.valid_until
from ({papers}) as p left join unnest(%(kinds)s::text[], %(sectors)s::text[]) as k (kind, sector)
  on k.sector = p.sector
"""


@audited("premises.add_lines", subject="batch")
def add_lines(
    *,
    actor: Actor,
    at: datetime,
    batch: str,
    premises: Sequence[NewPremises],
    units: bulk.Lines,
    sectors: bulk.Lines,
    papers: bulk.Lines,
    points: bulk.Lines,
) -> int:
    """`add_many` with units that the database makes, all or none; how many units.

    units: id, premises_id, kind, floor, number, paci_number, their parts as they are kept;
    sectors: id, unit_id, sector, dwellings, from_day; papers: id, unit_id, sector, number,
    valid_from, valid_until; points: id, unit_id, service, number. The log keeps the counts and
    SHA-256s of the rows. Raises PlaceRefused, AddressNumberInvalid, CertificateDoesNotFit.
    """
    require_duty(actor, "premises.add_lines")
    _require_numbers(units)
    kinds = _with_kinds(papers)
    store(at, premises, [])
    fixed: dict[str, bulk.Value] = {"state": str(rules.UNIT.initial), "added_at": at}
    with refusing():
        count = bulk.insert_lines(table="premises_unit", columns=_UNIT, lines=units, **fixed)
        bulk.insert_lines(table="premises_unit_sector", columns=_SECTOR, lines=sectors)
        bulk.insert_lines(
            table="premises_certificate", columns=_PAPER, lines=kinds, withdrawn="", recorded_at=at
        )
        bulk.insert_lines(table="premises_service_point", columns=_POINT, lines=points)
    digest = input_hash({"premises": list(premises), "units": bulk.digest(units)}).hex()
    note(count=count, premises=len(premises), digest=digest)
    events.batch_added(batch=batch, count=count + len(premises), digest=digest, at=at)
    return count


def _require_numbers(units: bulk.Lines) -> None:
    """Raises AddressNumberInvalid."""
    statement = _NUMBERS.format(units=units.statement)
    with connection.connection.cursor(name="premises_numbers") as cursor:
        cursor.itersize = FETCH
        for (number,) in cursor.execute(statement, units.values):
            require_address_number(number)


def _with_kinds(papers: bulk.Lines) -> bulk.Lines:
    """The papers with the certificate of their sector. Raises CertificateDoesNotFit."""
    kinds = certificates.policy().kinds.values()
    values: dict[str, bulk.Value] = {
        **papers.values,
        "kinds": [kind.code for kind in kinds],  # type: ignore[dict-item]
        "sectors": [str(kind.sector) for kind in kinds],  # type: ignore[dict-item]
    }
    statement = _KINDS.format(papers=papers.statement)
    with connection.cursor() as cursor:
        cursor.execute(
            f"select p.sector from ({papers.statement}) as p"  # noqa: S608 - our words
            " where p.sector <> all(%(sectors)s::text[]) limit 1",
            values,
        )
        if (row := cursor.fetchone()) is not None:
            raise CertificateDoesNotFit(sector=row[0])
    return bulk.Lines(statement, values)
