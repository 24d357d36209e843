"""Reading in the field: cycles, routes, rounds, and what readers bring back."""
