"""Where supply is delivered: areas, premises, units, service points and their dated sector."""
