"""Two people: whoever submits a take-on's report never signs it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.integration.app.take_on.conftest import ACCOUNTS
from tests.integration.app.take_on.test_running import AT, take_on

from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.errors import NotAllowed

MAKER = Actor(ActorKind.STAFF, "maker", "maker", frozenset({"take_on_officer"}))
CHECKER = Actor(ActorKind.STAFF, "checker", "checker", frozenset({"revenue_manager"}))
CLERK = Actor(ActorKind.STAFF, "clerk", "clerk", frozenset({"clerk"}))


def test_a_second_person_signs_off_what_was_loaded(
    folder: Path, raw_files: Path, leaves: Callable[[str], list[dict[str, Any]]]
) -> None:
    from tahseel.app.take_on import journal, signing
    from tahseel.trust.approvals import operations as approvals

    run = take_on(folder)
    approval = signing.submit(actor=MAKER, at=AT, run_id=run.id, reason="read and compared")

    approvals.approve(actor=CHECKER, at=AT, approval_id=approval)

    signed = journal.run(run.id)
    assert (signed.state, signed.approval_id) == ("signed", approval)
    [leaf] = leaves("take_on.sign_off")
    assert leaf["facts"]["report_sha256"] == signing.digest(signed)
    assert leaf["actor"]["id"] == "checker"


@pytest.mark.parametrize("actor", [MAKER, CLERK], ids=["the maker", "somebody without the role"])
def test_nobody_else_signs_it(
    actor: Actor,
    folder: Path,
    raw_files: Path,
    counts: Callable[[], dict[str, int]],
    leaves: Callable[[str], list[dict[str, Any]]],
) -> None:
    from tahseel.app.take_on import journal, signing
    from tahseel.trust.approvals import operations as approvals

    run = take_on(folder)
    approval = signing.submit(actor=MAKER, at=AT, run_id=run.id, reason="read and compared")
    before = counts()

    with pytest.raises(NotAllowed):
        approvals.approve(actor=actor, at=AT, approval_id=approval)

    assert journal.run(run.id).state == "loaded"
    after = counts()
    assert {t for t in after if after[t] != before.get(t)} == {"audit_leaf", "audit_pending"}
    assert [leaf["outcome"] for leaf in leaves("approvals.approve")] == ["denied"]
    assert not leaves("take_on.sign_off")


def test_a_manager_does_not_submit_what_managers_sign(
    folder: Path,
    raw_files: Path,
    counts: Callable[[], dict[str, int]],
    leaves: Callable[[str], list[dict[str, Any]]],
) -> None:
    from tahseel.app.take_on import signing

    run = take_on(folder)
    before = counts()

    with pytest.raises(NotAllowed):
        signing.submit(actor=CHECKER, at=AT, run_id=run.id, reason="both hats")

    after = counts()
    assert {t for t in after if after[t] != before.get(t)} == {"audit_leaf", "audit_pending"}
    assert [leaf["outcome"] for leaf in leaves("approvals.submit")] == ["denied"]


def test_the_checker_reads_what_was_loaded_entity_by_entity(
    folder: Path, raw_files: Path, database: object
) -> None:
    from tahseel.app.take_on import signing
    from tahseel.kernel.money import Money
    from tahseel.trust.approvals import queries

    run = take_on(folder)
    approval = signing.submit(actor=MAKER, at=AT, run_id=run.id, reason="read and compared")

    told = queries.proposal(actor=CHECKER, at=AT, view=queries.by_id(approval))

    found = {detail.name_en: detail.value for detail in told.details}
    totals: Any = run.report["totals"]
    whole = {row["entity"]: row for row in totals if not row["by"]}
    assert found["Accounts"] == whole["accounts"]["count"] == ACCOUNTS
    assert found["Open items: amount"] == Money(whole["open_items"]["fils"])
    assert found["Digest of the report"] == signing.digest(run)
    assert run.system in told.text_ar
    assert run.system in told.text_en


def test_what_is_not_loaded_is_not_submitted(
    folder: Path, raw_files: Path, database: object
) -> None:
    from tests.integration.app.take_on.dirt import DIRT

    from tahseel.app.take_on import journal, running, signing

    DIRT["a negative open item"](folder)
    with pytest.raises(running.TakeOnFaulty):
        take_on(folder)
    [run] = journal.runs()

    with pytest.raises(signing.NotLoaded):
        signing.submit(actor=MAKER, at=AT, run_id=run.id, reason="in a hurry")

    assert journal.run(run.id).approval_id is None
