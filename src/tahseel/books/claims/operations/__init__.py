"""Opening claims, meeting them with money, undoing that, disputing a part, using credit."""

from tahseel.books.claims.columns import Opened, open_columns
from tahseel.books.claims.operations.applying import (
    AlreadyReopened,
    PaymentDiffers,
    apply_many,
    apply_payment,
    reopen,
)
from tahseel.books.claims.operations.claiming import (
    CLAIMS_MAX,
    ClaimDiffers,
    DisputeTooLarge,
    dispute,
    dispute_many,
    open_claims,
    open_lines,
)
from tahseel.books.claims.operations.crediting import (
    free_credit,
    keep_credit_lines,
    use_credit,
    use_credits,
)
from tahseel.books.claims.owning import keep_credit

__all__ = [
    "CLAIMS_MAX",
    "AlreadyReopened",
    "ClaimDiffers",
    "DisputeTooLarge",
    "Opened",
    "PaymentDiffers",
    "apply_many",
    "apply_payment",
    "dispute",
    "dispute_many",
    "free_credit",
    "keep_credit",
    "keep_credit_lines",
    "open_claims",
    "open_columns",
    "open_lines",
    "reopen",
    "use_credit",
    "use_credits",
]
