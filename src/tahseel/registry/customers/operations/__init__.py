"""The writes of customers: registration, proof of identity, what happens in a life."""

from tahseel.registry.customers.operations.changing import (
    CustomerUnknown,
    DeathImpossible,
    change_mobile,
    doubt_identity,
    record_death,
    verify_identity,
)
from tahseel.registry.customers.operations.registering import (
    CivilIdInvalid,
    CivilIdNotExpected,
    CivilIdRequired,
    CivilIdTaken,
    CustomerRefused,
    MobileInvalid,
    NameMissing,
    ParentInvalid,
    RegistrationTaken,
    register,
    register_many,
)

__all__ = [
    "CivilIdInvalid",
    "CivilIdNotExpected",
    "CivilIdRequired",
    "CivilIdTaken",
    "CustomerRefused",
    "CustomerUnknown",
    "DeathImpossible",
    "MobileInvalid",
    "NameMissing",
    "ParentInvalid",
    "RegistrationTaken",
    "change_mobile",
    "doubt_identity",
    "record_death",
    "register",
    "register_many",
    "verify_identity",
]
