"""Opens the sealed facts of a record that came."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from tahseel.kernel import secrets
from tahseel.registry.feeds.models import FeedRecord
from tahseel.registry.feeds.values import FACTS_SEAL


def facts_of(row: FeedRecord) -> Mapping[str, str | bool]:
    """What a record tells, whose form was found right."""
    record = orjson.loads(secrets.unseal(bytes(row.facts_cipher), context=FACTS_SEAL))
    facts: Mapping[str, str | bool] = record["facts"]
    return facts
