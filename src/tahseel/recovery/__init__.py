"""What happens when it is not paid."""
