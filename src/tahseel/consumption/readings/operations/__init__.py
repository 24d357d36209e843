"""Writing readings: files, register reads, links of usage points, replays and determinants."""

from tahseel.consumption.readings.operations.importing import (
    FILES_MAX,
    MeterUnknown,
    TooManyFiles,
    import_file,
    import_files,
    link_usage_point,
    record_incidents,
    replay_parked,
)
from tahseel.consumption.readings.operations.settling import (
    GUESSERS,
    NotEstimable,
    delete_unused_files,
    determine,
    edit,
    estimate,
    guess,
    guess_unread,
    merge_files,
    redetermine,
    store_register_reads,
)

__all__ = [
    "FILES_MAX",
    "GUESSERS",
    "MeterUnknown",
    "NotEstimable",
    "TooManyFiles",
    "delete_unused_files",
    "determine",
    "edit",
    "estimate",
    "guess",
    "guess_unread",
    "import_file",
    "import_files",
    "link_usage_point",
    "merge_files",
    "record_incidents",
    "redetermine",
    "replay_parked",
    "store_register_reads",
]
