"""An old billing system that is being replaced: it exports its files and its control totals.

It shares no code with the product: its totals are counted where its lines are made.
"""
