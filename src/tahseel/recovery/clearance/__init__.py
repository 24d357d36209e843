"""Clearance: may this person pass this gate, answered in about a millisecond."""
