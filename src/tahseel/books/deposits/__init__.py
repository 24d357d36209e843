"""Deposits: what a customer leaves with the utility as security, in money or as a guarantee."""
