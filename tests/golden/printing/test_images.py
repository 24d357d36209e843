"""Bills as they look: set into pictures and held to those that somebody has read, pixel by pixel.

A picture that was deleted is written anew, and its test fails once: look at it before it is kept.
The typesetter and the font are pinned, so the same bill looks the same everywhere.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson
import pytest
from PIL import Image
from tests.unit.channels.printing import papers
from tests.unit.channels.printing.papers import line, paper

from tahseel.channels.printing import press, sheets

HERE = Path(__file__).parent
PPI = 80
FAINT = 48  # what the edge of a letter may differ by from one processor to another, of 255
AMOUNTS = (32_569, 965_230)
Picture = npt.NDArray[np.int16]


def picture(language: str, amounts: Sequence[int], folder: Path) -> Image.Image:
    """The first page of a bill of some lines, in fils."""
    papers.install()
    about = paper(*(line(number, fils) for number, fils in enumerate(amounts, start=1)))
    sheet = press._legible(sheets.sheet(about, language=language))
    made = press._compiler(papers.fonts(folder)).compile(
        sys_inputs={"sheet": orjson.dumps(sheet).decode()}, format="png", ppi=PPI
    )
    first = made[0] if isinstance(made, list) else made
    assert isinstance(first, bytes)
    return Image.open(io.BytesIO(first)).convert("L")


def pixels(image: Image.Image) -> Picture:
    return np.asarray(image, np.int16)


def differ(one: Picture, other: Picture) -> int:
    """How many pixels differ by more than the edge of a letter may."""
    if one.shape != other.shape:
        return max(one.size, other.size)
    return int((abs(one - other) > FAINT).sum())


def kept(language: str) -> Picture:
    with Image.open(HERE / f"bill-{language}.png") as image:
        return pixels(image)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_bill_looks_as_it_looked(language: str, tmp_path: Path) -> None:
    now = picture(language, AMOUNTS, tmp_path)
    if not (HERE / f"bill-{language}.png").exists():
        now.save(HERE / f"bill-{language}.png", optimize=True)
        pytest.fail("the picture is new: look at it")

    if differ(pixels(now), kept(language)):
        now.save(tmp_path / f"bill-{language}.png")
        pytest.fail(f"look at {tmp_path}/bill-{language}.png beside the one in {HERE}")


@pytest.mark.parametrize("language", ["ar", "en"])
def test_amounts_that_change_places_are_seen(language: str, tmp_path: Path) -> None:
    turned = picture(language, AMOUNTS[::-1], tmp_path)

    assert differ(pixels(turned), kept(language)) > 50
