"""Acts of days that are billed already, as one person asks for them and another one agrees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

PAST = "supply.act_past"


class PastKind(StrEnum):
    """What may change who is liable, or who pays, on days that are billed."""

    MOVE_IN = "move_in"
    MOVE_OUT = "move_out"
    TRANSFER = "transfer"
    TITLE = "title"
    LANDLORD = "landlord"
    NAME_PARTY = "name_party"
    END_PARTY = "end_party"
    STRIKE_PARTY = "strike_party"
    ESTATE = "estate"


@dataclass(frozen=True, slots=True)
class PastAct:
    """An operation of supply with what it is given, but for the actor and the instant."""

    kind: PastKind
    given: Mapping[str, Any]
