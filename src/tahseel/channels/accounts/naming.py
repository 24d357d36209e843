"""States, roles and reasons in the words of the page."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tahseel.books.deposits.values import DepositKind, DepositState, ProposalKind
from tahseel.channels.pages.values import Pill
from tahseel.charging.billing.values import (
    Cause,
    Check,
    DifferenceCause,
    HeldFor,
    HeldState,
    OrderState,
    PointState,
)
from tahseel.kernel.money import round_half_up
from tahseel.kernel.quantity import Service
from tahseel.kernel.text import isolate
from tahseel.registry.meters.values import DialUnit
from tahseel.registry.supply.values import Capacity, Role, SupplyState, Vacancy

WHOLE = 1_000


def capacity(one: Capacity) -> str:
    return {
        Capacity.OWNER: _("Owner"),
        Capacity.TENANT: _("Tenant"),
        Capacity.LANDLORD: _("Landlord between tenants"),
        Capacity.ESTATE: _("Estate"),
        Capacity.VACANT: _("Vacant"),
    }[one]


def vacancy(one: Vacancy) -> str:
    return {
        Vacancy.NOT_OCCUPIED: _("Not occupied"),
        Vacancy.UNDER_CONSTRUCTION: _("Under construction"),
        Vacancy.OWNER_UNKNOWN: _("Owner unknown"),
        Vacancy.CLOSED_BY_ORDER: _("Closed by order"),
        Vacancy.DEMOLISHED: pgettext("a place", "Demolished"),
        Vacancy.NO_ACCOUNT: _("No account"),
    }[one]


def role(one: Role) -> str:
    return {
        Role.OWNER: _("Owner"),
        Role.TENANT: _("Tenant"),
        Role.PAYER: _("Payer for another"),
        Role.BENEFICIARY: _("Beneficiary"),
        Role.OCCUPANT: _("Occupant, not the debtor"),
        Role.PROXY: _("Proxy"),
        Role.HEIR: _("Heir"),
    }[one]


def order_state(one: OrderState) -> Pill:
    """A run that was asked for, with the colour of what became of it."""
    return {
        OrderState.WAITING: Pill(_("Waits to begin"), "warning"),
        OrderState.RUNNING: Pill(_("At work"), "info"),
        OrderState.DONE: Pill(_("Come to its end"), "good"),
        OrderState.CANCELLED: Pill(_("Called off")),
        OrderState.FAILED: Pill(_("Given up after faults"), "bad"),
    }[one]


def cause(one: Cause) -> str:
    return {
        Cause.LIABLE: _("Who is liable"),
        Cause.PAYER: _("Who pays for another"),
        Cause.ESTATE: _("Who is liable had died"),
        Cause.SECTOR: _("The unit's sector"),
        Cause.CERTIFICATE: _("The unit's certificate"),
        Cause.SHAPE: _("The unit was split, merged or torn down"),
        Cause.SHARING: _("Who supplies the unit"),
        Cause.METER: _("The meter's error"),
        Cause.QUANTITY: _("The quantity used"),
    }[one]


def check(one: Check) -> str:
    return {
        Check.NEGATIVE: _("Below nothing"),
        Check.UNIT_SUSPECT: _("Unit or multiplier suspect"),
        Check.TOO_HIGH: _("Too high"),
        Check.TOO_LOW: _("Too low"),
        Check.LONG_ESTIMATE: _("Estimated for long"),
    }[one]


def held_state(one: HeldState) -> Pill:
    """What became of a bill that was held back."""
    return {
        HeldState.HELD: Pill(_("Held back"), "warning"),
        HeldState.RELEASED: Pill(_("Issued as it was"), "good"),
        HeldState.CLEARED: Pill(_("No check holds it any more"), "good"),
        HeldState.OVERTAKEN: Pill(_("Another bill came in its place")),
    }[one]


def held_for(one: HeldFor) -> str:
    """Why a bill is held back, with the figure that says it shortest."""
    said = check(one.check)
    if one.factor is not None:
        times = isolate(_times(one.factor), left_to_right=True)
        return _("%(check)s (%(times)s)") % {"check": said, "times": times}
    if one.months is not None:
        months = ngettext("%(count)s month", "%(count)s months", one.months)
        return _("%(check)s (%(times)s)") % {"check": said, "times": months % {"count": one.months}}
    return said


def point_state(one: PointState) -> str:
    return {
        PointState.LEFT: _("Forgotten"),
        PointState.PARKED: _("Parked"),
        PointState.HELD: _("Held back"),
        PointState.BILLED: pgettext("a service point", "Billed"),
        PointState.EXCUSED: _("Nothing to bill"),
    }[one]


def difference_cause(one: DifferenceCause) -> str:
    """Why a bill of an old system is not ours."""
    return {
        DifferenceCause.MISSING_HERE: _("Missing here"),
        DifferenceCause.MISSING_THERE: _("Missing there"),
        DifferenceCause.OTHER_CHARGES: _("Other charges"),
        DifferenceCause.DAYS: _("Other days"),
        DifferenceCause.READ_KIND: _("Read here, guessed there, or the reverse"),
        DifferenceCause.QUANTITY: _("Another quantity"),
        DifferenceCause.PRICE: _("Another price"),
        DifferenceCause.ROUNDING: _("Rounding"),
    }[one]


def point_reason(code: str) -> str:
    """Why a service point has no bill; a check's name where it is held, else as it is parked."""
    if code in set(Check):
        return check(Check(code))
    return {
        "no_bill": _("Neither a bill nor a reason"),
        "days_missing": _("Days without a bill"),
        "no_meter": _("No meter hung there"),
        "no_account": _("No account was open"),
        "nobody_liable": _("Nobody was liable"),
        "no_determinant": _("No read to bill by"),
        "determinant_missing": _("A meter without a read"),
        "no_sector": _("No sector is recorded"),
        "export_unknown": _("What was given back is not known"),
        "no_rate": _("The price book has no rate"),
        "usage_wrong": _("The quantity cannot be priced"),
    }.get(code, code)


def _times(per_mille: int) -> str:
    """A factor as people write it: x10, x4.546, 1/10."""
    if per_mille >= WHOLE:
        whole, part = divmod(per_mille, WHOLE)
        return f"×{whole}.{part:03d}" if part else f"×{whole}"
    return f"÷{round_half_up(WHOLE, per_mille)}"


def deposit_kind(one: DepositKind) -> str:
    return {DepositKind.CASH: _("Cash deposit"), DepositKind.GUARANTEE: _("Bank guarantee")}[one]


def deposit_state(one: DepositState, *, expired: bool) -> Pill:
    if one is DepositState.HELD and expired:
        return Pill(_("Expired"), "bad")
    return {
        DepositState.HELD: Pill(_("Kept"), "good"),
        DepositState.SETTLED: Pill(_("Used for debts"), "neutral"),
        DepositState.REFUND_DUE: Pill(_("To be paid back"), "warning"),
        DepositState.REFUNDED: Pill(_("Paid back"), "neutral"),
        DepositState.RELEASED: Pill(_("Given back"), "neutral"),
        DepositState.CALLED: Pill(_("Called from the bank"), "warning"),
    }[one]


def proposal(one: ProposalKind) -> str:
    return {
        ProposalKind.RAISE: _("Raise the deposit"),
        ProposalKind.RETURN: _("Give back a part of the deposit"),
        ProposalKind.RENEW: _("Renew the bank guarantee"),
    }[one]


def service(one: Service) -> str:
    return _("Electricity supply") if one is Service.ELECTRICITY else _("Water supply")


def supply_state(one: SupplyState) -> Pill:
    return {
        SupplyState.CONNECTED: Pill(_("Connected"), "good"),
        SupplyState.STOP_ORDERED: Pill(_("Disconnection ordered"), "warning"),
        SupplyState.DISCONNECTED: Pill(_("Disconnected"), "bad"),
    }[one]


def dial_unit(one: DialUnit) -> str:
    return {
        DialUnit.KWH: _("kWh"),
        DialUnit.KVARH: _("kvarh"),
        DialUnit.CUBIC_METRE: _("m³"),
        DialUnit.IMPERIAL_GALLON: _("imperial gallons"),
    }[one]
