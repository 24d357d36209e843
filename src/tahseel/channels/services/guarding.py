"""What services say before a debt leaves its account."""

from __future__ import annotations

from datetime import datetime

from tahseel.books.claims import queries as claims
from tahseel.books.transfers.values import Leaving
from tahseel.channels.services.values import FEE
from tahseel.kernel.errors import Refusal


class FeeStays(Refusal):
    """What an application waits for is paid by its applicant, not owed elsewhere."""

    code = "fee_stays"
    text_ar = "المطالبة {claim} رسم طلب خدمة ينتظر السداد، ولا تُنقل إلى حساب آخر"
    text_en = "Claim {claim} is the fee of an application that waits for it; it does not move"
    http_status = 409


def require_no_fee(*, at: datetime, leaving: Leaving) -> None:
    """A guard of transfers: a fee that moved away would pass for one that was paid.

    Raises FeeStays.
    """
    keys = [(leaving.account_id, claim_id) for claim_id in sorted(leaving.parts)]
    for claim in claims.claims_by_key(keys).values():
        if claim.kind == FEE:
            raise FeeStays(claim=claim.reference)
