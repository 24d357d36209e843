"""Screens of staff: accounts at the counter, the exit officer's check."""
