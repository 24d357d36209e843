"""Agencies that are told of holds and releases: who they are, and how a message to one is signed.

`app` installs them with the key; a partner without an address is told nothing.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.jwk import OKPKey

from tahseel.kernel.errors import Fault
from tahseel.kernel.transport import HttpPost, Post
from tahseel.recovery.clearance.values import Gate

ALGORITHM = "Ed25519"
MEDIA_TYPE = "application/jose"
KEY_FILE, PUBLIC_FILE = "push-signing.pem", "push-verifying.pem"
TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Partner:
    """One agency. url: where it takes messages; empty while it is not linked."""

    code: str
    name_ar: str
    name_en: str
    gates: frozenset[Gate]
    url: str
    source: str
    confidence: str


@dataclass(frozen=True)
class Link:
    """What a process was given to reach partners with."""

    partners: tuple[Partner, ...]
    key: OKPKey = field(repr=False)
    post: Post = field(default_factory=lambda: HttpPost(timeout_s=TIMEOUT_S))


_installed: list[Link] = []


def install(link: Link) -> None:
    """Called once by `app`; called again it replaces."""
    _installed[:] = [link]


def installed() -> Link:
    """Raises LookupError before `install`."""
    if not _installed:
        raise LookupError("no link to partners is installed")
    return _installed[0]


def load_partners(data: Mapping[str, Any], urls: Mapping[str, str]) -> tuple[Partner, ...]:
    """From the parsed `partners.toml` and their addresses by code. Raises ValueError, KeyError."""
    found = tuple(_partner(row, urls.get(row["code"], "")) for row in data["partner"])
    codes = [partner.code for partner in found]
    if len(set(codes)) != len(codes) or set(urls) - set(codes):
        raise ValueError(f"partners are named once and known: {sorted(codes)}, {sorted(urls)}")
    return found


def _partner(row: Mapping[str, Any], url: str) -> Partner:
    return Partner(
        code=row["code"],
        name_ar=row["name_ar"],
        name_en=row["name_en"],
        gates=frozenset(Gate(gate) for gate in row["gates"]),
        url=url,
        source=row["source"],
        confidence=row["confidence"],
    )


def load_or_create_key(folder: Path) -> OKPKey:
    """The key that signs what partners are told; its public half lies beside, for them.

    Raises Fault when the file is open to others than its owner or is no such key.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / KEY_FILE
    if not path.exists():
        _make_key(folder)
    if path.stat().st_mode & 0o077:
        raise Fault(f"{path} must be readable by its owner only (mode 0600)", retry=False)
    try:
        key = OKPKey.import_key(path.read_bytes())
    except ValueError as error:
        raise Fault(f"{path} cannot be read as a signing key", retry=False) from error
    if not (folder / PUBLIC_FILE).exists():
        (folder / PUBLIC_FILE).write_bytes(key.as_pem(private=False))
    return key


def _make_key(folder: Path) -> None:
    """Of two first users one wins; the other one reads what the first has made."""
    private = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with tempfile.NamedTemporaryFile(dir=folder) as draft:
        draft.write(private)
        draft.flush()
        os.fsync(draft.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft.name, folder / KEY_FILE)


def signed(payload: bytes, *, key: OKPKey) -> bytes:
    """A compact JWS (RFC 7515) over a payload, by Ed25519 (RFC 9864)."""
    header = {"alg": ALGORITHM, "kid": key.thumbprint(), "typ": "JOSE"}
    return jws.serialize_compact(header, payload, key, algorithms=[ALGORITHM]).encode()


def linked(partners: Iterable[Partner]) -> list[Partner]:
    return [partner for partner in partners if partner.url]
