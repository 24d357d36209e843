"""The writes of metrology: tests, what certifies a device, lots, and errors that correct bills."""

from tahseel.consumption.metrology.operations.correcting import (
    CHECKERS,
    PROPOSERS,
    propose_correction,
)
from tahseel.consumption.metrology.operations.sampling import (
    FORMERS,
    LotUnknown,
    form_lot,
    pass_over,
)
from tahseel.consumption.metrology.operations.testing import (
    TESTERS,
    certify_many,
    record_test,
)

__all__ = [
    "CHECKERS",
    "FORMERS",
    "PROPOSERS",
    "TESTERS",
    "LotUnknown",
    "certify_many",
    "form_lot",
    "pass_over",
    "propose_correction",
    "record_test",
]
