"""What the look promises: contrast, direction by construction, nothing inline, known origins."""

from __future__ import annotations

import re
from hashlib import sha256
from itertools import product
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

PAGES = Path(__file__).resolve().parents[4] / "src" / "tahseel" / "channels" / "pages"
STATIC = PAGES / "static" / "pages"
SHEETS = sorted((STATIC / "css").glob("*.css"))
TEMPLATES = sorted((PAGES / "templates").rglob("*.html"))
PHYSICAL = re.compile(
    r"(?<![-\w.])(?:(?:margin|padding|border)-(?:left|right|top|bottom)|left|right|top|bottom"
    r"|width|height|(?:min|max)-(?:width|height)|float)\s*:(?!:)|text-align:\s*(?:left|right)"
)
TOKEN = re.compile(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)")
TONES = ("good", "warning", "bad", "info", "neutral")


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, "contrast ratio"."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def tokens() -> dict[str, tuple[str, str]]:
    found = TOKEN.findall((STATIC / "css" / "tokens.css").read_text())
    return {name: (light, dark) for name, light, dark in found}


TEXT_ON_GROUND = [
    *product(("ink", "ink-2", "brand", "bad"), ("ground", "surface", "sunken", "raised")),
    *((tone, f"{tone}-wash") for tone in TONES),
    *(("ink", f"{tone}-wash") for tone in TONES),
    ("on-brand", "brand"),
    ("on-brand", "brand-strong"),
    ("on-bad", "bad-strong"),
    ("brand-strong", "brand-wash"),
]


@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_is_readable_in_light_and_dark(text: str, ground: str) -> None:
    known = tokens()

    for theme in (0, 1):
        assert contrast(known[text][theme], known[ground][theme]) >= 4.5


@pytest.mark.parametrize("mark", ["edge", "focus", "series-0", "series-1", "series-2"])
def test_borders_of_controls_and_parts_of_charts_stand_out(mark: str) -> None:
    known = tokens()

    for theme in (0, 1):
        assert contrast(known[mark][theme], known["surface"][theme]) >= 3


def declarations(sheet: Path) -> str:
    """A sheet without its comments and the conditions of its at-rules."""
    return re.sub(r"/\*.*?\*/|@\w+[^{]*", "", sheet.read_text(), flags=re.S)


def test_only_logical_properties_are_used_so_that_direction_needs_no_second_sheet() -> None:
    physical = [
        f"{sheet.name}: {match[0]}"
        for sheet in SHEETS
        for match in PHYSICAL.finditer(declarations(sheet))
    ]

    assert len(SHEETS) >= 6
    assert physical == []


def test_no_template_holds_a_script_a_style_or_a_handler() -> None:
    inline = re.compile(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:|hx-on")

    assert [t.name for t in TEMPLATES if inline.search(t.read_text())] == []
    assert len(TEMPLATES) > 20


def test_every_shipped_file_of_others_is_the_one_that_is_listed() -> None:
    listed = dict(re.findall(r"`vendor/(\S+)` \| `(\w{64})`", (STATIC / "VENDOR.md").read_text()))
    shipped = {
        file.relative_to(STATIC / "vendor").as_posix(): sha256(file.read_bytes()).hexdigest()
        for file in (STATIC / "vendor").rglob("*")
        if file.is_file() and not file.name.startswith("LICENSE")
    }

    assert shipped == listed
    assert all(any((STATIC / "vendor" / f).parent.glob("LICENSE*")) for f in shipped)


def texts_in_use() -> set[str]:
    used: set[str] = set()
    for template in TEMPLATES:
        text = template.read_text()
        used.update(re.findall(r"""{% trans ["']([^"']+)["']""", text))
        used.update(re.findall(r"{% blocktrans[^%]*trimmed %}(.+?){%", text))
    for module in PAGES.glob("*.py"):
        used.update(re.findall(r'_\(\s*"([^"]+)"\s*\)', module.read_text()))
    return {re.sub(r"{{ (\w+) }}", r"%(\1)s", text) for text in used}


def test_everything_that_is_said_is_said_in_arabic_too() -> None:
    with (PAGES / "locale/ar/LC_MESSAGES/django.po").open("rb") as handle:
        catalogue = read_po(handle, locale="ar")
    spoken = {(m.id if isinstance(m.id, str) else m.id[0]): m.string for m in catalogue if m.id}

    assert {text for text in texts_in_use() if not spoken.get(text)} == set()
    assert set(spoken) - texts_in_use() == set()
    assert catalogue.num_plurals == 6
