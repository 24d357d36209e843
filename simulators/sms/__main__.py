"""`python -m simulators.sms --port 8003`: one line on standard output when it is ready."""

from __future__ import annotations

import argparse
import sys

from simulators import serving
from simulators.sms.firm import FaultPlan, Firm
from simulators.sms.server import Server


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulators.sms", description=__doc__)
    parser.add_argument("--port", type=int, default=8003, help="0 takes a free one")
    parser.add_argument("--bind", default="127.0.0.1")
    parser.add_argument("--seed", type=int, default=1, help="of the faults that are drawn")
    parser.add_argument("--faults", default="", help="busy=10,down=5,answer-lost=2,garbage=1")
    parser.add_argument("--username", default="tahseel")
    parser.add_argument("--password", default="sms-demo-1")
    parser.add_argument("--points", type=int, default=100_000, help="what is paid for")
    parser.add_argument("--quiet", action="store_true", help="no line for each request")
    return parser


def main() -> int:
    options = arguments().parse_args()
    faults = FaultPlan.read(options.faults, options.seed)
    firm = Firm(options.username, options.password, options.points, faults)
    server = Server((options.bind, options.port), firm, quiet=options.quiet)
    return serving.run(server, "sms")


if __name__ == "__main__":
    sys.exit(main())
