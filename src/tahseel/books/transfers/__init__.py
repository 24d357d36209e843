"""Debts that move between accounts: by a signed assumption, two people and the ledger."""
