"""Field orders in words, for every page that shows one."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from tahseel.channels.metering.values import OrderRow
from tahseel.channels.pages.values import Pill, Tone
from tahseel.consumption.exceptions.values import FieldOrder, OrderKind, OrderState
from tahseel.registry.meters import queries as meters

ORDER_KINDS = {
    OrderKind.INVESTIGATE: _("Investigate"),
    OrderKind.TEST: _("Test the meter"),
    OrderKind.DISCONNECT: _("Disconnect the supply"),
    OrderKind.RECONNECT: _("Reconnect the supply"),
}
ORDER_STATES = {
    OrderState.ORDERED: (_("Crew is out"), Tone.WARNING),
    OrderState.DONE: (_("Done"), Tone.GOOD),
    OrderState.NOT_DONE: (_("Could not be done"), Tone.BAD),
    OrderState.WITHDRAWN: (_("Called back"), Tone.NEUTRAL),
}


def order_rows(found: Sequence[FieldOrder]) -> list[OrderRow]:
    """Field orders in the language of the page."""
    devices = meters.meters(meter_ids={one.meter_id for one in found})
    return [
        OrderRow(one, str(ORDER_KINDS[one.kind]), order_pill(one), devices[one.meter_id].serial)
        for one in found
    ]


def order_pill(order: FieldOrder) -> Pill:
    """Where a crew stands."""
    said, tone = ORDER_STATES[order.state]
    return Pill(str(said), tone)
