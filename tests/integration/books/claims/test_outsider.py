"""An outsider recomputes the books from the export with the lines that the document prints."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from tahseel.books.claims import command
from tahseel.books.claims import operations as claims
from tahseel.books.claims.values import NewClaim
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger import rules
from tahseel.books.ledger.values import Entry
from tahseel.kernel.actor import system
from tahseel.kernel.money import Money

ROOT = Path(__file__).parents[4]
PAGE = ROOT / "docs/integrating/ledger-export.md"
CHART = ROOT / "src/tahseel/countries/kuwait/data/chart.toml"
AT, DAY = datetime(2026, 5, 3, 9, 30, 1, 20, tzinfo=UTC), date(2026, 4, 20)
CLERK = system("test")


@pytest.fixture
def exported(database: object) -> str:
    """Three checkpoints of 1, 5 and 12 entries, and one entry that none covers."""
    rules.install_chart(rules.load_chart(CHART.read_bytes()))
    for count, sealed in ((1, True), (5, True), (12, True), (1, False)):
        for n in range(count):
            account, source = uuid4(), "bill, of a kind" if n % 2 else "فاتورة"
            bill = Entry(
                uuid4(), account, "receivable", "revenue.water", Money(n + 1), DAY, source, uuid4()
            )
            ledger.post(actor=CLERK, at=AT.replace(microsecond=count * n), entries=[bill])
            claim = NewClaim(account, bill.id, f"B-{n}", "bill", DAY, DAY, bill.amount, uuid4())
            claims.open_claims(actor=CLERK, at=AT, claims=[claim])
        if sealed:
            ledger.checkpoint(actor=CLERK, at=AT)
    parts: list[str] = []
    command.export(parts.append)
    return "".join(parts)


def recomputed(text: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Runs the lines of the page with a bare interpreter that finds nothing of ours."""
    script = tmp_path / "recompute.py"
    script.write_text(PAGE.read_text("utf-8").split("```python\n")[1].split("```")[0], "utf-8")
    return subprocess.run(
        [sys.executable, "-I", str(script)],
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def test_the_lines_of_the_page_find_the_books_in_order(exported: str, tmp_path: Path) -> None:
    done = recomputed(exported, tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "19 entries, 95 fils owed; wrong: nothing\n"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (",receivable,revenue.water,12,", ",receivable,revenue.water,13,", "checkpoint 3"),
        (",receivable,revenue.water,12,", ",receivable,revenue.water,13,", "account "),
        ("T09:30:01.000020+00:00", "T09:30:01.000021+00:00", "checkpoint 2"),
    ],
)
def test_they_find_what_was_changed(
    exported: str, tmp_path: Path, old: str, new: str, named: str
) -> None:
    assert old in exported

    done = recomputed(exported.replace(old, new, 1), tmp_path)

    assert done.returncode == 1
    assert named in done.stdout
