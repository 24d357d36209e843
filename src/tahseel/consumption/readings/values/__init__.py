"""What a meter file says, what is kept of it, and what months come to; all immutable."""

from tahseel.consumption.readings.values.files import (
    Channel,
    Flag,
    Kind,
    MeterEvent,
    ParkedRecord,
    ParsedFile,
    RegisterRead,
    Tally,
)
from tahseel.consumption.readings.values.incidents import (
    Incident,
    IncidentView,
)
from tahseel.consumption.readings.values.quantities import (
    METHODS,
    Determinant,
    DetermineReport,
    DialRead,
    DialView,
    FileOutcome,
    Finding,
    Gap,
    ImportReport,
    Method,
    NoIntervals,
    Part,
)

__all__ = [
    "METHODS",
    "Channel",
    "Determinant",
    "DetermineReport",
    "DialRead",
    "DialView",
    "FileOutcome",
    "Finding",
    "Flag",
    "Gap",
    "ImportReport",
    "Incident",
    "IncidentView",
    "Kind",
    "MeterEvent",
    "Method",
    "NoIntervals",
    "ParkedRecord",
    "ParsedFile",
    "Part",
    "RegisterRead",
    "Tally",
]
