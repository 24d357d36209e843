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

__all__ = [
    "BATCH_MAX",
    "ChangeInvalid",
    "DialInvalid",
    "InstallationOverlap",
    "MeterRefused",
    "MeterUnknown",
    "NotInstalled",
    "ServiceDiffers",
    "ServicePointUnknown",
    "add_many",
    "add_meter",
    "change_multipliers",
    "exchange",
    "install_meter",
    "remove_meter",
    "reprogramme",
]
