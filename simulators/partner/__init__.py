"""An agency that refuses transactions to persons who are held, as far as it was told."""
