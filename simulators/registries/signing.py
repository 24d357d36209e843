"""Answers signed as RFC 9421 says, over a digest of the body as RFC 9530 says, with Ed25519.

The path and the query of the question are signed with the answer, so that the answer to another
question does not pass for this one.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

COMPONENTS = '("@status" "content-digest" "@path";req "@query";req)'


@dataclass(frozen=True)
class SigningKey:
    """A registry's key, made from a phrase so that every start of the simulator has the same."""

    id: str
    phrase: str

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(self.phrase.encode()).digest())

    @property
    def public_text(self) -> str:
        """The public key as base64, as a registry would hand it over."""
        raw = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return base64.b64encode(raw).decode()


def key_of(registry: str, phrase: str = "simulated registries") -> SigningKey:
    return SigningKey(f"{registry}-1", f"{phrase}: {registry}")


def sign(
    key: SigningKey, *, status: int, path: str, query: str, body: bytes, created: int
) -> dict[str, str]:
    """The header fields that prove an answer. created: seconds since 1970."""
    digest = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
    params = f'{COMPONENTS};created={created};keyid="{key.id}";alg="ed25519"'
    base = "\n".join(
        (
            f'"@status": {status}',
            f'"content-digest": {digest}',
            f'"@path";req: {path}',
            f'"@query";req: ?{query}',
            f'"@signature-params": {params}',
        )
    )
    signature = base64.b64encode(key.private.sign(base.encode())).decode()
    return {
        "Content-Digest": digest,
        "Signature-Input": f"registry={params}",
        "Signature": f"registry=:{signature}:",
    }
