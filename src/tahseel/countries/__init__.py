"""Law and custom of a country, as data."""
