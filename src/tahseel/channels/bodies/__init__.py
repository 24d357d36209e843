"""Government bodies on one page: a ministry with everything under it."""
