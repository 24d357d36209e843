"""Places against a real database: addresses in two languages, sectors that never overlap."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from tahseel.countries.kuwait import country
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import Service
from tahseel.registry.premises import operations, queries, rules
from tahseel.registry.premises.models import Area, Premises, Unit, UnitSector
from tahseel.registry.premises.values import NewPremises, NewUnit, Sector, UnitKind


def by(town, actor=None):
    return {"actor": actor or town.clerk, "at": town.at}


def test_the_areas_of_the_country_are_installed_and_installing_them_again_changes_nothing(town):
    book = rules.load_areas(Path(country.FOLDER / "areas.toml").read_bytes())

    operations.install_areas(**by(town, town.house), book=book)
    operations.install_areas(**by(town, town.house), book=book)

    assert Area.objects.count() == len(book.areas)
    assert {a.code for a in queries.areas(governorate="hawalli")} >= {"salmiya", "jabriya"}
    assert len(queries.governorates()) == 6


def test_an_address_reads_in_both_languages(town):
    place = NewPremises(town.make_id(town.at), "salmiya", "10", "5", building="12")
    unit = NewUnit(
        town.make_id(town.at), place.id, UnitKind.FLAT, Sector.INVESTMENT, date(2020, 1, 1),
        floor="3", number="7",
    )  # fmt: skip
    operations.add_premises(**by(town, town.head), premises=place)
    operations.add_unit(**by(town, town.head), unit=unit)

    arabic = queries.address(unit_id=unit.id, language="ar")
    english = queries.address(unit_id=unit.id, language="en")

    assert arabic == "السالمية، قطعة 10، شارع 5، مبنى 12، الدور 3، شقة 7"
    assert english == "Salmiya, block 10, street 5, building 12, floor 3, flat 7"


def test_an_address_in_an_unknown_area_or_taken_twice_is_refused_and_nothing_changes(town, leaves):
    place = NewPremises(town.make_id(town.at), "salmiya", "10", "5")
    operations.add_premises(**by(town, town.head), premises=place)
    wrong = [
        NewPremises(town.make_id(town.at), "atlantis", "1"),
        NewPremises(town.make_id(town.at), "salmiya", "10", "5"),
    ]

    for new in wrong:
        with pytest.raises(operations.PlaceRefused):
            operations.add_premises(**by(town, town.head), premises=new)

    assert Premises.objects.count() == 1
    assert [leaf["outcome"] for leaf in leaves()[-2:]] == ["refused", "refused"]


def test_a_sector_holds_until_the_day_of_the_next_one(town):
    (unit,) = town.units(1, sector=Sector.INVESTMENT)

    operations.set_sector(
        **by(town, town.head), unit_id=unit.id, sector=Sector.COMMERCIAL, from_day=date(2025, 6, 15)
    )

    before = queries.sector_on(unit_id=unit.id, day=date(2025, 6, 14))
    after = queries.sector_on(unit_id=unit.id, day=date(2025, 6, 15))
    assert (before.sector, after.sector) == (Sector.INVESTMENT, Sector.COMMERCIAL)
    june = queries.sectors_in(unit_ids=[unit.id], period=BillingMonth(2025, 6).period)[unit.id]
    july = queries.sectors_in(unit_ids=[unit.id], period=BillingMonth(2025, 7).period)[unit.id]
    assert (len(june), len(july)) == (2, 1)


def test_a_sector_that_would_overlap_is_refused_with_the_facts(town, leaves):
    (unit,) = town.units(1, from_day=date(2025, 1, 1))

    with pytest.raises(operations.SectorOverlap) as refusal:
        operations.set_sector(
            **by(town, town.head), unit_id=unit.id, sector=Sector.PRIVATE, from_day=date(2025, 1, 1)
        )
    with pytest.raises(operations.UnitUnknown):
        operations.set_sector(
            **by(town, town.head), unit_id=town.make_id(town.at), sector=Sector.PRIVATE,
            from_day=date(2025, 1, 1),
        )  # fmt: skip

    assert refusal.value.facts == {"sector": "investment", "from_day": "2025-01-01"}
    assert UnitSector.objects.count() == 1
    assert leaves()[-2]["facts"]["code"] == "sector_overlap"


def test_the_database_itself_refuses_two_sectors_on_one_day(town):
    (unit,) = town.units(1)

    with pytest.raises(IntegrityError), transaction.atomic():
        UnitSector.objects.create(
            id=town.make_id(town.at), unit_id=unit.id, sector="private",
            from_day=date(2020, 1, 1), until_day=date(2020, 2, 1),
        )  # fmt: skip

    assert UnitSector.objects.filter(unit_id=unit.id).count() == 1


def test_a_unit_may_get_a_second_point_of_one_service_but_not_the_same_twice(town):
    (unit,) = town.units(1)
    given = {**by(town, town.head), "unit_id": unit.id, "service": Service.ELECTRICITY}

    operations.add_service_point(**given, id=town.make_id(town.at), number=2)
    with pytest.raises(operations.PlaceRefused):
        operations.add_service_point(**given, id=town.make_id(town.at), number=2)

    points = queries.service_points(unit_ids=[unit.id])[unit.id]
    assert [(p.service, p.number) for p in points] == [
        (Service.ELECTRICITY, 1), (Service.ELECTRICITY, 2), (Service.WATER, 1),
    ]  # fmt: skip


def test_a_batch_with_one_bad_row_is_refused_whole(town):
    place = NewPremises(town.make_id(town.at), "salmiya", "1")
    unit = NewUnit(
        town.make_id(town.at), town.make_id(town.at), UnitKind.SHOP, Sector.COMMERCIAL,
        date(2020, 1, 1),
    )  # fmt: skip

    with pytest.raises(operations.PlaceRefused):
        operations.add_many(**by(town, town.house), batch="bad", premises=[place], units=[unit])

    assert not Premises.objects.exists()
    assert not Unit.objects.exists()
