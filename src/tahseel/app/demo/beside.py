"""What is charged beside the use of homes: fees, a repaired leak, goodwill, stations and lights.

Each is asked for by one and agreed to by another. Some go out with the last bills, some wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from uuid import UUID

from tahseel.app.demo.buildings import Happening
from tahseel.app.demo.people import Party
from tahseel.app.demo.twins import MAKER, MANAGER
from tahseel.app.demo.values import BUILDER, Chance, Plan, at_hour
from tahseel.charging.billing import operations as bills
from tahseel.charging.billing import queries as billing
from tahseel.charging.charges import operations as charges
from tahseel.charging.sales import operations as sales
from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import Money
from tahseel.registry.customers.values import CustomerKind
from tahseel.trust.approvals import operations as approvals

HEADING = "outlet,day,document,quantity,unit"
LOOKED_MAX = 60
Fee = tuple[str, str, int | None]
ON_BILLS: Sequence[Fee] = (
    ("meter_test", "MT-2107", None),
    ("municipality_fee", "B-88124", 12_500),
    ("administrative_fee", "TX-5510", 2_000),
)
LAST: Sequence[Fee] = (("damage", "DMG-31", 85_250), ("reconnection", "CUT-77", 5_000))


def happenings(
    *, plan: Plan, parties: Sequence[Party], account_ids: Sequence[UUID], chance: Chance
) -> list[Happening]:
    """Fees agreed to before the last bills go out, and outlets that sold in the month before."""
    month = plan.as_of.replace(day=1) - timedelta(days=1)
    quiet = _of(parties, account_ids, CustomerKind.CITIZEN)[-len(ON_BILLS) :]
    bodies = _of(parties, account_ids, CustomerKind.GOVERNMENT)[-2:]

    def fees(at: datetime) -> None:
        for account, fee in zip(quiet, ON_BILLS, strict=False):
            _agreed(account, fee, chance, at)

    def outlets(at: datetime) -> None:
        if bodies:
            _outlets(bodies, month.replace(day=1), chance, at)

    return [Happening(month, fees), Happening(month, outlets)]


def bring(*, plan: Plan, account_ids: Sequence[UUID], chance: Chance) -> None:
    """On the last day but one: the month's sales, damage, and the first leak that was repaired."""
    at = at_hour(plan.as_of - timedelta(days=1), 12)
    for account, fee in zip(reversed(account_ids), LAST, strict=False):
        with suppress(Refusal):
            _agreed(account, fee, chance, at)
    _leak(account_ids, plan.as_of, chance, at)


def _of(parties: Sequence[Party], account_ids: Sequence[UUID], kind: CustomerKind) -> list[UUID]:
    pairs = zip(account_ids, parties, strict=True)
    return [account for account, party in pairs if party.kind == kind]


def _agreed(account: UUID, fee: Fee, chance: Chance, at: datetime) -> None:
    kind, cause, fils = fee
    asked = charges.ask(
        actor=MAKER, at=at, approval_id=chance.new_id("charge", at), account_id=account, kind=kind,
        cause=cause, amount=None if fils is None else Money(fils),
        evidence="paper kept with the file of the account",
    )  # fmt: skip
    approvals.approve(actor=MANAGER, at=at, approval_id=asked)


def _outlets(bodies: Sequence[UUID], first: date, chance: Chance, at: datetime) -> None:
    made = (
        (bodies[0], "STN-SHUWAIKH", "filling_station", 0, 0),
        (bodies[0], "TNK-4471", "tanker", 0, 0),
        (bodies[-1], "LIGHTS-RING-4", "street_light", 240, 150),
        (bodies[-1], "CAMS-RING-4", "camera", 36, 12),
    )
    for account, code, kind, count, watts in made:
        sales.open_outlet(
            actor=MANAGER, at=at, id=chance.new_id("outlet", at), account_id=account, code=code,
            kind=kind, from_day=first, count=count, watts=watts,
        )  # fmt: skip
    days = [first + timedelta(days=number) for number in (4, 11, 18, 25)]
    lines = [f"STN-SHUWAIKH,{day},SH-{day:%m%d},412,1000 IG" for day in days]
    lines += [f"TNK-4471,{day},T-{day:%m%d},18.2,m3" for day in days[:2]]
    lines.append(f"STN-UNKNOWN,{days[0]},X-1,10,m3")
    content = "\n".join([HEADING, *lines, ""]).encode()
    sales.take_file(actor=BUILDER, at=at, name=f"deliveries-{first:%Y-%m}.csv", content=content)


def _leak(account_ids: Sequence[UUID], day: date, chance: Chance, at: datetime) -> None:
    """The first account whose last bill has water beyond its own use."""
    for account in list(reversed(account_ids))[:LOOKED_MAX]:
        for bill in billing.standing(account)[:1]:
            with suppress(Refusal):
                asked = bills.ask_relief(
                    actor=MAKER, at=at, approval_id=chance.new_id("leak", at), account_id=account,
                    bill_id=bill.id, repaired_on=at.date(), report="LEAK-204",
                )  # fmt: skip
                approvals.approve(actor=MANAGER, at=at, approval_id=asked)
                return
