"""Take-on: an old system's people, places, meters, accounts and debts, all of them or none."""
