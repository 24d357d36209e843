"""Pages speak both languages, turn with their direction, and obey a strict content policy."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize
from tests.meta import house

from tahseel.channels.pages.templatetags import pages

MARKED = {
    f"django.utils.translation.{name}"
    for name in ("gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy")
}
IN_CONTEXT = {f"django.utils.translation.{name}" for name in ("pgettext", "pgettext_lazy")}
LITERAL = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
IN_TEMPLATE = re.compile(rf"(?:\b_|(?<!p)gettext)\(\s*{LITERAL}")
TOLD_APART = re.compile(rf"pgettext\(\s*{LITERAL}\s*,\s*{LITERAL}")
Text = tuple[str | None, str]
"""The context, where one English word has more than one meaning, and the text."""
ARABIC = re.compile("[\u0621-\u064a]")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
PHYSICAL = re.compile(
    r"(?:^|[;{\s])(?:margin|padding|border)-(?:left|right)\b|(?:^|[;{\s])(?:left|right)\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)|border-(?:top|bottom)-(?:left|right)-radius"
)
INLINE = re.compile(r"\sstyle=|\son[a-z]+=|<style\b|<script(?![^>]*\bsrc=)|javascript:", re.I)


def files(pattern: str) -> list[Path]:
    """Files of ours, vendored ones left out."""
    return [path for path in sorted(house.SOURCE.rglob(pattern)) if "vendor" not in path.parts]


def name(path: Path) -> str:
    return path.relative_to(house.ROOT).as_posix()


def in_templates() -> Iterator[tuple[str, Text]]:
    """(where, text) of everything that a template gives to be translated."""
    for path in files("*.html"):
        told = templatize(path.read_text("utf-8"))
        for literal in IN_TEMPLATE.findall(told):
            yield name(path), (None, ast.literal_eval(literal))
        for context, literal in TOLD_APART.findall(told):
            yield name(path), (ast.literal_eval(context), ast.literal_eval(literal))


def in_programs() -> Iterator[tuple[str, Text]]:
    """(where, text) of everything that a module gives to be translated."""
    for source in house.sources():
        names = house.bound_names(source)
        calls = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
        for call in (c for c in calls if house.dotted(c.func, names) in MARKED):
            if call.args and isinstance(call.args[0], ast.Constant):
                yield source.at(call), (None, str(call.args[0].value))
        for call in (c for c in calls if house.dotted(c.func, names) in IN_CONTEXT):
            context, text = (ast.literal_eval(given) for given in call.args)
            yield source.at(call), (context, text)


@pytest.fixture(scope="module")
def catalogues() -> dict[str, Catalog]:
    found = {}
    for path in files("locale/ar/LC_MESSAGES/django.po"):
        with path.open("rb") as file:
            found[name(path)] = read_po(file, locale="ar")
    assert found
    return found


def key(identifier: str | tuple[str, ...] | list[str]) -> str:
    return identifier if isinstance(identifier, str) else identifier[0]


def test_every_text_of_a_page_has_its_arabic(catalogues: dict[str, Catalog]) -> None:
    known = {
        (m.context or None, key(m.id))
        for catalogue in catalogues.values()
        for m in catalogue
        if m.string
    }

    untold = {
        f"{where}: {text}"
        for where, text in [*in_templates(), *in_programs()]
        if text[1] and text not in known
    }

    assert not untold, "\n".join(sorted(untold))


@pytest.mark.parametrize("word", ["Open", "Demolished", "When", "Share", "Closed", "Days"])
def test_a_word_of_two_meanings_is_told_apart(catalogues: dict[str, Catalog], word: str) -> None:
    """Django merges the catalogues of all slices: of two translations of one text one is lost."""
    arabic = {str(c[word].string) for c in catalogues.values() if word in c}

    assert len(arabic) == 1, arabic


def test_no_translation_is_empty_or_a_guess(catalogues: dict[str, Catalog]) -> None:
    poor = [
        f"{where}: {key(message.id)}"
        for where, catalogue in catalogues.items()
        for message in catalogue
        if message.id
        and (message.fuzzy or not all(message.string if message.pluralizable else [message.string]))
    ]

    assert not poor, "\n".join(poor)


def test_a_translation_keeps_the_placeholders(catalogues: dict[str, Catalog]) -> None:
    changed = [
        f"{where}: {message.id}"
        for where, catalogue in catalogues.items()
        for message in catalogue
        if message.id and isinstance(message.id, str)
        if sorted(PLACEHOLDER.findall(message.id)) != sorted(PLACEHOLDER.findall(message.string))
    ]

    assert not changed, "\n".join(changed)


def test_styles_know_start_and_end_and_never_left_and_right() -> None:
    physical = [
        f"{name(path)}:{number}: {line.strip()}"
        for path in files("*.css")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if PHYSICAL.search(line)
    ]

    assert not physical, "\n".join(physical)


def test_templates_hold_no_script_and_no_style_of_their_own() -> None:
    inline = [
        f"{name(path)}:{number}: {line.strip()[:80]}"
        for path in files("*.html")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if INLINE.search(line)
    ]

    assert not inline, "\n".join(inline)


def test_the_laws_on_pages_see_what_they_must_see() -> None:
    assert PHYSICAL.search("a { margin-left: 1px }")
    assert PHYSICAL.search("  left: 0;")
    assert not PHYSICAL.search("a { margin-inline-start: 1px; inset-inline-start: 0 }")
    assert INLINE.search('<p style="x">')
    assert INLINE.search("<script>go()</script>")
    assert not INLINE.search('<script src="/static/a.js" defer></script>')
    assert list(in_templates())
    assert list(in_programs())


def shown_components() -> set[str]:
    """Every tag and part that the page of components uses."""
    parts = house.SOURCE / "channels/pages/templates/pages"
    page = (parts / "components.html", parts / "parts/samples.html")
    text = "".join(path.read_text("utf-8") for path in page)
    return set(re.findall(r"{%-?\s*(\w+)", text)) | set(re.findall(r"parts/(\w+)\.html", text))


def test_every_component_is_shown_on_the_page_of_components() -> None:
    components = {name for name in pages.register.tags if not name.startswith("end")}

    assert {"card", "live", "input"} <= components
    assert sorted(components - shown_components()) == []


def test_every_part_of_a_page_is_drawn_by_somebody() -> None:
    parts = house.SOURCE / "channels/pages/templates/pages/parts"
    everywhere = "".join(path.read_text("utf-8") for path in files("*.html"))
    unused = [
        path.stem
        for path in sorted(parts.glob("*.html"))
        if path.stem not in pages.register.tags and f"parts/{path.stem}.html" not in everywhere
    ]

    assert unused == []


def test_a_day_is_asked_for_by_the_one_field_that_knows_its_bounds() -> None:
    """Any other lets the year 9999 through, which breaks wherever a day is added to it."""
    wrong = [
        f"{source.at(node)} {ast.unparse(node)}"
        for source in house.sources()
        if source.module != "tahseel.channels.pages.fields"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute)
        and ast.unparse(node) in {"forms.DateField", "forms.DateInput", "forms.DateTimeField"}
    ]
    wrong += [name(path) for path in files("*.html") if 'type="date"' in path.read_text()]

    assert not wrong, "\n".join(wrong)
