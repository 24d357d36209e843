"""Tries promises by name: one JSON object a line on stdout, progress on stderr."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from bench import runner
from bench.runner import Measure

from promises import bill_run_kill

PROMISES: Mapping[str, Measure] = {"bill-run-kill": bill_run_kill.measure}


def main(
    names: Sequence[str] = (),
    json_out: bool = False,
    promises: Mapping[str, Measure] = PROMISES,
) -> int:
    """Try the named promises in full size, or all in a short form; 0 when all are held."""
    return runner.main(names, json_out, promises)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
