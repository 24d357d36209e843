"""Under which agreement: accounts and who is liable for each of their days."""
