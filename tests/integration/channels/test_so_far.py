"""The running month on an account's page: provisional, by service, and the visitor's own only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import connection

from tahseel.kernel.period import BillingMonth, start_of
from tahseel.registry.supply import queries as supply

PROFILE = [5_400, "summer-peak-2010", [["off_peak", 301_000], ["peak", 122_000]], 1, 7_200, 50]


def used_so_far(world: Any) -> None:
    """The resident's electricity of the running month, as the night leaves it."""
    month = BillingMonth.of(world.today - timedelta(days=1))
    account_id = world.accounts[world.resident]
    hung = supply.billable_accounts(month=month, account_ids=[account_id])[0].meters
    power = next(one for one in hung if one.service == "electricity")
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into readings_running (account_id, meter_id, month, service, quantity, method,"
            " from_at, to_at, days, estimated_share, recorded_at, basis, profile)"
            " values (%s, %s, %s, 'electricity', 423000, 'interval', %s, %s, 3, 0.1, %s, '[]', %s)",
            [
                account_id, power.meter_id, month.ordinal, start_of(month.first_day),
                start_of(world.today), world.now, orjson.dumps(PROFILE).decode(),
            ],
        )  # fmt: skip


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ar", ("استهلاك الشهر الجاري حتى الآن", "وقت الذروة", "أعلى حمل")),
        ("en", ("So far this month", "Peak", "Highest demand")),
    ],
)
def test_the_page_tells_use_demand_and_bands_of_the_running_month_as_provisional(
    world: Any, sign_in: Any, language: str, words: tuple[str, ...]
) -> None:
    used_so_far(world)
    client = sign_in("resident", language=language)

    shown = client.get(f"/accounts/{world.number(world.resident)}/").content.decode()

    part = shown[shown.index('id="so-far"') :]
    part = part[: part.index("</dl>")]
    assert all(word in part for word in words)
    assert all(figure in part for figure in ("423", "301", "122", "5.4"))


def test_without_a_running_month_nothing_is_said(world: Any, sign_in: Any) -> None:
    shown = sign_in("resident").get(f"/accounts/{world.number(world.resident)}/").content.decode()

    assert 'id="so-far"' not in shown
    assert 'id="consumption"' in shown


def test_staff_of_the_counter_see_it_too(world: Any, sign_in: Any) -> None:
    used_so_far(world)

    shown = sign_in("clerk").get(f"/accounts/{world.number(world.resident)}/").content.decode()

    assert 'id="so-far"' in shown
