"""What agreements say before two records of a body are merged: one of a kind at a time."""

from __future__ import annotations

from uuid import UUID

from tahseel.kernel.errors import Refusal
from tahseel.recovery.government import queries


class AgreementsCollide(Refusal):
    """Both records have an agreement of one kind on the same days; a body has one at a time."""

    code = "agreements_collide"
    text_ar = (
        "للسجلين اتفاقيتان من نوع واحد في المدة نفسها ({goes} و{stays}) ابتداءً من {day}؛"
        " أنهِ إحداهما قبل ذلك، أو ألغِ المسجلة مرتين"
    )
    text_en = (
        "Both records have an agreement of one kind on the same days ({goes} and {stays}) from"
        " {day} on; end one of them before that day, or annul the one that was recorded twice"
    )
    http_status = 409


def require_apart(*, goes_id: UUID, stays_id: UUID) -> None:
    """A guard of merges: the agreements of both fit one body. Raises AgreementsCollide."""
    for found in queries.collisions(goes_id=goes_id, stays_id=stays_id):
        raise AgreementsCollide(
            goes=found.goes.number, stays=found.stays.number, day=found.day.isoformat()
        )
