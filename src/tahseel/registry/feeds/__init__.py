"""What the State's registries tell: deaths, departures, names, addresses and titles."""
