"""Secrets: personal data sealed at rest, and a blind index to find it by.

Sealing is AES-256-GCM: `key id (1 byte) | nonce (12) | ciphertext and tag`, bound to a context
such as "customers:civil_id", so that a value moved to another column does not open. The blind
index is HMAC-SHA256 under a key of its own for each purpose: equal texts give equal bytes, and
without the key nothing can be guessed from them. Nonces are random, which is sound for 2**32
values under one key (NIST SP 800-38D, section 8.3); `KeyRing.rotated` adds a key.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tahseel.kernel.errors import Broken, Fault

KEY_BYTES = 32
BLIND_INDEX_BYTES = 32
KEY_ID_MAX = 255
_NONCE_BYTES = 12
_TAG_BYTES = 16
_FILE_NAME = "keyring.json"


class SealBroken(Broken):
    """Sealed bytes do not open: altered, cut, of another context, or of a key we do not hold."""


@dataclass(frozen=True)
class KeyRing:
    """Sealing keys by id (1 to 255), the one in use, and the key of the blind index."""

    current: int
    sealing: Mapping[int, bytes] = field(repr=False)
    index: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if any(len(key) != KEY_BYTES for key in (*self.sealing.values(), self.index)):
            raise ValueError(f"a key has {KEY_BYTES} bytes")
        if self.current not in self.sealing or not all(0 < n <= KEY_ID_MAX for n in self.sealing):
            raise ValueError("the current key must be on the ring; ids run from 1 to 255")

    @classmethod
    def generate(cls) -> KeyRing:
        """Fresh random keys."""
        return cls(1, {1: os.urandom(KEY_BYTES)}, os.urandom(KEY_BYTES))

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """Read what `serialised` wrote. Raises ValueError, never echoing a key."""
        try:
            data = json.loads(text)
            sealing = {int(n): base64.b64decode(key) for n, key in data["sealing"].items()}
            return cls(int(data["current"]), sealing, base64.b64decode(data["index"]))
        except (KeyError, TypeError, AttributeError, ValueError):
            raise ValueError("not a key ring") from None

    @classmethod
    def load_or_create(cls, folder: Path) -> KeyRing:
        """The ring kept in `folder`, made on first use; of two first users one wins, both get it.

        Raises Fault when the file is unreadable, broken, or open to others than its owner.
        """
        path = folder / _FILE_NAME
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _write(path, cls.generate().serialised(), replace=False)
        return cls._load(path)

    @classmethod
    def _load(cls, path: Path) -> KeyRing:
        try:
            if path.stat().st_mode & 0o077:
                raise Fault(f"{path} must be readable by its owner only (mode 0600)", retry=False)
            return cls.parse(path.read_text(encoding="ascii"))
        except (OSError, ValueError) as error:
            raise Fault(f"{path} cannot be read as a key ring", retry=False) from error

    def serialised(self) -> str:
        """The ring as text, for a secret store. Whoever has it can read everything."""
        ring = {
            "current": self.current,
            "sealing": {str(n): base64.b64encode(k).decode() for n, k in self.sealing.items()},
            "index": base64.b64encode(self.index).decode(),
        }
        return json.dumps(ring)

    def rotated(self) -> KeyRing:
        """The ring with a new key in use; the old ones still open what they sealed."""
        newest = max(self.sealing) + 1
        return KeyRing(newest, {**self.sealing, newest: os.urandom(KEY_BYTES)}, self.index)

    def save(self, folder: Path) -> None:
        """Put this ring in place of the one in `folder`, whole or not at all."""
        _write(folder / _FILE_NAME, self.serialised(), replace=True)

    @property
    def index_key_id(self) -> str:
        """Eight letters that tell index keys apart and say nothing about them."""
        return hmac.digest(self.index, b"tahseel:index-key-id", "sha256").hex()[:8]


def _write(path: Path, text: str, *, replace: bool) -> None:
    """Write beside and move into place; without `replace` an existing file stays as it is."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            beside.replace(path)
        else:
            _link_once(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _link_once(beside: Path, path: Path) -> None:
    try:
        path.hardlink_to(beside)
    except FileExistsError:
        return  # another process was first: its ring is the ring


_installed: list[KeyRing] = []


def install_keys(keys: KeyRing) -> None:
    """Called once by each process with its keys."""
    _installed[:] = [keys]
    _cipher.cache_clear()
    _index_key.cache_clear()


def keys() -> KeyRing:
    """The installed ring. Raises LookupError before `install_keys`."""
    if not _installed:
        raise LookupError("no keys are installed")
    return _installed[0]


@lru_cache(maxsize=KEY_ID_MAX)
def _cipher(key_id: int) -> AESGCM:
    key = keys().sealing.get(key_id)
    if key is None:
        raise SealBroken(f"sealed with key {key_id}, which is not on the ring")
    return AESGCM(key)


@lru_cache(maxsize=64)
def _index_key(purpose: str) -> bytes:
    return hmac.digest(keys().index, f"tahseel:blind-index:{purpose}".encode(), "sha256")


def seal(plain: bytes, *, context: str) -> bytes:
    """Encrypt under the current key: 29 bytes longer than `plain`, different every time."""
    key_id = keys().current
    nonce = os.urandom(_NONCE_BYTES)
    header = bytes([key_id])
    return header + nonce + _cipher(key_id).encrypt(nonce, plain, header + context.encode())


def unseal(sealed: bytes, *, context: str) -> bytes:
    """What `seal` was given, in the same context. Raises SealBroken."""
    header, nonce, body = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    if len(body) < _TAG_BYTES:
        raise SealBroken("sealed bytes are cut short")
    try:
        return _cipher(header[0]).decrypt(nonce, body, header + context.encode())
    except InvalidTag:
        raise SealBroken(f"sealed bytes do not open as {context}") from None


def blind_index(text: str, *, purpose: str) -> bytes:
    """32 bytes that stand for `text` in look-ups of one purpose; normalise the text before."""
    return hmac.digest(_index_key(purpose), text.encode(), "sha256")
