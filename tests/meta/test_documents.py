"""What people read holds no path of one machine, and its links lead somewhere."""

import re
import subprocess
from pathlib import Path

from tests.meta import house

TEXT = {".md", ".py", ".toml", ".sh", ".html", ".css", ".js", ".po", ".txt", ".in", ".yml", ""}
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|work|Users|tmp/boot)/[\w.-]+")
# Notes of the work, not of the product: they mean nothing to whoever reads the repository alone.
NOTES = re.compile(
    r"\b(DESIGN|DOMAIN|STYLE)(\.md)? ?\d|\b(DESIGN|DOMAIN)\.md|\bissue #?\d|\b(TODO|FIXME|XXX)\b"
)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#[^)]*)?\)")
THIS = Path(__file__)


def tracked() -> list[Path]:
    """The files that are or will be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=house.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    paths = [house.ROOT / name for name in listed.stdout.splitlines()]
    return [path for path in paths if path.is_file()] or sorted(house.ROOT.glob("*.md"))


def holding(pattern: re.Pattern[str]) -> list[str]:
    """file:line: what was found, over all texts of ours."""
    return [
        f"{path.relative_to(house.ROOT)}:{number}: {match[0]}"
        for path in tracked()
        if path.suffix in TEXT and path != THIS and "static" not in path.parts
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if (match := pattern.search(line))
    ]


def test_no_text_names_a_path_of_one_machine() -> None:
    found = holding(MACHINE_PATH)

    assert not found, "\n".join(found)


def test_texts_speak_of_the_product_alone() -> None:
    found = holding(NOTES)

    assert not found, "\n".join(found)


def test_every_link_of_a_page_leads_to_a_file() -> None:
    pages = [path for path in tracked() if path.suffix == ".md"]

    broken = [
        f"{page.relative_to(house.ROOT)}: {target}"
        for page in pages
        for target in LINK.findall(page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]

    assert pages
    assert not broken, "\n".join(broken)


def test_no_generated_or_private_file_is_tracked() -> None:
    private = {".mo", ".pyc", ".pem", ".key", ".sqlite3"}

    found = [str(path.relative_to(house.ROOT)) for path in tracked() if path.suffix in private]

    assert not found, found
