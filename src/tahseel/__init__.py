"""Tahseel: the customer-service sector of a national electricity and water utility."""
