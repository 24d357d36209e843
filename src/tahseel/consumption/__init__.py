"""What was used: readings, kept raw, stored once, turned into billing determinants."""
