"""`python -m simulators.knet --port 8002`: one line on standard output when it is ready."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from simulators import serving
from simulators.knet.bank import Bank, Terminal
from simulators.knet.faults import FaultPlan
from simulators.knet.server import Server

DEMO_TERMINAL = "123401:knet-demo-1:DEMOKEY0DEMOKEY0"


def parse_terminal(text: str) -> Terminal:
    """`id:password:resource key of 16 characters`."""
    parts = text.split(":")
    if len(parts) != 3 or len(parts[2]) != 16:
        raise argparse.ArgumentTypeError("wanted: id:password:16-character-key")
    return Terminal(*parts)


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulators.knet", description=__doc__)
    parser.add_argument("--port", type=int, default=8002, help="0 takes a free one")
    parser.add_argument("--bind", default="127.0.0.1")
    parser.add_argument("--seed", type=int, default=1, help="of the faults that are drawn")
    parser.add_argument("--faults", default="", help="lost=10,late=5 (percents) or a JSON file")
    parser.add_argument("--late-ms", type=int, default=3000, help="how late a late one is")
    parser.add_argument("--state", type=Path, help="keep the payments in this file")
    parser.add_argument("--terminal", type=parse_terminal, action="append", help="id:password:key")
    parser.add_argument("--merchant", default="وزارة الكهرباء والماء · MEW")
    parser.add_argument("--quiet", action="store_true", help="no line for each request")
    return parser


def main() -> int:
    options = arguments().parse_args()
    terminals = options.terminal or [parse_terminal(DEMO_TERMINAL)]
    bank = Bank(terminals, FaultPlan.read(options.faults, options.seed), options.state)
    server = Server(
        (options.bind, options.port),
        bank,
        late_ms=options.late_ms,
        merchant=options.merchant,
        quiet=options.quiet,
    )
    return serving.run(server, "knet")


if __name__ == "__main__":
    sys.exit(main())
