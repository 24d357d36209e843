"""Areas from data, addresses in words, sectors by day, without a database."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from tahseel.countries.kuwait import country
from tahseel.registry.premises import rules
from tahseel.registry.premises.values import (
    AddressParts,
    Area,
    Sector,
    SectorSpan,
    UnitKind,
)

ONE = UUID(int=1)
GOVERNORATE = b'[[governorate]]\ncode = "hawalli"\nname_ar = "a"\nname_en = "b"\n'
AREA = b'[[area]]\ncode = "salmiya"\ngovernorate = "hawalli"\nname_ar = "a"\nname_en = "b"\n'


def test_kuwait_has_six_governorates_each_with_areas_in_both_languages():
    book = rules.load_areas(Path(country.FOLDER / "areas.toml").read_bytes())

    assert len(book.governorates) == 6
    assert {area.governorate for area in book.areas} == {g.code for g in book.governorates}
    assert all(area.name_ar and area.name_en for area in book.areas)
    assert next(a for a in book.areas if a.code == "salmiya").governorate == "hawalli"


@pytest.mark.parametrize(
    "toml",
    [
        GOVERNORATE + AREA + AREA,
        GOVERNORATE + AREA.replace(b"hawalli", b"atlantis"),
        GOVERNORATE + AREA.replace(b'"salmiya"', b'"Salmiya!"'),
    ],
)
def test_wrong_area_data_is_refused(toml):
    with pytest.raises(ValueError, match=r"area|governorate|code"):
        rules.load_areas(toml)


@pytest.mark.parametrize(
    ("kind", "arabic", "english"),
    [
        (UnitKind.FLAT, "السالمية، قطعة 2، شقة 7", "Salmiya, block 2, flat 7"),
        (UnitKind.SHOP, "السالمية، قطعة 2، محل 7", "Salmiya, block 2, shop 7"),
    ],
)
def test_an_address_leaves_out_what_is_empty(kind, arabic, english):
    parts = AddressParts(
        Area("salmiya", "hawalli", "السالمية", "Salmiya"), "2", "", "", "", "", "7", kind
    )

    assert rules.address_text(parts, "ar") == arabic
    assert rules.address_text(parts, "en-gb") == english


def test_a_span_holds_its_first_day_and_not_its_last():
    days = [date(2025, 1, 1), date(2025, 6, 1), date(2025, 9, 1)]
    first = SectorSpan(ONE, Sector.PRIVATE, 1, None, None, days[0], days[1])
    second = SectorSpan(ONE, Sector.COMMERCIAL, 1, None, None, days[1], None)

    found = [rules.span_on([first, second], day) for day in (*days, date(2024, 12, 31))]

    assert found == [first, second, second, None]


@pytest.mark.parametrize(
    ("sector", "certificate", "until", "productive"),
    [
        (Sector.INDUSTRIAL, "PAI-1", date(2025, 6, 2), True),
        (Sector.INDUSTRIAL, "PAI-1", date(2025, 6, 1), False),
        (Sector.INDUSTRIAL, None, None, False),
        (Sector.AGRICULTURAL, "PAAAFR-1", None, True),
        (Sector.COMMERCIAL, "PAI-1", None, False),
    ],
)
def test_a_certificate_makes_a_factory_or_farm_productive_until_it_expires(
    sector, certificate, until, productive
):
    span = SectorSpan(ONE, sector, 1, certificate, until, date(2025, 1, 1), None)

    assert span.productive_on(date(2025, 6, 1)) is productive
