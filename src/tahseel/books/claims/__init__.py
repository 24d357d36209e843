"""Open items: what is owed, since when, what part is disputed."""
