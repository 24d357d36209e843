"""The append-only log of who did what, to what and why, and its proofs."""
