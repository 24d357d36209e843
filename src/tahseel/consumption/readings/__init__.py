"""Importers, the interval lake, register reads and billing determinants."""
