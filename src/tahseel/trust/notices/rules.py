"""Pure: channels from data, the hash of what was said, and whether a delivery proves service."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tahseel.trust.notices.values import HIDDEN, Channel, DeliveryStatus, NewNotice

CHANNELS_MAX = 100
PROOF_BYTES_MAX = 64 * 1024
TRIES_MAX = 8
PAUSE_FIRST = timedelta(seconds=5)
PAUSE_MAX = timedelta(minutes=10)
USEFUL_FOR = timedelta(hours=24)
CLAIM_LASTS = timedelta(minutes=2)


def load_channels(data: Mapping[str, Any]) -> tuple[Channel, ...]:
    """Channels from the country's parsed `channels.toml`. Raises ValueError naming the fault."""
    rows = data.get("channel", [])
    if not 0 < len(rows) <= CHANNELS_MAX:
        raise ValueError(f"{len(rows)} channels; between 1 and {CHANNELS_MAX} are expected")
    loaded = tuple(_channel(row) for row in rows)
    if len({channel.code for channel in loaded}) != len(loaded):
        raise ValueError("a channel is named twice")
    return loaded


def _channel(row: Mapping[str, Any]) -> Channel:
    try:
        channel = Channel(
            code=row["code"],
            name_ar=row["name_ar"],
            name_en=row["name_en"],
            statutory=row["statutory"],
            serves=frozenset(DeliveryStatus(status) for status in row["serves"]),
            proof=frozenset(row["proof"]),
            source=row["source"],
            confidence=row["confidence"],
            carried=row.get("carried", False),
        )
    except KeyError as missing:
        raise ValueError(f"channel {row.get('code')!r} lacks {missing}") from missing
    if channel.statutory != bool(channel.serves) or channel.statutory != bool(channel.proof):
        raise ValueError(f"channel {channel.code}: service needs states and proof, and only then")
    return channel


def proves_service(channel: Channel, status: DeliveryStatus) -> bool:
    """Whether this state of delivery is service by law; its evidence must then be whole."""
    return channel.statutory and status in channel.serves


def missing_proof(channel: Channel, proof: Mapping[str, Any]) -> list[str]:
    """What the evidence of a service lacks."""
    return sorted(key for key in channel.proof if not str(proof.get(key) or "").strip())


def pause_before(tries: int) -> timedelta | None:
    """How long a message rests after `tries` failed tries, doubling; None after the last one."""
    if tries >= TRIES_MAX:
        return None
    doubled: timedelta = PAUSE_FIRST * (1 << (tries - 1))
    return min(doubled, PAUSE_MAX)


def is_too_late(*, issued_at: datetime, at: datetime) -> bool:
    """Whether a message is so old that it would only confuse its reader."""
    return at - issued_at > USEFUL_FOR


def require_hidden(notice: NewNotice, channel: Channel) -> None:
    """Raises ValueError for a secret that the stored texts show, or that no machine carries."""
    if not notice.secret:
        return
    if not (channel.carried and notice.address):
        raise ValueError(f"no machine carries the secret of notice {notice.id}")
    for body in (notice.body_ar, notice.body_en):
        if HIDDEN not in body or notice.secret in body:
            raise ValueError(f"notice {notice.id} does not hide its secret")


def notice_hash(notice: NewNotice, *, secret: bytes = b"") -> bytes:
    """SHA-256 over all that a notice says and where it goes: the same id stands for this only.

    secret: the keyed index of what the stored texts hide.
    """
    said = {
        "kind": notice.kind,
        "channel": notice.channel,
        "recipient": str(notice.recipient_customer_id),
        "subject": notice.subject,
        "body_ar": notice.body_ar,
        "body_en": notice.body_en,
        "address": notice.address,
        "reference": notice.reference,
    }
    if secret:
        said["secret"] = secret.hex()
    return hashlib.sha256(canonical(said).encode()).digest()


def canonical(value: Mapping[str, Any]) -> str:
    """Canonical JSON. Raises TypeError for a float, ValueError beyond PROOF_BYTES_MAX."""
    _check(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if len(text.encode()) > PROOF_BYTES_MAX:
        raise ValueError(f"larger than {PROOF_BYTES_MAX} bytes")
    return text


def _check(value: Any) -> None:
    if isinstance(value, Mapping):
        for item in value.values():
            _check(item)
    elif isinstance(value, list):
        for item in value:
            _check(item)
    elif not (value is None or isinstance(value, str | int)):
        raise TypeError(f"a {type(value).__name__} has no exact form in a notice's evidence")
