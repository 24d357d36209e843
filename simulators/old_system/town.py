"""The town that the old system knows: people, flats, meters, accounts and debts, as its own lines.

Everything follows from the number of accounts; asked again it tells the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

CUTOVER = date(2026, 4, 1)
WEIGHTS = (2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
AREAS = (
    ("sharq", "capital"), ("dasman", "capital"), ("salmiya", "hawalli"), ("jabriya", "hawalli"),
    ("khaitan", "farwaniya"), ("ardiya", "farwaniya"), ("mangaf", "ahmadi"),
    ("mahboula", "ahmadi"), ("qasr", "jahra"), ("naeem", "jahra"),
    ("adan", "mubarak_al_kabeer"), ("qusour", "mubarak_al_kabeer"),
)  # fmt: skip
FLATS = 8
BIRTHS = 14_000
FAMILY = ("العنزي", "الرشيدي", "المطيري", "الشمري", "العجمي", "الكندري", "الهاجري", "الفضلي")
GIVEN = ("محمد", "أحمد", "فاطمة", "علي", "مريم", "سالم", "نورة", "يوسف", "خالد", "عائشة")
LATIN = ("Mohammed", "Ahmed", "Fatima", "Ali", "Mariam", "Salem", "Noura", "Yousef", "Khaled")
HEADINGS = {
    "persons": ("NO", "CLASS", "NAME_A", "NAME_E", "CID", "REG", "TEL", "LANG", "HEAD", "DEATH",
                "PROOF", "PROOF_NO", "PAPER", "PAPER_BY", "PAPER_NO", "PAPER_TO"),
    "units": ("NO", "AREA", "BLK", "ST", "BLD", "FLR", "APT", "PACI", "KIND", "SECTOR", "SINCE",
              "HOMES", "ELEC", "WAT"),
    "meters": ("SERIAL", "UTIL", "MAKE", "UNIT", "HUNG", "DIGITS", "READ", "READ_ON", "SEAL",
               "ROUTE", "STOP", "STORE"),
    "accounts": ("ACC", "UNIT", "OPENED", "CLOSED"),
    "occupancies": ("ACC", "PERSON", "AS", "EMPTY", "FROM", "TO", "LEASE"),
    "parties": ("ACC", "PERSON", "ROLE", "FROM", "TO", "BACK"),
    "deposits": ("REC", "ACC", "KD", "PAID"),
    "credits": ("REC", "ACC", "KD", "SINCE"),
    "open_items": ("BILL", "ACC", "DEBTOR", "ISSUED", "DUE", "KD", "LEFT"),
    "disputes": ("BILL", "ACC", "KD", "SINCE"),
    "plans": ("PLAN", "ACC", "PERSON", "SIGNED", "KD"),
    "instalments": ("PLAN", "DUE", "KD", "PAID"),
    "holds": ("HOLD", "PERSON", "GATE", "SINCE", "NOTICE", "WAY", "ISSUED", "SERVED", "RECEIPT",
              "BY", "BILLS"),
}  # fmt: skip
MONEY = {
    "deposits": 2, "credits": 2, "open_items": 6, "disputes": 2, "plans": 4, "instalments": 2,
}  # fmt: skip
NO_PAPER = ("", "", "", "")
STATELESS = 70
Line = list[str]
Give = Callable[[str, Line, int], None]
"""Takes an entity's line and the number of the account it hangs on (-1: none)."""


def kd(fils: int) -> str:
    """An amount as the old system writes it."""
    return f"{fils // 1000}.{fils % 1000:03d}"


def day(value: date | None) -> str:
    """A day as the old system writes it."""
    return value.strftime("%d/%m/%Y") if value else ""


def civil_ids() -> Iterator[str]:
    """Valid civil ids with serials from 9000 on, each once."""
    for serial in range(9_000, 10_000):
        for number in range(BIRTHS):
            born = date(1955, 1, 1) + timedelta(days=number)
            prefix = f"2{born:%y%m%d}{serial}"
            digit = (11 - sum(w * int(d) for w, d in zip(WEIGHTS, prefix, strict=True)) % 11) % 11
            if digit <= 9:
                yield f"{prefix}{digit}"


def place_of(account: int) -> tuple[str, str, str]:
    """(area, governorate, sector) of an account's unit."""
    area, governorate = AREAS[account // FLATS % len(AREAS)]
    return area, governorate, "private" if account // FLATS % 5 == 0 else "investment"


@dataclass
class Town:
    """Walks the accounts once and gives every line to `give`."""

    accounts: int
    give: Give
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    ids: Iterator[str] = field(default_factory=civil_ids)

    def tell(self) -> None:
        for body in range(1, 4):
            self._body(body)
        for number in range(self.accounts):
            self._account(number)
        for number in range(max(2, self.accounts // 50)):
            meter = [f"S{number:07d}", "E", "ISKRA", "", "", "6", "", "", "", "", "", "MAIN"]
            self.give("meters", meter, -1)

    def _body(self, number: int) -> None:
        head = "" if number == 1 else f"G{number - 1}"
        name = f"جهة حكومية {number}"
        said = [f"G{number}", "G", name, "", "", f"GOV-{number}", "", "A", head, "", "", ""]
        self.give("persons", [*said, *NO_PAPER], -1)

    def _account(self, number: int) -> None:
        self._unit(number)
        self._meters(number)
        opened = date(2012, 1, 1) + timedelta(days=self.chance.randrange(2_500))
        acc = f"{number:08d}"
        self.give("accounts", [acc, f"U{number}", day(opened), ""], number)
        kind = self._person(number, "")
        moved = opened
        vacant = number % 40 == 39
        if number % 6 == 5:
            moved = date(2020, 1, 1) + timedelta(days=self.chance.randrange(600))
            self._person(number, "B")
            before = [acc, f"P{number}B", "T", "", day(opened), day(moved), f"L{number}B"]
            self.give("occupancies", before, number)
        if vacant:
            self.give("occupancies", [acc, "", "V", "N", day(moved), "", ""], number)
        else:
            role = "O" if number // FLATS % 5 == 0 else "T"
            line = [acc, f"P{number}", role, "", day(moved), "", f"L{number}"]
            self.give("occupancies", line, number)
            self._money(number, acc, kind)
        if number % 9 == 1:
            self.give("parties", [acc, "G1", "O", day(opened), "", "1"], number)
        if number % 45 == 4:
            self.give("parties", [acc, "G2", "P", day(moved), "", ""], number)

    def _unit(self, number: int) -> None:
        area, _, sector = place_of(number)
        building = number // FLATS
        flat = str(number % FLATS + 1)
        self.give("units", [
            f"U{number}", area, str(building % 12 + 1), str(building % 90 + 1), str(building),
            str(number % FLATS // 2 + 1), flat, f"{10_000_000 + number}",
            "3" if sector == "private" else "1", "11" if sector == "private" else "12",
            "01/01/2010", "1", "1", "1",
        ], number)  # fmt: skip

    def _meters(self, number: int) -> None:
        for utility, prefix in (("E", "E"), ("W", "W")):
            self.give("meters", [
                f"{prefix}{number:07d}", utility, "ISKRA", f"U{number}", "15/03/2012", "6",
                str(self.chance.randrange(1_000, 900_000)), "31/03/2026", f"S{prefix}{number:07d}",
                f"R{number // 200:05d}", str(number % 200 + 1), "",
            ], number)  # fmt: skip

    def _person(self, number: int, suffix: str) -> str:
        """One customer; returns the class letter."""
        kind = "KRRRR"[number % 5] if number % 25 else "C"
        if number % STATELESS == 21:
            return self._stateless(number, suffix)
        name = f"{GIVEN[number % 10]} {GIVEN[number // 10 % 10]} {FAMILY[number // 100 % 8]}"
        latin = f"{LATIN[number % 9]} {number}" if number % 3 == 0 else ""
        company = kind == "C"
        self.give("persons", [
            f"P{number}{suffix}", kind, name, latin, "" if company else next(self.ids),
            f"CR-{number}{suffix}" if company else "", f"{50_000_000 + number}", "A", "", "",
            "" if company else "2", "" if company else f"MI-{number}", *NO_PAPER,
        ], number)  # fmt: skip
        return kind

    def _stateless(self, number: int, suffix: str) -> str:
        """Who has no civil id and is known by a review card; every third card has ended."""
        name = f"{GIVEN[number % 10]} {FAMILY[number // 10 % 8]}"
        ended = number % (3 * STATELESS) == 21
        self.give("persons", [
            f"P{number}{suffix}", "B", name, "", "", "", f"{50_000_000 + number}", "A", "", "",
            "" if ended else "1", "" if ended else f"RC-{number}", "RC", "CSRIR",
            f"B{number:06d}{suffix}", "31/12/2025" if ended else "31/12/2027",
        ], number)  # fmt: skip
        return "B"

    def _money(self, number: int, acc: str, kind: str) -> None:
        bills = []
        for item in range(self.chance.randrange(8)):
            issued = CUTOVER - timedelta(days=60 + 31 * item)
            fils = self.chance.randrange(1_500, 90_000)
            left = fils - (fils // 3 if item % 4 == 3 else 0)
            bill = f"B{number:07d}{item}"
            debtor = f"P{number}" if item == 0 or number % 6 == 5 else ""
            due = issued + timedelta(days=30)
            line = [bill, acc, debtor, day(issued), day(due), kd(fils), kd(left)]
            self.give("open_items", line, number)
            bills.append((bill, left))
        if number % 5 < 2:
            self.give("deposits", [f"D{number}", acc, "125.000", "05/05/2015"], number)
        if number % 50 == 7:
            amount = kd(self.chance.randrange(1, 9_999))
            self.give("credits", [f"C{number}", acc, amount, "01/02/2026"], number)
        if bills and number % 100 == 11:
            part = kd(bills[0][1] // 2 or 1)
            self.give("disputes", [bills[0][0], acc, part, "01/03/2026"], number)
        if bills and number % 100 == 13:
            self._plan(number, acc, sum(left for _, left in bills))
        if bills and kind == "R" and number % 60 == 17:
            self._hold(number, [bill for bill, _ in bills])

    def _plan(self, number: int, acc: str, owed: int) -> None:
        parts = [owed // 4, owed // 4, owed - 2 * (owed // 4)]
        line = [f"PL{number}", acc, f"P{number}", "01/01/2026", kd(owed)]
        self.give("plans", line, number)
        for month, fils in enumerate(parts, 4):
            due = day(date(2026, month, 15))
            self.give("instalments", [f"PL{number}", due, kd(fils), ""], number)

    def _hold(self, number: int, bills: list[str]) -> None:
        """At two gates on one notice; every third notice was served so late that its term runs."""
        served = date(2026, 3, 28) if number % 180 == 17 else date(2026, 1, 20)
        for gate in ("1", "2"):
            self.give("holds", [
                f"H{number}-{gate}", f"P{number}", gate, "25/02/2026", f"N{number}", "REG",
                day(date(2026, 1, 5)), day(served), f"RR{number}KW", "بنفسه", "|".join(bills),
            ], number)  # fmt: skip
