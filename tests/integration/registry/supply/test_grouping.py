"""Main accounts and those under them: dated, never two at once, never a circle."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.registry.supply.test_owning import account_of, by, day

from tahseel.kernel.errors import NotAllowed
from tahseel.registry.supply import operations, queries
from tahseel.registry.supply.models import Child

COUNT = 4


def accounts(town, count=3):
    payer = town.person()
    return [account_of(town, payer) for _ in range(count)]


def put(town, parent, *children, n=0, until=None, **facts):
    return operations.put_under(
        **by(town), parent_id=parent.id, child_ids=[one.id for one in children],
        from_day=day(town, n), until_day=None if until is None else day(town, until), **facts,
    )  # fmt: skip


def under(account, on):
    return {one.number for one in queries.accounts_under(account_id=account.id, day=on)}


def test_accounts_are_under_a_main_account_from_day_to_day_however_deep(town):
    ministry, department, site = accounts(town)

    put(town, ministry, department, n=5, agreement="MEW-7")
    put(town, department, site, n=5, until=20)

    assert under(ministry, day(town, 4)) == {ministry.number}
    assert under(ministry, day(town, 5)) == {ministry.number, department.number, site.number}
    assert under(ministry, day(town, 20)) == {ministry.number, department.number}
    assert queries.has_children(account_id=department.id, day=day(town, 19))
    assert not queries.has_children(account_id=department.id, day=day(town, 20))
    (span,) = queries.parent_spans(account_ids=[department.id])[department.id]
    assert (span.parent_id, span.agreement) == (ministry.id, "MEW-7")


def test_a_circle_is_refused_whole_also_through_others_and_only_on_days_in_common(town):
    one, two, three = accounts(town)
    put(town, one, two, until=30)
    put(town, two, three, until=30)

    for parent, child, n in ((three, one, 10), (two, one, 10), (one, one, 0)):
        with pytest.raises(operations.AccountUnderItself):
            put(town, parent, child, n=n)
    put(town, three, one, n=30)

    assert under(three, day(town, 30)) == {one.number, three.number}
    assert Child.objects.count() == 3


def test_a_second_main_account_on_the_same_days_is_refused_and_all_or_none_are_put(town):
    one, two, three = accounts(town)
    put(town, one, three, n=10)

    with pytest.raises(operations.SecondParent):
        put(town, two, one, three, n=20)

    assert Child.objects.count() == 1
    assert under(two, day(town, 25)) == {two.number}


def test_an_account_is_taken_out_from_a_day_on_and_may_go_under_another(town):
    one, two, three = accounts(town)
    put(town, one, three)

    operations.take_out(**by(town), child_id=three.id, on_day=day(town, 9), reason="sold")
    put(town, two, three, n=9)

    assert under(one, day(town, 8)) == {one.number, three.number}
    assert under(two, day(town, 9)) == {two.number, three.number}
    with pytest.raises(operations.NotUnder):
        operations.take_out(**by(town), child_id=one.id, on_day=day(town, 9))


def test_a_stranger_a_clerk_and_a_day_before_the_account_was_open_are_refused(town):
    one, two, _ = accounts(town)

    with pytest.raises(NotAllowed):
        operations.put_under(
            actor=town.clerk, at=town.at, parent_id=one.id, child_ids=[two.id],
            from_day=day(town, 0),
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        operations.take_out(
            actor=replace(town.clerk, roles=frozenset({"auditor"})), at=town.at,
            child_id=two.id, on_day=day(town, 3),
        )  # fmt: skip
    with pytest.raises(operations.OpenedLater):
        put(town, one, two, n=-1)
    with pytest.raises(operations.AccountUnknown):
        operations.put_under(
            **by(town), parent_id=one.id, child_ids=[town.make_id(town.at)], from_day=day(town, 0)
        )

    assert Child.objects.count() == 0


def test_two_links_that_would_close_a_circle_together_are_not_both_made(town):
    one, two, _ = accounts(town)
    outcomes = []
    gate = threading.Barrier(2)

    def link(parent, child):
        gate.wait()
        try:
            put(town, parent, child)
            outcomes.append("made")
        except operations.AccountUnderItself:
            outcomes.append("refused")
        finally:
            connection.close()

    pair = [threading.Thread(target=link, args=args) for args in ((one, two), (two, one))]
    for thread in pair:
        thread.start()
    for thread in pair:
        thread.join()

    assert sorted(outcomes) == ["made", "refused"]


def circular(links, on):
    """The obvious reference: follow each account upwards on one day."""
    parent = {child: above for child, above, begin, end in links if begin <= on < end}
    for start in parent:
        at, steps = start, 0
        while at in parent and steps <= COUNT:
            at, steps = parent[at], steps + 1
        if steps > COUNT:
            return True
    return False


asked = st.tuples(
    st.integers(0, COUNT - 1), st.integers(0, COUNT - 1), st.integers(0, 6), st.integers(1, 6)
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(asked, max_size=8))
def test_whatever_is_asked_no_day_ever_has_a_circle_or_two_mains(town, wanted):
    made = accounts(town, COUNT)
    links = []

    for child, parent, begin, days in wanted:
        link = (child, parent, begin, begin + days)
        allowed = (
            child != parent
            and not any(c == child and b < begin + days and begin < e for c, _, b, e in links)
            and not any(circular([*links, link], on) for on in range(13))
        )
        try:
            put(town, made[parent], made[child], n=begin, until=begin + days)
            assert allowed, link
            links.append(link)
        except (operations.AccountUnderItself, operations.SecondParent):
            assert not allowed, link

    for on in range(13):
        held = [c for c, _, begin, end in links if begin <= on < end]
        assert len(held) == len(set(held))
        assert not circular(links, on)
        for number, account in enumerate(made):
            parents = {c: p for c, p, begin, end in links if begin <= on < end}
            expected = {number} | {c for c in range(COUNT) if reaches(parents, c, number)}
            numbers = {made[n].number for n in expected}
            assert under(account, town.opened + timedelta(days=on)) == numbers


def reaches(parents, start, goal):
    while start in parents:
        start = parents[start]
        if start == goal:
            return True
    return False
