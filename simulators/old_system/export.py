"""Writes the old system's export: CSV files in its own codes, a mapping and the control totals."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from typing import IO

from simulators.old_system import town
from simulators.old_system.town import CUTOVER, HEADINGS, MONEY, Line, Town, place_of

ENCODING = "cp1256"
DELIMITER = ";"
MAPPING = "mapping.toml"
TOTALS = "control-totals.csv"
PLACELESS = frozenset({"persons", "instalments", "holds"})
_MAPPING_HEAD = """\
# How the export of the old billing system becomes fields of Tahseel.
system = "{system}"
cutover = {cutover}
totals = "{totals}"
"""
_FILE = """
[{entity}]
file = "{entity}.csv"
encoding = "{encoding}"
delimiter = "{delimiter}"
dates = "%d/%m/%Y"
"""
COLUMNS = {
    "persons": {"key": "NO", "kind": "CLASS", "name_ar": "NAME_A", "name_en": "NAME_E",
                "civil_id": "CID", "registration_number": "REG", "mobile": "TEL",
                "language": "LANG", "parent": "HEAD", "died_on": "DEATH", "evidence": "PROOF",
                "evidence_reference": "PROOF_NO", "document_kind": "PAPER",
                "document_issuer": "PAPER_BY", "document_number": "PAPER_NO",
                "document_expires_on": "PAPER_TO"},
    "units": {"key": "NO", "area": "AREA", "block": "BLK", "street": "ST", "building": "BLD",
              "floor": "FLR", "number": "APT", "paci_number": "PACI", "kind": "KIND",
              "sector": "SECTOR", "from_day": "SINCE", "dwellings": "HOMES",
              "electricity": "ELEC", "water": "WAT"},
    "meters": {"serial": "SERIAL", "service": "UTIL", "make": "MAKE", "unit": "UNIT",
               "installed_on": "HUNG", "digits": "DIGITS", "dial_unit": "UTIL",
               "last_read": "READ", "last_read_on": "READ_ON", "seal": "SEAL", "route": "ROUTE",
               "stop": "STOP", "store": "STORE"},
    "accounts": {"key": "ACC", "unit": "UNIT", "opened_on": "OPENED", "closed_on": "CLOSED"},
    "occupancies": {"account": "ACC", "person": "PERSON", "capacity": "AS", "vacancy": "EMPTY",
                    "from_day": "FROM", "until_day": "TO", "agreement": "LEASE"},
    "parties": {"account": "ACC", "person": "PERSON", "role": "ROLE", "from_day": "FROM",
                "until_day": "TO", "takes_back": "BACK"},
    "deposits": {"key": "REC", "account": "ACC", "amount": "KD", "paid_on": "PAID"},
    "credits": {"key": "REC", "account": "ACC", "amount": "KD", "since": "SINCE"},
    "open_items": {"key": "BILL", "account": "ACC", "person": "DEBTOR", "opened_on": "ISSUED",
                   "due_date": "DUE", "amount": "KD", "open": "LEFT"},
    "disputes": {"item": "BILL", "account": "ACC", "amount": "KD", "since": "SINCE"},
    "plans": {"key": "PLAN", "account": "ACC", "person": "PERSON", "agreed_on": "SIGNED",
              "amount": "KD"},
    "instalments": {"plan": "PLAN", "due_on": "DUE", "amount": "KD", "paid": "PAID"},
    "holds": {"key": "HOLD", "person": "PERSON", "gate": "GATE", "since": "SINCE",
              "notice": "NOTICE", "channel": "WAY", "issued_on": "ISSUED", "served_on": "SERVED",
              "receipt_number": "RECEIPT", "received_by": "BY", "items": "BILLS"},
}  # fmt: skip
VALUES = {
    "persons": {
        "kind": {
            "K": "citizen",
            "R": "resident",
            "C": "company",
            "G": "government",
            "B": "stateless",
        },
        "language": {"A": "ar", "E": "en"},
        "evidence": {"1": "document", "2": "registry_feed"},
        "document_kind": {"RC": "review_card"},
    },
    "units": {
        "kind": {"1": "flat", "3": "villa"},
        "sector": {"11": "private", "12": "investment"},
    },
    "meters": {
        "service": {"E": "electricity", "W": "water"},
        "dial_unit": {"E": "kWh", "W": "m3"},
    },
    "occupancies": {
        "capacity": {"O": "owner", "T": "tenant", "V": "vacant"},
        "vacancy": {"N": "not_occupied"},
    },
    "parties": {"role": {"O": "owner", "T": "tenant", "P": "payer"}},
    "holds": {
        "gate": {"1": "exit", "2": "vehicle"},
        "channel": {"REG": "registered_letter"},
    },
}


def export(folder: Path, *, accounts: int, system: str = "old-billing") -> Path:
    """Write everything into a folder; returns the mapping's path."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {entity: _opened(folder, entity) for entity in HEADINGS}
    totals = Totals()
    writers = {e: csv.writer(f, delimiter=DELIMITER, lineterminator="\n") for e, f in files.items()}
    try:
        for entity, heading in HEADINGS.items():
            writers[entity].writerow(heading)

        def give(entity: str, line: Line, account: int) -> None:
            writers[entity].writerow(line)
            totals.add(entity, line, account)

        Town(accounts, give).tell()
    finally:
        for file in files.values():
            file.close()
    totals.write(folder / TOTALS)
    (folder / MAPPING).write_text(mapping_text(system), encoding="utf-8")
    return folder / MAPPING


def _opened(folder: Path, entity: str) -> IO[str]:
    return (folder / f"{entity}.csv").open("w", encoding=ENCODING, newline="")


class Totals:
    """Counted and summed while the lines are made: whole, by governorate and by sector."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])

    def add(self, entity: str, line: Line, account: int) -> None:
        fils = int(line[MONEY[entity]].replace(".", "")) if entity in MONEY else 0
        parts = [("", "")]
        if account >= 0 and entity not in PLACELESS:
            _, governorate, sector = place_of(account)
            parts += [("governorate", governorate), ("sector", sector)]
        for by, part in parts:
            total = self._found[entity, by, part]
            total[0] += 1
            total[1] += fils

    def write(self, path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("entity", "by", "part", "count", "amount"))
            for entity in HEADINGS:
                self._found.setdefault((entity, "", ""), [0, 0])
            for (entity, by, part), (count, fils) in sorted(self._found.items()):
                amount = town.kd(fils) if entity in MONEY else ""
                writer.writerow((entity, by, part, count, amount))


def mapping_text(system: str) -> str:
    """The mapping of this export."""
    text = _MAPPING_HEAD.format(system=system, cutover=CUTOVER.isoformat(), totals=TOTALS)
    for entity, columns in COLUMNS.items():
        text += _FILE.format(entity=entity, encoding=ENCODING, delimiter=DELIMITER)
        text += f"\n[{entity}.columns]\n"
        text += "".join(f'{ours} = "{theirs}"\n' for ours, theirs in columns.items())
        for field, codes in VALUES.get(entity, {}).items():
            text += f"\n[{entity}.values.{field}]\n"
            text += "".join(f'"{theirs}" = "{ours}"\n' for theirs, ours in codes.items())
    return text
