"""`python -m simulators.registries --port 8005`: one line on standard output when it is ready."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from simulators import serving
from simulators.registries.faults import FaultPlan
from simulators.registries.records import registry_of
from simulators.registries.register import Register, load, open_registers
from simulators.registries.server import Server
from simulators.registries.strangers import Strangers


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulators.registries", description=__doc__)
    parser.add_argument("--port", type=int, default=8005, help="0 takes a free one")
    parser.add_argument("--bind", default="127.0.0.1")
    parser.add_argument("--seed", type=int, default=1, help="of strangers and faults")
    parser.add_argument("--faults", default="", help="twice=10,server-error=5 (percents)")
    parser.add_argument("--slow-ms", type=int, default=3000, help="how slow a slow page is")
    parser.add_argument("--records", type=Path, help="JSON lines to publish, one record each")
    parser.add_argument("--strangers", type=int, default=0, help="records a day of unknown people")
    parser.add_argument("--until", type=date.fromisoformat, help="the last day of the strangers")
    parser.add_argument("--days", type=int, default=5, help="how many days of strangers")
    parser.add_argument("--quiet", action="store_true", help="no line for each request")
    return parser


def fill(registers: dict[str, Register], options: argparse.Namespace) -> None:
    """Publish strangers, then what the file holds."""
    strangers = Strangers(options.seed)
    last = options.until or datetime.now(UTC).date()
    for n in reversed(range(options.days if options.strangers else 0)):
        for record in strangers.of_day(last - timedelta(days=n), options.strangers):
            registers[registry_of(record.kind)].publish(record)
    if options.records is not None and options.records.exists():
        load(registers, options.records)


def main() -> int:
    options = arguments().parse_args()
    registers = open_registers()
    fill(registers, options)
    server = Server(
        (options.bind, options.port),
        registers,
        FaultPlan.read(options.faults, options.seed),
        slow_ms=options.slow_ms,
        quiet=options.quiet,
    )
    return serving.run(server, "registries")


if __name__ == "__main__":
    sys.exit(main())
