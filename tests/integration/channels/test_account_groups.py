"""A main account with hundreds under it: put there, added up as of a day, taken out again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tahseel.books.claims import queries as claims
from tahseel.registry.supply import queries as supply_queries


def page(world: Any, code: str = "") -> str:
    address = f"/desk/accounts/{world.number(world.resident)}/"
    return f"{address}acts/{code}/" if code else address


def put(world: Any, **facts: str) -> dict[str, str]:
    kept = {
        "numbers": world.number(world.neighbour), "from_day": world.today.isoformat(),
        "until_day": "", "agreement": "MEW-7",
    }  # fmt: skip
    return {**kept, **facts}


def test_accounts_are_put_under_a_main_account_and_added_up_with_it(
    sign_in: Any, world: Any
) -> None:
    head = sign_in("office_head")

    done = head.post(page(world, "children"), put(world))
    here = head.get(page(world)).content.decode()
    below = head.get(f"/desk/accounts/{world.number(world.neighbour)}/").content.decode()
    whole = head.get(f"{page(world)}group/")
    before = head.get(f"{page(world)}group/?day={world.today - timedelta(days=1)}")

    owed = sum(one.open.fils for one in claims.open_claims(world.accounts[world.resident]))
    owed += sum(one.open.fils for one in claims.open_claims(world.accounts[world.neighbour]))
    nodes = whole.context["root"].whole
    assert (done.status_code, whole.status_code) == (302, 200)
    assert "open-group" in here
    assert "MEW-7" in below
    assert (nodes.accounts, nodes.owed.fils) == (2, owed)
    assert world.number(world.neighbour) in whole.content.decode()
    assert before.context["root"].whole.accounts == 1


def test_what_cannot_be_is_refused_and_nobody_but_a_head_may(sign_in: Any, world: Any) -> None:
    head, clerk = sign_in("office_head"), sign_in("clerk")
    wrong = [
        (put(world, numbers="123"), 422, "123"),
        (put(world, numbers="1000000000"), 422, "no account"),
        (put(world, numbers=world.number(world.resident)), 409, "under itself"),
        (put(world, until_day=world.today.isoformat()), 422, "before the first day"),
    ]

    for typed, status, said in wrong:
        answer = head.post(page(world, "children"), typed)
        assert (answer.status_code, said in answer.content.decode()) == (status, True), said
    denied = clerk.post(page(world, "children"), put(world))

    assert denied.status_code == 403
    spans = supply_queries.parent_spans(account_ids=[world.accounts[world.neighbour]])
    assert spans == {}


def test_an_account_leaves_its_main_account(sign_in: Any, world: Any) -> None:
    head = sign_in("office_head")
    head.post(page(world, "children"), put(world, from_day=str(world.today - timedelta(days=9))))

    left = head.post(
        f"/desk/accounts/{world.number(world.neighbour)}/acts/leave-group/",
        {"on_day": world.today.isoformat(), "reason": "sold"},
    )

    assert left.status_code == 302
    main = world.accounts[world.resident]
    assert not supply_queries.has_children(account_id=main, day=world.today)
    assert supply_queries.has_children(account_id=main, day=world.today - timedelta(days=1))


def test_the_consolidated_balance_is_for_staff_and_tells_a_day_to_come_apart(
    sign_in: Any, world: Any
) -> None:
    ahead = world.today + timedelta(days=3)

    assert sign_in("exit_officer").get(f"{page(world)}group/").status_code == 403
    assert sign_in().get(f"{page(world)}group/").status_code == 302
    arabic = sign_in("auditor", language="ar").get(f"{page(world)}group/?day={ahead}")
    assert arabic.status_code == 422
    assert "الحساب الرئيسي" in arabic.content.decode()
