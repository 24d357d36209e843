"""The country's catalogue of charges and credits, and what follows from it. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tahseel.charging.charges.values import (
    ApprovalTier,
    Beyond,
    Catalogue,
    ChargeKind,
    LeakRule,
    Raised,
    Sign,
    When,
)
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import reference_letters
from tahseel.kernel.money import Money

KINDS_MAX = 200
FILS_MAX = 10**12
DAYS_MAX = 366
LETTERS = 6
CAUSE_MAX = 80
_CONFIDENCE = ("H", "M", "L", "GK")


class CatalogueWrong(Refusal):
    """The country's catalogue cannot be used."""

    code = "charge_catalogue_wrong"
    text_ar = "سجل الرسوم {record} غير صالح: {reason}"
    text_en = "Record {record} of the catalogue of charges is wrong: {reason}"


class KindUnknown(Refusal):
    """The catalogue has no such kind."""

    code = "charge_kind_unknown"
    text_ar = "لا يوجد في دليل الرسوم نوع باسم {kind}"
    text_en = "The catalogue of charges has no kind {kind}"


def load(data: bytes) -> Catalogue:
    """Read the country's data. Raises CatalogueWrong, which names the record."""
    record = "charges"
    try:
        raw = tomllib.loads(data.decode("utf-8"))
        due, wait = (_whole(raw, name, DAYS_MAX) for name in ("due_days", "wait_days_max"))
        tiers = tuple(
            ApprovalTier(Money(_whole(one, "from_fils", FILS_MAX)), _roles(one, "approves"))
            for one in raw["tier"]
        )
        if not tiers or tiers[0].start or sorted(tiers, key=lambda t: t.start) != list(tiers):
            raise ValueError("tiers begin at nothing and rise")
        leak = _leak(raw["leak"])
        kinds: dict[str, ChargeKind] = {}
        for one in raw["kind"]:
            record = str(one.get("code"))
            if record in kinds:
                raise ValueError("named twice")
            kinds[record] = _kind(one, len(tiers))
        raised = tuple(_raised(one, kinds) for one in raw.get("raised", ()))
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueWrong(record=record, reason=str(error)) from error
    if not 0 < len(kinds) <= KINDS_MAX:
        raise CatalogueWrong(record="charges", reason=f"{len(kinds)} kinds")
    return Catalogue(kinds, tiers, due, wait, leak, raised)


def _raised(raw: Mapping[str, Any], kinds: Mapping[str, ChargeKind]) -> Raised:
    """A fee that is asked for by itself has one amount, and is a charge."""
    event, kind, source = (_text(raw, name) for name in ("event", "kind", "source"))
    known = kinds.get(kind)
    if known is None or not known.fixed or known.sign is not Sign.CHARGE:
        raise ValueError(f"raised: {kind}")
    if raw["confidence"] not in _CONFIDENCE:
        raise ValueError(f"confidence {raw['confidence']}")
    days = _whole(raw, "asked_within_days", DAYS_MAX) if "asked_within_days" in raw else 0
    return Raised(event, kind, days, source, raw["confidence"])


def _leak(raw: Mapping[str, Any]) -> LeakRule:
    share, usual, least, most, period = (
        _whole(raw, name, 100)
        for name in (
            "share_percent", "usual_months", "least_months", "months_max", "period_months",
        )
    )  # fmt: skip
    if not 0 < least <= usual:
        raise ValueError(f"least_months: {least}")
    return LeakRule(share, usual, least, most, period)


def _kind(raw: Mapping[str, Any], tiers: int) -> ChargeKind:
    fixed = "amount_fils" in raw
    least, most = (
        Money(_whole(raw, "amount_fils" if fixed else name, FILS_MAX))
        for name in ("least_fils", "most_fils")
    )
    if not 0 <= least.fils <= most.fils or not most:
        raise ValueError(f"from {least.fils} to {most.fils} fils")
    sign, when = Sign(raw["sign"]), When(raw["when"])
    beyond = Beyond(raw["beyond"]) if sign is Sign.CREDIT else Beyond.CREDIT
    if sign is Sign.CREDIT and when is When.NEXT_BILL and beyond is Beyond.REFUSE:
        raise ValueError("a credit of the next bill cannot be refused there")
    tier = raw.get("tier", 0)
    if type(tier) is not int or not 0 <= tier < tiers:
        raise ValueError(f"tier {tier}")
    if raw["confidence"] not in _CONFIDENCE:
        raise ValueError(f"confidence {raw['confidence']}")
    words = {
        name: _text(raw, name)
        for name in ("code", "name_ar", "name_en", "cause_ar", "cause_en", "ledger", "source")
    }
    return ChargeKind(
        sign=sign,
        when=when,
        beyond=beyond,
        least=least,
        most=most,
        party=str(raw.get("party", "")),
        by_hand=raw.get("by_hand", True) is True,
        asks=_roles(raw, "asks"),
        tier=tier,
        confidence=raw["confidence"],
        **words,
    )


def _text(raw: Mapping[str, Any], name: str) -> str:
    value = raw[name]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} is empty")
    return value


def _whole(raw: Mapping[str, Any], name: str, most: int) -> int:
    value = raw[name]
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"{name}: {value}")
    return value


def _roles(raw: Mapping[str, Any], name: str) -> tuple[str, ...]:
    roles = raw[name]
    if not roles or not all(isinstance(role, str) for role in roles):
        raise ValueError(f"{name}: {roles}")
    return tuple(roles)


_installed: list[Catalogue] = []


def install(catalogue: Catalogue) -> None:
    """Called once by `app` with the country's catalogue."""
    _installed[:] = [catalogue]


def catalogue() -> Catalogue:
    """The installed catalogue. Raises LookupError before `install`."""
    if not _installed:
        raise LookupError("no catalogue of charges is installed")
    return _installed[0]


def kind(code: str) -> ChargeKind:
    """Raises KindUnknown."""
    try:
        return catalogue().kinds[code]
    except KeyError:
        raise KindUnknown(kind=code[:CAUSE_MAX]) from None


def tier(code: str, amount: Money) -> int:
    """The tier that agrees to an amount of a kind."""
    tiers = catalogue().tiers
    by_value = max(n for n, one in enumerate(tiers) if one.start <= amount)
    return max(kind(code).tier, by_value)


def same_cause(text: str) -> str:
    """A cause as it is compared: the same number typed otherwise is the same cause."""
    return " ".join(text.split()).upper()


def reference(account_number: str, charge_id: UUID) -> str:
    """What a customer quotes; it cannot be counted through."""
    letters = reference_letters(charge_id, purpose="charge-number", count=LETTERS)
    return f"{account_number}-C-{letters}"
