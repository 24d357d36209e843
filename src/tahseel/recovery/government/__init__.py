"""Government bodies as debtors: what a ministry owes with everything under it, and agreements."""
