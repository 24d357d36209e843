"""Seals, stores, ratios and programmes of a meter; sector and shared supply of a unit; by whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.integration.channels.test_account_parties import neighbour_of
from tests.integration.channels.world import JOB, PASSWORD

from tahseel.channels.places import devices
from tahseel.channels.places.acting import METER_ACTS, UNIT_ACTS
from tahseel.kernel import outbox
from tahseel.kernel.ids import new_id
from tahseel.registry.meters import operations as meters
from tahseel.registry.meters import queries as meters_queries
from tahseel.registry.meters.models import Meter
from tahseel.registry.meters.values import DialUnit, RegisterKind, SealFound, StockState
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply
from tahseel.trust.access import operations as access
from tahseel.trust.access.values import UserKind

Leaves = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def crew(world: Any) -> None:
    """An engineer, an inspector and a connection officer."""
    at = world.now - timedelta(days=20)
    for role in ("supply_engineer", "inspector", "connection_officer"):
        access.create_user(
            actor=JOB, at=at, id=new_id(at), username=role, password=PASSWORD,
            kind=UserKind.STAFF, label_ar="فني", label_en=role, customer_id=None, roles=(role,),
        )  # fmt: skip


def unit_of(world: Any) -> Any:
    account_id = world.accounts[world.resident]
    return supply.accounts(account_ids=[account_id])[account_id].unit_id


def point_of(world: Any) -> Any:
    unit = unit_of(world)
    return premises.service_points(unit_ids=[unit])[unit][0]


def meter_of(world: Any) -> Any:
    hung = meters_queries.installations_at(service_point_ids=[point_of(world).id])
    return hung[point_of(world).id][0].meter_id


def on(world: Any, code: str) -> str:
    return f"/places/meters/{meter_of(world)}/acts/{code}/"


def at(world: Any, code: str) -> str:
    return f"/places/units/{unit_of(world)}/acts/{code}/"


def day(world: Any, days: int = 0) -> str:
    return (world.today + timedelta(days=days)).isoformat()


@pytest.mark.usefixtures("crew")
def test_a_seal_is_fixed_and_comes_off_broken(sign_in: Any, world: Any) -> None:
    inspector = sign_in("inspector")

    inspector.post(on(world, "seal"), {"number": "S-77", "fixed_on": day(world, -3)})
    again = inspector.post(on(world, "seal"), {"number": "S-77", "fixed_on": day(world)})
    off = inspector.post(
        on(world, "unseal"),
        {"number": "S-77", "on_day": day(world), "found": "broken", "reference": "R 5"},
    )

    (seal,) = meters_queries.seals(meter_id=meter_of(world))
    assert (again.status_code, off.status_code) == (409, 302)
    assert (seal.number, seal.found, seal.removed_on) == ("S-77", SealFound.BROKEN, world.today)


@pytest.mark.usefixtures("crew")
def test_the_ratio_of_a_meter_changes_from_a_day_on(sign_in: Any, world: Any) -> None:
    engineer = sign_in("supply_engineer")
    typed = {"day": day(world), "dial_0": "٥٥٠٠", "ratio_0": "40"}

    wrong = engineer.post(on(world, "ratio"), {**typed, "dial_0": "x"})
    done = engineer.post(on(world, "ratio"), typed)

    spans = meters_queries.installations_of(meter_ids=[meter_of(world)])[meter_of(world)]
    assert (wrong.status_code, done.status_code) == (422, 302)
    assert [dict(span.multipliers) for span in spans][-1] == {"1.8.0": 40}
    assert spans[-1].installed_on == world.today


@pytest.mark.usefixtures("crew")
def test_a_meter_is_reprogrammed_with_its_dials_before_and_after(sign_in: Any, world: Any) -> None:
    done = sign_in("supply_engineer").post(
        on(world, "programme"), {"day": day(world), "closing_0": "900", "opening_0": "0"}
    )

    spans = meters_queries.installations_of(meter_ids=[meter_of(world)])[meter_of(world)]
    assert done.status_code == 302
    assert (spans[-2].closing["1.8.0"], spans[-1].opening["1.8.0"]) == ("900", "0")


@pytest.mark.usefixtures("crew")
def test_a_programme_that_parts_day_and_night_adds_a_register_for_each(
    sign_in: Any, world: Any
) -> None:
    typed = {
        "day": day(world), "closing_0": "900", "opening_0": "0", "digits": "6", "decimals": "1",
        "ratio": "20", "added_0_code": "١.٨.١", "added_0_kind": "import", "first_0": "٠",
        "added_1_code": "3.8.0", "added_1_kind": "reactive", "first_1": "12.5",
    }  # fmt: skip

    done = sign_in("supply_engineer").post(on(world, "programme"), typed)

    spans = meters_queries.installations_of(meter_ids=[meter_of(world)])[meter_of(world)]
    view = meters_queries.meters(meter_ids=[meter_of(world)])[meter_of(world)]
    night, reactive = view.register("1.8.1"), view.register("3.8.0")
    assert done.status_code == 302
    assert dict(spans[-1].opening) == {"1.8.0": "0", "1.8.1": "0", "3.8.0": "12.5"}
    assert night is not None
    assert reactive is not None
    assert (night.kind, night.unit, night.digits, night.decimals, night.multiplier) == (
        RegisterKind.IMPORT, DialUnit.KWH, 6, 1, 20,
    )  # fmt: skip
    assert (reactive.kind, reactive.unit) == (RegisterKind.REACTIVE, DialUnit.KVARH)


@pytest.mark.usefixtures("crew")
def test_the_ratio_of_the_place_is_proposed_for_registers_that_are_added(
    sign_in: Any, world: Any
) -> None:
    engineer = sign_in("supply_engineer")
    engineer.post(on(world, "ratio"), {"day": day(world, -2), "dial_0": "800", "ratio_0": "40"})

    page = engineer.get(on(world, "programme")).content.decode()

    assert 'value="40"' in page.partition('name="ratio"')[2].partition(">")[0]


@pytest.mark.usefixtures("crew")
def test_a_register_added_twice_without_a_dial_or_already_there_is_refused(
    sign_in: Any, world: Any, leaves: Leaves
) -> None:
    engineer = sign_in("supply_engineer")
    outbox.sequence_pending(at=world.now)
    shared = {"digits": "6", "decimals": "0", "ratio": "1"}
    typed = {"day": day(world), "closing_0": "900", "opening_0": "0", **shared}
    there = {**typed, "added_0_code": "1.8.0", "first_0": "0"}
    bare = {**typed, "added_0_code": "1.8.1"}
    nameless = {**typed, "first_0": "7"}
    twice = {
        **typed, "added_0_code": "1.8.1", "first_0": "0", "added_1_code": "1.8.1", "first_1": "0",
    }  # fmt: skip
    measureless = {**typed, "added_0_code": "1.8.1", "first_0": "0", "digits": ""}

    refused = engineer.post(on(world, "programme"), there)
    unclear = [
        engineer.post(on(world, "programme"), one).status_code
        for one in (bare, nameless, twice, measureless)
    ]

    view = meters_queries.meters(meter_ids=[meter_of(world)])[meter_of(world)]
    (span,) = meters_queries.installations_of(meter_ids=[meter_of(world)])[meter_of(world)]
    assert (refused.status_code, unclear) == (422, [422] * 4)
    assert "1.8.0" in refused.content.decode().partition('id="change"')[0]
    assert ([one.code for one in view.registers], span.removed_on) == (["1.8.0"], None)
    assert outbox.sequence_pending(at=world.now) == 0
    assert [leaf["outcome"] for leaf in leaves("meters.reprogramme")] == ["refused"]


@pytest.mark.usefixtures("crew")
def test_a_meter_that_hangs_nowhere_is_said_to_be_somewhere(sign_in: Any, world: Any) -> None:
    officer, meter_id = sign_in("connection_officer"), meter_of(world)
    given = {"state": "in_store", "store": "SHUWAIKH", "on_day": day(world), "reference": ""}

    hanging = officer.post(on(world, "stock"), given)
    address = on(world, "stock")
    meters.remove_meter(
        actor=JOB, at=world.now, meter_id=meter_id, removed_on=world.today, closing={"1.8.0": "1"}
    )
    done = officer.post(address, given)

    assert (hanging.status_code, done.status_code) == (409, 302)
    assert meters_queries.stock_state(meter_id=meter_id) is StockState.IN_STORE


def test_the_sector_of_a_unit_changes_from_a_day_on(sign_in: Any, world: Any) -> None:
    given = {"sector": "commercial", "dwellings": "1", "from_day": day(world)}

    denied = sign_in("clerk").post(at(world, "sector"), given)
    done = sign_in("office_head").post(at(world, "sector"), given)
    again = sign_in("office_head").post(at(world, "sector"), given)

    spans = premises.sectors(unit_ids=[unit_of(world)])[unit_of(world)]
    assert [one.status_code for one in (denied, done, again)] == [403, 302, 409]
    assert (str(spans[-1].sector), spans[-1].from_day) == ("commercial", world.today)


def test_a_unit_is_supplied_through_another_and_separated_again(sign_in: Any, world: Any) -> None:
    head, beside = sign_in("office_head"), neighbour_of(world)
    address = f"/places/units/{beside.id}/acts"
    point = str(point_of(world).id)

    shared = head.post(
        f"{address}/through/", {"point": point, "share": "1", "from_day": day(world, -5)}
    )
    apart = head.post(f"{address}/separate/", {"point": point, "on_day": day(world)})

    (fed,) = premises.suppliers_of(unit_id=beside.id)
    assert (shared.status_code, apart.status_code) == (302, 302)
    assert (fed.from_day, fed.until_day) == (world.today - timedelta(days=5), world.today)


@pytest.mark.usefixtures("crew")
def test_nobody_acts_outside_his_duty_and_the_attempt_is_on_record(
    sign_in: Any, world: Any, leaves: Leaves
) -> None:
    before = len(leaves("access.open_page"))

    answers = [
        sign_in("auditor").get(on(world, "seal")),
        sign_in("office_head").get(on(world, "ratio")),
        sign_in("inspector").get(at(world, "sector")),
    ]

    assert [one.status_code for one in answers] == [403, 403, 403]
    assert [one["outcome"] for one in leaves("access.open_page")[before:]] == ["denied"] * 3
    page = sign_in("auditor").get(f"/places/meters/{meter_of(world)}/").content.decode()
    assert "/acts/" not in page
    assert sign_in("inspector").get(f"/places/meters/{meter_of(world)}/").status_code == 200


@pytest.mark.usefixtures("crew")
@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_form_opens_for_who_may(sign_in: Any, world: Any, language: str) -> None:
    engineer = ("ratio", "programme", "behind", "not-behind")
    who = dict.fromkeys(engineer, "supply_engineer")

    found = [
        sign_in(who.get(code, "connection_officer"), language=language).get(on(world, code))
        for code in METER_ACTS
    ]
    found += [sign_in("office_head", language=language).get(at(world, code)) for code in UNIT_ACTS]

    assert {one.status_code for one in found} == {200}


@pytest.mark.usefixtures("crew")
def test_an_engineer_puts_a_meter_behind_a_main_one_and_takes_it_away(
    sign_in: Any, world: Any
) -> None:
    client, since = sign_in("supply_engineer"), (world.today - timedelta(days=40)).isoformat()
    hanging = meters_queries.installations_of(meter_ids=[meter_of(world)])[meter_of(world)]
    behind = {one.main_point_id for one in meters_queries.behind_in(period=devices.EVER)}
    mine = hanging[0]
    alike = Meter.objects.filter(service=str(mine.service)).exclude(id=mine.meter_id)
    other = alike.filter(installation__removed_on=None).order_by("serial").first()
    assert other is not None
    assert behind == set()

    wrong = client.post(on(world, "behind"), {"main": "no such meter", "from_day": since})
    done = client.post(on(world, "behind"), {"main": other.serial, "from_day": since})
    page = client.get(f"/places/meters/{meter_of(world)}/").content.decode()
    circle = client.post(
        f"/places/meters/{other.id}/acts/behind/", {"main": hanging[0].serial, "from_day": since}
    )
    ended = client.post(on(world, "not-behind"), {"on_day": world.today.isoformat()})

    [found] = meters_queries.mains_of(point_ids=[hanging[0].service_point_id], period=devices.EVER)
    assert (wrong.status_code, done.status_code, circle.status_code) == (422, 302, 409)
    assert ('id="behind"' in page, other.serial in page) == (True, True)
    assert (ended.status_code, found.until_day) == (302, world.today)
