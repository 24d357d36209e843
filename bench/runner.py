"""Runs promises by name: one JSON object a line on stdout, progress on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench import (
    bill_run,
    check,
    determinants,
    ingest,
    pdf,
    quality,
    rating,
    ray_cluster,
    release,
    scale,
    search,
    take_on,
    vee,
)
from bench import bytes as bytes_a_read
from tahseel.app import terminal

Say = Callable[[str], None]
Measure = Callable[..., dict[str, Any]]

PROMISES: Mapping[str, Measure] = {
    "bill-run": bill_run.measure,
    "bytes": bytes_a_read.measure,
    "check": check.measure,
    "determinants": determinants.measure,
    "ingest": ingest.measure,
    "pdf": pdf.measure,
    "quality": quality.measure,
    "rating": rating.measure,
    "ray": ray_cluster.measure,
    "release": release.measure,
    "scale": scale.measure,
    "search": search.measure,
    "take-on": take_on.measure,
    "vee": vee.measure,
}


def main(
    names: Sequence[str] = (),
    json_out: bool = False,
    promises: Mapping[str, Measure] = PROMISES,
) -> int:
    """Measure the named promises in full size, or all in a short form; 0 when all are held.

    With `json_out` nothing but the objects is written; a terminal still shows what is measured.
    2 for an unknown name.
    """
    unknown = [name for name in names if name not in promises]
    if unknown:
        sys.stderr.write(f"no such promise: {', '.join(unknown)}; known: {', '.join(promises)}\n")
        return 2

    def say(text: str) -> None:
        if not json_out:
            sys.stderr.write(f"{text}\n")

    held = True
    for name in names or promises:
        result = _measured(name, promises[name], full=bool(names), say=say)
        held = held and bool(result["held"])
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return 0 if held else 1


def _measured(name: str, measure: Measure, *, full: bool, say: Say) -> dict[str, Any]:
    """A promise that cannot be measured is not held, and says why."""
    try:
        with terminal.waiting(f"measuring {name}", moving=False):
            return measure(full=full, say=say)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        return {"name": name, "figure": None, "held": False, "reason": reason}


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
