"""What agreements say before two records of a body are merged: one of a kind at a time."""

from __future__ import annotations

from uuid import UUID

from tahseel.kernel.errors import Refusal
from tahseel.kernel.sql import prepared


class AgreementsCollide(Refusal):
    """Both records have an agreement of one kind on the same days; a body has one at a time."""

    code = "agreements_collide"
    text_ar = (
        "للسجلين اتفاقيتان من نوع واحد في المدة نفسها ({goes} و{stays}) ابتداءً من {day}؛"
        " أنهِ إحداهما قبل ذلك أولاً"
    )
    text_en = (
        "Both records have an agreement of one kind on the same days ({goes} and {stays}) from"
        " {day} on; end one of them before that day first"
    )
    http_status = 409


_COLLIDING = """
select a.number, b.number, greatest(a.from_day, b.from_day) as day
from government_agreement a
join government_agreement b on b.kind = a.kind
  and daterange(b.from_day, b.until_day) && daterange(a.from_day, a.until_day)
where a.body_id = %s and b.body_id = %s
order by day, a.number, b.number limit 1
"""


def require_apart(*, goes_id: UUID, stays_id: UUID) -> None:
    """A guard of merges: the agreements of both fit one body. Raises AgreementsCollide."""
    for goes, stays, day in prepared(_COLLIDING, [goes_id, stays_id]).fetchall():
        raise AgreementsCollide(goes=goes, stays=stays, day=day.isoformat())
