"""KNET's formats, written a second time: borrowing the product's code would prove nothing.

Source: KNET merchant manual K-064 v1.4 and the public merchant kits.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from urllib.parse import quote_plus

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 16
LENGTH_MAX = {"id": 255, "password": 15, "amt": 10, "responseURL": 255, "errorURL": 255}


class WireError(Exception):
    """What the page or the pipe would not take; `code` is the gateway's."""

    def __init__(self, code: str, text: str) -> None:
        self.code, self.text = code, text
        super().__init__(f"{code}-{text}")


def seal(plain: str, key: str) -> str:
    raw = plain.encode()
    fill = BLOCK - len(raw) % BLOCK
    work = Cipher(algorithms.AES(key.encode()), modes.CBC(key.encode())).encryptor()
    return (work.update(raw + bytes([fill]) * fill) + work.finalize()).hex().upper()


def unseal(sealed: str, key: str) -> str:
    try:
        raw = bytes.fromhex(sealed)
        work = Cipher(algorithms.AES(key.encode()), modes.CBC(key.encode())).decryptor()
        padded = work.update(raw) + work.finalize()
        fill = padded[-1]
        if not 1 <= fill <= BLOCK or padded[-fill:] != bytes([fill]) * fill:
            raise ValueError("padding")
        return padded[:-fill].decode()
    except (ValueError, IndexError) as error:
        raise WireError("IPAY0100124", "Problem occurred while decrypting trandata") from error


def read_request(plain: str) -> dict[str, str]:
    """The fields of a purchase, checked as the page checks them. Raises WireError."""
    fields = dict(pair.partition("=")[::2] for pair in plain.split("&") if pair)
    for name in ("id", "password", "action", "currencycode", "amt", "responseURL", "trackid"):
        if not fields.get(name):
            raise WireError("IPAY0100001", f"Missing {name}")
    for name, longest in LENGTH_MAX.items():
        if len(fields.get(name, "")) > longest:
            raise WireError("IPAY0100002", f"Invalid length of {name}")
    if fields["action"] != "1" or fields["currencycode"] != "414":
        raise WireError("IPAY0100013", "Invalid action or currency")
    if not re.fullmatch(r"\d{1,6}\.\d{3}", fields["amt"]):
        raise WireError("IPAY0100010", "Invalid amount: three decimals are wanted")
    if not re.fullmatch(r"[A-Za-z0-9]{1,40}", fields["trackid"]):
        raise WireError("IPAY0100020", "Invalid track id")
    for n in range(1, 6):
        if re.search(r"[@/]", fields.get(f"udf{n}", "")):
            raise WireError("IPAY0100030", f"Invalid udf{n}")
    return fields


def write_response(fields: Mapping[str, str]) -> str:
    return "&".join(f"{name}={quote_plus(value)}" for name, value in fields.items())


def read_fragment(text: str) -> dict[str, str]:
    found = re.findall(r"<(\w+)>([^<]*)</\1>", text)
    return {name: html.unescape(value) for name, value in found}


def write_fragment(fields: Mapping[str, str]) -> str:
    return "".join(f"<{name}>{html.escape(value)}</{name}>" for name, value in fields.items())


def fils(amount: str) -> int:
    whole, _, part = amount.partition(".")
    return int(whole) * 1000 + int(part.ljust(3, "0"))


def dinars(amount: int) -> str:
    return f"{amount // 1000}.{amount % 1000:03d}"
