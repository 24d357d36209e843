"""The writes of sales: outlets opened and ended, deliveries taken, the month billed."""

from tahseel.charging.sales.operations.billing import bill_month
from tahseel.charging.sales.operations.delivering import deliver, take_file
from tahseel.charging.sales.operations.keeping import end_outlet, open_outlet

__all__ = ["bill_month", "deliver", "end_outlet", "open_outlet", "take_file"]
