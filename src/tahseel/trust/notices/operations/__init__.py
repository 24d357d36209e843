"""Telling people, recording what became of it, and handing messages to whoever carries them."""

from tahseel.trust.notices.operations.dispatching import claim, record_handed, record_not_handed
from tahseel.trust.notices.operations.telling import (
    ProofMissing,
    UnknownChannel,
    WrongMoment,
    issue,
    issue_many,
    record_deliveries,
    record_delivery,
)

__all__ = [
    "ProofMissing",
    "UnknownChannel",
    "WrongMoment",
    "claim",
    "issue",
    "issue_many",
    "record_deliveries",
    "record_delivery",
    "record_handed",
    "record_not_handed",
]
