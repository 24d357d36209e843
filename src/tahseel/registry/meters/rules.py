"""Pure functions on meters and their dials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from tahseel.kernel.quantity import Service
from tahseel.kernel.states import StateMachine
from tahseel.registry.meters.values import DialUnit, NewRegister, RegisterView, StockState

DIGITS_MAX = 12
DECIMALS_MAX = 6
MULTIPLIER_MAX = 1_000_000

STOCK: StateMachine[StockState] = StateMachine(
    name="stock",
    initial=StockState.IN_STORE,
    moves={
        StockState.IN_STORE: frozenset(StockState),
        StockState.ON_BENCH: frozenset({StockState.IN_STORE, StockState.LOST, StockState.SCRAPPED}),
        StockState.LOST: frozenset({StockState.IN_STORE, StockState.SCRAPPED}),
        StockState.SCRAPPED: frozenset(),
    },
)

OUT_OF_USE = frozenset({StockState.LOST, StockState.SCRAPPED})

UNITS_OF = {
    Service.ELECTRICITY: frozenset({DialUnit.KWH, DialUnit.KVARH}),
    Service.WATER: frozenset({DialUnit.CUBIC_METRE, DialUnit.IMPERIAL_GALLON}),
}


def register_fits(register: NewRegister, service: Service) -> bool:
    """The unit belongs to the service, and digits, decimals and multiplier are within limits."""
    return (
        register.unit in UNITS_OF[service]
        and bool(register.code)
        and 1 <= register.digits <= DIGITS_MAX
        and 0 <= register.decimals <= DECIMALS_MAX
        and 1 <= register.multiplier <= MULTIPLIER_MAX
    )


def dial_value(text: str, register: RegisterView) -> Decimal:
    """A dial value as a number. Raises ValueError when the dial cannot show it."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(f"not a dial value: {text!r}") from None
    if not value.is_finite() or value < 0 or value >= register.rollover:
        raise ValueError(f"a dial of {register.digits} digits cannot show {text}")
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > register.decimals:
        raise ValueError(f"this dial has {register.decimals} decimals")
    return value


def wrong_dial(
    values: Mapping[str, str], registers: Sequence[RegisterView]
) -> tuple[str, str] | None:
    """The first (register code, reason) that does not fit the meter, or None."""
    known = {register.code: register for register in registers}
    for code, text in values.items():
        if code not in known:
            return code, "the meter has no such register"
        try:
            dial_value(text, known[code])
        except ValueError as wrong:
            return code, str(wrong)
    return None


def missing_dials(values: Mapping[str, str], registers: Sequence[RegisterView]) -> list[str]:
    """Codes of registers for which no value is given."""
    return [register.code for register in registers if register.code not in values]
