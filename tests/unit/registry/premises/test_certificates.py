"""What certificates do to the sectors of a unit, against a day-by-day reference."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.countries.kuwait import country
from tahseel.registry.premises import certificates
from tahseel.registry.premises.values import CertificateView, Sector, SectorSpan

ONE = UUID(int=1)
START = date(2025, 1, 1)
FACTORY, FARM = "productive_factory", "productive_farm"
LONG = 40


def day(number: int | None) -> date | None:
    return None if number is None else START + timedelta(days=number)


def following(limits: list[int], open_end: bool) -> list[tuple[int, int | None]]:
    """Spans one after another between sorted limits, the last one open where asked."""
    ends: list[int | None] = [*limits[1:]]
    return list(zip(limits, [*ends, None] if open_end else ends, strict=False))


LIMITS = st.lists(st.integers(0, LONG), min_size=1, max_size=6, unique=True).map(sorted)
SECTORS = st.sampled_from([Sector.INDUSTRIAL, Sector.AGRICULTURAL, Sector.COMMERCIAL])


@given(LIMITS, st.lists(SECTORS, min_size=6, max_size=6), LIMITS, st.booleans(), st.data())
def test_a_unit_is_productive_on_the_days_of_a_certificate_of_its_sector_and_on_no_other(
    limits, sectors, cuts, open_end, data
):
    spans = [
        SectorSpan(ONE, sector, 1, None, None, day(begin), day(end))
        for sector, (begin, end) in zip(sectors, following(limits, open_end), strict=False)
    ]
    kinds = data.draw(st.lists(st.sampled_from([FACTORY, FARM]), min_size=6, max_size=6))
    papers = [
        CertificateView(UUID(int=n), ONE, kind, f"N{n}", day(begin), day(end))
        for n, (kind, (begin, end)) in enumerate(zip(kinds, following(cuts, True), strict=False))
    ]

    pieces = certificates.certified(spans, papers)

    for number in range(LONG + 5):
        on = day(number)
        sector = next((s for s in spans if _holds(s, on)), None)
        found = [p for p in pieces if _holds(p, on)]
        assert len(found) == (sector is not None)
        if sector is None:
            continue
        paper = next((c for c in papers if on in c and _sector_of(c.kind) == sector.sector), None)
        assert found[0].sector == sector.sector
        assert found[0].productive_on(on) is (paper is not None)
        assert found[0].certificate == (paper.number if paper else None)


def _holds(span: SectorSpan, on: date) -> bool:
    return span.from_day <= on and (span.until_day is None or on < span.until_day)


def _sector_of(kind: str) -> Sector:
    return {FACTORY: Sector.INDUSTRIAL, FARM: Sector.AGRICULTURAL}[kind]


def test_kuwait_knows_who_certifies_a_factory_and_who_a_farm():
    policy = certificates.load_policy(country.content("certificates"))

    assert {kind.sector for kind in policy.kinds.values()} == {
        Sector.INDUSTRIAL, Sector.AGRICULTURAL,
    }  # fmt: skip
    assert policy.kinds[FACTORY].issuer("en") == "Public Authority for Industry"
    facts = {"name": "a", "number": "b", "address": "c", "account": "d", "day": "e", "issuer": "f"}
    for letter in (policy.warning, policy.fallback):
        for text in (letter.subject_ar, letter.subject_en, letter.body_ar, letter.body_en):
            assert "{" not in text.format(**facts)


@pytest.mark.parametrize(
    ("number", "until", "believed"),
    [
        ("PAI-2041", date(2027, 1, 1), True),
        ("PAI-2041", None, True),
        ("PAI-2041", date(2025, 1, 1), False),
        ("PAI-2041", date(2030, 1, 2), False),
        ("", date(2027, 1, 1), False),
        ("PAI 2041 <b>", date(2027, 1, 1), False),
    ],
)
def test_a_certificate_is_believed_within_the_forms_and_the_terms_of_its_kind(
    number, until, believed
):
    kind = certificates.load_policy(country.content("certificates")).kinds[FACTORY]

    assert certificates.believable(kind, number, START, until) is believed


def test_a_policy_that_warns_on_no_day_is_refused():
    wrong = country.content("certificates").replace(b"days_before = 60", b"days_before = 0")

    with pytest.raises(ValueError, match="days_before"):
        certificates.load_policy(wrong)
