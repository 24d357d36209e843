"""Promise `pdf`: bills as PDF, one process, against WeasyPrint with the same texts and font.

Every bill differs: amounts, names, charts, language, code. Before any figure is told, the words
that stand on both papers are read back out of the files and held to each other. Ours are PDF/A-2a
and PDF/UA-1 with tags; the peer writes a plain PDF, which costs it less. Figures are of CPU, all
threads counted, because a shared machine's wall clock says little; the wall's stand beside.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

from bench import machine, own_process

RATIO_MIN, RATE_MIN = 8.0, 60.0
TARGET = f">= {RATIO_MIN:g}x WeasyPrint, >= {RATE_MIN:g} bills a second of CPU"
FULL = {"compared": 60, "bills": 1_000, "peer": 60}
SHORT = {"compared": 10, "bills": 150, "peer": 10}


def measure(*, full: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """The result as one JSON object; see README for the fields."""
    size = FULL if full else SHORT
    folder = machine.scratch()
    try:
        say(f"pdf: {size['bills']} bills, {size['peer']} by the peer, {size['compared']} compared")
        printed = own_process.run("bench.pdf_process", json.dumps(size), folder=folder)
        beside = machine.beside(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return result(json.loads(printed), beside)


def result(found: dict[str, Any], beside: dict[str, Any]) -> dict[str, Any]:
    """The promise from what the process measured (bills a second)."""
    ours, peer = found["ours"], found["peer"]
    ratio = ours["cpu"] / peer["cpu"]
    same = not found["differing"]
    told = {
        "name": "pdf",
        "figure": round(ours["cpu"], 1),
        "unit": "bills as PDF a second of CPU, one process",
        "target": TARGET,
        "held": same and ratio >= RATIO_MIN and ours["cpu"] >= RATE_MIN,
        "peer": {f"{found['peer_is']}, bills/s of CPU": round(peer["cpu"], 2)},
        "ratio": round(ratio, 1),
        "wall": {"ours": round(ours["wall"], 1), "peer": round(peer["wall"], 2)},
        "bytes_a_bill": {"ours": round(ours["bytes"]), "peer": round(peer["bytes"])},
        "compared": found["compared"],
        "differing": found["differing"][:3],
        "machine": beside,
    }
    return told if same else {**told, "reason": "the papers do not say the same"}
