"""Reads Kuwait's chart of accounts, price book and billing policy, and installs them."""

from __future__ import annotations

from pathlib import Path

from tahseel.books.ledger import rules as ledger
from tahseel.books.ledger.values import ChartAccount
from tahseel.charging.billing import rules as billing
from tahseel.charging.billing.values import BillingPolicy

FOLDER = Path(__file__).parent / "data"


def chart() -> tuple[ChartAccount, ...]:
    """The chart of accounts (`data/chart.toml`)."""
    return ledger.load_chart((FOLDER / "chart.toml").read_bytes())


def price_book(code: str) -> bytes:
    """The bytes of a price book of the country, such as "applied-2017"."""
    return (FOLDER / "tariffs" / f"{code}.toml").read_bytes()


def billing_policy() -> BillingPolicy:
    """The price book in force and the days until a bill is due (`data/billing.toml`)."""
    return billing.load_policy((FOLDER / "billing.toml").read_bytes(), book=price_book)


def install() -> None:
    """Give the books their chart and billing its policy. Safe to call again."""
    ledger.install_chart(chart())
    billing.install_policy(billing_policy())
