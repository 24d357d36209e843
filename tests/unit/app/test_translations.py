"""Arabic catalogues are compiled when they are newer than what was compiled from them."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

import pytest

from tahseel.app import translations

CATALOGUE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Language: ar\\n"

msgid "Account"
msgstr "{word}"
"""


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(translations, "PACKAGE", tmp_path)
    file = tmp_path / "slice/locale/ar/LC_MESSAGES/django.po"
    file.parent.mkdir(parents=True)
    file.write_text(CATALOGUE.format(word="حساب"), encoding="utf-8")
    return file


def word(catalogue: Path) -> str:
    with catalogue.with_suffix(".mo").open("rb") as compiled:
        return gettext.GNUTranslations(compiled).gettext("Account")


def test_a_missing_catalogue_is_compiled_once(catalogue: Path) -> None:
    assert translations.compile_stale() == [catalogue.with_suffix(".mo")]
    assert translations.compile_stale() == []
    assert word(catalogue) == "حساب"


def test_a_catalogue_that_changed_is_compiled_again_and_nothing_else_is_left(
    catalogue: Path,
) -> None:
    translations.compile_stale()
    catalogue.write_text(CATALOGUE.format(word="حساب المستهلك"), encoding="utf-8")
    later = catalogue.with_suffix(".mo").stat().st_mtime_ns + 1_000_000_000
    os.utime(catalogue, ns=(later, later))

    assert translations.compile_stale() == [catalogue.with_suffix(".mo")]
    assert word(catalogue) == "حساب المستهلك"
    assert sorted(file.name for file in catalogue.parent.iterdir()) == ["django.mo", "django.po"]


def test_every_catalogue_of_the_product_can_be_compiled() -> None:
    translations.compile_stale()

    sources = list(translations.PACKAGE.glob("**/locale/*/LC_MESSAGES/*.po"))

    assert sources
    assert [file for file in sources if not file.with_suffix(".mo").exists()] == []
