"""Screens of customers: their own accounts, paying by reference, the result of a payment."""
