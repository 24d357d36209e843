"""A bill on paper: whoever may see it may have it, and a month's bills go to the print house."""

from __future__ import annotations

import csv
import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.integration.channels.world import JOB
from tests.integration.registry.town import CLERK

from tahseel.channels.printing import operations as printing
from tahseel.channels.printing.values import Printed
from tahseel.charging.billing import queries
from tahseel.charging.billing.queries import GovernorateUnknown
from tahseel.charging.billing.values import Bill
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.period import BillingMonth

Leaves = Callable[..., list[dict[str, Any]]]


def newest(world: Any) -> Bill:
    return queries.bills(world.accounts[world.resident])[0]


def printed(world: Any, folder: Path, **more: Any) -> Printed:
    told = {"actor": JOB, "at": world.now, "month": newest(world).month, "processes": 1} | more
    return printing.print_month(folder=folder, **told)


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "list.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("role", ["resident", "clerk", "auditor"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_whoever_may_see_a_bill_has_it_as_a_pdf_and_that_is_on_record(
    world: Any, sign_in: Any, leaves: Leaves, role: str, language: str
) -> None:
    number = world.bill_number(world.resident)

    told = sign_in(role).get(f"/bills/{number}/{language}.pdf")

    assert (told.status_code, told["Content-Type"]) == (200, "application/pdf")
    assert told.content.startswith(b"%PDF-")
    assert told["Cache-Control"].count("no-store") == 1
    read = {leaf["purpose"] for leaf in leaves() if leaf["purpose"]}
    assert read >= {{"resident": "own_account", "clerk": "customer_service"}.get(role, "audit")}


def test_somebody_elses_paper_does_not_exist_and_the_attempt_is_recorded(
    world: Any, sign_in: Any, leaves: Leaves
) -> None:
    told = sign_in("neighbour").get(f"/bills/{world.bill_number(world.resident)}/ar.pdf")

    assert told.status_code == 404
    assert b"%PDF" not in told.content
    assert [leaf["outcome"] for leaf in leaves("portal.open_page")] == ["denied"]
    assert not [one for one in leaves() if one["purpose"] and one["actor"]["kind"] == "customer"]


@pytest.mark.parametrize("role", ["exit_officer", "security_officer"])
def test_other_staff_have_no_paper(world: Any, sign_in: Any, leaves: Leaves, role: str) -> None:
    told = sign_in(role).get(f"/bills/{world.bill_number(world.resident)}/ar.pdf")

    assert told.status_code == 403
    assert [leaf["outcome"] for leaf in leaves("access.open_page")] == ["denied"]


@pytest.mark.parametrize("path", ["none/ar.pdf", "{number}/fr.pdf"])
def test_an_unknown_bill_or_language_is_not_there(world: Any, sign_in: Any, path: str) -> None:
    number = world.bill_number(world.resident)

    assert sign_in("resident").get(f"/bills/{path.format(number=number)}").status_code == 404


def test_the_page_leads_to_the_paper_and_compares(world: Any, sign_in: Any) -> None:
    number = world.bill_number(world.resident)

    text = sign_in("resident").get(f"/bills/{number}/").content.decode()

    assert f"/bills/{number}/ar.pdf" in text
    assert "Same month last year" in text
    assert "fils only" in text
    assert "Carried by the state" in text


def pages_told_by_poppler(path: Path) -> str:
    told = subprocess.run(["pdfinfo", str(path)], capture_output=True, text=True, check=True)
    return next(x.split()[1] for x in told.stdout.splitlines() if x.startswith("Pages:"))


def test_a_month_goes_to_the_print_house_with_a_list_that_names_every_file(
    world: Any, tmp_path: Path, leaves: Leaves
) -> None:
    made = printed(world, tmp_path / "once")

    listed = rows(made.folder)
    stand = {bill.number for bill in queries.some(**_ids(newest(world).month))}
    assert {row["bill"] for row in listed} == stand
    assert (made.bills, made.fresh) == (len(stand), len(stand))
    assert [row["order"] for row in listed] == [str(n) for n in range(1, len(stand) + 1)]
    for row in listed:
        data = (made.folder / row["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == row["sha256"]
        assert len(data) == int(row["bytes"])
        assert pages_told_by_poppler(made.folder / row["file"]) == row["pages"]
    assert sum(leaf["facts"]["bills"] for leaf in leaves("printing.print_bills")) == len(stand)


def _ids(month: BillingMonth) -> dict[str, Any]:
    found = queries.issued(month=month)
    return {"account_ids": [one[0] for one in found], "bill_ids": [one[1] for one in found]}


def test_a_batch_that_was_broken_off_goes_on_and_ends_as_an_undisturbed_one(
    world: Any, tmp_path: Path
) -> None:
    whole = printed(world, tmp_path / "whole")
    broken = printed(world, tmp_path / "broken")
    lost = rows(broken.folder)[0]["file"]
    (broken.folder / "list.csv").unlink()
    (broken.folder / lost).unlink()
    (broken.folder / lost).with_suffix(".77.partial").write_bytes(b"%PDF-half")

    again = printed(world, tmp_path / "broken")

    assert (again.bills, again.fresh) == (whole.bills, 1)
    assert rows(again.folder) == rows(whole.folder)


def test_only_a_governorate_is_printed_where_one_is_named_and_it_must_exist(
    world: Any, tmp_path: Path
) -> None:
    with pytest.raises(GovernorateUnknown):
        printed(world, tmp_path / "none", governorate="atlantis")

    assert not (tmp_path / "none").exists()
    one = {row["file"].split("/")[0] for row in rows(printed(world, tmp_path / "all").folder)}
    code = sorted(one)[0]
    some = rows(printed(world, tmp_path / "some", governorate=code).folder)
    assert {row["file"].split("/")[0] for row in some} == {code}


def test_a_clerk_prints_no_month(world: Any, tmp_path: Path, leaves: Leaves) -> None:
    with pytest.raises(NotAllowed):
        printed(world, tmp_path / "none", actor=CLERK)

    assert not (tmp_path / "none").exists()
    assert leaves("printing.print_bills") == []
    assert [leaf["outcome"] for leaf in leaves("printing.print_month")] == ["denied"]
