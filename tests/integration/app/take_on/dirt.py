"""Kinds of dirt in an old system's files: how each gets in, and the fault it must be found as."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from simulators.old_system.export import DELIMITER, ENCODING, MAPPING, TOTALS

Found = tuple[str, int, str, str]
"""(file, line, field, code)"""


class Sheet:
    """One file of an export, to be changed. Lines are counted from 1 with the heading."""

    def __init__(self, folder: Path, entity: str) -> None:
        self.path = folder / f"{entity}.csv"
        with self.path.open(encoding=ENCODING, newline="") as file:
            self.rows = list(csv.reader(file, delimiter=DELIMITER))
        self.heading = self.rows[0]

    def line(self, column: str, value: str) -> int:
        """The first line that holds a value."""
        place = self.heading.index(column)
        return 1 + next(n for n, row in enumerate(self.rows) if n and row[place] == value)

    def get(self, line: int, column: str) -> str:
        return self.rows[line - 1][self.heading.index(column)]

    def set(self, line: int, **cells: str) -> None:
        for column, value in cells.items():
            self.rows[line - 1][self.heading.index(column)] = value
        self.save()

    def add(self, row: list[str]) -> int:
        """Append a line; returns its number."""
        self.rows.append(row)
        self.save()
        return len(self.rows)

    def save(self) -> None:
        with self.path.open("w", encoding=ENCODING, newline="") as file:
            csv.writer(file, delimiter=DELIMITER, lineterminator="\n").writerows(self.rows)

    def fault(self, line: int, field: str, code: str) -> Found:
        return (self.path.name, line, field, code)


def cell(entity: str, find: tuple[str, str], change: dict[str, str], field: str, code: str) -> Dirt:
    """Dirt that is one changed line, found on that line."""

    def soil(folder: Path) -> list[Found]:
        sheet = Sheet(folder, entity)
        line = sheet.line(*find)
        sheet.set(line, **change)
        return [sheet.fault(line, field, code)]

    return soil


def civil_id_twice(folder: Path) -> list[Found]:
    sheet = Sheet(folder, "persons")
    first, second = sheet.line("NO", "P1"), sheet.line("NO", "P2")
    sheet.set(second, CID=sheet.get(first, "CID"))
    return [sheet.fault(second, "civil_id", "civil_id_twice")]


def paper_twice(folder: Path) -> list[Found]:
    sheet = Sheet(folder, "persons")
    first, second = sheet.line("PAPER", "RC"), sheet.line("NO", "P92")
    number = f"b-{sheet.get(first, 'PAPER_NO')[1:]}"  # typed another way, the same paper
    issuer = sheet.get(first, "PAPER_BY").lower()
    sheet.set(second, PAPER="RC", PAPER_BY=issuer, PAPER_NO=number)
    return [sheet.fault(second, "document_number", "document_twice")]


def second_payer(folder: Path) -> list[Found]:
    sheet = Sheet(folder, "parties")
    row = list(sheet.rows[sheet.line("ROLE", "P") - 1])
    row[sheet.heading.index("PERSON")] = "G3"
    return [sheet.fault(sheet.add(row), "from_day", "second_payer")]


def key_twice(folder: Path) -> list[Found]:
    sheet = Sheet(folder, "deposits")
    return [sheet.fault(sheet.add(list(sheet.rows[1])), "key", "key_twice")]


def meter_on_two_points(folder: Path) -> list[Found]:
    meters = Sheet(folder, "meters")
    row = list(meters.rows[meters.line("SERIAL", "E0000003") - 1])
    free = meters.line("SERIAL", "E0000004")
    row[meters.heading.index("UNIT")] = "U4"
    row[meters.heading.index("SEAL")] = ""
    meters.set(free, SERIAL="E9999999", UNIT="", HUNG="", READ="", READ_ON="")
    return [meters.fault(meters.add(row), "serial", "meter_on_two_points")]


def point_taken(folder: Path) -> list[Found]:
    sheet = Sheet(folder, "meters")
    row = list(sheet.rows[sheet.line("SERIAL", "W0000005") - 1])
    row[0] = "W9999999"
    row[sheet.heading.index("SEAL")] = ""
    return [sheet.fault(sheet.add(row), "point", "point_taken")]


def point_missing(folder: Path) -> list[Found]:
    units, meters = Sheet(folder, "units"), Sheet(folder, "meters")
    units.set(units.line("NO", "U6"), WAT="0")
    return [meters.fault(meters.line("SERIAL", "W0000006"), "point", "point_missing")]


def second_tenant(folder: Path) -> list[Found]:
    sheet = Sheet(folder, "occupancies")
    line = sheet.add(["00000009", "P3", "T", "", "01/01/2026", "", "L9X"])
    return [sheet.fault(line, "from_day", "second_tenant")]


def liability_overlap(folder: Path) -> list[Found]:
    sheet = Sheet(folder, "occupancies")
    line = sheet.add(["00000009", "P3", "O", "", "01/01/2026", "", "L9X"])
    return [sheet.fault(line, "from_day", "liability_overlap")]


def liability_gap(folder: Path) -> list[Found]:
    sheet = Sheet(folder, "occupancies")
    line = sheet.line("PERSON", "P11")
    sheet.set(line, FROM="01/01/2024")
    return [sheet.fault(line, "from_day", "liability_gap")]


def account_without_occupancy(folder: Path) -> list[Found]:
    units, accounts = Sheet(folder, "units"), Sheet(folder, "accounts")
    row = list(units.rows[1])
    row[0], row[6], row[7] = "U9999", "99", "19999999"
    units.add(row)
    line = accounts.add(["99999999", "U9999", "01/01/2020", ""])
    return [accounts.fault(line, "key", "account_without_occupancy")]


def unit_taken(folder: Path) -> list[Found]:
    accounts, occupancies = Sheet(folder, "accounts"), Sheet(folder, "occupancies")
    line = accounts.add(["99999999", "U5", "01/01/2025", ""])
    occupancies.add(["99999999", "P2", "T", "", "01/01/2025", "", ""])
    return [accounts.fault(line, "unit", "unit_taken")]


def dispute_too_large(folder: Path) -> list[Found]:
    sheet = Sheet(folder, "disputes")
    sheet.set(2, KD="9999.000")
    return [sheet.fault(2, "amount", "dispute_too_large")]


def dispute_of_nothing(folder: Path) -> list[Found]:
    sheet = Sheet(folder, "disputes")
    sheet.set(2, BILL="B-none")
    return [sheet.fault(2, "item", "reference_unknown")]


def plan_differs(folder: Path) -> list[Found]:
    plans, parts = Sheet(folder, "plans"), Sheet(folder, "instalments")
    parts.set(2, KD="0.001")
    return [plans.fault(plans.line("PLAN", parts.get(2, "PLAN")), "amount", "plan_differs")]


def hold_without_debt(folder: Path) -> list[Found]:
    """Both gates of one notice name a bill that nobody owes."""
    sheet = Sheet(folder, "holds")
    sheet.set(2, BILLS="B-none")
    sheet.set(3, BILLS="B-none")
    return [sheet.fault(line, "items", "hold_without_debt") for line in (2, 3)]


def citizen_at_exit(folder: Path) -> list[Found]:
    holds, persons = Sheet(folder, "holds"), Sheet(folder, "persons")
    line = holds.line("GATE", "1")
    persons.set(persons.line("NO", holds.get(line, "PERSON")), CLASS="K")
    return [holds.fault(line, "gate", "citizen_at_exit")]


def notice_differs(folder: Path) -> list[Found]:
    sheet = Sheet(folder, "holds")
    sheet.set(3, SERVED="30/03/2026")
    return [sheet.fault(3, "notice", "notice_differs")]


def item_named_twice(folder: Path) -> list[Found]:
    sheet = Sheet(folder, "holds")
    sheet.set(3, NOTICE="N-other")
    bills = sheet.get(3, "BILLS").split("|")
    return [sheet.fault(3, "items", "item_named_twice") for _ in bills]


def wrong_letters(folder: Path) -> list[Found]:
    """A byte that is no UTF-8 in a file that says it is."""
    mapping, units = folder / MAPPING, Sheet(folder, "units")
    text = mapping.read_text("utf-8")
    start = text.index("[units]")
    text = text[:start] + text[start:].replace(f'"{ENCODING}"', '"utf-8"', 1)
    mapping.write_text(text, encoding="utf-8")
    lines = units.path.read_bytes().split(b"\n")
    cells = lines[4].split(b";")
    cells[3] = b"\xff\xfe"
    lines[4] = b";".join(cells)
    units.path.write_bytes(b"\n".join(lines))
    return [units.fault(5, "street", "encoding_wrong")]


def ragged(folder: Path) -> list[Found]:
    sheet = Sheet(folder, "credits")
    sheet.rows[1] = sheet.rows[1][:-1]
    sheet.save()
    return [sheet.fault(2, "", "row_ragged")]


def unreadable(folder: Path) -> list[Found]:
    path = folder / "credits.csv"
    lines = path.read_text(ENCODING).split("\n")
    lines[1] = '"half"quoted;' + lines[1]
    path.write_text("\n".join(lines), encoding=ENCODING)
    return [(path.name, 2, "", "row_unreadable")]


def column_missing(folder: Path) -> list[Found]:
    sheet = Sheet(folder, "credits")
    sheet.rows[0][2] = "AMOUNT"
    sheet.save()
    return [sheet.fault(0, "", "column_missing")]


def total_differs(folder: Path) -> list[Found]:
    """One fils in the sum of the whole, and one line in a governorate."""
    path = folder / TOTALS
    lines = path.read_text("utf-8").splitlines()
    whole = next(n for n, text in enumerate(lines) if text.startswith("open_items,,,"))
    lines[whole] = lines[whole][:-1] + ("1" if lines[whole][-1] == "0" else "0")
    part = next(n for n, text in enumerate(lines) if text.startswith("units,governorate,hawalli"))
    lines[part] = "units,governorate,hawalli,7,"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [(path.name, n + 1, "", "control_total_differs") for n in (part, whole)]


def total_missing(folder: Path) -> list[Found]:
    path = folder / TOTALS
    lines = [t for t in path.read_text("utf-8").splitlines() if not t.startswith("deposits")]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [(path.name, 0, "", "control_total_missing")]


Dirt = Callable[[Path], list[Found]]
P2, BILL = ("NO", "P2"), ("ACC", "00000001")
STATELESS = ("NO", "P91")
DIRT: dict[str, Dirt] = {
    "a civil id with a wrong check digit": cell(
        "persons", P2, {"CID": "292091998297"}, "civil_id", "civil_id_invalid"
    ),
    "a civil id twice": civil_id_twice,
    "a resident without a civil id": cell(
        "persons", P2, {"CID": ""}, "civil_id", "civil_id_missing"
    ),
    "a mobile number of nowhere": cell("persons", P2, {"TEL": "12"}, "mobile", "mobile_invalid"),
    "a person without a name": cell(
        "persons", P2, {"NAME_A": "", "NAME_E": ""}, "name_ar", "name_missing"
    ),
    "a code that nobody translates": cell("persons", P2, {"CLASS": "Z"}, "kind", "value_unknown"),
    "a death before the birth": cell(
        "persons", ("NO", "P39"), {"DEATH": "01/01/1950"}, "died_on", "death_impossible"
    ),
    "a tenant who had died": cell("persons", ("NO", "P3"), {"DEATH": "01/01/2001"}, "", ""),
    "a day that is none": cell(
        "accounts", BILL, {"OPENED": "31/02/2015"}, "opened_on", "not_a_day"
    ),
    "a day that has not come": cell(
        "deposits", ("REC", "D1"), {"PAID": "01/05/2026"}, "paid_on", "day_impossible"
    ),
    "an amount with two decimals": cell(
        "deposits", ("REC", "D1"), {"KD": "125.00"}, "amount", "decimals_wrong"
    ),
    "an amount that is none": cell(
        "deposits", ("REC", "D1"), {"KD": "12,500"}, "amount", "not_an_amount"
    ),
    "a negative open item": cell(
        "open_items", BILL, {"LEFT": "-1.000"}, "open", "amount_not_positive"
    ),
    "more open than owed": cell(
        "open_items", BILL, {"LEFT": "999.000"}, "open", "open_beyond_amount"
    ),
    "an empty cell that must not be": cell(
        "open_items", BILL, {"ISSUED": ""}, "opened_on", "value_missing"
    ),
    "due before it was issued": cell(
        "open_items", BILL, {"DUE": "01/01/2001"}, "due_date", "days_reversed"
    ),
    "a debtor who is nobody": cell(
        "open_items", BILL, {"DEBTOR": "P-none"}, "person", "reference_unknown"
    ),
    "an account on no unit": cell(
        "accounts", BILL, {"UNIT": "U-none"}, "unit", "reference_unknown"
    ),
    "an area that is not there": cell(
        "units", ("NO", "U2"), {"AREA": "atlantis"}, "area", "area_unknown"
    ),
    "an automatic number of another form": cell(
        "units", ("NO", "U2"), {"PACI": "1000002"}, "paci_number", "address_number_invalid"
    ),
    "a dial value beyond the dial": cell(
        "meters", ("SERIAL", "E0000002"), {"READ": "1000000"}, "last_read", "dial_beyond"
    ),
    "a seal on two meters": cell(
        "meters", ("SERIAL", "E0000002"), {"SEAL": "SE0000001"}, "seal", "number_twice"
    ),
    "a read without its day": cell(
        "meters", ("SERIAL", "E0000002"), {"READ_ON": ""}, "last_read_on", "read_incomplete"
    ),
    "a meter hung without a day": cell(
        "meters", ("SERIAL", "E0000002"), {"HUNG": ""}, "installed_on", "value_missing"
    ),
    "a vacancy without a reason": cell(
        "occupancies", ("AS", "V"), {"EMPTY": ""}, "person", "vacancy_unexplained"
    ),
    "a proof of service that is not whole": cell(
        "holds", ("GATE", "2"), {"RECEIPT": ""}, "receipt_number", "proof_missing"
    ),
    "served before it was issued": cell(
        "holds", ("GATE", "2"), {"SERVED": "01/01/2026"}, "served_on", "days_reversed"
    ),
    "a paper told in part": cell(
        "persons", STATELESS, {"PAPER_BY": ""}, "document_issuer", "document_incomplete"
    ),
    "a paper whose number is none": cell(
        "persons", STATELESS, {"PAPER_NO": "---"}, "document_number", "document_number_invalid"
    ),
    "a paper of another kind of people": cell(
        "persons",
        ("CLASS", "C"),
        {"PAPER": "RC", "PAPER_BY": "X", "PAPER_NO": "77"},
        "document_kind",
        "document_unfit",
    ),
    "a stateless person whose paper has ended": cell(
        "persons", STATELESS, {"PAPER_TO": "01/04/2026"}, "evidence", "document_needed"
    ),
    "a paper twice": paper_twice,
    "a second payer on the same days": second_payer,
    "a key twice": key_twice,
    "a meter on two points": meter_on_two_points,
    "two meters on one point": point_taken,
    "a meter on a point that is not there": point_missing,
    "a second tenant on the same days": second_tenant,
    "an overlap of liability": liability_overlap,
    "days that nobody is liable for": liability_gap,
    "an account without an occupant": account_without_occupancy,
    "two accounts on one unit": unit_taken,
    "a dispute larger than its item": dispute_too_large,
    "a dispute of no item": dispute_of_nothing,
    "a plan whose parts do not add up": plan_differs,
    "a hold without debt": hold_without_debt,
    "a citizen held at the exit": citizen_at_exit,
    "a notice told in two ways": notice_differs,
    "an item in two notices": item_named_twice,
    "letters of another encoding": wrong_letters,
    "a line that is too short": ragged,
    "a line that is no CSV": unreadable,
    "a column that is gone": column_missing,
    "control totals that differ": total_differs,
    "a control total that is missing": total_missing,
}


def dead_tenant(folder: Path) -> list[Found]:
    persons, occupancies = Sheet(folder, "persons"), Sheet(folder, "occupancies")
    persons.set(persons.line("NO", "P3"), DEATH="01/01/2001")
    line = occupancies.line("PERSON", "P3")
    return [occupancies.fault(line, "person", "person_dead")]


DIRT["a tenant who had died"] = dead_tenant
