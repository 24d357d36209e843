"""The process of the promise `pdf`: the same texts on both papers first, then rates.

Prints one JSON object: bills a second of wall and of CPU, for Tahseel and for the peer.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings

from bench import pdf_peer, pdf_town
from tahseel.app import runtime

runtime.set_up_django()
from tahseel.channels.printing import press, sheets  # noqa: E402 - after Django is set up

LANGUAGES = ("ar", "en")
_UNSEEN = re.compile("[\u00ad\u061c\u064b-\u0652\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_MARKS = re.compile("[\u064b-\u0652]")
_APART = re.compile(r"[\s،؛:;()/|·]+|\.(?=\s|$)|(?<=\s)\.")


def words(pdf: bytes, folder: Path) -> Counter[str]:
    """Every word that stands on a paper, however its lines are broken.

    Vowel signs and what separates words are left out: each engine has its own way to tell a reader
    of the file where they stand.
    """
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    told = subprocess.run(
        ["pdftotext", "-raw", "-enc", "UTF-8", str(path), "-"],
        capture_output=True,
        check=True,
        timeout=60,
    )
    text = unicodedata.normalize("NFKC", told.stdout.decode())
    return Counter(_APART.sub(" ", _UNSEEN.sub("", text)).split())


def timed(make: Callable[[int], bytes], places: Sequence[int]) -> dict[str, float]:
    """Bills a second of wall and of this process's CPU, all its threads counted."""
    wall, cpu, size = time.perf_counter(), os.times(), 0
    for place in places:
        size += len(make(place))
    after = os.times()
    used = after.user + after.system - cpu.user - cpu.system
    return {
        "wall": len(places) / (time.perf_counter() - wall),
        "cpu": len(places) / used,
        "bytes": size / len(places),
    }


def sheet(place: int) -> dict[str, Any]:
    """Arabic and English in turn."""
    language = LANGUAGES[place % len(LANGUAGES)]
    return sheets.sheet(pdf_town.addressed(place), language=language)


def plain(place: int) -> dict[str, Any]:
    """The same without vowel signs: see `words`."""
    made: dict[str, Any] = json.loads(_MARKS.sub("", json.dumps(sheet(place), ensure_ascii=False)))
    return made


def run(size: dict[str, int]) -> dict[str, Any]:
    """Compare, then measure ours and the peer on a sample."""
    folder, fonts = Path(os.environ["TAHSEEL_VAR"]), Path(settings.FONTS)

    def ours(place: int) -> bytes:
        return press.pdf(sheet(place), issued_on=pdf_town.ISSUED_ON, fonts=fonts)

    def theirs(place: int) -> bytes:
        return peer(sheet(place))

    def both(place: int) -> tuple[bytes, bytes]:
        text = plain(place)
        return press.pdf(text, issued_on=pdf_town.ISSUED_ON, fonts=fonts), peer(text)

    ours(0)  # unpacks the font
    peer = pdf_peer.setter(fonts)
    differing = []
    for place in range(size["compared"]):
        mine, other = (words(paper, folder) for paper in both(place))
        if mine != other or not mine[f"{pdf_town.first_fils(place) / 1000:.3f}"]:
            left, right = (list((a - b).elements()) for a, b in ((mine, other), (other, mine)))
            differing.append({"bill": place, "ours": left, "peer": right})
    bills = range(size["compared"], size["compared"] + size["bills"])
    return {
        "compared": size["compared"],
        "differing": differing,
        "ours": timed(ours, bills),
        "peer": timed(theirs, bills[: size["peer"]]),
        "peer_is": f"WeasyPrint {version('weasyprint')}",
    }


def main(size: str) -> None:
    told = run(json.loads(size))
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
