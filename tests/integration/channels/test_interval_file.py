"""A customer takes away what his meters sent, to the value, and nobody else's."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from tests.integration.channels import quarter_hours

from tahseel.consumption.readings.formats import espi

Leaves = Callable[..., list[dict[str, Any]]]
DAY = timedelta(days=1)


@pytest.fixture
def meter_id(world: Any, tmp_path: Path) -> Any:
    """The resident's electricity meter, with a year of quarter hours."""
    from tahseel.registry.meters import queries as meters

    with override_settings(LAKE=str(tmp_path / "lake")):
        found = meters.meters_by_serial(serials=["E-00001"])["E-00001"].id
        quarter_hours.fill(found, world.now)
        yield found


def path(world: Any) -> str:
    return f"/accounts/{world.number(world.resident)}/intervals/"


def asked(client: Any, world: Any, first: date, last: date) -> Any:
    return client.get(path(world), {"first_day": str(first), "last_day": str(last)})


def in_file(answer: Any) -> list[tuple[str, list[tuple[int, int, int]]]]:
    channels, parked = espi.parse(io.BytesIO(b"".join(answer.streaming_content)), "file.xml")
    assert parked == []
    return [
        (one.usage_point, list(zip(one.starts, one.durations, one.mantissas, strict=True)))
        for one in channels
    ]


def in_lake(meter_id: Any, first: date, end: date) -> list[tuple[int, int, int]]:
    from tahseel.consumption.readings import queries
    from tahseel.kernel.period import Period, start_of

    (series,) = queries.intervals(meter_id=meter_id, period=Period(first, end))
    low, high = (int(start_of(day).timestamp()) for day in (first, end))
    columns = (series.starts.tolist(), series.durations.tolist(), series.values.tolist())
    rows = zip(*columns, series.flags.tolist(), strict=True)
    return [(s, d, v) for s, d, v, flag in rows if flag != 3 and low <= s < high]


def test_the_file_holds_every_interval_of_the_days_asked_for(
    world: Any, meter_id: Any, sign_in: Any, leaves: Leaves
) -> None:
    first, last = world.today - 70 * DAY, world.today - 3 * DAY

    answer = asked(sign_in("resident"), world, first, last)

    assert answer.streaming
    assert answer.headers["Content-Disposition"].endswith(f'-{first}-{last}.xml"')
    ((point, told),) = in_file(answer)
    assert point == f"urn:uuid:{meter_id}"
    assert told == in_lake(meter_id, first, last + DAY)
    assert len(told) > 6_000
    (leaf,) = [one for one in leaves("read") if one["facts"].get("first_day") == str(first)]
    assert (leaf["purpose"], leaf["outcome"]) == ("own_account", "done")


def test_a_customer_gets_no_day_on_which_somebody_else_was_liable(
    world: Any, meter_id: Any, sign_in: Any
) -> None:
    from tahseel.registry.supply import operations as supply
    from tahseel.registry.supply import queries as of_supply
    from tahseel.registry.supply.values import Capacity

    account, until = world.accounts[world.resident], world.today - 20 * DAY
    supply.transfer(
        actor=world.town.head, at=world.now, account_id=account, on_day=until,
        to_customer_id=world.neighbour, capacity=Capacity.OWNER,
    )  # fmt: skip
    spans = of_supply.liabilities(account_ids=[account])[account]
    assert [span.customer_id for span in spans] == [world.resident, world.neighbour]

    mine = asked(sign_in("resident"), world, until - 5 * DAY, world.today - DAY)
    next_one = asked(sign_in("neighbour"), world, until - 5 * DAY, world.today - DAY)

    assert in_file(mine)[0][1] == in_lake(meter_id, until - 5 * DAY, until)
    assert in_file(next_one)[0][1] == in_lake(meter_id, until, world.today)


def test_somebody_elses_intervals_are_refused_unsent_and_recorded(
    world: Any, meter_id: Any, sign_in: Any, leaves: Leaves
) -> None:
    del meter_id
    told = asked(sign_in("neighbour"), world, world.today - 9 * DAY, world.today - DAY)

    assert told.status_code == 404
    assert not told.streaming
    assert b"IntervalReading" not in told.content
    assert [leaf["outcome"] for leaf in leaves("portal.open_page")] == ["denied"]
    read = [one for one in leaves("read") if one["actor"]["kind"] == "customer"]
    assert read == []


def test_days_without_an_interval_are_told_and_no_file_is_sent(
    world: Any, meter_id: Any, sign_in: Any
) -> None:
    del meter_id
    long_ago = world.today - 380 * DAY

    told = asked(sign_in("resident"), world, long_ago, long_ago + 3 * DAY)

    assert not told.streaming
    assert "no interval readings in these days" in told.content.decode()


@pytest.mark.parametrize(("first", "last"), [(3, 5), (4_000, 1)])
def test_days_in_the_wrong_order_or_far_too_many_are_refused(
    world: Any, meter_id: Any, sign_in: Any, first: int, last: int
) -> None:
    del meter_id

    told = asked(sign_in("resident"), world, world.today - first * DAY, world.today - last * DAY)

    assert not told.streaming
    assert "within three years" in told.content.decode()


def test_the_account_page_leads_to_the_file_where_there_are_intervals(
    world: Any, meter_id: Any, sign_in: Any
) -> None:
    del meter_id
    with_some = sign_in("resident").get(f"/accounts/{world.number(world.resident)}/")
    without = sign_in("neighbour").get(f"/accounts/{world.number(world.neighbour)}/")

    assert path(world) in with_some.content.decode()
    assert "/intervals/" not in without.content.decode()
    assert sign_in("resident", language="ar").get(path(world)).status_code == 200
