"""Bill runs: determinants become bills, ledger entries and claims in one transaction a chunk."""
