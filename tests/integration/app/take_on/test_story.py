"""What was taken on says so in its story, with the old number and the act that brought it."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from tests.integration.app.take_on.test_running import AT, query, take_on

from tahseel.kernel.actor import Actor, ActorKind, Purpose

CLERK = Actor(ActorKind.STAFF, "clerk-1", "clerk", frozenset({"clerk"}))


@pytest.mark.usefixtures("database", "raw_files")
def test_every_step_of_what_was_taken_on_has_the_actor_of_the_take_on(folder: Path) -> None:
    from tahseel.app import assembly
    from tahseel.channels.timeline import queries
    from tahseel.channels.timeline.values import Kind, Wanted
    from tahseel.trust.audit import sequencer

    assembly.assemble()
    run = take_on(folder)
    sequencer.sequence_pending(at=AT)

    for entity, kind in (("persons", Kind.CUSTOMER), ("units", Kind.UNIT),
                         ("meters", Kind.METER), ("accounts", Kind.ACCOUNT)):  # fmt: skip
        found = query(
            "select id, key from app_take_on_reference where entity = %s order by key limit 5",
            [entity],
        )
        for id_, key in found:
            story = queries.story(
                actor=CLERK, at=AT, purpose=Purpose.CUSTOMER_SERVICE, kind=kind, id=UUID(str(id_)),
                wanted=Wanted(),
            )  # fmt: skip

            [loaded] = [t.step for t in story.told if t.step.code == "take_on.loaded"]
            assert loaded.facts == {"system": run.system, "key": key}
            assert {t.actor_id for t in story.told} == {"system:take-on"}
