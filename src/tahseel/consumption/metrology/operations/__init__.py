"""The writes of metrology: tests, what certifies a device, and errors that correct past bills."""

from tahseel.consumption.metrology.operations.correcting import (
    CHECKERS,
    PROPOSERS,
    propose_correction,
)
from tahseel.consumption.metrology.operations.testing import (
    TESTERS,
    certify_many,
    record_test,
)

__all__ = [
    "CHECKERS",
    "PROPOSERS",
    "TESTERS",
    "certify_many",
    "propose_correction",
    "record_test",
]
