"""Ministries on one page: for staff all of them, for a finance officer the own one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tahseel.kernel.actor import system
from tahseel.kernel.money import Money
from tahseel.recovery.government import queries

Leaves = Callable[..., list[dict[str, Any]]]
JOB = system("test")
STAFF = ("clerk", "office_head", "revenue_manager", "auditor")


@pytest.fixture
def bodies(world: Any) -> dict[str, UUID]:
    from tests.integration.channels import ministries

    return ministries.build(world)


@pytest.mark.parametrize("username", STAFF)
def test_staff_see_every_ministry_with_its_whole(
    bodies: dict[str, UUID], sign_in: Any, username: str
) -> None:
    page = sign_in(username).get("/bodies/").content.decode()

    assert "Ministry" in page
    assert "Other" in page
    assert page.count("45.250") == 5  # the sums of all, and of the ministry
    assert "Department" not in page


def test_a_body_is_shown_with_everything_under_it(bodies: dict[str, UUID], sign_in: Any) -> None:
    page = sign_in("clerk").get(f"/bodies/{bodies['ministry']}/").content.decode()
    school = sign_in("clerk").get(f"/bodies/{bodies['school']}/").content.decode()

    assert all(name in page for name in ("Ministry", "Department", "School"))
    assert "It has no account of its own" in page
    assert "/accounts/" in school
    assert "Ministry" not in school


def test_the_figures_are_those_of_the_day_that_is_asked_for(
    bodies: dict[str, UUID], world: Any, sign_in: Any
) -> None:
    path, before = f"/bodies/{bodies['ministry']}/", world.today - timedelta(days=60)
    clerk = sign_in("clerk")

    then = clerk.get(path, {"day": before.isoformat()}).content.decode()
    tomorrow = clerk.get(path, {"day": (world.today + timedelta(days=1)).isoformat()})

    assert "45.250" not in then
    assert tomorrow.status_code == 422


def test_a_finance_officer_sees_the_own_ministry_and_no_other(
    bodies: dict[str, UUID], sign_in: Any, leaves: Leaves
) -> None:
    officer = sign_in("officer")

    led = officer.get("/bodies/")
    own = officer.get(f"/bodies/{bodies['school']}/")
    other = officer.get(f"/bodies/{bodies['other']}/")

    assert led.headers["Location"] == f"/bodies/{bodies['ministry']}/"
    assert (own.status_code, other.status_code) == (200, 403)
    assert "Other" not in other.content.decode()
    assert 'id="conclude"' not in own.content.decode()
    assert [leaf["outcome"] for leaf in leaves("access.open_page")] == ["denied"]


@pytest.mark.parametrize("username", ["resident", "exit_officer", "take_on_officer"])
def test_nobody_else_sees_bodies(
    bodies: dict[str, UUID], sign_in: Any, username: str, leaves: Leaves
) -> None:
    for path in ("/bodies/", f"/bodies/{bodies['ministry']}/"):
        assert sign_in(username).get(path).status_code == 403
    assert {leaf["outcome"] for leaf in leaves("access.open_page")} == {"denied"}


def test_a_manager_puts_an_agreement_on_record_that_holds_below(
    bodies: dict[str, UUID], world: Any, sign_in: Any
) -> None:
    manager, path = sign_in("revenue_manager"), f"/bodies/{bodies['ministry']}/"
    given = {
        "kind": "supply", "number": "MOE-2026/7", "subject_ar": "تزويد المدارس",
        "subject_en": "Supply of schools", "from_day": world.today.isoformat(),
    }  # fmt: skip

    done = manager.post(f"{path}agreements/", given)
    again = manager.post(f"{path}agreements/", {**given, "number": "MOE-2026/8"})
    empty = manager.post(f"{path}agreements/", {})
    forbidden = sign_in("clerk").post(f"{path}agreements/", {**given, "number": "X"})

    assert (done.status_code, again.status_code, empty.status_code) == (302, 409, 422)
    assert forbidden.status_code == 403
    assert [one.number for one in queries.agreements()] == ["MOE-2026/7"]
    school = sign_in("officer").get(f"/bodies/{bodies['school']}/").content.decode()
    assert "Supply of schools" in school
    assert "in force, from above" in school


def test_agreements_of_two_records_are_settled_from_the_page_of_their_merge(
    bodies: dict[str, UUID], world: Any, sign_in: Any, leaves: Leaves
) -> None:
    manager, made = sign_in("revenue_manager"), {}
    for name in ("ministry", "other"):
        manager.post(f"/bodies/{bodies[name]}/agreements/", {
            "kind": "supply", "number": f"MOE-{name}", "subject_ar": "تزويد",
            "subject_en": "Supply", "from_day": world.today.isoformat(),
        })  # fmt: skip
        made[name] = queries.agreements_with(body_id=bodies[name])[0]
    merge = f"/desk/merge/{bodies['other']}/{bodies['ministry']}/"
    annul = f"/bodies/{bodies['other']}/agreements/{made['other'].id}/annul/"

    before = sign_in("clerk").get(merge).content.decode()
    manager_sees = manager.get(merge).content.decode()
    denied = sign_in("clerk").post(annul, {"reason": "twice"})
    empty = manager.post(annul, {"reason": " "})
    done = manager.post(annul, {"reason": "the same paper"})
    again = manager.post(annul, {"reason": "the same paper"})

    after = sign_in("clerk").get(merge).content.decode()
    shown = manager.get(f"/bodies/{bodies['other']}/").content.decode()
    assert [one.status_code for one in (denied, empty, done, again)] == [403, 422, 302, 409]
    assert f'href="/bodies/{bodies["other"]}/"' in before
    assert "MOE-other" in before
    assert "reserved for Revenue manager" in before
    assert "reserved for" not in manager_sees
    assert "End the earlier one" not in before
    assert 'id="collisions"' not in after
    assert "the same paper" in shown
    assert annul not in shown
    outcomes = [leaf["outcome"] for leaf in leaves("government.annul_agreement")]
    assert outcomes == ["done", "refused"]


def test_a_manager_ends_an_agreement_from_its_page(
    bodies: dict[str, UUID], world: Any, sign_in: Any
) -> None:
    manager, path = sign_in("revenue_manager"), f"/bodies/{bodies['ministry']}/"
    given = {
        "kind": "supply", "number": "MOE-2026/7", "subject_ar": "تزويد المدارس",
        "subject_en": "Supply of schools", "from_day": world.today.isoformat(),
    }  # fmt: skip
    manager.post(f"{path}agreements/", given)
    (made,) = queries.agreements()
    end, ahead = f"{path}agreements/{made.id}/end/", world.today + timedelta(days=40)

    shown = manager.get(path).content.decode()
    never = manager.post(end, {"until_day": world.today.isoformat()})
    denied = sign_in("clerk").post(end, {"until_day": ahead.isoformat()})
    stray = manager.post(end.replace(str(made.id), str(bodies["ministry"])), {})
    done = manager.post(end, {"until_day": ahead.isoformat()})

    codes = [one.status_code for one in (never, denied, stray, done)]
    assert (codes, end in shown) == ([422, 403, 404, 302], True)
    assert [one.until_day for one in queries.agreements()] == [ahead]


def test_the_sum_of_all_ministries_is_the_sum_of_what_bodies_owe(
    bodies: dict[str, UUID], world: Any
) -> None:
    tops = queries.tops(actor=JOB, at=world.now, purpose="collection", day=world.today)

    assert sum((node.whole.balance for node in tops), Money(0)) == Money(45_250)
