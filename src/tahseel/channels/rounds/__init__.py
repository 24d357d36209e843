"""Screens of reading in the field: rounds for whoever supervises them, and a page for a phone."""
