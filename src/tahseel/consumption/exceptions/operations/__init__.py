"""Writing exceptions: what the night finds, and what people decide about it."""

from tahseel.consumption.exceptions.operations.deciding import accept
from tahseel.consumption.exceptions.operations.judging import judge, record_run, take_prices

__all__ = ["accept", "judge", "record_run", "take_prices"]
