"""Records with every field spoilt in every way, signed as if all were well: each is parked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.integration.registry.feeds.conftest import AT, Feeds
from tests.integration.registry.feeds.test_feeds import died_on, standings

from tahseel.registry.feeds.values import Answer, Kind

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 2**31, 2**70, float("inf"), "", " ", "\0", "\ud800", "x" * 400,
    "2026-02-30", "٢٠٢٦-١١-٢٠", [], [[]], {}, {"a": "\0"}, ["death"], "%s", "'; --", "\u202e1",
)  # fmt: skip
GONE = object()


def shapes(right: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The right record with one field after another gone or odd, and things that are no record."""
    for name in right:
        for odd in (GONE, *ODD):
            yield {k: v for k, v in {**right, name: odd}.items() if v is not GONE}
    for name in right["facts"]:
        for odd in (GONE, *ODD):
            facts = {k: v for k, v in {**right["facts"], name: odd}.items() if v is not GONE}
            yield {**right, "facts": facts}
    yield {**right, "facts": {**right["facts"], "\ud800": "more", "paci_number": 7}}


def numbered(rows: Iterator[dict[str, Any]], letters: str) -> list[Any]:
    """Each under a number of its own, unless the number is what is spoilt."""
    return [
        {**row, "number": f"{letters}-{n:08d}"} if row.get("number") == letters else row
        for n, row in enumerate(rows)
    ]


def receive(registry: str, rows: list[Any]) -> int:
    from tahseel.registry.feeds import jobs, operations, queries

    after = queries.cursor(registry=registry)
    page = {"registry": registry, "after": after, "next": after, "more": False, "records": rows}
    answer = Answer(registry, f"/{registry}/records", f"after={after}", json.dumps(page).encode())
    received = operations.receive_page(
        actor=jobs.ACTOR, at=AT, registry=registry, answer=answer, after=after
    )
    return received.new


FACTS: dict[str, dict[str, Any]] = {
    "death": {"died_on": "2026-11-20", "certificate": "C-1"},
    "name": {"name_ar": "سالم فهد", "name_en": "Salem Fahd", "from_day": "2026-11-20"},
    "departure": {"left_on": "2026-11-20", "final": True},
}


@pytest.mark.parametrize("kind", [*FACTS, "title", "address"])
def test_no_shape_of_a_record_stops_the_records_beside_it(
    feeds: Feeds, kind: str, leaves: Any
) -> None:
    from simulators.registries.records import registry_of

    from tahseel.registry.feeds import jobs

    _, digits = feeds.person()
    customer, other = feeds.person()
    facts = {"civil_id": digits, **FACTS.get(kind, {})}
    if kind == "title":
        facts = {"deed": "7", "paci_number": "10000001", "from_civil_id": digits,
                 "to_civil_id": other, "from_day": "2026-11-20"}  # fmt: skip
    if kind == "address":
        facts = {"paci_number": "10000001", "area": "1", "block": "1", "street": "1",
                 "parcel": "1", "building": "1", "from_day": "2026-11-20"}  # fmt: skip
    right = {"number": "ODD", "version": 1, "kind": kind, "state": "issued",
             "published_on": "2026-11-24", "facts": facts}  # fmt: skip
    rows = [*numbered(shapes(right), "ODD"), *ODD]
    good = feeds.death(other)

    new = receive(registry_of(kind), rows)
    told = jobs.apply_waiting(at=AT, unreadable=True)
    night = feeds.night()

    assert new == len({json.dumps(row, sort_keys=True) for row in rows}) > 100
    assert "act_failed" not in {reason for _, reason in standings().values()}
    assert told["parked"] > 100
    assert (died_on(customer) is not None, night["applied"] >= 1) == (True, True)
    assert standings()[good, 1] == ("applied", "")
    assert digits not in json.dumps(leaves())
    assert Kind(kind) in jobs.rules.registries()[registry_of(kind)].kinds


def test_what_could_not_be_read_is_read_once_it_was_agreed(feeds: Feeds) -> None:
    from tahseel.registry.feeds import jobs, rules

    customer, digits = feeds.person()
    stranger = feeds.town.civil_id().digits
    agreed = dict(rules.registries())
    rules.install_registries({**agreed, "civil": replace(agreed["civil"], kinds=frozenset())})
    known, unknown = feeds.death(digits), feeds.death(stranger)
    feeds.night()
    asked = jobs.apply_waiting(at=AT)
    rules.install_registries(agreed)

    told = jobs.apply_waiting(at=AT, unreadable=True)

    assert (asked["parked"], told["applied"]) == (0, 1)
    assert died_on(customer) is not None
    assert standings()[known, 1] == ("applied", "")
    assert standings()[unknown, 1] == ("unconcerned", "")
