"""Bills of plain accounts, made in columns: the same bills as one by one, without a value a bill.

`facts` reads what is known of a chunk of accounts and keeps those that are plain; `pricing` prices
them by the compiled book; `looking` leaves out what a check might hold back; `writing` writes.
Whoever is left out anywhere is billed one by one (`operations.running`).
"""

from tahseel.charging.billing.sheets.making import made
from tahseel.charging.billing.sheets.pricing import Priced
from tahseel.charging.billing.sheets.writing import Issue, prices, write

__all__ = ["Issue", "Priced", "made", "prices", "write"]
