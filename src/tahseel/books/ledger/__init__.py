"""Double entry, append only, and blind to what the money is for."""
