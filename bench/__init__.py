"""Performance promises: each prints its figure, its floor, its peer and whether it is held."""
