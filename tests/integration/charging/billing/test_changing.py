"""What changes while a run has read an account and not yet written its bill is not missed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from tests.integration.charging.billing.test_run import JULY, Street, bill, street, use
from tests.integration.registry.town import AT, CLERK, HOUSE

from tahseel.charging.billing import operations, queries
from tahseel.charging.billing.operations import running
from tahseel.kernel.money import Money
from tahseel.registry.premises import operations as premises
from tahseel.registry.premises import watching as premises_watching
from tahseel.registry.premises.values import Sector
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as supply_queries
from tahseel.registry.supply import watching
from tahseel.registry.supply.values import Capacity

__all__ = ["street"]
FIRST = JULY.first_day
WH = 3_000_000


@pytest.fixture(autouse=True)
def watched(street: Street) -> Iterator[None]:
    """Billing hears of every change, as in the product."""
    watching.install_watchers([operations.on_payer_change])
    premises_watching.install(settled=[queries.is_settled], watchers=[operations.on_price_change])
    use(street, street.accounts, JULY, wh=WH, litres=0)
    yield
    watching.install_watchers([])
    premises_watching.install(settled=[], watchers=[])


def hand_over(street: Street, newcomer: UUID) -> None:
    supply.transfer(
        actor=CLERK, at=AT, account_id=street.accounts[0], to_customer_id=newcomer, on_day=FIRST,
        capacity=Capacity.OWNER,
    )  # fmt: skip


def rezone(street: Street) -> None:
    [ref] = supply_queries.accounts(account_ids=street.accounts[:1]).values()
    premises.set_sector(
        actor=HOUSE, at=AT, unit_id=ref.unit_id, sector=Sector.PRIVATE, from_day=FIRST
    )


def between(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Once, after a run has read and priced a chunk and before it writes."""
    looked_at, done = running.looked_at, [False]

    def then(*told: Any) -> Any:
        if not done[0]:
            done[0] = True
            act()
        return looked_at(*told)

    monkeypatch.setattr(running, "looked_at", then)


def july(account: UUID) -> list[tuple[UUID, Money]]:
    return [(one.customer_id, one.total) for one in queries.bills(account)]


def test_a_payer_who_changes_while_a_run_writes_gets_the_bill(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    newcomer = street.town.person()
    between(monkeypatch, lambda: hand_over(street, newcomer))

    report = bill()

    assert july(street.accounts[0]) == [(newcomer, Money(15_000))]
    assert (report.accounts, report.bills, report.already_billed) == (3, 3, 0)
    assert report.total == Money(45_000)
    assert queries.open_misdirected() == []


def test_a_sector_that_changes_while_a_run_writes_prices_the_bill(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    between(monkeypatch, lambda: rezone(street))

    bill()

    [(_, total)] = july(street.accounts[0])
    [(_, other)] = july(street.accounts[1])
    assert total != other
    assert queries.bills(street.accounts[0])[0].sector == "private"
    assert queries.open_misdirected() == []


def test_the_same_of_bills_in_columns(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "SHEET_MIN", 1)
    newcomer, sheet = street.town.person(), running._sheet
    done: list[bool] = []

    def then(*told: Any) -> Any:
        made = sheet(*told)
        if not done:
            done.append(made is not None)
            hand_over(street, newcomer)
        return made

    monkeypatch.setattr(running, "_sheet", then)

    report = bill()

    assert done == [True]
    assert july(street.accounts[0]) == [(newcomer, Money(15_000))]
    assert (report.accounts, report.bills, report.already_billed) == (3, 3, 0)


def test_a_change_that_began_before_the_bill_and_ends_after_it_is_not_missed(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    newcomer = street.town.person()
    begun, go = threading.Event(), threading.Event()

    def change() -> None:
        try:
            with transaction.atomic():
                hand_over(street, newcomer)
                begun.set()
                go.wait(20)
        finally:
            connection.close()

    other = threading.Thread(target=change)

    def start() -> None:
        other.start()
        assert begun.wait(20)
        threading.Timer(1.0, go.set).start()

    between(monkeypatch, start)

    bill()
    other.join(20)

    assert july(street.accounts[0]) == [(newcomer, Money(15_000))]
    assert queries.open_misdirected() == []


def test_a_change_after_the_bill_is_work_for_somebody(street: Street) -> None:
    bill()

    supply.transfer(
        actor=HOUSE, at=AT, account_id=street.accounts[0], to_customer_id=street.town.person(),
        on_day=date(2026, 7, 10), capacity=Capacity.OWNER,
    )  # fmt: skip

    [work] = queries.open_misdirected()
    assert work.account_id == street.accounts[0]
