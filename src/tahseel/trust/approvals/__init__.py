"""Maker and checker: one person prepares, another one approves."""
