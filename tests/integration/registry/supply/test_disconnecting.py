"""Supply is off for reasons, several at once, and on again only when none is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tahseel.kernel.errors import NotAllowed, Refusal
from tahseel.kernel.quantity import Service
from tahseel.registry.customers import operations as customers
from tahseel.registry.customers.values import ProtectionKind
from tahseel.registry.premises import operations as premises
from tahseel.registry.premises.values import NewServicePoint
from tahseel.registry.supply import operations, queries, rules
from tahseel.registry.supply.models import Stop
from tahseel.registry.supply.values import Role, StopState, SupplyState, Vacancy

BOTH = [Service.ELECTRICITY, Service.WATER]
HOUR = timedelta(hours=1)
HEAD = frozenset({"office_head"})


def by(town, actor=None):
    return {"actor": actor or replace(town.clerk, roles=HEAD), "at": town.at}


def account_of(town, payer):
    (unit,) = town.units(1)
    return operations.open_account(
        **by(town), id=town.make_id(town.at), unit_id=unit.id, opened_on=town.opened,
        payer_id=payer, vacancy=None if payer else Vacancy.NOT_OCCUPIED,
    )  # fmt: skip


def order(town, account, reason, services=(Service.ELECTRICITY,), **facts):
    return operations.order_stop(
        **{**by(town), "reference": "REPORT-1", **facts}, account_id=account.id, reason=reason,
        services=services,
    )  # fmt: skip


def states(account):
    found = queries.supply_states(account_ids=[account.id])[account.id]
    return {one.service: one.state for one in found}


def reasons(account, service=Service.ELECTRICITY):
    found = queries.supply_states(account_ids=[account.id])[account.id]
    return {stop.reason.code for one in found if one.service is service for stop in one.stops}


def announced():
    with connection.cursor() as cursor:
        cursor.execute(
            "select name from kernel_outbox where name like 'supply:stop:%' order by name"
        )
        return [row[0] for row in cursor.fetchall()]


def protect(town, who):
    return customers.protect(
        actor=town.clerk, at=town.at, id=town.make_id(town.at), customer_id=who,
        kind=ProtectionKind.LIFE_SUPPORT, from_day=town.at.date(),
        until_day=town.at.date() + timedelta(days=90), evidence="hospital 12",
    )  # fmt: skip


def test_whoever_lives_by_a_machine_is_not_cut_off_for_a_debt_of_his_or_his_landlord(town):
    landlord, tenant = town.person(), town.person()
    own, let = account_of(town, tenant), account_of(town, landlord)
    operations.name_party(
        **by(town), account_id=let.id, customer_id=tenant, role=Role.BENEFICIARY,
        from_day=town.opened,
    )  # fmt: skip
    protection = protect(town, tenant)

    for account in (own, let):
        with pytest.raises(operations.SupplyProtected):
            order(town, account, "debt")
    order(town, own, "safety")
    customers.end_protection(
        actor=town.head, at=town.at, protection_id=protection.id, reason="handed back"
    )
    order(town, let, "debt")

    assert (reasons(own), reasons(let)) == ({"safety"}, {"debt"})


def test_supply_is_on_again_only_when_the_last_of_several_reasons_has_ended(town):
    account = account_of(town, town.person())
    (debt,) = order(town, account, "debt")
    (danger,) = order(town, account, "safety")
    operations.confirm_stop(**by(town), stop_id=danger, off_at=town.at)
    seen = [states(account)[Service.ELECTRICITY]]

    on = [operations.end_stop(**by(town), stop_id=danger, because="inspected")]
    seen.append(states(account)[Service.ELECTRICITY])
    on.append(operations.end_stop(**by(town), stop_id=debt, because="paid"))
    seen.append(states(account)[Service.ELECTRICITY])

    assert seen == [SupplyState.DISCONNECTED, SupplyState.STOP_ORDERED, SupplyState.CONNECTED]
    assert on == [False, True]
    assert states(account)[Service.WATER] is SupplyState.CONNECTED
    ended = dict(Stop.objects.values_list("reason", "state"))
    assert ended == {"debt": StopState.WITHDRAWN, "safety": StopState.LIFTED}
    assert announced() == [
        "supply:stop:ended", "supply:stop:ended", "supply:stop:in_force",
        "supply:stop:ordered", "supply:stop:ordered",
    ]  # fmt: skip


def test_a_vacancy_is_a_reason_that_comes_and_goes_with_the_occupants(town):
    tenant = town.person()
    account = account_of(town, None)
    told = [reasons(account)]

    operations.move_in(**by(town), account_id=account.id, customer_id=tenant, from_day=town.opened)
    told.append(reasons(account))
    operations.move_out(**by(town), account_id=account.id, on_day=town.opened + timedelta(days=9))
    told.append(reasons(account, Service.WATER))

    assert told == [{"vacancy"}, set(), {"vacancy"}]


def test_the_debt_of_one_tenant_does_not_keep_the_next_in_the_dark_but_a_danger_does(town):
    first, second = town.people(2)
    account = account_of(town, first)
    order(town, account, "debt")
    order(town, account, "safety")

    operations.transfer(
        **by(town), account_id=account.id, to_customer_id=second,
        on_day=town.opened + timedelta(days=30), capacity="tenant",
    )  # fmt: skip
    after_transfer = reasons(account)
    operations.close_account(
        **by(town), account_id=account.id, closed_on=town.opened + timedelta(days=60)
    )
    again = operations.open_account(
        **by(town), id=town.make_id(town.at), unit_id=account.unit_id, payer_id=second,
        opened_on=town.opened + timedelta(days=60),
    )  # fmt: skip

    assert after_transfer == {"safety"}
    assert reasons(again) == {"safety"}


def test_who_may_not_order_is_denied_and_nothing_is_changed_or_sent(town, leaves):
    account = account_of(town, town.person())

    with pytest.raises(NotAllowed):
        order(town, account, "debt", actor=town.clerk)

    assert not Stop.objects.exists()
    assert announced() == []
    assert leaves()[-1]["outcome"] == "denied"


def test_who_may_not_lift_a_danger_is_denied_and_supply_stays_off(town, leaves):
    account = account_of(town, town.person())
    (danger,) = order(town, account, "safety", actor=town.clerk)
    sent = announced()

    with pytest.raises(NotAllowed):
        operations.end_stop(
            actor=town.clerk, at=town.at, stop_id=danger, because="looks fine to me"
        )

    assert Stop.objects.get().state == StopState.ORDERED
    assert announced() == sent
    assert leaves()[-1]["outcome"] == "denied"


def test_a_stop_without_ground_or_a_second_time_or_for_what_is_not_there_is_refused(town):
    account = account_of(town, town.person())
    (stop_id,) = order(town, account, "debt")
    wrong = [
        (lambda: order(town, account, "debt"), operations.StopStands),
        (lambda: order(town, account, "safety", reference=" "), operations.StopReferenceMissing),
        (lambda: order(town, account, "weather"), rules.StopReasonUnknown),
        (lambda: operations.confirm_stop(
            **by(town), stop_id=account.id, off_at=town.at), operations.StopUnknown),
        (lambda: operations.confirm_stop(
            **by(town), stop_id=stop_id, off_at=town.at - HOUR), operations.OffTimeWrong),
        (lambda: operations.confirm_stop(
            **by(town), stop_id=stop_id, off_at=town.at + HOUR), operations.OffTimeWrong),
    ]  # fmt: skip

    for attempt, family in wrong:
        with pytest.raises(family):
            attempt()
    (stop,) = Stop.objects.all()
    with pytest.raises(IntegrityError), transaction.atomic():
        Stop.objects.create(
            id=town.make_id(town.at), unit_id=stop.unit_id, account_id=stop.account_id,
            service=stop.service, reason=stop.reason, state="ordered", ordered_at=town.at,
            ordered_by="x",
        )  # fmt: skip

    assert Stop.objects.count() == 1


def test_a_service_that_the_unit_does_not_have_is_not_cut(town):
    (known,) = town.units(1)
    point = NewServicePoint(town.make_id(town.at), Service.ELECTRICITY)
    unit = replace(known, id=town.make_id(town.at), number="2", services=(point,))
    premises.add_many(**by(town, town.house), batch="dry", premises=[], units=[unit])
    account = operations.open_account(
        **by(town), id=town.make_id(town.at), unit_id=unit.id, opened_on=town.opened,
        payer_id=town.person(),
    )  # fmt: skip

    with pytest.raises(operations.ServiceAbsent):
        order(town, account, "debt", [Service.WATER])

    assert not Stop.objects.exists()


steps = st.lists(
    st.tuples(
        st.sampled_from(["order", "confirm", "end"]),
        st.sampled_from(["debt", "safety", "customer_request"]),
    ),
    max_size=16,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_supply_is_connected_exactly_when_no_reason_is_open(town, steps):
    account = account_of(town, town.person())
    standing: dict[str, bool] = {}
    ids: dict[str, object] = {}

    for n, (step, reason) in enumerate(steps):
        at = town.at + timedelta(minutes=n)
        try:
            if step == "order":
                (ids[reason],) = order(town, account, reason, at=at)
                standing[reason] = False
            elif step == "confirm" and reason in ids:
                operations.confirm_stop(**{**by(town), "at": at}, stop_id=ids[reason], off_at=at)
                standing[reason] = True
            elif reason in ids:
                operations.end_stop(**{**by(town), "at": at}, stop_id=ids[reason], because="x")
                del standing[reason]
        except Refusal:
            continue

    expected = SupplyState.CONNECTED
    if standing:
        off = any(standing.values())
        expected = SupplyState.DISCONNECTED if off else SupplyState.STOP_ORDERED
    assert states(account)[Service.ELECTRICITY] is expected
    assert reasons(account) == set(standing)
