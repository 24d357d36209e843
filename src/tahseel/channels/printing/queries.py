"""Bills with the names and places that stand on their paper, one or many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from tahseel.channels.printing import press, sheets
from tahseel.channels.printing.values import Addressed
from tahseel.charging.billing import rules as billing_rules
from tahseel.charging.billing.values import Bill, Explanation
from tahseel.charging.charges import queries as charges
from tahseel.charging.charges import rules as charges_rules
from tahseel.charging.charges.values import Charge
from tahseel.kernel.actor import Actor
from tahseel.registry.customers import queries as customers
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply


def bill_pdf(
    told: Explanation, *, actor: Actor, at: datetime, purpose: str, language: str
) -> bytes:
    """One bill's paper. Whoever asks must have been let see the bill; this reads its customer."""
    [about] = addressed([told], actor=actor, at=at, purpose=purpose)
    sheet = sheets.sheet(about, language=language)
    issued_on = told.view.bill.issued_on
    return press.pdf(sheet, issued_on=issued_on, fonts=Path(settings.FONTS))


def addressed(
    told: Sequence[Explanation], *, actor: Actor, at: datetime, purpose: str
) -> list[Addressed]:
    """What the paper of each bill says of its customer and place; leaves a leaf for the names."""
    bills = [one.view.bill for one in told]
    accounts = supply.accounts(account_ids=[bill.account_id for bill in bills])
    units = {ref.unit_id for ref in accounts.values()}
    places = [premises.addresses(unit_ids=units, language=one) for one in ("ar", "en")]
    people = customers.by_ids(
        actor=actor, at=at, purpose=purpose, customer_ids={bill.customer_id for bill in bills}
    )
    carried = _carried(bills)
    names = {k: (v.name_ar, v.name_en) for k, v in charges_rules.catalogue().kinds.items()}
    found = []
    for one, bill in zip(told, bills, strict=True):
        ref, person = accounts[bill.account_id], people[bill.customer_id]
        pay = reverse("portal:pay_reference", args=[bill.number])
        found.append(
            Addressed(
                told=one,
                account=ref.number,
                name=(person.name("ar"), person.name("en")),
                address=(places[0].get(ref.unit_id, ""), places[1].get(ref.unit_id, "")),
                language=person.language,
                book=_book(bill),
                carried=tuple(carried[bill.id]),
                charge_names=names,
                pay_url=urljoin(settings.PUBLIC_URL, pay),
            )
        )
    return found


def _book(bill: Bill) -> tuple[str, str]:
    """The names of the price book; its code where it is not the one in force."""
    book = billing_rules.policy().book
    return (book.name_ar, book.name_en) if book.code == bill.book else (bill.book, bill.book)


def _carried(bills: Sequence[Bill]) -> dict[UUID, list[Charge]]:
    found: dict[UUID, list[Charge]] = defaultdict(list)
    for one in charges.of_bills(
        account_ids=[bill.account_id for bill in bills], bill_ids=[bill.id for bill in bills]
    ):
        if one.bill_id is not None:
            found[one.bill_id].append(one)
    return found
