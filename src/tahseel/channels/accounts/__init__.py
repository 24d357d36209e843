"""The counter's page of an account: who is liable, roles, deposits, supply, moving in and out."""
