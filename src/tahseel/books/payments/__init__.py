"""Payments: what was paid, by which tender, and which claims it closed."""
