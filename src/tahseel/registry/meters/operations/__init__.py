"""The writes of meters: on record, hung, taken down, exchanged, changed where they hang."""

from tahseel.registry.meters.operations.changing import (
    ChangeInvalid,
    change_multipliers,
    reprogramme,
)
from tahseel.registry.meters.operations.hanging import (
    BATCH_MAX,
    DialInvalid,
    InstallationOverlap,
    MeterOutOfUse,
    MeterRefused,
    MeterUnknown,
    NotInstalled,
    ServiceDiffers,
    ServicePointUnknown,
    add_many,
    add_meter,
    exchange,
    install_meter,
    remove_meter,
)
from tahseel.registry.meters.operations.keeping import (
    SealRefused,
    StockRefused,
    fix_seal,
    keep_many,
    record_stock,
    remove_seal,
)
from tahseel.registry.meters.operations.lining import add_lines
from tahseel.registry.meters.operations.nesting import (
    BehindRefused,
    BehindUnknown,
    end_behind,
    put_behind,
)

__all__ = [
    "BATCH_MAX",
    "BehindRefused",
    "BehindUnknown",
    "ChangeInvalid",
    "DialInvalid",
    "InstallationOverlap",
    "MeterOutOfUse",
    "MeterRefused",
    "MeterUnknown",
    "NotInstalled",
    "SealRefused",
    "ServiceDiffers",
    "ServicePointUnknown",
    "StockRefused",
    "add_lines",
    "add_many",
    "add_meter",
    "change_multipliers",
    "end_behind",
    "exchange",
    "fix_seal",
    "install_meter",
    "keep_many",
    "put_behind",
    "record_stock",
    "remove_meter",
    "remove_seal",
    "reprogramme",
]
