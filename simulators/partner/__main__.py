"""`python -m simulators.partner --key FILE --port 8004`: one line on output when it is ready."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from simulators import serving
from simulators.partner.agency import Agency, FaultPlan
from simulators.partner.server import Server


def read_key(text: str) -> Ed25519PublicKey:
    """The utility's public key from a PEM file."""
    key = load_pem_public_key(Path(text).read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise argparse.ArgumentTypeError("wanted: a PEM file with an Ed25519 public key")
    return key


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulators.partner", description=__doc__)
    parser.add_argument("--key", type=read_key, required=True, help="the utility's public key")
    parser.add_argument("--code", default="moi", help="which agency it is")
    parser.add_argument("--port", type=int, default=8004, help="0 takes a free one")
    parser.add_argument("--bind", default="127.0.0.1")
    parser.add_argument("--seed", type=int, default=1, help="of the faults that are drawn")
    parser.add_argument("--faults", default="", help="down=10,ack-lost=5,amnesia=1")
    parser.add_argument("--quiet", action="store_true", help="no line for each request")
    return parser


def main() -> int:
    options = arguments().parse_args()
    agency = Agency(options.code, options.key, FaultPlan.read(options.faults, options.seed))
    server = Server((options.bind, options.port), agency, quiet=options.quiet)
    return serving.run(server, "partner")


if __name__ == "__main__":
    sys.exit(main())
