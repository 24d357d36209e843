"""Reads that failed a rule: found in the night, ranked by money at risk, decided by people."""
