"""Writing about the field: routes are laid, rounds planned and walked, results taken in."""

from tahseel.consumption.field.operations.adopting import adopt_routes
from tahseel.consumption.field.operations.picturing import keep_photo
from tahseel.consumption.field.operations.routing import (
    READER,
    SUPERVISORS,
    lay_routes,
    move_stops,
    name_usual_reader,
    order_stops,
)
from tahseel.consumption.field.operations.self_reading import (
    CLERKS,
    decide_self_read,
    keep_own_photo,
    report_read,
)
from tahseel.consumption.field.operations.taking import take_results
from tahseel.consumption.field.operations.visiting import record_visit
from tahseel.consumption.field.operations.walking import (
    WALKERS,
    bring_back,
    close_round,
    name_reader,
    plan_rounds,
    send_out,
)

__all__ = [
    "CLERKS",
    "READER",
    "SUPERVISORS",
    "WALKERS",
    "adopt_routes",
    "bring_back",
    "close_round",
    "decide_self_read",
    "keep_own_photo",
    "keep_photo",
    "lay_routes",
    "move_stops",
    "name_reader",
    "name_usual_reader",
    "order_stops",
    "plan_rounds",
    "record_visit",
    "report_read",
    "send_out",
    "take_results",
]
