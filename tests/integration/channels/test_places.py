"""The screens of places: who may, what is shown, what is changed and recorded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tahseel.kernel.ids import new_id
from tahseel.registry.premises import operations as premises
from tahseel.registry.premises import queries
from tahseel.registry.premises.models import Certificate, Unit, UnitAct
from tahseel.registry.premises.values import Sector, UnitKind, UnitState

FIND = "/places/"


@pytest.fixture
def plant(world: Any) -> Any:
    (unit,) = world.town.units(
        1, kind=UnitKind.PLANT, sector=Sector.INDUSTRIAL, paci_number="15667788"
    )
    return unit


@pytest.fixture
def flats(world: Any) -> Any:
    """Two flats of one building, nobody's."""
    from tahseel.registry.premises.values import NewUnit

    (first,) = world.town.units(1, number="7")
    second = NewUnit(
        new_id(world.now), first.premises_id, UnitKind.FLAT, Sector.INVESTMENT,
        first.from_day, number="8",
    )  # fmt: skip
    premises.add_unit(actor=world.town.head, at=world.now, unit=second)
    return first, second


def page(unit: Any) -> str:
    return f"/places/units/{unit.id}/"


@pytest.mark.parametrize("username", ["exit_officer", "security_officer"])
def test_whoever_has_no_business_with_places_is_denied_and_it_is_recorded(
    sign_in: Any, plant: Any, leaves: Any, username: str
) -> None:
    client = sign_in(username)

    answers = [client.get(FIND), client.get(page(plant))]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert [leaf["outcome"] for leaf in leaves("access.open_page")[-2:]] == ["denied", "denied"]


@pytest.mark.parametrize(
    ("language", "text", "shown"),
    [
        ("en", "15667788", "Salmiya"),
        ("ar", "١٥٦٦٧٧٨٨", "السالمية"),
        ("ar", "مصنع السالمية", "مصنع"),
        ("en", "Salmiyah plant", "Industrial"),
    ],
)
def test_a_unit_is_found_in_both_scripts_and_leads_to_its_page(
    sign_in: Any, plant: Any, language: str, text: str, shown: str
) -> None:
    client = sign_in("clerk", language=language)

    found = client.get(FIND, {"q": text}).content.decode()

    assert page(plant) in found
    assert shown in found


def test_what_is_not_found_is_said(sign_in: Any, world: Any) -> None:
    client = sign_in("auditor")

    assert "No unit found" in client.get(FIND, {"q": "Salmiya block 99"}).content.decode()
    assert "No unit found" not in client.get(FIND).content.decode()
    assert client.get(f"/places/units/{new_id(world.now)}/").status_code == 404


def test_the_page_of_a_unit_shows_points_meters_sectors_and_the_account_but_no_person(
    sign_in: Any, world: Any
) -> None:
    number = world.number(world.resident)
    unit_id = Unit.objects.get(account__number=number).id

    text = sign_in("clerk").get(f"/places/units/{unit_id}/").content.decode()

    for shown in (number, "E-00001", "Electricity", "Investment", "Occupied", "Standing"):
        assert shown in text
    assert "Kumar" not in text


def test_a_certificate_is_recorded_at_the_counter_and_a_wrong_one_changes_nothing(
    sign_in: Any, plant: Any, world: Any
) -> None:
    client = sign_in("clerk")
    given = {
        "kind": "productive_factory", "number": "PAI-7",
        "valid_from": world.today.isoformat(),
        "valid_until": (world.today + timedelta(days=30)).isoformat(),
    }  # fmt: skip

    wrong = client.post(f"{page(plant)}certify/", {**given, "valid_until": "soon"})
    refused = client.post(f"{page(plant)}certify/", {**given, "kind": "productive_farm"})
    assert (wrong.status_code, refused.status_code) == (422, 422)
    assert Certificate.objects.count() == 0
    done = client.post(f"{page(plant)}certify/", given, follow=True).content.decode()

    assert "The certificate is on record." in done
    assert "Ends soon" in done
    assert "Public Authority for Industry" in done
    assert "certify" not in sign_in("auditor").get(page(plant)).content.decode()
    assert sign_in("auditor").post(f"{page(plant)}certify/", given).status_code == 403


def test_a_head_of_office_splits_a_unit_and_the_lineage_is_shown_on_both_pages(
    sign_in: Any, flats: Any, world: Any
) -> None:
    flat, _ = flats
    light, water = flat.services
    client = sign_in("office_head")
    given = {
        "on_day": world.today.isoformat(), "reference": "B/7", "number_1": "7A", "number_2": "7B",
        f"point_{light.id}": "1", f"point_{water.id}": "2",
        **{f"{what}_{part}": value for part in range(1, 5)
           for what, value in (("sector", "investment"), ("kind", "flat"))},
    }  # fmt: skip
    assert client.get(f"{page(flat)}split/").status_code == 200

    wrong = client.post(f"{page(flat)}split/", {**given, f"point_{water.id}": "3"})
    assert (wrong.status_code, UnitAct.objects.count()) == (422, 0)
    done = client.post(f"{page(flat)}split/", given, follow=True).content.decode()

    assert "The unit is split." in done
    assert done.count("It was split off from this unit") == 2
    part = Unit.objects.get(number="7A")
    assert [p.id for p in queries.service_points(unit_ids=[part.id])[part.id]] == [light.id]
    story = client.get(f"/timeline/unit/{flat.id}/").content.decode()
    assert "The unit no longer stands from" in story
    assert "B/7" in story
    theirs = client.get(f"/places/units/{part.id}/").content.decode()
    assert "This unit was split off from it" in theirs
    assert client.get(f"{page(flat)}split/").status_code == 404


def test_neighbours_are_merged_and_one_is_torn_down(sign_in: Any, flats: Any, world: Any) -> None:
    first, second = flats
    client = sign_in("office_head")
    day = world.today.isoformat()
    given = {
        "on_day": day, "reference": "B/8", "number": "7-8", "kind": "flat",
        "sector": "investment", "others": [str(second.id)],
    }  # fmt: skip

    assert client.get(f"{page(first)}merge/").status_code == 200
    client.post(f"{page(first)}merge/", given)
    whole = Unit.objects.get(number="7-8")
    future = (world.today + timedelta(days=1)).isoformat()
    late = client.post(f"/places/units/{whole.id}/demolish/", {"on_day": future, "reference": "D"})

    states = queries.units(unit_ids=[first.id, second.id, whole.id])
    assert [states[u].state for u in (first.id, second.id, whole.id)] == [
        UnitState.MERGED, UnitState.MERGED, UnitState.STANDING,
    ]  # fmt: skip
    assert len(queries.service_points(unit_ids=[whole.id])[whole.id]) == 2
    assert late.status_code == 409
    assert "the day has not come" in late.content.decode()


def test_a_unit_with_an_open_account_is_not_torn_down_and_the_page_says_why(
    sign_in: Any, world: Any, leaves: Any
) -> None:
    number = world.number(world.neighbour)
    unit = Unit.objects.get(account__number=number)
    given = {"on_day": world.today.isoformat(), "reference": "D/1"}

    answer = sign_in("office_head").post(f"/places/units/{unit.id}/demolish/", given)

    assert answer.status_code == 409
    assert number in answer.content.decode()
    assert (UnitAct.objects.count(), leaves("premises.demolish_units")[-1]["outcome"]) == (
        0, "refused",
    )  # fmt: skip
    denied = sign_in("clerk").post(f"/places/units/{unit.id}/demolish/", given)
    assert (denied.status_code, UnitAct.objects.count()) == (403, 0)


def test_who_is_behind_whose_meter_is_shown_on_both_pages(
    sign_in: Any, flats: Any, world: Any
) -> None:
    first, second = flats
    premises.supply_through(
        actor=world.town.head, at=world.now, id=new_id(world.now), unit_id=second.id,
        point_id=first.services[0].id, from_day=world.today, share=3,
    )  # fmt: skip
    client = sign_in("auditor")

    texts = [client.get(page(unit)).content.decode() for unit in flats]

    assert "It is behind the meter of this unit" in texts[0]
    assert "This unit is behind its meter" in texts[1]
    assert page(second) in texts[0]


def test_a_certificate_is_withdrawn_with_its_reason(sign_in: Any, plant: Any, world: Any) -> None:
    paper = premises.record_certificate(
        actor=world.town.clerk, at=world.now, id=new_id(world.now), unit_id=plant.id,
        kind="productive_factory", number="PAI-9",
        valid_from=world.today - timedelta(days=90), valid_until=None,
    )  # fmt: skip
    client = sign_in("office_head", language="ar")
    address = f"/places/certificates/{paper.id}/withdraw/"
    assert "سحب الشهادة" in client.get(address).content.decode()

    done = client.post(
        address, {"on_day": world.today.isoformat(), "reason": "توقف الإنتاج"}, follow=True
    )

    assert "مسحوبة" in done.content.decode()
    assert "توقف الإنتاج" in done.content.decode()
    assert not queries.sector_on(unit_id=plant.id, day=world.today).productive_on(world.today)


def test_a_meters_life_is_shown_with_places_dials_ratios_seals_and_stores(
    sign_in: Any, world: Any
) -> None:
    from tahseel.kernel.ids import new_id as made
    from tahseel.registry.meters import operations as meters
    from tahseel.registry.meters import queries as known
    from tahseel.registry.meters.values import NewSeal, SealFound

    by = {"actor": world.town.officer, "at": world.now}
    meter = known.meters_by_serial(serials=["E-00001"])["E-00001"]
    meters.change_multipliers(
        actor=world.town.engineer, at=world.now, id=made(world.now), meter_id=meter.id,
        day=world.today, dials={"1.8.0": "70123"}, multipliers={"1.8.0": 60},
    )  # fmt: skip
    meters.fix_seal(
        **by, seal=NewSeal(made(world.now), meter.id, "SL-77", world.today - timedelta(days=9))
    )
    meters.remove_seal(
        **by, number="SL-77", on_day=world.today, found=SealFound.BROKEN, reference="visit"
    )
    address = f"/places/meters/{meter.id}/"

    english = sign_in("auditor").get(address).content.decode()
    arabic = sign_in("clerk", language="ar").get(address).content.decode()

    for shown in ("E-00001", "Salmiya", "70123", ">60<", "changed there", "SL-77", "Broken"):
        assert shown in english
    assert "kWh" in english
    assert "مكسور" in arabic
    assert "معامل الضرب" in arabic
    assert sign_in("exit_officer").get(address).status_code == 403
    assert sign_in("clerk").get(f"/places/meters/{made(world.now)}/").status_code == 404
