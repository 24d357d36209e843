"""Price books: effective-dated data, checked when loaded, and exact pure pricing."""
