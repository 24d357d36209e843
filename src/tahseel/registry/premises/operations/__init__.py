"""The writes of premises: places on record and their addresses, sectors, units and their ends."""

from tahseel.registry.premises.operations.adding import (
    BATCH_MAX,
    AddressNumberInvalid,
    CertificateDoesNotFit,
    PlaceRefused,
    UnitGone,
    UnitUnknown,
    add_many,
    add_premises,
    add_service_point,
    add_unit,
    install_areas,
)
from tahseel.registry.premises.operations.backdating import (
    certify_past,
    propose_certificate,
    propose_sector,
    propose_withdrawal,
    rezone_past,
    withdraw_past,
)
from tahseel.registry.premises.operations.certifying import (
    CertificateInvalid,
    CertificateOverlap,
    CertificateUnknown,
    record_certificate,
    review_certificates,
    withdraw_certificate,
)
from tahseel.registry.premises.operations.lining import add_lines
from tahseel.registry.premises.operations.readdressing import (
    AddressChangedLater,
    AddressUnchanged,
    PremisesUnknown,
    correct_address,
)
from tahseel.registry.premises.operations.rearranging import (
    PointsUnmapped,
    UnitChangedLater,
    UnitsDoNotFit,
    demolish_units,
    merge_units,
    split_unit,
)
from tahseel.registry.premises.operations.reshaping import (
    propose_reshaping,
    propose_resharing,
    reshape_past,
    reshare_past,
)
from tahseel.registry.premises.operations.sectors import SectorOverlap, set_sector
from tahseel.registry.premises.operations.settled import (
    PastNeedsSecondPerson,
)
from tahseel.registry.premises.operations.sharing import (
    NotShareable,
    separate_supply,
    supply_through,
)

__all__ = [
    "BATCH_MAX",
    "AddressChangedLater",
    "AddressNumberInvalid",
    "AddressUnchanged",
    "CertificateDoesNotFit",
    "CertificateInvalid",
    "CertificateOverlap",
    "CertificateUnknown",
    "NotShareable",
    "PastNeedsSecondPerson",
    "PlaceRefused",
    "PointsUnmapped",
    "PremisesUnknown",
    "SectorOverlap",
    "UnitChangedLater",
    "UnitGone",
    "UnitUnknown",
    "UnitsDoNotFit",
    "add_lines",
    "add_many",
    "add_premises",
    "add_service_point",
    "add_unit",
    "certify_past",
    "correct_address",
    "demolish_units",
    "install_areas",
    "merge_units",
    "propose_certificate",
    "propose_reshaping",
    "propose_resharing",
    "propose_sector",
    "propose_withdrawal",
    "record_certificate",
    "reshape_past",
    "reshare_past",
    "review_certificates",
    "rezone_past",
    "separate_supply",
    "set_sector",
    "split_unit",
    "supply_through",
    "withdraw_certificate",
    "withdraw_past",
]
