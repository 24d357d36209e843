"""A payer who changes with effect on billed days makes work for a person, and no bill is edited."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from tests.integration.charging.billing.test_handing_over import hand_over
from tests.integration.charging.billing.test_moving_out import (
    AUGUST,
    JULY,
    NOW,
    bill_month,
    leave,
    lived_until_june,
    read,
)
from tests.integration.charging.billing.test_run import Street, build
from tests.integration.registry.town import CLERK, found

from tahseel.charging.billing import operations, queries
from tahseel.charging.billing.values import Cause, Misdirected
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.period import Period
from tahseel.kernel.states import WrongState
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as supply_queries
from tahseel.registry.supply import settled, watching
from tahseel.registry.supply.values import Capacity, Role

HEAD = type(CLERK)(CLERK.kind, "head", "head", frozenset({"office_head"}))


@pytest.fixture
def street(database: Any) -> Any:
    """June and July are billed to the one who lives there."""
    watching.install_watchers([operations.on_payer_change])
    made = build(found(), 1)
    lived_until_june(made)
    read(made, date(2026, 8, 1), 7_100, 161)
    bill_month(JULY, AUGUST)
    yield made
    watching.install_watchers([])


def changed(street: Street, day: date) -> Any:
    newcomer = street.town.person()
    with settled.agreed():
        supply.transfer(
            actor=CLERK, at=AUGUST, account_id=street.accounts[0], to_customer_id=newcomer,
            on_day=day, capacity=Capacity.OWNER,
        )  # fmt: skip
    return newcomer


def waiting(street: Street) -> list[Misdirected]:
    return queries.open_misdirected(account_id=street.accounts[0])


def leaves(action: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from audit_leaf where convert_from(body, 'UTF8') like %s",
            [f'%"{action}"%'],
        )
        return int(cursor.fetchone()[0])


def told() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from kernel_outbox where name = %s",
                       ["billing:bills:misdirected"])  # fmt: skip
        return int(cursor.fetchone()[0])


def test_a_change_on_billed_days_names_the_account_the_days_and_the_bills(street: Street) -> None:
    before = queries.bills(street.accounts[0])

    changed(street, date(2026, 6, 16))

    [work] = waiting(street)
    assert (work.account_id, work.cause) == (street.accounts[0], Cause.LIABLE)
    assert work.days == Period(date(2026, 6, 16), date(2026, 8, 1))
    assert {bill.id for bill in work.bills} == {bill.id for bill in before}
    assert work.total.fils == sum(bill.total.fils for bill in before)
    assert queries.bills(street.accounts[0]) == before
    assert (leaves("billing.mark_misdirected"), told()) == (1, 1)


def test_only_bills_with_days_after_the_change_are_touched(street: Street) -> None:
    changed(street, date(2026, 7, 1))

    [work] = waiting(street)
    assert [bill.month for bill in work.bills] == [JULY]
    assert work.days == Period(date(2026, 7, 1), date(2026, 8, 1))


def test_a_change_after_the_last_billed_day_makes_no_work(street: Street) -> None:
    changed(street, date(2026, 8, 1))

    assert waiting(street) == []
    assert (leaves("billing.mark_misdirected"), told()) == (0, 0)


def test_a_refused_change_leaves_no_work_behind(street: Street) -> None:
    with pytest.raises(supply.LiabilityOverlap):
        changed(street, date(2019, 1, 1))

    assert waiting(street) == []


def test_a_payer_for_another_on_billed_days_is_work_too_at_his_start_and_at_his_end(
    street: Street,
) -> None:
    by = {"actor": CLERK, "at": AUGUST, "account_id": street.accounts[0]}
    payer = street.town.person()
    with settled.agreed():
        supply.name_party(
            **by, customer_id=payer, role=Role.PAYER, from_day=date(2026, 6, 1),
            until_day=date(2026, 7, 1),
        )  # fmt: skip
    supply.name_party(
        **by, customer_id=street.town.person(), role=Role.OCCUPANT, from_day=date(2026, 6, 1)
    )
    spans = supply_queries.parties(account_ids=street.accounts[:1])[street.accounts[0]]
    [role] = [one for one in spans if one.customer_id == payer]

    with settled.agreed():
        supply.end_party(**by, party_id=role.id, on_day=date(2026, 6, 11), reason="left")

    first, second = sorted(waiting(street), key=lambda one: one.days.start)
    assert (first.cause, first.days) == (Cause.PAYER, Period(date(2026, 6, 1), date(2026, 7, 1)))
    assert (second.cause, second.days) == (Cause.PAYER, Period(date(2026, 6, 11), date(2026, 7, 1)))
    assert [len(one.bills) for one in (first, second)] == [1, 1]


def test_who_leaves_with_a_final_bill_makes_no_work(database: Any) -> None:
    watching.install_watchers([operations.on_payer_change])
    made = build(found(), 1)
    lived_until_june(made)

    hand_over(made, made.town.person(), at=NOW)
    with pytest.raises(supply.LiabilityOverlap):
        leave(made)
    watching.install_watchers([])

    assert waiting(made) == []


def test_a_head_of_office_closes_it_once_and_says_what_was_done(street: Street) -> None:
    changed(street, date(2026, 7, 1))
    [work] = waiting(street)
    given = {"at": AUGUST, "account_id": work.account_id, "misdirected_id": work.id}

    with pytest.raises(NotAllowed):
        operations.close_misdirected(actor=CLERK, **given, reason="agreed")
    with pytest.raises(operations.ClosingUnexplained):
        operations.close_misdirected(actor=HEAD, **given, reason=" ")
    with pytest.raises(operations.MisdirectedUnknown):
        operations.close_misdirected(
            actor=HEAD, **{**given, "misdirected_id": uuid4()}, reason="agreed"
        )
    standing = waiting(street)
    operations.close_misdirected(actor=HEAD, **given, reason="seller and buyer have settled")
    with pytest.raises(WrongState):
        operations.close_misdirected(actor=HEAD, **given, reason="again")

    assert standing == [work]
    assert waiting(street) == []
    done = queries.misdirected(account_id=work.account_id, misdirected_id=work.id)
    assert done is not None
    assert done.reason == "seller and buyer have settled"
